"""Reminders: at their time, once, only while they are true, and only to those who want them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format

from competence.actions.appointments import revoke_appointment
from competence.actions.authorisations import grant_authorisation
from competence.actions.employments import end_manager_assignment
from competence.actions.rules import publish_rules
from competence.models.ordering_system import OrderingRight
from courses.actions.assignments import assign_course
from courses.actions.courses import withdraw_edition
from courses.actions.occasions import cancel_occasion
from courses.actions.places import cancel_place
from courses.messages import send_waiting
from courses.models import Attempt, CourseAssignment, Enrolment, Message, MessageChoice, OccasionSession
from courses.reminder_words import expiry_words
from courses.reminders import DIGEST, DUE, EXPIRY, LATE, OCCASION, START, UNFINISHED, decent_hour, reminders_due
from courses.tasks import remind
from lms.lib.clock import STOCKHOLM, add_months, local_day
from lms.users.models import User
from tests.factories.certificates import complete
from tests.factories.competence import (
    DEMANDS,
    MOBILITY,
    REGIONAL,
    RULES,
    Prescriber,
    World,
    make_person,
    make_prescriber,
)
from tests.factories.competence import complete as complete_course
from tests.factories.courses import BUILDER, edition_of, make_attempt, make_course, sit_down, write
from tests.factories.lessons import begin, make_lesson_course, read_all_lessons
from tests.factories.occasions import make_occasion, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person(email="person@example.se")


@pytest.fixture(autouse=True)
def _by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run at any hour; what is noted at night is a test of its own."""
    monkeypatch.setattr("courses.reminders.decent_hour", lambda now: None)


def enrolled(person: User, days_ago: float, **course: Any) -> Enrolment:
    enrolment = Enrolment.objects.create(person=person, course=make_course(title="En kurs", **course))
    Enrolment.objects.filter(pk=enrolment.pk).update(enrolled_at=timezone.now() - timedelta(days=days_ago))
    return enrolment


def begun(person: User, days_ago: float) -> Attempt:
    attempt = make_attempt(make_course(title="En kurs"), person)
    write(sit_down(attempt), {"cmi.core.lesson_location": "1"})
    then = timezone.now() - timedelta(days=days_ago)
    Attempt.objects.filter(pk=attempt.pk).update(started_at=then, launched_at=then, last_commit_at=then)
    return attempt


def due(kind: str) -> list[str]:
    return [one.key for one in reminders_due() if one.kind == kind]


def run() -> int:
    remind()
    return send_waiting()


# --- A course that was not begun ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days_ago", "told"), [(6.9, None), (7.1, 7), (20, 7), (21.1, 21), (34, 21), (21 + LATE.days + 1, None)]
)
def test_who_has_a_place_and_has_not_begun_is_told_after_one_and_three_weeks(
    person: User, days_ago: float, told: int | None
) -> None:
    enrolment = enrolled(person, days_ago)
    assert due(START) == ([f"{enrolment.public_id}:{told}"] if told else [])


def test_it_is_told_once_however_often_the_job_runs(person: User, mailoutbox: Any) -> None:
    enrolled(person, 8)
    assert [run(), run(), run()] == [1, 0, 0]
    [message] = mailoutbox
    assert message.to == ["person@example.se"]
    assert message.subject == "Du har en plats på ”En kurs”"
    assert "/konto/paminnelser/" in message.body
    assert '/konto/paminnelser/">Välj vilka påminnelser du får</a>' in message.alternatives[0][0]


@pytest.mark.parametrize("what", ["begun", "completed elsewhere", "withdrawn", "another's"])
def test_it_is_not_told_when_the_thing_is_done(person: User, mailoutbox: Any, what: str) -> None:
    enrolment = enrolled(person, 8)
    assert remind() == 1, "it was due, and is noted"
    if what == "begun":
        make_attempt(enrolment.course, person)
    elif what == "completed elsewhere":
        complete(person, enrolment.course, source="import")
    elif what == "withdrawn":
        withdraw_edition(edition=edition_of(enrolment.course), by=BUILDER)
    else:
        Enrolment.objects.filter(pk=enrolment.pk).update(person=make_person())
        enrolment.course.is_open = False
        enrolment.course.save()
    assert send_waiting() == 0
    assert mailoutbox == []


def test_who_cannot_be_reached_or_will_not_hear_is_not_noted(person: User) -> None:
    enrolled(person, 8)
    enrolled(make_person(email=""), 8)
    enrolled(make_person(email="borta@example.se", is_active=False), 8)
    MessageChoice.objects.create(person=person, topic="start", is_wanted=False)
    assert due(START) == []


def test_a_course_that_cannot_be_begun_reminds_nobody(person: User) -> None:
    enrolled(person, 8, is_published=False)
    assert due(START) == []


# --- A course that was begun ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days_ago", "told"), [(13, None), (14.1, 14), (41, None), (42.1, 42), (60, None)])
def test_who_left_a_course_is_told_after_two_and_six_weeks(person: User, days_ago: float, told: int | None) -> None:
    begun(person, days_ago)
    assert [key.rsplit(":", 1)[1] for key in due(UNFINISHED)] == ([str(told)] if told else [])


def test_who_came_back_and_left_again_is_told_again(person: User, mailoutbox: Any) -> None:
    attempt = begun(person, 15)
    assert [run(), run()] == [1, 0]
    assert mailoutbox[0].subject == "Du har börjat på ”En kurs”"
    Attempt.objects.filter(pk=attempt.pk).update(last_commit_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=True):
        assert due(UNFINISHED) != []


def test_who_finished_meanwhile_is_not_told(person: User, mailoutbox: Any) -> None:
    attempt = begun(person, 15)
    assert remind() == 1
    write(sit_down(attempt), {"cmi.core.lesson_status": "passed"})
    assert send_waiting() == 0


def test_an_editors_preview_reminds_nobody(person: User) -> None:
    attempt = begun(person, 15)
    Attempt.objects.filter(pk=attempt.pk).update(is_preview=True, enrolment=None)
    assert due(UNFINISHED) == []


# --- A course that somebody has assigned ----------------------------------------------------------------------------
def assigned(person: User, days: int) -> Enrolment:
    """To be finished so many days from now; decided a week ago."""
    course, due_on = make_course(title="En kurs"), local_day(timezone.now()) + timedelta(days=days)
    assign_course(course=course, people=[person.pk], due_on=due_on, by=BUILDER)
    CourseAssignment.objects.update(assigned_at=timezone.now() - timedelta(days=7))
    Message.objects.all().delete()  # that they are enrolled
    return Enrolment.objects.get(person=person, course=course)


@pytest.mark.parametrize(("days", "told"), [(8, []), (7, ["7"]), (2, ["7"]), (1, ["1"]), (0, ["1"])])
def test_who_is_to_finish_by_a_day_is_told_a_week_and_a_day_before(person: User, days: int, told: list[str]) -> None:
    assigned(person, days)
    assert [key.rsplit(":", 1)[1] for key in due(DUE)] == told


def test_it_says_by_which_day_and_only_once(person: User, mailoutbox: Any) -> None:
    assigned(person, 7)
    assert [run(), run()] == [1, 0]
    day = date_format(local_day(timezone.now()) + timedelta(days=7), "j F Y")
    assert mailoutbox[0].subject == f"Gör klart ”En kurs” senast {day}"


@pytest.mark.parametrize("what", ["done", "another day"])
def test_who_is_done_or_has_got_another_day_is_not_told(person: User, mailoutbox: Any, what: str) -> None:
    enrolment = assigned(person, 7)
    assert remind() == 1
    if what == "done":
        complete(person, enrolment.course)
    else:
        CourseAssignment.objects.update(due_on=local_day(timezone.now()) + timedelta(days=30))
    assert send_waiting() == 0


def test_who_was_assigned_just_now_has_heard_of_it(person: User) -> None:
    assigned(person, 5)
    CourseAssignment.objects.update(assigned_at=timezone.now())
    assert due(DUE) == []


# --- What expires ---------------------------------------------------------------------------------------------------
def make_expiring(world: World, days: int) -> Prescriber:
    """A prescriber whose ordering right was given until `days` from today (the database's, as decisions go by)."""
    prescriber = make_prescriber(world.clinic, person=make_person(email="person@example.se"), is_authorised=False)
    grant_authorisation(
        employment=prescriber.employment,
        right=OrderingRight.objects.get(key="websesam.health-care"),
        ends_on=local_day(timezone.now()) + timedelta(days=days),
        by=BUILDER,
    )
    return prescriber


@pytest.mark.parametrize(
    ("days", "told"), [(61, []), (60, ["60"]), (31, ["60"]), (30, ["30"]), (8, ["30"]), (7, ["7"]), (0, ["7"])]
)
def test_what_can_be_seen_to_expire_is_told_60_30_and_7_days_before(world: World, days: int, told: list[str]) -> None:
    make_expiring(world, days)
    assert [key.rsplit(":", 1)[1] for key in due(EXPIRY)] == told


def test_it_says_what_holds_until_when_and_what_is_missing_then(world: World, mailoutbox: Any) -> None:
    make_expiring(world, 30)
    assert [run(), run()] == [1, 0]
    [message] = mailoutbox
    day = date_format(local_day(timezone.now()) + timedelta(days=30), "j F Y")
    assert message.subject == f"Din rätt att beställa ändras efter {day}"
    assert f"till och med {day}" in message.body
    assert f"på {world.clinic.name}" in message.body
    assert "Det här ändras då:" in message.body


@pytest.mark.parametrize("grace_days", [0, 90])
def test_a_course_that_runs_out_by_the_rules_is_told_and_taking_it_again_ends_it(
    world: World, mailoutbox: Any, grace_days: int
) -> None:
    publish_with_validity(months=24, grace_days=grace_days)
    today = local_day(timezone.now())
    completed_at = datetime.combine(add_months(today + timedelta(days=30), -24), time(12), STOCKHOLM)
    person = make_person(email="person@example.se")
    prescriber = make_prescriber(world.clinic, person=person, completed_at=completed_at)
    assert [key.rsplit(":", 1)[1] for key in due(EXPIRY)] == ["30"]
    remind()
    [message] = Message.objects.filter(kind=EXPIRY)
    words = expiry_words(message)
    assert words is not None
    assert "Regional" in words.text
    for course in DEMANDS[MOBILITY]["courses"]:
        complete_course(prescriber.person, course, completed_at=timezone.now())
    assert due(EXPIRY) == []
    assert send_waiting() == 0


def publish_with_validity(*, months: int, grace_days: int) -> None:
    """The region's rules, but courses count for so many months, with so many days to take them again."""
    document = json.loads(json.dumps(yaml.safe_load(RULES.read_text(encoding="utf-8")), default=str))
    for requirement in document["requirements"]:
        requirement["validity_months"] = months
        if grace_days:
            requirement["grace_days"] = grace_days
    start = datetime(2023, 6, 1, tzinfo=STOCKHOLM)
    publish_rules(document=document, by=BUILDER, in_force_from=start, reason="Kurser går ut")


@pytest.mark.parametrize("what", ["revoked", "prolonged"])
def test_what_was_seen_to_meanwhile_is_not_told(world: World, mailoutbox: Any, what: str) -> None:
    expiring = make_expiring(world, 30)
    assert remind() == 1
    if what == "revoked":
        assert expiring.appointment is not None
        revoke_appointment(appointment=expiring.appointment, reason="Slutat förskriva", by=world.manager)
    else:
        right = OrderingRight.objects.get(key="websesam.health-care")
        grant_authorisation(employment=expiring.employment, right=right, by=BUILDER)
    assert send_waiting() == 0
    assert Message.objects.get(kind=EXPIRY).dropped_at is not None


def test_nothing_is_told_of_what_does_not_expire(world: World) -> None:
    make_prescriber(world.clinic, person=make_person(email="person@example.se"), courses=(REGIONAL,))
    assert due(EXPIRY) == []


# --- An occasion that is tomorrow -----------------------------------------------------------------------------------
def tomorrow(hour: int = 9) -> datetime:
    day = local_day(timezone.now()) + timedelta(days=1)
    return datetime.combine(day, time(hour), STOCKHOLM)


def test_who_has_a_seat_tomorrow_hears_when_and_where_once(person: User, mailoutbox: Any) -> None:
    place = make_place(make_occasion(begins=tomorrow(), register_by=local_day(timezone.now())), person)
    make_place(make_occasion(begins=tomorrow() + timedelta(days=1)), person)  # the day after
    send_waiting()  # that they are registered
    mailoutbox.clear()
    assert [run(), run()] == [1, 0]
    [message] = mailoutbox
    assert message.subject == f"Påminnelse: {place.occasion.course.title} {date_format(tomorrow(), 'j F')}"
    for words in ("9.00", "Hjälpmedelscentralen, sal 2, Skövde", f"/kurstillfallen/{place.occasion.public_id}/"):
        assert words in message.body


@pytest.mark.parametrize("what", ["the place is given up", "the occasion is cancelled", "it is moved"])
def test_of_an_occasion_that_is_not_to_be_nothing_is_told(person: User, mailoutbox: Any, what: str) -> None:
    place = make_place(make_occasion(begins=tomorrow(), register_by=local_day(timezone.now())), person)
    assert due(OCCASION) == [f"{place.public_id}:{local_day(tomorrow())}"]
    remind()
    if what == "the place is given up":
        cancel_place(place=place, by=person)
    elif what == "the occasion is cancelled":
        cancel_occasion(occasion=place.occasion, reason="Läraren är sjuk", by=BUILDER)
    else:
        OccasionSession.objects.update(starts_at=tomorrow() + timedelta(days=7), ends_at=tomorrow() + timedelta(days=8))
    send_waiting()
    assert [m.subject for m in mailoutbox if m.subject.startswith("Påminnelse")] == []
    assert due(OCCASION) == []


def test_who_waits_in_the_line_is_not_reminded(person: User) -> None:
    occasion = make_occasion(begins=tomorrow(), register_by=local_day(timezone.now()), seats=1)
    first = make_place(occasion)
    make_place(occasion, person)
    assert due(OCCASION) == [f"{first.public_id}:{local_day(tomorrow())}"]


# --- Managers -------------------------------------------------------------------------------------------------------
@pytest.fixture
def manager(world: World) -> User:
    User.objects.exclude(pk=world.manager.pk).update(email="")
    world.manager.email = "chef@example.se"
    world.manager.save()
    return world.manager


def test_a_manager_hears_of_the_team_once_a_week_in_numbers(world: World, manager: User, mailoutbox: Any) -> None:
    lacking = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    make_prescriber(world.municipality, courses=())
    assert [run(), run()] == [1, 0]
    [message] = mailoutbox
    assert message.to == ["chef@example.se"]
    assert message.subject == "Ditt team den här veckan"
    assert "1 person saknar något" in message.body
    assert lacking.person.full_name not in message.body
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=True):
        assert len(due(DIGEST)) == 1


def test_a_manager_with_nothing_to_do_hears_nothing(world: World, manager: User, mailoutbox: Any) -> None:
    assert run() == 0
    assert mailoutbox == []


def test_a24_who_manages_nobody_any_more_hears_nothing(world: World, manager: User, mailoutbox: Any) -> None:
    make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    assert remind() == 1
    end_manager_assignment(assignment=manager.manager_assignments.get(), by=BUILDER)
    assert send_waiting() == 0
    assert due(DIGEST) == []


def test_a_manager_may_choose_not_to_hear(world: World, manager: User) -> None:
    make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    MessageChoice.objects.create(person=manager, topic="digest", is_wanted=False)
    assert due(DIGEST) == []


# --- When, and by hand ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("local", "goes"),
    [
        ("2026-03-04 03:00", "2026-03-04 07:00"),
        ("2026-03-04 06:59", "2026-03-04 07:00"),
        ("2026-03-04 07:00", None),
        ("2026-03-04 17:59", None),
        ("2026-03-04 18:00", "2026-03-05 07:00"),
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # the night when the clocks go forward
    ],
)
def test_nobody_is_woken_by_a_reminder(local: str, goes: str | None) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)

    assert decent_hour(instant(local).astimezone(UTC)) == (instant(goes) if goes else None)


def test_a_dry_run_lists_and_sends_nothing(person: User, mailoutbox: Any) -> None:
    enrolment = enrolled(person, 8)

    def command(*words: str) -> str:
        out = StringIO()
        call_command("send_course_reminders", *words, stdout=out)
        return out.getvalue()

    said = command("--dry-run")
    assert f"{person.username}: reminder.start {enrolment.public_id}:7" in said
    assert not Message.objects.exists()
    assert command() == "reminder.start 1\n1 sent.\n"
    assert command("--dry-run") == "nothing is due\n"


@pytest.mark.parametrize("many", [1, 3])
def test_what_is_due_is_found_in_a_fixed_number_of_queries(many: int, django_assert_num_queries: Any) -> None:
    for _one in range(many):
        enrolled(make_person(email="person@example.se"), 8)
        begun(make_person(email="person@example.se"), 15)
    with django_assert_num_queries(18):
        assert len(list(reminders_due())) == 2 * many


def test_who_reads_lessons_is_somebody_who_is_there(person: User) -> None:
    attempt = begin(make_lesson_course(), person)
    long_ago = timezone.now() - timedelta(days=15)
    Attempt.objects.filter(pk=attempt.pk).update(started_at=long_ago)
    assert len(due(UNFINISHED)) == 1
    read_all_lessons(attempt)
    assert due(UNFINISHED) == []
