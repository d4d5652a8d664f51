"""From which day a package's own result counts."""

from datetime import UTC, date, datetime

import pytest

from courses.actions.courses import decide_package_trust
from courses.queries.trust import is_package_trusted
from tests.factories.courses import BUILDER, make_course

pytestmark = pytest.mark.django_db


def decide(course: object, is_trusted: bool, from_on: date) -> None:
    decide_package_trust(course=course, is_trusted=is_trusted, from_on=from_on, reason="Provad", by=BUILDER)  # type: ignore[arg-type]


def test_a12_no_decision_is_no_trust() -> None:
    assert not is_package_trusted(make_course(), datetime(2026, 5, 1, tzinfo=UTC))


def test_a12_a_decision_begins_with_its_local_day() -> None:
    course = make_course()
    decide(course, True, date(2026, 5, 2))
    assert not is_package_trusted(course, datetime(2026, 5, 1, 21, 59, 59, 999_999, tzinfo=UTC))
    assert is_package_trusted(course, datetime(2026, 5, 1, 22, 0, tzinfo=UTC))


def test_a12_of_the_decisions_that_have_begun_the_last_made_holds() -> None:
    course = make_course()
    decide(course, True, date(2026, 1, 1))
    decide(course, False, date(2026, 6, 1))
    assert is_package_trusted(course, datetime(2026, 5, 1, tzinfo=UTC))
    assert not is_package_trusted(course, datetime(2026, 6, 2, tzinfo=UTC))
