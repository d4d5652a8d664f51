"""A rule document against today's people: a stream of changes, and what they come to. Reads only; writes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Max, Min, Q

from competence.models.appointment import Appointment
from competence.models.authorisation import Authorisation
from competence.models.employment import Employment
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.simulation.compare import Change, Plan, changes_of, may_go, plan_simulation
from competence.small_groups import SMALLEST_GROUP
from lms.lib.clock import local_day
from lms.lib.garbage import no_search_for_circles
from lms.lib.side_by_side import side_by_side

CHUNK = 2_000
MOST_ROWS = 20_000
YEAR = timedelta(days=365)


class Stopped(Exception):
    """Somebody asked for the run to be stopped."""


@dataclass(frozen=True, slots=True)
class Row:
    """One change of one person. `employment` and `person` are primary keys."""

    employment: int
    person: int
    unit: str
    change: Change


@dataclass(frozen=True, slots=True)
class Cell:
    """What is counted together. `month`: the first day of the month in which the change begins."""

    kind: str
    right: str
    role: str
    principal: str
    unit: str
    month: str


@dataclass
class Count:
    """How many changes, and the people behind them while they are few."""

    changes: int = 0
    people: set[int] = field(default_factory=set)

    def add(self, person: int) -> None:
        self.changes += 1
        if len(self.people) < SMALLEST_GROUP:
            self.people.add(person)

    def join(self, other: Count) -> None:
        self.changes += other.changes
        self.people = set(sorted(self.people | other.people)[:SMALLEST_GROUP])


@dataclass
class Simulation:
    """What a document would change. `rows` are the first; `counts` count all. `affected`: people by kind of change."""

    plan_start: datetime
    plan_end: datetime
    known_at: datetime
    rights: tuple[str, ...]
    people: int = 0
    rows: list[Row] = field(default_factory=list)
    counts: dict[Cell, Count] = field(default_factory=dict)
    affected: dict[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return sum(count.changes for count in self.counts.values())

    def add(self, rows: Sequence[Row]) -> None:
        """Count the changes of some people, each with all of theirs."""
        kinds: set[tuple[int, str]] = set()
        for row in rows:
            change = row.change
            month = local_day(change.at).replace(day=1).isoformat()
            cell = Cell(change.kind, change.right, change.role, change.principal, row.unit, month)
            self.counts.setdefault(cell, Count()).add(row.person)
            kinds.add((row.person, change.kind))
        for _person, kind in kinds:
            self.affected[kind] = self.affected.get(kind, 0) + 1
        self.rows.extend(rows[: MOST_ROWS - len(self.rows)])

    def join(self, other: Simulation) -> None:
        """Add what another process found about other people."""
        self.people += other.people
        for cell, count in other.counts.items():
            self.counts.setdefault(cell, Count()).join(count)
        for kind, number in other.affected.items():
            self.affected[kind] = self.affected.get(kind, 0) + number
        self.rows.extend(other.rows[: MOST_ROWS - len(self.rows)])


Progress = Callable[[int, int], None]


def simulate(
    draft: RuleSet,
    book: RuleBook,
    *,
    at: datetime,
    moment: Moment,
    horizon: timedelta = YEAR,
    progress: Progress | None = None,
    processes: int = 1,
) -> Simulation:
    """What would change from `at` (or from now, if that is later) and for `horizon` if `draft` took effect then.

    `progress` is told how many of how many people are done (as far as their primary keys tell), and may raise to stop.
    Nothing is written. The facts are those known at `moment`, whatever is written meanwhile.
    """
    start = max(at, moment.now)
    plan = plan_simulation(book, draft, at=at, end=start + horizon, now=moment.now, known_at=moment.known_at)
    found = Simulation(plan.start, plan.end, plan.known_at, plan.rights)
    first, last = _bounds()
    if not plan.rights or first is None or last is None:
        return found
    ranges = [(start, min(start + CHUNK - 1, last)) for start in range(first, last + 1, CHUNK)]
    parts = side_by_side(partial(_part, plan=plan), ranges, min(processes, os.cpu_count() or 1))
    done = 0
    for part in parts:
        found.join(part)
        done += CHUNK
        if progress is not None:
            progress(min(done, last - first + 1), last - first + 1)
    found.rows.sort(key=lambda row: (row.change.at, row.person, row.employment, row.change.right))
    return found


Range = tuple[int, int]
"""Of people, by their primary keys: the first and the last."""


def _bounds() -> tuple[int | None, int | None]:
    found = Employment.objects.aggregate(first=Min("person_id"), last=Max("person_id"))
    return found["first"], found["last"]


def _people(some: Range, plan: Plan) -> list[int]:
    """Those who are employed at some time in between, with an authorisation and a role by which the outcome may be
    another. Three queries, each of this range alone: the database would go through everybody's facts for a condition
    on employments that looks for some of them."""
    first, last = local_day(plan.start), local_day(plan.end)
    rows = Employment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=first),
        starts_on__lte=last,
        person_id__gte=some[0],
        person_id__lte=some[1],
    ).values_list("pk", "person_id", "profession")
    ways = {way for right in plan.rights for way in plan.ways[right]}
    granting = {way.granting for way in ways if way.granting is not None}
    roles = {role for way in ways for role in way.roles}
    employments = list(rows)
    theirs = [employment for employment, _person, _profession in employments]
    held = set(
        Authorisation.objects.filter(employment__in=theirs, right__key__in=granting).values_list(
            "employment_id", "right__key"
        )
    )
    appointed = set(
        Appointment.objects.filter(employment__in=theirs, role__key__in=roles).values_list("employment_id", "role__key")
    )
    return sorted(
        {
            person
            for employment, person, profession in employments
            if any(may_go(employment, profession, way, held, appointed) for way in ways)
        }
    )


def _part(some: Range, plan: Plan) -> Simulation:
    """The changes of some people. Five queries, one of them only when somebody is affected."""
    people = _people(some, plan)
    found: list[tuple[int, Change]] = []
    with no_search_for_circles():
        for person, facts in facts_for(people, plan.courses).items():
            found.extend((person, change) for change in changes_of(facts, plan))
    part = Simulation(plan.start, plan.end, plan.known_at, plan.rights, people=len(people))
    if found:
        keys = {int(change.employment.partition(":")[2]) for _person, change in found}
        known = Employment.objects.filter(pk__in=keys).values_list("pk", "person_id", "unit__key")
        units = {(person, pk): unit for pk, person, unit in known}
        rows = []
        for person, change in found:
            pk = int(change.employment.partition(":")[2])
            if (person, pk) in units:  # of merged records each tells of its own employments
                rows.append(Row(pk, person, units[person, pk], change))
        part.add(rows)
    return part
