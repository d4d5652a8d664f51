"""Who has a seat at an occasion, who waits, and how a person stands with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from competence import api as competence
from courses.models import Occasion, Place
from lms.users.models import User, same_person


def seats_taken(occasion: Occasion) -> int:
    """How many hold a seat. For deciding about one, ask under the occasion's lock."""
    return occasion.places.filter(status__in=Place.HOLDS_A_SEAT).count()


def in_line(path: str = "") -> Q:
    """The condition that a place (found by `path`) waits for a seat.

    Who may no longer log in neither gets one nor keeps others from it.
    """
    is_there = Q(**{f"{path}person__is_active": True}) | Q(**{f"{path}person__merged_into__is_active": True})
    return Q(**{f"{path}status": Place.Status.WAITING}) & is_there


def line_of(occasion: Occasion) -> QuerySet[Place]:
    """Those who wait, the first one first."""
    return occasion.places.filter(in_line()).select_related("person").order_by("turn")


def place_of(person: User, occasion: Occasion) -> Place | None:
    """The person's seat or turn in the line, if they have one that is not cancelled."""
    return occasion.places.exclude(status=Place.Status.CANCELLED).filter(same_person(person)).first()


def number_in_line(place: Place) -> int:
    """1 for who gets the next seat."""
    return line_of(place.occasion).filter(turn__lte=place.turn).count()


def missing_prerequisites(occasion: Occasion, person: User) -> list[str]:
    """The titles of the courses that the occasion demands and the person has completed neither these nor what counts
    as them."""
    if not occasion.prerequisites:
        return []
    counted = competence.completions_counting_as(occasion.prerequisites, [person.pk]).get(person.pk, {})
    titles = dict(competence.course_titles())
    return [titles.get(key, key) for key in occasion.prerequisites if key not in counted]


def web_parts_of(occasion: Occasion, people: Collection[int]) -> Mapping[int, datetime]:
    """Who of `people` (keys) has done the occasion's part on the web, or what counts as it, and when."""
    if occasion.web_part is None:
        return {}
    key = occasion.web_part.key
    return {pk: found[key] for pk, found in competence.completions_counting_as([key], people).items()}
