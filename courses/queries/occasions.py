"""Occasions as people find them: what somebody may see, with the seats that are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from competence import api as competence
from courses.models import Occasion, OccasionSession, Place
from courses.permissions import is_editor
from courses.queries.places import in_line
from lms.lib.clock import day_ends_at, day_starts_at
from lms.users.models import User, same_person

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Seats(TypedDict):
        taken: int
        waiting: int

    WithSeats = WithAnnotations[Occasion, _Seats]

Viewer = User | AnonymousUser
BY_VIDEO = "video"


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. Days are local, both included; `town` may be BY_VIDEO."""

    course: str = ""
    town: str = ""
    first_day: date | None = None
    last_day: date | None = None
    with_free_seats: bool = False


@dataclass(frozen=True)
class ShownOccasion:
    """An occasion with its sessions, how many seats are taken, how many wait, and the viewer's own place."""

    occasion: Occasion
    sessions: Sequence[OccasionSession]
    taken: int
    waiting: int
    mine: Place | None = field(default=None)

    @property
    def free(self) -> int:
        """The seats that the next to register can have: none while somebody waits."""
        return 0 if self.waiting else max(0, self.occasion.seats - self.taken)

    @property
    def is_open(self) -> bool:
        """Whether one can register now, if only for the waiting list."""
        return self.occasion.is_announced and timezone.now() < self.occasion.registration_ends_at

    @property
    def has_begun(self) -> bool:
        return timezone.now() >= self.occasion.starts_at

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.occasion.ends_at


def occasions_seen_by(viewer: Viewer) -> QuerySet[Occasion]:
    """The occasions whose page `viewer` may open: announced or cancelled ones of published courses.

    A commissioned one is for those who work for the employer, and, like any other, for whoever teaches it or has a
    place. Editors see drafts too.
    """
    occasions = Occasion.objects.select_related("course", "teacher", "commissioned_by", "web_part")
    if not isinstance(viewer, User):
        return occasions.exclude(status=Occasion.Status.DRAFT).filter(
            course__is_published=True, commissioned_by__isnull=True
        )
    if is_editor(viewer):
        return occasions
    mine = Place.objects.filter(same_person(viewer)).exclude(status=Place.Status.CANCELLED)
    units = competence.units_worked_within(viewer, timezone.now())
    own = Q(pk__in=mine.values("occasion")) | same_person(viewer, "teacher")
    open_to = Q(course__is_published=True) & (Q(commissioned_by=None) | Q(commissioned_by__in=units))
    return occasions.exclude(status=Occasion.Status.DRAFT).filter(own | open_to)


def coming_occasions(viewer: Viewer) -> QuerySet[Occasion]:
    """Those that `viewer` can find in the list: announced, and not begun."""
    return occasions_seen_by(viewer).filter(status=Occasion.Status.ANNOUNCED, starts_at__gt=timezone.now())


def wanted_occasions(viewer: Viewer, wanted: Wanted) -> QuerySet[WithSeats]:
    """Of the coming ones, those that fit. Soonest first, with `taken` and `waiting`."""
    found = with_seats(coming_occasions(viewer))
    if wanted.course:
        found = found.filter(course__key=wanted.course)
    if wanted.town == BY_VIDEO:
        found = found.exclude(video_url="")
    elif wanted.town:
        found = found.filter(town=wanted.town)
    if wanted.first_day:
        found = found.filter(ends_at__gte=day_starts_at(wanted.first_day))
    if wanted.last_day:
        found = found.filter(starts_at__lt=day_ends_at(wanted.last_day))
    if wanted.with_free_seats:
        found = found.filter(taken__lt=F("seats"), waiting=0)
    return found.order_by("starts_at", "pk")


def with_seats(occasions: QuerySet[Occasion]) -> QuerySet[WithSeats]:
    """Each with `taken` and `waiting`."""
    return occasions.annotate(
        taken=Count("places", filter=Q(places__status__in=Place.HOLDS_A_SEAT), distinct=True),
        waiting=Count("places", filter=in_line("places__"), distinct=True),
    )


def shown(occasions: Iterable[WithSeats], viewer: Viewer) -> list[ShownOccasion]:
    """The occasions (from `with_seats`) with sessions and the viewer's places, in two queries for all of them."""
    rows = list(occasions)
    sessions: dict[int, list[OccasionSession]] = {row.pk: [] for row in rows}
    for session in OccasionSession.objects.filter(occasion__in=rows):
        sessions[session.occasion_id].append(session)
    mine: dict[int, Place] = {}
    if isinstance(viewer, User):
        places = Place.objects.filter(same_person(viewer), occasion__in=rows)
        mine = {place.occasion_id: place for place in places.exclude(status=Place.Status.CANCELLED)}
    return [
        ShownOccasion(
            occasion=row,
            sessions=sessions[row.pk],
            taken=row.taken,
            waiting=row.waiting,
            mine=mine.get(row.pk),
        )
        for row in rows
    ]


def shown_occasion(viewer: Viewer, public_id: UUID) -> ShownOccasion | None:
    """One occasion as `viewer` may see it; None: it is not there for them."""
    found = with_seats(occasions_seen_by(viewer).filter(public_id=public_id))
    return next(iter(shown(found, viewer)), None)


def own_occasions(person: User) -> list[ShownOccasion]:
    """Those where `person` has a seat or a turn, latest first."""
    places = Place.objects.filter(same_person(person)).exclude(status=Place.Status.CANCELLED)
    found = Occasion.objects.select_related("course", "teacher", "web_part").filter(pk__in=places.values("occasion"))
    return shown(with_seats(found).order_by("-starts_at", "-pk"), person)


def taught_occasions(person: User) -> list[ShownOccasion]:
    """Those that `person` is responsible for, drafts left out, latest first."""
    found = Occasion.objects.select_related("course", "teacher", "web_part").filter(same_person(person, "teacher"))
    return shown(with_seats(found.exclude(status=Occasion.Status.DRAFT)).order_by("-starts_at", "-pk"), person)


def course_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """Key and title of the courses that have something in the list."""
    rows = coming_occasions(viewer).order_by().values_list("course__key", "course__title").distinct()
    return sorted(rows, key=lambda row: row[1])


def town_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """The towns in the list, and by video when some are."""
    rows = list(coming_occasions(viewer).order_by().values_list("town", "video_url").distinct())
    towns = sorted({town for town, _url in rows if town})
    by_video = [(BY_VIDEO, _("By video"))] if any(url for _town, url in rows) else []
    return [*((town, town) for town in towns), *by_video]
