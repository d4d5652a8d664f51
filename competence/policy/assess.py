"""The answer at one instant.

A *way* to a right is an employment, a right that grants it (itself or one that includes it) and a competence role that
carries it. The answer is the best way: one that allows, else the one with the fewest steps left. Deny by default: a way
allows only when nothing blocking is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from competence.policy import authorisations, requirements, steps
from competence.policy.decision import Assessment, Context, Outcome
from competence.policy.dossier import Dossier, dossier_of
from competence.policy.facts import Appointment, Employment, Level, LevelDecision, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.requirements import Holder
from competence.policy.rules import Right, Role, RuleSet

_RANK = {Outcome.ALLOWED: 0, Outcome.ALLOWED_WITH_WARNING: 1, Outcome.DENIED: 2}
_DENIED = _RANK[Outcome.DENIED]
_BOUND = itemgetter(0)


class UnanswerableQuestion(ValueError):
    """The question names a right, role or product group that the rules do not have. `what` says which."""

    def __init__(self, what: str, value: str) -> None:
        super().__init__(f"unknown {what}: {value}")
        self.what = what
        self.value = value


def assess(known: PersonFacts | Dossier, rules: RuleSet, right: str, context: Context, at: datetime) -> Assessment:
    """May the person use `right` at `at`? `known`: the facts as known (see `facts.as_known_at`).

    Raises UnanswerableQuestion for a right, role or product group that `rules` does not know.
    """
    return _best(_ways(dossier_of(known), rules, right, context, at), rules, right, context)


def outcome_of(known: PersonFacts | Dossier, rules: RuleSet, right: str, context: Context, at: datetime) -> Outcome:
    """The outcome of `assess` alone, which is often plain before any requirement is judged: a step that is not a
    requirement's is blocking, and no other step takes care of it. Raises as `assess` does.
    """
    ways = _ways(dossier_of(known), rules, right, context, at)
    if all(way.bound[0] == _DENIED for way in ways):
        return Outcome.DENIED
    return _best(ways, rules, right, context).outcome


def _best(ways: Sequence[_Way], rules: RuleSet, right: str, context: Context) -> Assessment:
    """The answer by the best of the ways."""
    best: Assessment | None = None
    best_order = (len(_RANK), 0, 0)
    for way in sorted(ways, key=_BOUND):
        if best_order < way.bound:
            break  # neither this way nor those after it can be better
        candidate = way.assess(rules, context)
        order = (_RANK[candidate.outcome], len(candidate.missing), way.bound[2])
        if order < best_order:
            best, best_order = candidate, order
    return best or _not_in_use(rules, right)


def _not_in_use(rules: RuleSet, right: str) -> Assessment:
    return Assessment(
        outcome=Outcome.DENIED,
        reasons=(),
        missing=(Missing(code=Code.RIGHT_NOT_IN_USE, right=right),),
        granting_right=right,
        policy_version=rules.version,
    )


def _ways(dossier: Dossier, rules: RuleSet, right: str, context: Context, at: datetime) -> list[_Way]:
    """Every way. None when nothing is in use."""
    granting_rights = rules.rights_that_grant(right)
    if not granting_rights:
        raise UnanswerableQuestion("right", right)
    carriers: Sequence[tuple[Right, Role]] = rules.carriers_of(right)
    if context.role is not None or context.product_group is not None:
        carriers = [(granting, role) for granting, role in carriers if _covers(role, context)]
    if not carriers:
        what, value = ("product_group", context.product_group) if context.product_group else ("role", context.role)
        raise UnanswerableQuestion(what, value or "")
    if not granting_rights[0].period.holds(at):
        return []
    in_use = [(granting, role) for granting, role in carriers if granting.period.holds(at) and role.period.holds(at)]
    current = [e for e in dossier.facts.employments if e.holds(at) and _is_asked_about(e, context)]
    employments: list[Employment | None] = list(current) or [None]
    found: list[_Way] = []
    for employment in employments:
        key = employment.key if employment else None
        suspended = _suspended(dossier, employment, at)
        appointments: Sequence[Appointment] = dossier.appointments.get(key, ()) if key else ()
        levels: Sequence[LevelDecision] = dossier.level_decisions.get(key, ()) if key else ()
        authorised: dict[str, Judged] = {}
        for granting, role in in_use:
            if granting.key not in authorised:
                authorised[granting.key] = authorisations.judge(granting, dossier, key, context, at)
            judged = authorised[granting.key]
            names = role.names(at)
            own = [one for one in appointments if one.role in names]
            holding = [one for one in own if one.holds(at)]
            is_held = employment is not None and employment.profession in role.held_by_professions
            level = _level(levels, names, at) if levels else None
            lacking = (
                (employment is None or _is_barred(employment, granting))
                + (suspended is not None)
                + (not holding and not is_held)
                + (level is None and role.needs_level_decision)
                + (judged[1] is not None)
            )
            bound = (_DENIED if lacking else 0, lacking, len(found))
            found.append(
                _Way(bound, dossier, employment, granting, role, suspended, judged, at, own, holding, is_held, level)
            )
    return found


def _is_asked_about(employment: Employment, context: Context) -> bool:
    return (
        (context.identity is None or employment.identity in (None, context.identity))
        and (context.employment is None or employment.key == context.employment)
        and (context.principals is None or employment.principal in context.principals)
    )


def _covers(role: Role, context: Context) -> bool:
    if context.role is not None and role.key != context.role:
        return False
    groups = role.product_groups
    return context.product_group is None or not groups or context.product_group in groups


Judged = tuple[Reason | None, Missing | None]


class _Way(NamedTuple):
    """A way as far as it is known without judging its requirements.

    `bound`: no better order than this can come of it, since no other step takes care of those that it lacks already;
    its last part tells the ways apart. `own`: the appointments within the employment that count for the role, `current`
    those of them that hold.
    """

    bound: tuple[int, int, int]
    dossier: Dossier
    employment: Employment | None
    granting: Right
    role: Role
    suspended: Missing | None
    after: Judged
    at: datetime
    own: list[Appointment]
    current: list[Appointment]
    is_held: bool
    level: Level | None

    def assess(self, rules: RuleSet, context: Context) -> Assessment:
        """The way's answer, with every requirement judged."""
        at, role = self.at, self.role
        work = self.employment or _last_workplace(self.dossier.facts, context)
        principal, profession, units = (work.principal, work.profession, work.units) if work else _UNKNOWN_WORK
        holder = Holder(
            employment=self.employment.key if self.employment else None,
            role=role.key,
            level=self.level,
            appointed_since=self._held_since(),
        )
        judged = [self._employed(), (None, self.suspended), self._appointed(), self._level_decided()]
        judged += [
            requirements.judge(one, rules, self.dossier, holder, at)
            for one in rules.requirements_of(role.key)
            if one.is_in_force(at)
            and one.concerns(role=role.key, principal=principal, profession=profession, units=units)
        ]
        judged.append(self.after)
        missing = [step for _reason, step in judged if step is not None]
        left = steps.with_prerequisites(steps.without_implied(missing), rules, at) if missing else missing
        return Assessment(
            outcome=_outcome(left),
            reasons=tuple([reason for reason, _step in judged if reason is not None]),
            missing=tuple(left),
            role=role.key,
            employment=holder.employment,
            granting_right=self.granting.key,
            policy_version=rules.version,
        )

    def _employed(self) -> Judged:
        employment = self.employment
        if employment is None:
            return None, Missing(code=Code.NOT_EMPLOYED if self.dossier.facts.is_known else Code.UNKNOWN_PERSON)
        if _is_barred(employment, self.granting):
            return None, Missing(code=Code.RIGHT_NOT_FOR_PRINCIPAL, right=self.granting.key)
        return Reason(code=Code.EMPLOYED, fact=employment.key, since=employment.start, until=employment.end), None

    def _appointed(self) -> Judged:
        role = self.role.key
        if self.current:
            # The one that lasts longest; None is for ever.
            best = max(self.current, key=lambda a: (a.end is None, a.end or self.at, a.key))
            return Reason(code=Code.APPOINTED, role=role, fact=best.key, since=best.start, until=best.end), None
        work = self.employment
        if self.is_held and work is not None:
            held = Reason(code=Code.HELD_BY_PROFESSION, role=role, fact=work.key, since=work.start, until=work.end)
            return held, None
        past = [a for a in self.own if a.end is not None and a.end <= self.at]
        last = max(past, key=lambda a: (a.end or self.at, a.key), default=None)
        if last is not None and last.revoked_at is not None:
            return None, Missing(code=Code.REVOKED, role=role, since=last.revoked_at)
        return None, Missing(code=Code.NOT_APPOINTED, role=role)

    def _held_since(self) -> datetime:
        """When the person first held the role. Somebody who does not would do so now: the steps that are told must be
        right after that one, too."""
        starts = [a.start for a in self.own]
        if self.is_held and self.employment is not None:
            starts.append(self.employment.start)
        return min([self.at, *starts])

    def _level_decided(self) -> Judged:
        if self.role.needs_level_decision and self.level is None:
            return None, Missing(code=Code.LEVEL_NOT_DECIDED, role=self.role.key)
        return None, None


_UNKNOWN_WORK: tuple[str, str, frozenset[str]] = ("", "", frozenset())


def _is_barred(employment: Employment, granting: Right) -> bool:
    return granting.principals is not None and employment.principal not in granting.principals


def _outcome(steps: list[Missing]) -> Outcome:
    if any(step.is_blocking for step in steps):
        return Outcome.DENIED
    return Outcome.ALLOWED_WITH_WARNING if steps else Outcome.ALLOWED


def _suspended(dossier: Dossier, employment: Employment | None, at: datetime) -> Missing | None:
    if employment is None or not dossier.suspensions:
        return None
    current = [s for s in dossier.suspensions.get(employment.key, ()) if s.holds(at)]
    return Missing(code=Code.SUSPENDED, since=min(s.start for s in current)) if current else None


def _level(own: Sequence[LevelDecision], names: frozenset[str], at: datetime) -> Level | None:
    """The latest level decision that holds; one for the very role before one for every role of the same day."""
    current = [d for d in own if (d.role is None or d.role in names) and d.holds(at)]
    if len(current) < 2:
        return current[0].level if current else None
    return max(current, key=lambda d: (d.start, d.role is not None, d.recorded_at, d.key)).level


def _last_workplace(facts: PersonFacts, context: Context) -> Employment | None:
    """The latest employment that the question is about, whose principal, profession and units the requirements are
    asked for when there is none now."""
    past = [e for e in facts.employments if _is_asked_about(e, context)]
    return max(past, key=lambda e: (e.start, e.key)) if past else None
