"""What every right that can concern an employment looks like now: for one person's pages and for whole teams.

The decisions are those of `competence.policy`, the words those of `competence.explain`. What is chosen here is only
which questions to ask, and which of the answers concern the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from competence.explain import Explained, Names, explain, load_names
from competence.models.employment import Employment
from competence.policy import facts as known
from competence.policy.assess import assess
from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.policy.evaluate import decide
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import Right, Role, RuleSet
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for

_RANK = {Outcome.ALLOWED: 0, Outcome.ALLOWED_WITH_WARNING: 1, Outcome.DENIED: 2}


@dataclass(frozen=True)
class RightNow:
    """One right of one employment, decided and explained.

    `role` is the competence role that the question was about (None: any). `concerns`: the person was appointed to a
    role that carries the right, was once given it, or chose to see it; otherwise the answer is true but of no weight.
    """

    employment: Employment
    right: Right
    role: Role | None
    customer_number: str
    decision: EligibilityDecision
    explained: Explained
    concerns: bool

    @property
    def outcome(self) -> Outcome:
        return self.decision.outcome

    @property
    def is_allowed(self) -> bool:
        return self.decision.allowed

    @property
    def includes_it(self) -> bool:
        """Whether the person has it by way of a wider right."""
        return self.is_allowed and self.decision.granting_right != self.right.key


class RightsReader:
    """Asks about the rights of some employments, all at one moment and under the rules in force then.

    Always the same number of queries, however many the employments are.
    """

    def __init__(
        self, employments: Iterable[Employment], *, moment: Moment, names: Names | None = None, addresses: bool = False
    ) -> None:
        self.employments = list(employments)
        self.moment = moment
        self.names = names or load_names()
        self.rules: RuleSet = self.names.book.in_force(moment.now, moment.known_at)
        self._addresses = addresses
        self._facts = facts_for(sorted({e.person_id for e in self.employments}))
        self._known = {person: as_known_at(facts, moment.known_at) for person, facts in self._facts.items()}

    def facts(self, employment: Employment) -> PersonFacts:
        """The facts about the employed person, as known at the moment."""
        return self._known[employment.person_id]

    def rights_for(self, employment: Employment) -> list[Right]:
        """The rights in use that can be given at the employment's principal."""
        kind = employment.unit.principal_kind
        return [
            right
            for right in self.rules.rights.values()
            if (right.principals is None or not kind or kind in right.principals)
            and right.period.holds(self.moment.now)
        ]

    def roles_for(self, employment: Employment) -> list[Role]:
        """The roles in use that carry some right there, in the rules' order."""
        carrying = {role for right in self.rights_for(employment) for role in right.roles}
        return [role for role in self.roles_in_use() if role.key in carrying]

    def roles_in_use(self) -> list[Role]:
        """The roles that one may be appointed to now, in the rules' order."""
        return [role for role in self.rules.roles.values() if role.period.holds(self.moment.now)]

    def appointed_roles(self, employment: Employment) -> set[str]:
        """Roles with an appointment that holds, lies ahead, or was revoked."""
        return {
            a.role
            for a in self.facts(employment).appointments
            if a.employment == key_of(employment)
            and (a.end is None or a.end > self.moment.now or a.revoked_at is not None)
        }

    def current_roles(self, employment: Employment) -> set[str]:
        """Roles with an appointment that holds."""
        own = (a for a in self.facts(employment).appointments if a.employment == key_of(employment))
        return {a.role for a in own if a.holds(self.moment.now)}

    def suspension(self, employment: Employment) -> known.Suspension | None:
        """The leave, or bar, that holds now."""
        own = (s for s in self.facts(employment).suspensions if s.employment == key_of(employment))
        return next((s for s in own if s.holds(self.moment.now)), None)

    def level(self, employment: Employment, role: str | None = None) -> known.LevelDecision | None:
        """The latest level decision that holds, for `role` or for all."""
        own = [
            d
            for d in self.facts(employment).level_decisions
            if d.employment == key_of(employment) and d.role in (None, role) and d.holds(self.moment.now)
        ]
        return max(own, key=lambda d: (d.start, d.role is not None, d.recorded_at), default=None)

    def likely_role(self, employment: Employment, applied_for: str = "") -> str:
        """The area to show to somebody who is not appointed yet: that of the right applied for, else of the widest."""
        possible = self.rights_for(employment)
        applied = next((right for right in possible if right.key == applied_for), None)
        right = applied or max(possible, key=lambda r: len(r.roles), default=None)
        return right.roles[0] if right else ""

    def concerns(self, employment: Employment, right: Right) -> bool:
        """Whether the person was appointed to a role that carries `right`, or was once given it."""
        return bool(self._concerned_roles(employment, right)) or self._has_been_given(employment, right)

    def outcome(self, employment: Employment, right: Right) -> Outcome:
        """The outcome of `summary` for `right`, without words or bounds: for going through many people."""
        found = (
            assess(
                self.facts(employment),
                self.rules,
                right.key,
                Context(employment=key_of(employment), customer_number=number or None),
                self.moment.now,
            ).outcome
            for number in self._customer_numbers(employment, right)
        )
        return min(found, key=lambda outcome: _RANK[outcome])

    def summary(self, employment: Employment) -> list[RightNow]:
        """One answer for each right: the best, whatever the role or customer number."""
        return [self.best(employment, right) for right in self.rights_for(employment)]

    def details(self, employment: Employment, chosen_role: str | None = None) -> list[RightNow]:
        """An answer for each right and area that concern the person, with `chosen_role` among them."""
        roles = self.appointed_roles(employment) | ({chosen_role} if chosen_role else set())
        found: list[RightNow] = []
        for right in self.rights_for(employment):
            areas = [role for role in right.roles if role in roles]
            numbers = self._customer_numbers(employment, right)
            held = self._has_been_given(employment, right)
            if areas:
                found += [self.ask(employment, right, role, n, concerns=True) for role in areas for n in numbers]
            elif held:
                found.append(self.best(employment, right))
        return found

    def best(self, employment: Employment, right: Right) -> RightNow:
        """As an ordering system would be answered; and, when that is no, why for the area that is nearest."""
        concerned = self._concerned_roles(employment, right)
        concerns = bool(concerned) or self._has_been_given(employment, right)
        numbers = self._customer_numbers(employment, right)
        if not concerned or self.outcome(employment, right).is_allowed:
            answers = [self.ask(employment, right, None, number, concerns=concerns) for number in numbers]
        else:
            answers = [
                self.ask(employment, right, role, number, concerns=concerns)
                for role in self.rules.roles
                if role in concerned
                for number in numbers
            ]
        return min(answers, key=lambda answer: (_RANK[answer.outcome], len(answer.decision.missing)))

    def ask(
        self, employment: Employment, right: Right, role: str | None, customer_number: str, *, concerns: bool
    ) -> RightNow:
        """The answer about one right, for one role (None: any) and one customer number ("": none).

        Raises UnanswerableQuestion when the rules then did not know the right or the role.
        """
        context = Context(employment=key_of(employment), role=role, customer_number=customer_number or None)
        decision = decide(
            self._facts[employment.person_id],
            self.names.book,
            right.key,
            valid_at=self.moment.now,
            known_at=self.moment.known_at,
            context=context,
        )
        return RightNow(
            employment=employment,
            right=right,
            role=self.rules.roles[role] if role else None,
            customer_number=customer_number,
            decision=decision,
            explained=explain(decision, self.names, addresses_reader=self._addresses),
            concerns=concerns,
        )

    def _concerned_roles(self, employment: Employment, right: Right) -> set[str]:
        carrying = {role for granting in self.rules.rights_that_grant(right.key) for role in granting.roles}
        return self.appointed_roles(employment) & carrying

    def _customer_numbers(self, employment: Employment, right: Right) -> Sequence[str]:
        if not right.needs_customer_number:
            return ("",)
        given = (a for a in self.facts(employment).authorisations if a.employment == key_of(employment))
        return sorted({a.customer_number for a in given if a.right == right.key}) or ("",)

    def _has_been_given(self, employment: Employment, right: Right) -> bool:
        given = (a for a in self.facts(employment).authorisations if a.employment == key_of(employment))
        return any(a.right == right.key for a in given)


def key_of(employment: Employment) -> str:
    """How the facts name an employment."""
    return f"employment:{employment.pk}"


def attestations_asked_for(rules: RuleSet, roles: Iterable[str], at: datetime) -> Iterator[tuple[str, str]]:
    """Key and title of each attestation that some requirement of `roles` accepts at `at`, in the rules' order."""
    wanted = set(roles)
    seen: set[str] = set()
    for requirement in rules.requirements:
        if not (requirement.roles & wanted) or requirement.start > at:
            continue
        if requirement.end is not None and requirement.end <= at:
            continue
        for option in requirement.options:
            for key in option.attestations:
                if key not in seen:
                    seen.add(key)
                    yield key, rules.attestations.get(key, key)
