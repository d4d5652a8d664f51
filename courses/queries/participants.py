"""An occasion's participants, as their teacher and the organisers meet them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from competence import api as competence
from courses.models import Attendance, Occasion, OccasionSession, Place
from courses.permissions import teaches
from courses.queries.places import web_parts_of
from lms.lib.actors import Actor


@dataclass(frozen=True)
class Mark:
    """A cell of the attendance table. `was_there` None: not noted."""

    session: OccasionSession
    was_there: bool | None

    @property
    def word(self) -> str:
        return {True: "yes", False: "no", None: ""}[self.was_there]

    @property
    def has_begun(self) -> bool:
        return timezone.now() >= self.session.starts_at


@dataclass(frozen=True)
class Participant:
    """`name` and `email` are kept back for a person with protected identity, but from the teacher."""

    place: Place
    name: str
    email: str
    workplaces: Sequence[str]
    web_part_at: datetime | None
    marks: Sequence[Mark]

    @property
    def workplace(self) -> str:
        return ", ".join(self.workplaces)


def participants_of(occasion: Occasion, viewer: Actor) -> list[Participant]:
    """Everybody with a seat or a turn, in the order in which they came. Four queries, five with a web part."""
    places = list(occasion.places.exclude(status=Place.Status.CANCELLED).select_related("person").order_by("turn"))
    people, sessions = [place.person_id for place in places], list(occasion.sessions.all())
    workplaces = competence.workplaces_of(people, timezone.now())
    web_parts = web_parts_of(occasion, people)
    noted: dict[tuple[int, int], bool] = {}
    for mark in Attendance.objects.filter(place__occasion=occasion):
        noted[mark.place_id, mark.session_id] = mark.was_there
    sees_all = teaches(viewer, occasion)
    return [
        Participant(
            place=place,
            name=place.person.full_name if sees_all or not place.person.is_protected else _("Protected identity"),
            email=place.person.email if sees_all or not place.person.is_protected else "",
            workplaces=workplaces.get(place.person_id, []) if sees_all or not place.person.is_protected else [],
            web_part_at=web_parts.get(place.person_id),
            marks=[Mark(session, noted.get((place.pk, session.pk))) for session in sessions],
        )
        for place in places
    ]


def read_marks(data: Mapping[str, str]) -> dict[tuple[UUID, UUID], bool | None]:
    """The attendance in a posted form: fields `m-<place>-<session>` (both in hex) of yes, no or nothing.

    What is not such a field is passed over.
    """
    words = {"yes": True, "no": False, "": None}
    found: dict[tuple[UUID, UUID], bool | None] = {}
    for name, value in data.items():
        parts = name.split("-")
        if len(parts) == 3 and parts[0] == "m" and value in words:
            try:
                found[UUID(parts[1]), UUID(parts[2])] = words[value]
            except ValueError:
                continue
    return found
