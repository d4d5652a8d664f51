"""Who came, and what follows of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from competence import api as competence
from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion
from courses.actions.attendance import complete_places, note_attendance
from courses.actions.places import cancel_place
from courses.models import Course, Occasion, Place
from courses.tasks import complete_places as the_task
from lms.lib.errors import Refusal
from tests.factories.competence import BUILDER, REGIONAL, complete, make_person, publish_real_rules
from tests.factories.courses import make_course, make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
S = Place.Status


def marks_of(place: Place, *there: bool | None) -> dict[tuple[UUID, UUID], bool | None]:
    sessions = place.occasion.sessions.all()
    return {(place.public_id, s.public_id): mark for s, mark in zip(sessions, there, strict=True)}


def note(occasion: Occasion, place: Place, *there: bool | None) -> list[Place]:
    return note_attendance(occasion=occasion, marks=marks_of(place, *there), by=BUILDER)


def test_who_was_at_every_session_has_completed_the_course() -> None:
    occasion = make_held_occasion(people=1, sessions=2)
    place = occasion.places.get()
    assert note(occasion, place, True, None) == []
    place.refresh_from_db()
    assert place.status == S.REGISTERED
    assert note(occasion, place, True, True) == [place]
    completion = Completion.objects.get()
    assert (completion.person, completion.course.key) == (place.person, occasion.course.key)
    assert (completion.source, completion.source_id) == ("occasion", place.public_id.hex)
    assert completion.completed_at == occasion.ends_at


def test_noting_the_same_again_completes_once() -> None:
    occasion = make_held_occasion(people=1)
    place = occasion.places.get()
    note(occasion, place, True)
    assert note(occasion, place, True) == []
    assert complete_places() == 0
    assert Completion.objects.count() == 1


def test_who_missed_a_session_is_absent_and_has_completed_nothing() -> None:
    occasion = make_held_occasion(people=1, sessions=2)
    place = occasion.places.get()
    assert note(occasion, place, True, False) == []
    place.refresh_from_db()
    assert place.status == S.ABSENT
    assert not Completion.objects.exists()
    assert note(occasion, place, None, True) == []
    place.refresh_from_db()
    assert place.status == S.REGISTERED
    assert note(occasion, place, True, True)


def test_the_part_on_the_web_is_needed_too_and_counts_whenever_it_is_done() -> None:
    web_part = make_course()
    occasion = make_held_occasion(people=2, web_part=web_part)
    before, after = occasion.places.order_by("turn")
    done_at = timezone.now() - timedelta(days=30)

    def do_the_web_part(place: Place, source_id: str) -> None:
        competence.record_completion(
            person=place.person,
            course_key=web_part.key,
            completed_at=done_at,
            source="t",
            source_id=source_id,
            by=BUILDER,
        )

    do_the_web_part(before, "1")
    assert note(occasion, before, True) == [before]
    assert note(occasion, after, True) == []
    after.refresh_from_db()
    assert (after.status, after.completed_at) == (S.ATTENDED, None)
    assert the_task() == 0
    do_the_web_part(after, "2")
    assert the_task() == 1
    assert the_task() == 0
    assert Completion.objects.filter(course__key=occasion.course.key).count() == 2


def test_a_recorded_completion_is_not_taken_back_by_a_mark() -> None:
    occasion = make_held_occasion(people=1)
    place = occasion.places.get()
    note(occasion, place, True)
    with pytest.raises(Refusal, match="already been recorded"):
        note(occasion, place, False)
    place.refresh_from_db()
    assert place.status == S.ATTENDED


def test_a_completion_that_was_withdrawn_lets_the_marks_be_corrected_and_those_yield_a_further_one() -> None:
    occasion = make_held_occasion(people=1)
    place = occasion.places.get()
    for number in (1, 2, 3):
        assert note(occasion, place, True) == [place]
        source_id = place.public_id.hex if number == 1 else f"{place.public_id.hex}:{number}"
        completion = Completion.objects.get(source="occasion", source_id=source_id)
        with pytest.raises(Refusal, match="already been recorded"):
            note(occasion, place, False)
        withdraw_completion(completion=completion, reason="Fel person", by=BUILDER)
        assert complete_places() == 0, "nothing comes back by itself"
        assert note(occasion, place, True) == [], "nor by a mark that was there"
        assert note(occasion, place, False) == []
        place.refresh_from_db()
        assert (place.status, place.completed_at) == (S.ABSENT, None)
    assert Completion.objects.count() == 3, "the withdrawn ones are facts still"
    note(occasion, place, True)
    states = competence.course_states_of(place.person)
    assert states[occasion.course.key].completed_at == occasion.ends_at


def test_marks_are_corrected_though_the_course_was_completed_elsewhere_too() -> None:
    occasion = make_held_occasion(people=1)
    place = occasion.places.get()
    note(occasion, place, True)
    withdraw_completion(completion=Completion.objects.get(), reason="Var inte där", by=BUILDER)
    competence.record_completion(
        person=place.person,
        course_key=occasion.course.key,
        completed_at=occasion.ends_at,
        source="t",
        source_id="1",
        by=BUILDER,
    )
    assert note(occasion, place, False) == []
    place.refresh_from_db()
    assert place.status == S.ABSENT


def test_what_counts_as_the_part_on_the_web_will_do() -> None:
    publish_real_rules()
    web_part = Course.objects.create(key="regional-lmn", title="LMN", minutes=30, kind="lessons", is_published=True)
    occasion = make_held_occasion(people=2, web_part=web_part)
    there, newcomer = occasion.places.order_by("turn")
    complete(there.person, REGIONAL)
    assert note_attendance(
        occasion=occasion, marks={**marks_of(there, True), **marks_of(newcomer, True)}, by=BUILDER
    ) == [there]


def test_attendance_is_noted_when_the_session_has_begun_and_for_those_with_a_seat() -> None:
    coming = make_occasion(seats=1)
    seated, waiting = make_place(coming), make_place(coming)
    with pytest.raises(Refusal, match="once the session has begun"):
        note(coming, seated, True)
    held = make_held_occasion(seats=1)
    make_place(held)
    waiting = make_place(held)
    assert waiting.status == S.WAITING
    with pytest.raises(Refusal, match="no place any more"):
        note(held, waiting, True)


def test_a15_a_mark_for_a_place_at_another_occasion_is_refused_and_nothing_of_the_form_is_kept() -> None:
    occasion, other = make_held_occasion(people=1), make_held_occasion(people=1)
    own, foreign = occasion.places.get(), other.places.get()
    both = {**marks_of(own, True), **marks_of(foreign, True)}
    with pytest.raises(Refusal):
        note_attendance(occasion=occasion, marks=both, by=BUILDER)
    assert not Completion.objects.exists()


def test_the_teacher_and_editors_note_attendance_and_nobody_else() -> None:
    teacher, colleague = make_person(), make_person()
    occasion, theirs = make_held_occasion(people=1, teacher=teacher), make_held_occasion(people=1, teacher=colleague)
    place = occasion.places.get()
    for stranger in (colleague, place.person, make_person()):
        with pytest.raises(PermissionDenied):
            note_attendance(occasion=occasion, marks=marks_of(place, True), by=stranger)
    assert note_attendance(occasion=occasion, marks=marks_of(place, True), by=teacher)
    assert note_attendance(occasion=theirs, marks=marks_of(theirs.places.get(), True), by=make_editor())


def test_who_was_there_does_not_cancel_afterwards() -> None:
    occasion = make_held_occasion(people=1)
    place = occasion.places.get()
    note(occasion, place, True)
    with pytest.raises(Refusal, match="Attendance is noted"):
        cancel_place(place=place, by=BUILDER)
