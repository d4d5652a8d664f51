"""What the demonstration tells of attempts at a package."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from courses.management.commands.load_demo_attempts import EVERYBODY, FINISHED, KEY
from courses.models import Attempt
from courses.queries.funnel import funnel_of
from courses.queries.stuck import stuck_by_cause
from courses.queries.support import attempt_view
from courses.scorm.demo import build_demo_package
from tests.factories.competence import make_person
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_demo_attempts", stdout=out)
    return out.getvalue().strip()


def test_people_have_come_as_far_as_they_came_once() -> None:
    course = make_course(build_demo_package(), key=KEY, is_trusted=True)
    for number in range(EVERYBODY + 3):
        make_person(username=f"kursdeltagare_{number:03d}")

    assert load() == f"{EVERYBODY} people have come as far as they came."
    steps = [step.people or 0 for step in funnel_of(course).steps]
    assert (steps[0], steps[-2], steps[-1]) == (EVERYBODY, FINISHED, FINISHED)
    assert sorted(steps, reverse=True) == steps
    assert len(stuck_by_cause(course, timezone.now())) >= 3
    for attempt in Attempt.objects.select_related("edition__course", "edition__package"):
        assert attempt_view(attempt, timezone.now()).events
    assert load() == "0 people new."
