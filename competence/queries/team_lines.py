"""A whole team in short: a line for each employment, filtered, counted and sorted, in a fixed number of queries.

Made from the stored outcomes (`competence.queries.standing`), so that thousands cost little. The page then asks
`RightsReader` about the people that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.outcomes import MissingStep
from competence.permissions import Reach
from competence.policy.decision import Outcome
from competence.queries.eligibility import Moment
from competence.queries.employments import current_employments
from competence.queries.standing import Standing, Wanted, standings_among
from lms.lib.clock import day_ends_at, local_day
from lms.users.models import fold_name

ANYTHING = "nagot"
"""The choice among requirements that stands for whatever is missing."""
SOON_DAYS = 60
SORTS = ("namn", "enhet", "gar-ut", "nya", "saknar")
MOST_UNITS = 300


@dataclass(frozen=True)
class TeamChoice:
    """Whom to show. All that is given must hold. `right` narrows what `outcome`, `missing` and `within_days` look at.

    `outcome` allowed is whoever may order, with a recommendation or without.
    """

    search: str = ""
    unit: str = ""
    right: str = ""
    outcome: str = ""
    missing: str = ""
    within_days: int | None = None
    is_on_leave: bool = False
    is_waiting: bool = False
    new_days: int | None = None
    sort: str = "namn"

    @property
    def looks_at_rights(self) -> bool:
        return bool(self.right or self.outcome or self.missing or self.within_days is not None)


@dataclass(frozen=True, slots=True)
class Line:
    """One employment. `hsa_id`: as the employer knows the person. `waiting`: how many decisions about the person wait
    for the reader."""

    employment_id: int
    person_id: int
    last_name: str
    first_name: str
    unit_id: int
    unit: str
    starts_on: date
    title: str
    hsa_id: str | None
    standings: tuple[Standing, ...]
    is_on_leave: bool
    waiting: int

    @property
    def concerning(self) -> Iterable[Standing]:
        return (one for one in self.standings if one.concerns)

    @property
    def is_denied(self) -> bool:
        """Whether the person lacks something for a right that concerns them."""
        return any(one.outcome is Outcome.DENIED for one in self.concerning)

    @property
    def permit_until(self) -> datetime | None:
        """When the first permit that ends is over."""
        return min((one.permit_until for one in self.concerning if one.permit_until is not None), default=None)

    def missing_steps(self) -> list[MissingStep]:
        return [step for one in self.concerning for step in one.missing]


@dataclass(frozen=True)
class TeamCounts:
    """How many employments: in all, that may order something, that lack something, whose permit ends within SOON_DAYS,
    on leave, about whom something waits."""

    everybody: int
    allowed: int
    denied: int
    ending: int
    on_leave: int
    waiting: int


def team_employments(reach: Reach, choice: TeamChoice, at: datetime) -> QuerySet[Employment]:
    """The employments that the database can find: within reach, at the unit (and below), by name however written."""
    found = current_employments(at).filter(unit__in=reach.units())
    if choice.unit:
        chosen = OrganisationUnit.objects.filter(public_id=choice.unit).values_list("path", flat=True).first()
        found = found.filter(unit__path__startswith=chosen) if chosen else found.none()
    for word in fold_name(choice.search).split():
        found = found.filter(person__search_name__contains=word)
    return found


def lines_of(employments: QuerySet[Employment], moment: Moment, waiting: Mapping[int, int]) -> list[Line]:
    """A line for each of `employments`, by name. Two queries, and those of `standings_among`."""
    rows = list(
        employments.order_by("person__last_name", "person__first_name", "pk").values_list(
            "pk",
            "person_id",
            "person__last_name",
            "person__first_name",
            "unit_id",
            "unit__name",
            "starts_on",
            "title",
            "identity__value",
        )
    )
    standings = standings_among(employments, [row[0] for row in rows], moment)
    away = _on_leave(employments, moment.now)
    return [Line(*row, standings[row[0]], row[0] in away, waiting.get(row[1], 0)) for row in rows]


def chosen_of(lines: Iterable[Line], choice: TeamChoice, now: datetime) -> list[Line]:
    """Those of `lines` that `choice` wants, sorted as it says."""
    new_since = None if choice.new_days is None else local_day(now) - timedelta(days=choice.new_days)
    wanted = _wanted(choice, now)
    found = [
        line
        for line in lines
        if (not choice.is_on_leave or line.is_on_leave)
        and (not choice.is_waiting or line.waiting)
        and (new_since is None or line.starts_on >= new_since)
        and (not choice.looks_at_rights or any(wanted.suits(one) for one in line.standings))
    ]
    return _sorted(found, choice.sort)


def counts_of(lines: Iterable[Line], now: datetime) -> TeamCounts:
    """What is said at the top of the page."""
    soon = within(SOON_DAYS, now)
    lines = list(lines)
    return TeamCounts(
        everybody=len(lines),
        allowed=sum(any(one.is_allowed for one in line.concerning) for line in lines),
        denied=sum(line.is_denied for line in lines),
        ending=sum(line.permit_until is not None and line.permit_until <= soon for line in lines),
        on_leave=sum(line.is_on_leave for line in lines),
        waiting=sum(bool(line.waiting) for line in lines),
    )


def within(days: int, now: datetime) -> datetime:
    """The instant at which the last of the next `days` days is over."""
    return day_ends_at(local_day(now) + timedelta(days=days))


def units_to_choose(reach: Reach) -> list[OrganisationUnit]:
    """The units within reach, in the order of the tree; when they are very many, those that have units below."""
    units = list(reach.units().order_by("path")[: MOST_UNITS + 1])
    if len(units) > MOST_UNITS:
        units = list(reach.units().filter(numchild__gt=0).order_by("path")[:MOST_UNITS])
    return units


def _wanted(choice: TeamChoice, now: datetime) -> Wanted:
    outcomes: tuple[Outcome, ...] = tuple(Outcome)
    if choice.outcome == Outcome.ALLOWED:
        outcomes = (Outcome.ALLOWED, Outcome.ALLOWED_WITH_WARNING)
    elif choice.outcome:
        outcomes = (Outcome(choice.outcome),)
    elif choice.missing == ANYTHING:
        outcomes = (Outcome.DENIED,)
    return Wanted(
        outcomes=outcomes,
        right=choice.right,
        permit_ends_by=None if choice.within_days is None else within(choice.within_days, now),
        missing_requirement="" if choice.missing == ANYTHING else choice.missing,
    )


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """`lines`, which come by name, in another order; those that are alike stay by name."""
    if sort == "enhet":
        return sorted(lines, key=lambda line: line.unit.casefold())
    if sort == "gar-ut":
        return sorted(lines, key=lambda line: (line.permit_until is None, line.permit_until or 0))
    if sort == "nya":
        return sorted(lines, key=lambda line: line.starts_on, reverse=True)
    if sort == "saknar":
        return sorted(lines, key=lambda line: -len(line.missing_steps()))
    return lines


def on_leave_among(employment_ids: Iterable[int], at: datetime) -> set[int]:
    """Those of the employments (by primary key) within which a leave, or a bar, holds at `at`. One query."""
    return _on_leave(Employment.objects.filter(pk__in=list(employment_ids)), at)


def _on_leave(employments: QuerySet[Employment], at: datetime) -> set[int]:
    """The primary keys of those of `employments` within which a leave, or a bar, holds at `at`."""
    day = local_day(at)
    ended = Ending.objects.filter(suspension=OuterRef("pk"), takes_effect_at__lte=at)
    in_error = Ending.objects.filter(suspension=OuterRef("pk"), kind=Ending.Kind.CORRECTED)
    return set(
        Suspension.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
            ~Exists(ended),
            ~Exists(in_error),
            starts_on__lte=day,
            employment__in=employments.order_by().values("pk"),
        ).values_list("employment_id", flat=True)
    )
