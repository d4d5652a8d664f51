"""Making, announcing, changing, cancelling and copying occasions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from competence.models.course_reference import CourseReference
from courses.actions.attendance import note_attendance
from courses.actions.occasions import (
    SessionPlan,
    announce_occasion,
    cancel_occasion,
    change_occasion,
    copy_occasion,
    create_occasion,
    plan_of,
    remove_draft,
)
from courses.models import Course, Occasion, Place
from courses.queries.occasions import Wanted, coming_occasions, wanted_occasions
from lms.lib.clock import STOCKHOLM, local_day
from lms.lib.errors import Refusal
from tests.factories.competence import BUILDER, World, make_person, make_prescriber
from tests.factories.courses import make_course, make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_occasion_course, make_place, plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_a_draft_is_for_editors_until_it_is_announced() -> None:
    occasion = make_occasion(is_announced=False)
    assert occasion.status == Occasion.Status.DRAFT
    assert not coming_occasions(make_person()).exists()
    announce_occasion(occasion=occasion, by=make_editor())
    assert coming_occasions(make_person()).get() == occasion


def test_announcing_makes_the_course_known_to_the_rules() -> None:
    course = Course.objects.create(key="lyft", title="Lyft", minutes=1, kind=Course.Kind.OCCASION, level="supplier")
    occasion = create_occasion(course=course, plan=plan(), by=BUILDER)
    assert not CourseReference.objects.filter(key="lyft").exists()
    announce_occasion(occasion=occasion, by=BUILDER)
    assert CourseReference.objects.get(key="lyft").url == "/mina-kurser/lyft/"
    course.refresh_from_db()
    assert course.is_published


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sessions": []}, "at least one session"),
        ({"seats": 0}, "at least one seat"),
        ({"town": ""}, "Say where it is"),
        ({"register_by": date(2999, 1, 1)}, "after the occasion has begun"),
        ({"prerequisites": ["no-such-course"]}, "There is no course with the key no-such-course"),
        ({"commissioned_by": "nobody"}, "There is no employer with the key nobody"),
    ],
)
def test_a_plan_that_cannot_be_held_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        create_occasion(course=make_occasion_course(), plan=replace(plan(), **changes), by=BUILDER)
    assert not Occasion.objects.exists()


def test_sessions_do_not_overlap_and_end_after_they_begin() -> None:
    start = timezone.now() + timedelta(days=9)
    hour = timedelta(hours=1)
    course = make_occasion_course()
    for sessions, said in (
        ([SessionPlan(start, start)], "end after it begins"),
        ([SessionPlan(start, start + 2 * hour), SessionPlan(start + hour, start + 3 * hour)], "at the same time"),
    ):
        with pytest.raises(Refusal, match=said):
            create_occasion(course=course, plan=replace(plan(begins=start), sessions=sessions), by=BUILDER)


def test_a_web_course_has_no_occasions_and_a_web_part_is_one() -> None:
    with pytest.raises(Refusal, match="taken on the web"):
        create_occasion(course=make_course(), plan=plan(), by=BUILDER)
    with pytest.raises(Refusal, match="must be a web course"):
        make_occasion(web_part=make_occasion_course())
    assert make_occasion(web_part=make_course()).web_part is not None


def test_only_those_who_edit_courses_organise() -> None:
    outsider, occasion = make_person(), make_occasion()
    occasion.teacher = outsider
    occasion.save()
    for act in (
        lambda: create_occasion(course=occasion.course, plan=plan(), by=outsider),
        lambda: change_occasion(occasion=occasion, plan=plan(), by=outsider),
        lambda: announce_occasion(occasion=occasion, by=outsider),
        lambda: cancel_occasion(occasion=occasion, reason="x", by=outsider),
        lambda: copy_occasion(occasion=occasion, first_day=date(2030, 1, 1), by=outsider),
        lambda: remove_draft(occasion=occasion, by=outsider),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_fewer_seats_than_are_taken_are_refused() -> None:
    occasion = make_occasion(seats=3)
    for _person in range(2):
        make_place(occasion)
    with pytest.raises(Refusal, match="2 seats are taken"):
        change_occasion(occasion=occasion, plan=plan_of(occasion, seats=1), by=BUILDER)
    assert change_occasion(occasion=occasion, plan=plan_of(occasion, seats=2), by=BUILDER).seats == 2


def test_more_seats_go_to_those_who_wait_in_their_order() -> None:
    occasion = make_occasion(seats=1)
    first, second, third, fourth = (make_place(occasion) for _person in range(4))
    change_occasion(occasion=occasion, plan=plan_of(occasion, seats=3), by=BUILDER)
    found = [Place.objects.get(pk=place.pk).status for place in (first, second, third, fourth)]
    assert found == ["registered", "registered", "registered", "waiting"]


def test_a_moved_occasion_counts_its_revisions_and_keeps_its_sessions_names() -> None:
    occasion = make_occasion(sessions=2)
    [first, second] = occasion.sessions.all()
    moved = plan_of(occasion)
    later = replace(moved.sessions[0], starts_at=first.starts_at + timedelta(hours=1))
    change_occasion(occasion=occasion, plan=replace(moved, sessions=[later, moved.sessions[1]]), by=BUILDER)
    occasion.refresh_from_db()
    assert occasion.revision == 1
    assert {s.public_id for s in occasion.sessions.all()} == {first.public_id, second.public_id}
    assert occasion.starts_at == first.starts_at + timedelta(hours=1)
    change_occasion(occasion=occasion, plan=plan_of(occasion, seats=12), by=BUILDER)
    occasion.refresh_from_db()
    assert occasion.revision == 1


def test_a_session_with_attendance_is_neither_moved_nor_taken_away() -> None:
    occasion = make_held_occasion(people=1, sessions=2)
    session, place = occasion.sessions.all()[0], occasion.places.get()
    note_attendance(occasion=occasion, marks={(place.public_id, session.public_id): True}, by=BUILDER)
    now = plan_of(occasion)
    with pytest.raises(Refusal, match="Attendance is noted"):
        change_occasion(occasion=occasion, plan=replace(now, sessions=now.sessions[1:]), by=BUILDER)
    assert occasion.sessions.count() == 2


def test_a_cancelled_occasion_says_why_and_stays_cancelled() -> None:
    occasion = make_occasion()
    with pytest.raises(Refusal, match="Give the reason"):
        cancel_occasion(occasion=occasion, reason="  ", by=BUILDER)
    cancelled = cancel_occasion(occasion=occasion, reason="Läraren är sjuk", by=BUILDER)
    assert cancelled.cancelled_reason == "Läraren är sjuk"
    assert cancel_occasion(occasion=occasion, reason="Igen", by=BUILDER).cancelled_reason == "Läraren är sjuk"
    with pytest.raises(Refusal, match="cancelled"):
        announce_occasion(occasion=occasion, by=BUILDER)
    with pytest.raises(Refusal, match="cancelled"):
        change_occasion(occasion=occasion, plan=plan(), by=BUILDER)


def test_what_was_held_is_not_cancelled() -> None:
    occasion = make_held_occasion(people=1)
    marks = {(occasion.places.get().public_id, occasion.sessions.get().public_id): True}
    note_attendance(occasion=occasion, marks=marks, by=BUILDER)
    with pytest.raises(Refusal, match="has been held"):
        cancel_occasion(occasion=occasion, reason="x", by=BUILDER)


def test_a_copy_has_the_same_times_of_day_also_across_the_change_to_summer_time() -> None:
    begins = datetime(2027, 3, 16, 9, 0, tzinfo=STOCKHOLM)
    occasion = make_occasion(begins=begins, sessions=2, seats=7, note="Ta med skor", prerequisites=[])
    copy = copy_occasion(occasion=occasion, first_day=date(2027, 4, 6), by=make_editor())
    assert copy.status == Occasion.Status.DRAFT
    times = [s.starts_at.astimezone(STOCKHOLM).isoformat() for s in copy.sessions.all()]
    assert times == ["2027-04-06T09:00:00+02:00", "2027-04-07T09:00:00+02:00"]
    assert (copy.seats, copy.note, copy.register_by) == (7, "Ta med skor", date(2027, 4, 4))
    assert not copy.places.exists()


def test_only_a_draft_is_removed() -> None:
    remove_draft(occasion=make_occasion(is_announced=False), by=BUILDER)
    assert not Occasion.objects.exists()
    with pytest.raises(Refusal, match="Only a draft"):
        remove_draft(occasion=make_occasion(), by=BUILDER)


def test_the_list_is_filtered_by_course_place_period_and_free_seats() -> None:
    near = timezone.now() + timedelta(days=10)
    far = near + timedelta(days=60)
    full = make_occasion(begins=near, seats=1, town="Borås")
    make_place(full)
    make_place(full)
    by_video = make_occasion(begins=far, town="", venue="", video_url="https://video.example.se/rum")
    viewer = make_person()

    def found(**wanted: object) -> list[Occasion]:
        return list(wanted_occasions(viewer, Wanted(**wanted)))  # type: ignore[arg-type]

    assert found() == [full, by_video]
    assert found(course=full.course.key) == [full]
    assert found(town="Borås") == [full]
    assert found(town="video") == [by_video]
    assert found(with_free_seats=True) == [by_video]
    assert found(last_day=local_day(near)) == [full]
    assert found(first_day=local_day(near) + timedelta(days=2)) == [by_video]
    make_held_occasion()
    assert len(found()) == 2


def test_a_commissioned_occasion_is_seen_by_those_who_work_for_the_employer(world: World) -> None:
    employee = make_prescriber(world.clinic).person
    occasion = make_occasion(commissioned_by=world.clinic.key, teacher=(teacher := make_person()))
    waiting_elsewhere = make_prescriber(world.municipality).person
    assert [list(coming_occasions(one)) for one in (employee, teacher, make_editor())] == [[occasion]] * 3
    assert not coming_occasions(waiting_elsewhere).exists()
    assert not coming_occasions(make_person()).exists()
