"""One person's outcomes from now on: which rights concern which employment, and how each will stand, and until when.

The outcomes are those of `competence.policy`; what is chosen here is which questions to ask. Pure, so that stored and
freshly evaluated outcomes come from the same lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from competence.policy.assess import UnanswerableQuestion, assess
from competence.policy.decision import Context, Outcome
from competence.policy.dossier import Dossier
from competence.policy.facts import Employment, PersonFacts, as_known_at
from competence.policy.reasons import Code, Missing
from competence.policy.rules import NoRules, RuleBook
from competence.policy.timeline import instants

OUTCOMES = (Outcome.ALLOWED, Outcome.ALLOWED_WITH_WARNING, Outcome.DENIED)
"""The best first. Their positions are what the database keeps."""
POSITION = {outcome: position for position, outcome in enumerate(OUTCOMES)}

EVERYTHING = datetime.max.replace(tzinfo=UTC)
"""Known at: whatever has been recorded."""


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # it has been over for as long as anybody asks
_BARRED = f"!{Code.RIGHT_NOT_FOR_PRINCIPAL.value}:"  # as `missing_text` writes it


class MissingStep(NamedTuple):
    """A step that remains, in short: its code, the requirement if it is one, and those that it meets as well."""

    code: str
    requirement: str | None = None
    also_meets: tuple[str, ...] = ()
    is_blocking: bool = True

    @property
    def requirements(self) -> tuple[str, ...]:
        """All requirements that wait for this step."""
        return self.also_meets if self.requirement is None else (self.requirement, *self.also_meets)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One outcome with one set of missing steps, from `start` until `end` (None: open). See `StoredOutcome`.

    `start` of a stretch that goes on at the moment of asking is some instant of it, not the first.
    """

    employment: int
    right: str
    customer_number: str
    start: datetime
    end: datetime | None
    outcome: Outcome
    missing: str
    concerns_until: datetime | None


@dataclass(frozen=True)
class Carriers:
    """Which rights a role carries, by itself or by a wider right, under any of the published rules, and which rights
    a profession has without being appointed."""

    by_role: dict[str, frozenset[str]]
    by_profession: dict[str, frozenset[str]]
    needs_number: frozenset[str]

    @classmethod
    def of(cls, book: RuleBook) -> Carriers:
        by_role: dict[str, set[str]] = defaultdict(set)
        by_profession: dict[str, set[str]] = defaultdict(set)
        needs_number: set[str] = set()
        for publication in book.publications:
            rules = publication.rule_set
            for right in rules.rights.values():
                (needs_number.add if right.needs_customer_number else needs_number.discard)(right.key)
                for granting in rules.rights_that_grant(right.key):
                    for key in granting.roles:
                        role = rules.roles[key]
                        for name in (key, *(predecessor.role for predecessor in role.replaces)):
                            by_role[name].add(right.key)
                        for profession in role.held_by_professions:
                            by_profession[profession].add(right.key)
        return cls(
            {role: frozenset(rights) for role, rights in by_role.items()},
            {profession: frozenset(rights) for profession, rights in by_profession.items()},
            frozenset(needs_number),
        )


def latest_version(book: RuleBook) -> int:
    """The highest version published; 0 when there is none."""
    return max((publication.rule_set.version for publication in book.publications), default=0)


def stretches_of(facts: PersonFacts, book: RuleBook, carriers: Carriers, at: datetime) -> list[Stretch]:
    """Every right that concerns some employment of the person, in stretches, as far as they end after `at`.

    `facts` as recorded. A right concerns an employment if the person was appointed there to a role that carries it,
    holds such a role by profession, or was ever given the right there. Time for which the rules have no answer is
    left out.
    """
    known = as_known_at(facts, EVERYTHING)
    if not (known.appointments or known.authorisations or carriers.by_profession):
        return []
    dossier = Dossier(known)
    changes: dict[str, tuple[datetime, ...]] = {}
    found: list[Stretch] = []
    for employment in known.employments:
        for right, concerns_until in _concerned(known, employment, carriers):
            if right not in changes:
                changes[right] = instants(dossier, book, EVERYTHING, right)
            for number in _numbers(known, employment, right, carriers):
                context = Context(employment=employment.key, customer_number=number or None)
                question = _Question(dossier, book, right, context)
                for start, end, answer in question.stretches(changes[right], at):
                    found.append(
                        Stretch(
                            employment=number_of(employment.key),
                            right=right,
                            customer_number=number,
                            start=start,
                            end=end,
                            outcome=answer[0],
                            missing=answer[1],
                            # What the employer's people can never have is nothing that anybody waits for.
                            concerns_until=_NEVER if _BARRED in answer[1] else concerns_until,
                        )
                    )
    return found


def number_of(key: str) -> int:
    """The primary key in a fact's key, such as 17 in `employment:17`."""
    return int(key.rpartition(":")[2])


def missing_text(missing: Iterable[Missing]) -> str:
    """The steps in a form that can be searched: `|!COURSE_MISSING:national:regional|?…|`.

    `!` blocks, `?` is recommended. The first requirement is the step's own (empty: none), the others it meets as well.
    """
    steps = [
        f"{'!' if m.is_blocking else '?'}{m.code.value}:{':'.join((m.requirement or '', *m.also_meets))}"
        for m in missing
    ]
    return f"|{'|'.join(steps)}|" if steps else ""


@lru_cache(maxsize=4_096)  # thousands lack the same
def missing_steps(text: str) -> tuple[MissingStep, ...]:
    """What `missing_text` wrote."""
    found = []
    for step in text.strip("|").split("|") if text else ():
        code, requirement, *also = step[1:].split(":")
        found.append(MissingStep(code, requirement or None, tuple(also), step[0] == "!"))
    return tuple(found)


Answer = tuple[Outcome, str]


@dataclass(frozen=True, slots=True)
class _Question:
    """One right in one employment, asked again and again over time."""

    dossier: Dossier
    book: RuleBook
    right: str
    context: Context

    def stretches(
        self, changes: tuple[datetime, ...], at: datetime
    ) -> Iterator[tuple[datetime, datetime | None, Answer]]:
        """Start, end and answer, for what ends after `at`."""
        start, answer = at, self.answer(at)
        for instant in changes[bisect_right(changes, at) :]:
            following = self.answer(instant)
            if following == answer:
                continue
            if answer is not None:
                yield start, instant, answer
            start, answer = instant, following
        if answer is not None:
            yield start, None, answer

    def answer(self, at: datetime) -> Answer | None:
        try:
            found = assess(self.dossier, self.book.in_force(at, EVERYTHING), self.right, self.context, at)
        except (NoRules, UnanswerableQuestion):
            return None
        return found.outcome, missing_text(found.missing)


def _concerned(facts: PersonFacts, employment: Employment, carriers: Carriers) -> list[tuple[str, datetime | None]]:
    """The rights that concern an employment, each with the end of its concern (None: open)."""
    found: dict[str, datetime | None] = {}
    for appointment in facts.appointments:
        if appointment.employment == employment.key:
            # A revocation is something to be told of, for good.
            end = None if appointment.revoked_at is not None else appointment.end
            for right in carriers.by_role.get(appointment.role, ()):
                known = found.get(right, end)
                found[right] = None if end is None or known is None else max(end, known)
    for authorisation in facts.authorisations:
        if authorisation.employment == employment.key:
            found[authorisation.right] = None
    found.update(dict.fromkeys(carriers.by_profession.get(employment.profession, ())))
    return sorted(found.items(), key=lambda pair: pair[0])


def _numbers(facts: PersonFacts, employment: Employment, right: str, carriers: Carriers) -> list[str]:
    if right not in carriers.needs_number:
        return [""]
    given = (a for a in facts.authorisations if a.employment == employment.key and a.right == right)
    return sorted({a.customer_number for a in given}) or [""]
