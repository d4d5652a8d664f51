"""How many come how far at the occasions of a course that have been held, and who of them waits for what."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence import api as competence
from courses.models import Course, Occasion, Place
from courses.queries.figures import Cause, Funnel, StuckLine, Tally, middle, steps_of

NOT_NOTED = Cause(
    gettext_lazy("It was held more than a week ago, and it is not noted whether they came"),
    gettext_lazy("Ask the teacher to note the attendance: nobody completes the course before that."),
)
NO_WEB_PART = Cause(
    gettext_lazy("Were there more than two weeks ago, and have not done the part on the web"),
    gettext_lazy("They may not know that it remains. Remind them."),
)
_NOTED_WITHIN, _DONE_WITHIN = timedelta(days=7), timedelta(days=14)
S = Place.Status


def occasion_funnel_of(course: Course) -> Funnel:
    """People over all occasions that were announced and are over. Five queries at most.

    Who registered at several has come as far as at the best of them.
    """
    now = timezone.now()
    columns = ("person", "status", "occasion__web_part__key", "completed_at", "created_at")
    places = list(_held(course).values_list(*columns))
    everybody = {person for person, *_rest in places}
    seated = {person for person, status, *_rest in places if status in Place.HOLDS_A_SEAT}
    there = [(person, web_part) for person, status, web_part, *_rest in places if status == S.ATTENDED]
    attended = {person for person, _web_part in there}
    completed = {person for person, _status, _web_part, at, _registered in places if at is not None}
    steps = [
        (_("Have registered, with a seat or in the line"), len(everybody), "line cancelled"),
        (_("Had a seat"), len(seated), "absent unnoted"),
        (_("Were at all sessions"), len(attended), "attended"),
    ]
    web_parts = {web_part for _person, web_part in there if web_part}
    if web_parts:
        done = competence.completions_counting_as(web_parts, attended)
        ready = {person for person, web_part in there if not web_part or web_part in done.get(person, {})}
        steps.append((_("Have done the part on the web, too"), len(ready), "ready"))
    steps.append((_("Have completed the course"), len(completed), "completed"))
    # Who was entered afterwards has no time from registering to completion.
    spans = [(at - since).total_seconds() for *_rest, at, since in places if at is not None and at >= since]
    return Funnel(
        steps=steps_of(steps),
        end=len(steps) - 1,
        tallies=[
            Tally(title, sum(status == word for _person, status, *_rest in places), groups=frozenset({group}))
            for title, word, group in (
                (_("Places that were cancelled"), S.CANCELLED, "cancelled"),
                (_("Did not come to all sessions"), S.ABSENT, "absent"),
            )
        ],
        seconds=middle(spans),
        at=now,
        is_empty=not everybody,
    )


def stuck_places(course: Course) -> list[StuckLine]:
    """How many wait for something that ought to have been done by now. Two queries."""
    now, held = timezone.now(), _held(course)
    not_noted = held.filter(status=S.REGISTERED, occasion__ends_at__lt=now - _NOTED_WITHIN).count()
    no_web_part = held.filter(
        status=S.ATTENDED, completed_at=None, occasion__web_part__isnull=False, occasion__ends_at__lt=now - _DONE_WITHIN
    ).count()
    return [StuckLine(cause, count) for cause, count in ((NOT_NOTED, not_noted), (NO_WEB_PART, no_web_part)) if count]


def _held(course: Course) -> QuerySet[Place]:
    return Place.objects.filter(
        occasion__course=course, occasion__status=Occasion.Status.ANNOUNCED, occasion__ends_at__lt=timezone.now()
    )
