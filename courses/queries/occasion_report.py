"""What was offered and held in a period, counted from the occasions here. What others have counted stands apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Q
from django.utils import timezone

from courses.models import Occasion, OccasionSession, Place, ReportedOccasionFigure
from courses.occasion_words import hours_of
from lms.lib.clock import day_ends_at, day_starts_at, local_day

# An occasion with fewer participants is in no sum that is told to who may not see persons: every figure is then made
# of whole occasions that are large enough, and no difference between two of them shows a smaller one.
SMALLEST_GROUP = 5


class By(StrEnum):
    COURSE = "course"
    TOWN = "town"
    MONTH = "month"
    TERTIAL = "tertial"
    YEAR = "year"


@dataclass(frozen=True)
class ReportQuestion:
    """Days are local, both included: an occasion belongs to the day on which it begins."""

    by: By = By.COURSE
    course: str = ""
    town: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass
class ReportLine:
    """Figures of a course, town or period. Commissioned occasions are counted by themselves, and in nothing else.

    `hours`: of the occasions that were held. `participants`: who were there; those of small occasions are left out and
    the line says so (`hides`) when the reader may not see persons.
    """

    name: str
    announced: int = 0
    cancelled: int = 0
    held: int = 0
    coming: int = 0
    length: timedelta = field(default_factory=timedelta)
    participants: int = 0
    commissioned_held: int = 0
    commissioned_participants: int = 0
    hides: bool = False
    hides_commissioned: bool = False

    @property
    def hours(self) -> Decimal:
        return hours_of(self.length)

    def add(self, other: ReportLine) -> None:
        for name in (
            *("announced", "cancelled", "held", "coming", "length"),
            *("participants", "commissioned_held", "commissioned_participants"),
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.hides |= other.hides
        self.hides_commissioned |= other.hides_commissioned


def occasion_report(question: ReportQuestion, *, may_see_persons: bool) -> tuple[list[ReportLine], ReportLine]:
    """A line for each course, town or period that has something, and the total. Two queries."""
    now = timezone.now()
    found = Occasion.objects.exclude(status=Occasion.Status.DRAFT).select_related("course")
    if question.course:
        found = found.filter(course__key=question.course)
    if question.town:
        found = found.filter(town=question.town)
    if question.first_day:
        found = found.filter(starts_at__gte=day_starts_at(question.first_day))
    if question.last_day:
        found = found.filter(starts_at__lt=day_ends_at(question.last_day))
    rows = list(found.annotate(attended=Count("places", filter=Q(places__status=Place.Status.ATTENDED))))
    lengths: dict[int, timedelta] = {}
    for session in OccasionSession.objects.filter(occasion__in=[row.pk for row in rows if row.ends_at <= now]):
        lengths[session.occasion_id] = lengths.get(session.occasion_id, timedelta()) + session.length
    lines: dict[tuple[str, str], ReportLine] = {}
    total = ReportLine("")
    for row in rows:
        key = _key(row, question.by)
        line = lines.setdefault(key, ReportLine(key[1]))
        one = _counted(row, row.attended, lengths.get(row.pk, timedelta()), is_over=row.ends_at <= now)
        if not may_see_persons and 0 < row.attended < SMALLEST_GROUP:
            one.participants = one.commissioned_participants = 0
            one.hides, one.hides_commissioned = row.commissioned_by_id is None, row.commissioned_by_id is not None
        line.add(one)
        total.add(one)
    return [line for _name, line in sorted(lines.items(), key=lambda pair: pair[0])], total


def report_choices() -> tuple[list[tuple[str, str]], list[str]]:
    """The courses (key, title) and towns that have occasions. Two queries."""
    found = Occasion.objects.exclude(status=Occasion.Status.DRAFT).order_by()
    courses = sorted(found.values_list("course__key", "course__title").distinct(), key=lambda row: row[1])
    towns = sorted(town for town in found.values_list("town", flat=True).distinct() if town)
    return courses, towns


@dataclass(frozen=True)
class ReportedOccasions:
    """What one source says of one period. `by_town`: its cancelled occasions (or another measure) town by town."""

    period_from: date
    period_to: date
    source: str
    recorded_on: date
    totals: list[ReportedOccasionFigure]
    by_town: list[ReportedOccasionFigure]

    @property
    def differences(self) -> list[tuple[ReportedOccasionFigure, int]]:
        """The source's totals that its own towns do not add up to, with what they add up to."""
        sums: dict[str, int] = {}
        for figure in self.by_town:
            sums[figure.measure] = sums.get(figure.measure, 0) + figure.count
        return [(one, sums[one.measure]) for one in self.totals if sums.get(one.measure, one.count) != one.count]


def reported_occasions(question: ReportQuestion | None = None) -> list[ReportedOccasions]:
    """What others have counted, latest period first; of a period that is asked for, what lies wholly within it."""
    figures = ReportedOccasionFigure.objects.order_by("-period_to", "-period_from", "source", "id")
    if question and question.first_day:
        figures = figures.filter(period_from__gte=question.first_day)
    if question and question.last_day:
        figures = figures.filter(period_to__lte=question.last_day)
    groups: dict[tuple[date, date, str], list[ReportedOccasionFigure]] = {}
    for figure in figures:
        groups.setdefault((figure.period_from, figure.period_to, figure.source), []).append(figure)
    return [_statement(key, rows) for key, rows in groups.items()]


def _statement(key: tuple[date, date, str], rows: Iterable[ReportedOccasionFigure]) -> ReportedOccasions:
    order = {measure: place for place, measure in enumerate(ReportedOccasionFigure.Measure.values)}
    ranked = sorted(rows, key=lambda figure: (order[figure.measure], -figure.count, figure.town))
    return ReportedOccasions(
        *key,
        recorded_on=local_day(min(figure.recorded_at for figure in ranked)),
        totals=[figure for figure in ranked if not figure.town],
        by_town=[figure for figure in ranked if figure.town],
    )


def _counted(occasion: Occasion, attended: int, length: timedelta, *, is_over: bool) -> ReportLine:
    """The occasion by itself."""
    is_held = occasion.is_announced and is_over
    if occasion.commissioned_by_id is not None:
        return ReportLine("", commissioned_held=int(is_held), commissioned_participants=attended if is_held else 0)
    return ReportLine(
        "",
        announced=1,
        cancelled=int(occasion.is_cancelled),
        held=int(is_held),
        coming=int(occasion.is_announced and not is_over),
        length=length if is_held else timedelta(),
        participants=attended if is_held else 0,
    )


def _key(occasion: Occasion, by: By) -> tuple[str, str]:
    """By what a line is ordered, and its name: a course's title, a town (empty: by video only), or a first day."""
    day = local_day(occasion.starts_at)
    match by:
        case By.COURSE:
            return (occasion.course.title.casefold(), occasion.course.title)
        case By.TOWN:
            return (occasion.town.casefold() or "\uffff", occasion.town)
        case By.MONTH:
            first = day.replace(day=1)
        case By.TERTIAL:
            first = day.replace(month=(day.month - 1) // 4 * 4 + 1, day=1)
        case By.YEAR:
            first = day.replace(month=1, day=1)
    return (first.isoformat(), first.isoformat())
