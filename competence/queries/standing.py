"""How people stand with their rights, for lists: from the stored outcomes where these are of the latest state.

What is stored for a person is believed if it was made under the latest published rules and nothing has changed since;
the others are evaluated anew, from their facts, and neither lists nor counts can tell the difference. Every function
here costs a fixed number of queries, however many the employments are.

Only rights that concern an employment are listed: the person was appointed there to a role that carries the right (or
a wider one), or was ever given it there. A single answer, and anything that a person is told about themselves, comes
from `competence.queries.eligibility` or `rights`, with its grounds; these rows have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from competence.models.employment import Employment
from competence.models.prepared import OutcomesMade, StoredOutcome
from competence.models.requirement import RuleSetVersion
from competence.outcomes import (
    OUTCOMES,
    POSITION,
    Carriers,
    MissingStep,
    Stretch,
    missing_steps,
    stretches_of,
)
from competence.policy.decision import Outcome
from competence.policy.reasons import Code
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.queries.rules import current_rule_book


@dataclass(frozen=True)
class Standing:
    """One right in one employment, at a moment.

    The outcome stays so until `until` (None: open), when it becomes `following` (None: there is no answer then, or it
    stays). `missing`: the steps that remain, in short.
    `concerns`: somebody waits for it; False when the appointment has run out and nothing more is expected.
    `permit_until`: when a permit, with or without a warning, is over; None: it is none, or no end is known.
    """

    employment_id: int
    right: str
    customer_number: str
    outcome: Outcome
    until: datetime | None
    following: Outcome | None
    missing: tuple[MissingStep, ...]
    concerns: bool
    permit_until: datetime | None

    @property
    def is_allowed(self) -> bool:
        return self.outcome.is_allowed

    def permit_ends_by(self, instant: datetime) -> bool:
        """Whether it is a permit, known to be over by `instant`. (From allowed to allowed with a warning is no end.)"""
        return self.permit_until is not None and self.permit_until <= instant


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which standings to look for: all that is given must be true of one and the same standing.

    `outcomes`: one of these. `right`: of this right. `permit_ends_by`: a permit that is over by that instant.
    `missing_requirement`: this requirement waits for a step (demanded or recommended). `missing_code`: such a step
    remains. Those that no longer concern anybody are found only when `is_any_concern` says so.
    """

    outcomes: Collection[Outcome] = tuple(Outcome)
    right: str = ""
    permit_ends_by: datetime | None = None
    missing_requirement: str = ""
    missing_code: Code | None = None
    is_any_concern: bool = False

    def suits(self, standing: Standing) -> bool:
        """Whether `standing` is one of those. The same as `_condition` says in SQL."""
        return (
            standing.outcome in self.outcomes
            and (not self.right or standing.right == self.right)
            and (self.permit_ends_by is None or standing.permit_ends_by(self.permit_ends_by))
            and (not self.missing_requirement or self._waits_for(standing, self.missing_requirement))
            and (self.missing_code is None or any(step.code == self.missing_code for step in standing.missing))
            and (self.is_any_concern or standing.concerns)
        )

    @staticmethod
    def _waits_for(standing: Standing, requirement: str) -> bool:
        return any(requirement in step.requirements for step in standing.missing)


def standings_of(employment_ids: Iterable[int], moment: Moment) -> dict[int, tuple[Standing, ...]]:
    """For each employment (by primary key) its standings at `moment`, by right and customer number.

    An employment that no right concerns has none. Three queries; five when some must be evaluated anew from their
    prepared facts, and eleven more when these are behind, too.
    """
    ids = list(dict.fromkeys(employment_ids))
    return standings_among(Employment.objects.filter(pk__in=ids), ids, moment)


def standings_among(
    employments: QuerySet[Employment], ids: Collection[int], moment: Moment
) -> dict[int, tuple[Standing, ...]]:
    """The same for `ids`, the primary keys of `employments`: when these are many, and better found by a condition."""
    version = _latest_version()
    among = employments.order_by()
    fresh = set(among.filter(_is_fresh(version)).values_list("pk", flat=True))
    stored = StoredOutcome.objects.filter(employment__in=among.values("pk"))
    stretches = _stored(stored if fresh else stored.none(), moment)
    stale = [pk for pk in ids if pk not in fresh]
    if stale:
        evaluated = _evaluated(Employment.objects.filter(pk__in=stale), moment)
        stretches.update({pk: evaluated.get(pk, []) for pk in stale})
    return {pk: _standings(stretches.get(pk, ()), moment.now) for pk in ids}


def employments_with(employments: QuerySet[Employment], wanted: Wanted, moment: Moment) -> set[int]:
    """The primary keys of those of `employments` that have a standing which is `wanted`.

    In SQL where the stored outcomes are of the latest state, evaluated anew where not. Three queries, or more for the
    latter. Good for thousands: filter with `pk__in` what it returns.
    """
    version = _latest_version()
    current = _now(StoredOutcome.objects.filter(employment=OuterRef("pk")), moment).filter(_condition(wanted, moment))
    found = set(employments.order_by().filter(_is_fresh(version)).filter(Exists(current)).values_list("pk", flat=True))
    for pk, standings in _stale_standings(employments, version, moment).items():
        if any(wanted.suits(standing) for standing in standings):
            found.add(pk)
    return found


def employments_changing(employments: QuerySet[Employment], by: datetime, moment: Moment) -> QuerySet[Employment]:
    """Those of `employments` that have a permit which may be over by then: as stored, or because nothing is stored."""
    permits = [POSITION[outcome] for outcome in Outcome if outcome.is_allowed]
    ending = _now(StoredOutcome.objects.filter(employment=OuterRef("pk")), moment).filter(end__lte=by)
    return employments.filter(Exists(ending.filter(outcome__in=permits)) | ~_is_fresh(_latest_version()))


def outcome_counts(employments: QuerySet[Employment], moment: Moment) -> dict[str, dict[Outcome, int]]:
    """By right, how many of `employments` have it with which outcome; one with several customer numbers by its best.

    Only rights that concern the employment. Three queries, or more when some must be evaluated anew.
    """
    version = _latest_version()
    fresh = employments.order_by().filter(_is_fresh(version))
    rows = (
        _now(StoredOutcome.objects.filter(employment__in=fresh.values("pk")), moment)
        .filter(_concerns(moment))
        .values("employment_id", "right")
        .annotate(best=Min("outcome"))
    )
    counted: dict[str, dict[Outcome, int]] = defaultdict(lambda: defaultdict(int))
    for right, best in rows.values_list("right", "best"):
        counted[right][OUTCOMES[best]] += 1
    for standings in _stale_standings(employments, version, moment).values():
        best_of: dict[str, int] = {}
        for one in standings:
            if one.concerns:
                best_of[one.right] = min(POSITION[one.outcome], best_of.get(one.right, len(OUTCOMES)))
        for right, best in best_of.items():
            counted[right][OUTCOMES[best]] += 1
    return {right: dict(by_outcome) for right, by_outcome in counted.items()}


def _latest_version() -> int:
    return RuleSetVersion.objects.aggregate(latest=Max("version"))["latest"] or 0


def _is_fresh(version: int) -> Exists:
    """Whether what is stored for an employment's person is of the latest state."""
    return Exists(OutcomesMade.objects.filter(person=OuterRef("person"), rules_version=version))


def _now(rows: QuerySet[StoredOutcome], moment: Moment) -> QuerySet[StoredOutcome]:
    return rows.filter(Q(end__isnull=True) | Q(end__gt=moment.now), start__lte=moment.now)


def _concerns(moment: Moment) -> Q:
    return Q(concerns_until__isnull=True) | Q(concerns_until__gt=moment.now)


def _condition(wanted: Wanted, moment: Moment) -> Q:
    """`wanted` as a condition on a stretch of now."""
    condition = Q(outcome__in=[POSITION[outcome] for outcome in wanted.outcomes])
    if wanted.right:
        condition &= Q(right=wanted.right)
    if wanted.permit_ends_by is not None:
        ending = StoredOutcome.objects.filter(
            employment=OuterRef("employment"),
            right=OuterRef("right"),
            customer_number=OuterRef("customer_number"),
            outcome=POSITION[Outcome.DENIED],
            start__gt=moment.now,
            start__lte=wanted.permit_ends_by,
        )
        condition &= ~Q(outcome=POSITION[Outcome.DENIED]) & Q(Exists(ending))
    if wanted.missing_requirement:
        key = wanted.missing_requirement
        condition &= Q(missing__contains=f":{key}:") | Q(missing__contains=f":{key}|")
    if wanted.missing_code is not None:
        condition &= Q(missing__contains=f"!{wanted.missing_code}:") | Q(missing__contains=f"?{wanted.missing_code}:")
    return condition if wanted.is_any_concern else condition & _concerns(moment)


def _stored(rows: QuerySet[StoredOutcome], moment: Moment) -> dict[int, list[Stretch]]:
    """The stored stretches from now on, by employment, in the order of time."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    columns = (
        "employment_id",
        "right",
        "customer_number",
        "start",
        "end",
        "outcome",
        "missing",
        "concerns_until",
    )
    for employment, right, number, start, end, outcome, missing, concerns_until in (
        rows.filter(Q(end__isnull=True) | Q(end__gt=moment.now)).order_by("start").values_list(*columns)
    ):
        found[employment].append(
            Stretch(employment, right, number, start, end, OUTCOMES[outcome], missing, concerns_until)
        )
    return found


def _stale_standings(
    employments: QuerySet[Employment], version: int, moment: Moment
) -> Mapping[int, tuple[Standing, ...]]:
    """The standings, evaluated anew, of those employments whose stored outcomes are not of the latest state."""
    stale = _evaluated(employments.order_by().filter(~_is_fresh(version)), moment)
    return {pk: _standings(stretches, moment.now) for pk, stretches in stale.items()}


def _evaluated(employments: QuerySet[Employment], moment: Moment) -> dict[int, list[Stretch]]:
    people = dict(employments.values_list("pk", "person_id"))
    if not people:
        return {}
    book = current_rule_book()
    carriers = Carriers.of(book)
    found: dict[int, list[Stretch]] = defaultdict(list)
    for person, facts in facts_for(people.values()).items():
        for stretch in stretches_of(facts, book, carriers, moment.now):
            if people.get(stretch.employment) == person:  # of merged records, each tells of its own employments
                found[stretch.employment].append(stretch)
    return found


def _standings(stretches: Iterable[Stretch], now: datetime) -> tuple[Standing, ...]:
    """What each right's stretches, from now on and in the order of time, say of now."""
    by_question: dict[tuple[str, str], list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        by_question[stretch.right, stretch.customer_number].append(stretch)
    return tuple(
        _standing(several, now)
        for _question, several in sorted(by_question.items(), key=lambda pair: pair[0])
        if several[0].start <= now
    )


def _standing(stretches: list[Stretch], now: datetime) -> Standing:
    current = last = stretches[0]
    following: Outcome | None = None
    permit_until: datetime | None = None
    is_permit = current.outcome.is_allowed
    until: datetime | None = None
    for one in stretches[1:]:
        is_gap = one.start != last.end
        if until is None and (is_gap or one.outcome is not current.outcome):
            until, following = last.end, None if is_gap else one.outcome
        if permit_until is None and is_permit and not one.outcome.is_allowed:
            permit_until = one.start
        last = one
    return Standing(
        employment_id=current.employment,
        right=current.right,
        customer_number=current.customer_number,
        outcome=current.outcome,
        until=until if until is not None else last.end,
        following=following,
        missing=missing_steps(current.missing),
        concerns=current.concerns_until is None or current.concerns_until > now,
        permit_until=permit_until,
    )
