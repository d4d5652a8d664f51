"""The knowledge test: drawn, timed and marked on the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from competence.models.completion import Completion, CompletionClaim
from courses.actions.attempts import start_attempt
from courses.actions.courses import unpublish_course, withdraw_edition
from courses.actions.examinations import LENIENCE, save_answers, start_examination, submit_examination
from courses.models import Attempt, DrawnQuestion, Examination
from courses.tasks import settle_examinations
from lms.lib.errors import Refusal
from tests.factories.competence import make_person
from tests.factories.lessons import (
    BUILDER,
    at_the_test,
    begin,
    form_for,
    make_lesson_course,
    read_all_lessons,
    reader,
    single,
)

pytestmark = pytest.mark.django_db


def client_of(attempt: Attempt) -> Client:
    client = Client()
    client.force_login(attempt.person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(examination: Examination) -> str:
    return reverse("courses:examination", args=[examination.attempt.edition.course.key, examination.number])


def hand_in(examination: Examination, *, wrong: int = 0) -> Examination:
    submit_examination(
        examination=examination, read=reader(form_for(examination, wrong=wrong)), by=examination.attempt.person
    )
    return Examination.objects.select_related("attempt__edition__course", "attempt__person").get(pk=examination.pk)


def test_a_passed_test_counts_at_once_without_anybodys_word() -> None:
    examination = hand_in(at_the_test(make_lesson_course()))
    attempt = Attempt.objects.get()

    assert (examination.right, examination.asked, examination.is_passed) == (5, 5, True)
    assert (attempt.status, attempt.outcome) == ("passed", "completion")
    assert attempt.score == 100
    completion = Completion.objects.get()
    assert (completion.source, completion.source_id) == ("lessons", attempt.public_id.hex)
    assert completion.flags == []
    assert not CompletionClaim.objects.exists()


def test_a_failed_test_is_told_and_counts_for_nothing() -> None:
    examination = hand_in(at_the_test(make_lesson_course(pass_percent=80)), wrong=2)
    assert (examination.right, examination.is_passed) == (3, False)
    assert Attempt.objects.get().status == "failed"
    assert not Completion.objects.exists()


@pytest.mark.parametrize(("wrong", "is_passed"), [(1, True), (2, False)])
def test_just_enough_is_enough(wrong: int, is_passed: bool) -> None:
    assert hand_in(at_the_test(make_lesson_course(pass_percent=80)), wrong=wrong).is_passed is is_passed


def test_a12_the_test_opens_when_the_lessons_are_done() -> None:
    attempt = begin(make_lesson_course())
    with pytest.raises(Refusal, match="Gå först igenom alla lektioner"):
        start_examination(attempt=attempt, by=attempt.person)
    client_of(attempt).post(reverse("courses:test", args=[attempt.edition.course.key]))
    assert not Examination.objects.exists()


def test_a12_no_page_of_the_test_holds_an_answer_or_its_explanation() -> None:
    """Of two options, nothing in the page sets the right one apart; and the explanation comes after a passed test."""
    bank = [single(f"Fråga {one}?", right="RÄTT-SVAR", wrong=["FEL-SVAR"]) for one in range(8)]
    for question in bank:
        question["value"]["explanation"] = "HEMLIG-FÖRKLARING"
    examination = at_the_test(make_lesson_course(questions=bank, draw_count=6))
    client = client_of(examination.attempt)
    key = examination.attempt.edition.course.key
    body = client.get(address(examination)).content.decode()

    assert body.count("RÄTT-SVAR") == body.count("FEL-SVAR") == 6
    for page in (body, client.get(reverse("courses:test", args=[key])).content.decode()):
        assert "HEMLIG" not in page
        for question in examination.attempt.edition.test.questions:
            assert question["key"] not in page, "not even its name, which a colleague could have collected answers by"
    orders = [tuple(row.order["options"]) for row in examination.drawn.all()]
    assert set(orders) <= {(0, 1), (1, 0)}

    hand_in(examination, wrong=6)
    body = client.get(address(examination)).content.decode()
    assert "HEMLIG" not in body
    assert "Right answer" not in body, "who has failed is told which were wrong, and not what is right"


def test_a12_the_draw_stays_on_the_server_whatever_is_sent() -> None:
    examination = at_the_test(make_lesson_course(questions=[single(f"F{one}") for one in range(20)], draw_count=4))
    before = list(examination.drawn.values_list("key", "order"))
    client = client_of(examination.attempt)
    client.post(address(examination), {"do": "save", "order": "[0,1,2]", "key": "x", "is_right": "true", "right": "4"})
    start_examination(attempt=examination.attempt, by=examination.attempt.person)

    assert list(examination.drawn.values_list("key", "order")) == before
    assert Examination.objects.count() == 1, "starting again gives the same test and no other questions"


def test_a12_a_browser_cannot_say_that_it_passed() -> None:
    examination = at_the_test(make_lesson_course())
    client = client_of(examination.attempt)
    client.post(
        address(examination),
        {"do": "anyway", "right": "5", "is_passed": "True", "score": "100", "status": "passed", "needed": "0"},
    )
    examination.refresh_from_db()
    assert (examination.right, examination.is_passed) == (0, False)


def test_handing_in_twice_gives_one_result_and_one_completion() -> None:
    examination = at_the_test(make_lesson_course())
    client = client_of(examination.attempt)
    form = form_for(examination) | {"do": ["submit"]}
    first = client.post(address(examination), form)
    at = Examination.objects.get().submitted_at
    second = client.post(address(examination), form_for(examination, wrong=5) | {"do": ["submit"]})

    assert first["Location"] == second["Location"] == address(examination)
    assert Examination.objects.get().submitted_at == at
    assert Examination.objects.get().right == 5
    assert Completion.objects.count() == 1


def test_the_back_button_finds_the_result_and_an_old_form_changes_nothing() -> None:
    examination = at_the_test(make_lesson_course())
    client = client_of(examination.attempt)
    page = client.get(address(examination))
    assert "no-store" in page["Cache-Control"], "the browser asks again when one goes back"
    hand_in(examination, wrong=3)
    before = list(DrawnQuestion.objects.values_list("answer", "is_right"))

    client.post(address(examination), form_for(examination) | {"do": ["save"]})
    assert list(DrawnQuestion.objects.values_list("answer", "is_right")) == before
    assert "Your result" in client.get(address(examination)).content.decode()


def test_unanswered_questions_are_named_before_anything_is_handed_in() -> None:
    examination = at_the_test(make_lesson_course())
    client = client_of(examination.attempt)
    form = form_for(examination)
    missing = examination.drawn.get(position=2)
    form = {name: values for name, values in form.items() if not name.startswith("q2")}
    response = client.post(address(examination), form | {"do": ["submit"]})

    assert response.status_code == 422
    assert "1 question is not answered in full" in response.content.decode()
    assert Examination.objects.get().submitted_at is None
    missing.refresh_from_db()
    client.post(address(examination), form | {"do": ["anyway"]})
    assert Examination.objects.get().right == 4


def test_what_was_saved_is_there_when_one_comes_back() -> None:
    examination = at_the_test(make_lesson_course())
    client = client_of(examination.attempt)
    form = form_for(examination)
    answer = client.post(address(examination), form | {"do": ["save"]}, headers={"X-Autosave": "1"})
    assert answer.json()["saved"] is True

    body = client.get(address(examination)).content.decode()
    assert body.count(" checked") == 1 + 2  # the single choice, and the two of the multiple choice
    assert body.count(" selected") == 2 + 3  # two pairs, three places
    assert "not answered" not in client.post(address(examination), form | {"do": ["submit"]}).content.decode()


def test_the_time_is_over_by_our_clock_and_what_was_saved_is_marked() -> None:
    examination = at_the_test(make_lesson_course(time_limit_minutes=30))
    person = examination.attempt.person
    save_answers(examination=examination, read=reader(form_for(examination, wrong=3)), by=person)
    assert examination.deadline_at is not None
    with time_machine.travel(examination.deadline_at + LENIENCE + timedelta(seconds=1)):
        submit_examination(examination=examination, read=reader(form_for(examination)), by=person)
    late = Examination.objects.get()
    assert (late.right, late.was_overdue) == (2, True)


def test_what_is_on_its_way_at_the_last_second_counts() -> None:
    examination = at_the_test(make_lesson_course(time_limit_minutes=30))
    assert examination.deadline_at is not None
    with time_machine.travel(examination.deadline_at + LENIENCE - timedelta(seconds=5)):
        assert hand_in(examination, wrong=2).right == 3


def test_a_test_that_was_left_is_marked_when_one_comes_back_after_its_time() -> None:
    examination = at_the_test(make_lesson_course(time_limit_minutes=30))
    client = client_of(examination.attempt)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client.force_login(examination.attempt.person, backend="django.contrib.auth.backends.ModelBackend")
        body = client.get(address(examination)).content.decode()
    assert "The time was over" in body
    assert Examination.objects.get().is_passed is False


def test_a_test_that_nobody_comes_back_to_is_marked_all_the_same() -> None:
    examination = at_the_test(make_lesson_course(time_limit_minutes=30))
    still_open, withdrawn = (
        at_the_test(make_lesson_course(time_limit_minutes=30)),
        at_the_test(make_lesson_course(time_limit_minutes=30)),
    )
    save_answers(examination=examination, read=reader(form_for(examination)), by=examination.attempt.person)
    long_ago = timezone.now() - timedelta(hours=1)
    Examination.objects.filter(pk__in=[examination.pk, withdrawn.pk]).update(deadline_at=long_ago)
    withdraw_edition(edition=withdrawn.attempt.edition, by=BUILDER)

    assert settle_examinations() == 1
    assert settle_examinations() == 0
    examination.refresh_from_db()
    assert (examination.right, examination.was_overdue) == (5, True)
    assert Completion.objects.get().person == examination.attempt.person
    assert Examination.objects.get(pk=still_open.pk).submitted_at is None


def test_after_so_many_tries_one_waits() -> None:
    course = make_lesson_course(tries_in_a_row=2, wait_minutes=60)
    examination = at_the_test(course)
    attempt, person = examination.attempt, examination.attempt.person
    hand_in(examination, wrong=5)
    hand_in(start_examination(attempt=attempt, by=person), wrong=5)
    with pytest.raises(Refusal, match="Du kan göra testet igen"):
        start_examination(attempt=attempt, by=person)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert start_examination(attempt=attempt, by=person).number == 3


def test_beginning_the_course_again_gives_no_more_tries() -> None:
    course = make_lesson_course(tries_in_a_row=1, wait_minutes=60)
    examination = at_the_test(course)
    hand_in(examination, wrong=5)
    person = examination.attempt.person
    assert examination.attempt.enrolment is not None
    anew = start_attempt(enrolment=examination.attempt.enrolment, by=person, anew=True)
    read_all_lessons(anew)
    with pytest.raises(Refusal, match="Du kan göra testet igen"):
        start_examination(attempt=anew, by=person)


def test_a_passed_test_is_not_taken_again() -> None:
    examination = hand_in(at_the_test(make_lesson_course()))
    with pytest.raises(Refusal, match="redan klarat testet"):
        start_examination(attempt=examination.attempt, by=examination.attempt.person)


def test_a13_answers_for_another_person_are_refused() -> None:
    examination, other = at_the_test(make_lesson_course()), make_person()
    for action in (save_answers, submit_examination):
        with pytest.raises(PermissionDenied):
            action(examination=examination, read=reader(form_for(examination)), by=other)
    with pytest.raises(PermissionDenied):
        start_examination(attempt=examination.attempt, by=other)


def test_a14_anothers_test_is_as_if_it_were_not_there() -> None:
    course = make_lesson_course()
    examination = at_the_test(course)
    hand_in(examination)
    colleague = begin(course)
    client = client_of(colleague)
    theirs, none = client.get(address(examination)), client.get(address(examination).replace("/1/", "/99/"))
    assert theirs.status_code == none.status_code == 404
    assert client.post(address(examination), {"do": "save"}).status_code == 404


@pytest.mark.parametrize("how", ["closed", "withdrawn", "hidden"])
def test_a13_nothing_is_handed_in_to_a_closed_attempt_or_a_course_that_was_taken_away(how: str) -> None:
    course = make_lesson_course()
    examination = at_the_test(course)
    attempt = examination.attempt
    if how == "closed":
        assert attempt.enrolment is not None
        start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
    elif how == "withdrawn":
        withdraw_edition(edition=attempt.edition, by=BUILDER)
    else:
        unpublish_course(course=course, by=BUILDER)
    with pytest.raises(Refusal, match="Inget mer kan sparas"):
        hand_in(examination)
    assert not Completion.objects.exists()


def test_a45_a_test_is_started_by_a_button_and_handed_in_with_a_token() -> None:
    attempt = begin(make_lesson_course())
    read_all_lessons(attempt)
    client_of(attempt).get(reverse("courses:test", args=[attempt.edition.course.key]))
    assert not Examination.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(attempt.person, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(reverse("courses:test", args=[attempt.edition.course.key])).status_code == 403


@pytest.mark.parametrize(("feedback", "marks", "answers"), [("nothing", 0, 0), ("marks", 5, 0), ("explanations", 5, 1)])
def test_the_feedback_is_what_the_editor_decided(feedback: str, marks: int, answers: int) -> None:
    examination = at_the_test(make_lesson_course(feedback=feedback, pass_percent=60))
    hand_in(examination, wrong=1)
    body = client_of(examination.attempt).get(address(examination)).content.decode()
    assert body.count("You answered") == marks
    assert body.count("Right answer") == answers
    assert ("Så är det." in body) == (feedback == "explanations" and answers == 1 and "Vem?" in body)


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_ask_the_database_as_often_for_three_questions_as_for_one(
    number: int, django_assert_num_queries: Any
) -> None:
    examination = at_the_test(make_lesson_course(questions=[single(f"F{one}") for one in range(number)]))
    client = client_of(examination.attempt)
    client.get(address(examination))
    with django_assert_num_queries(EXAMINATION_QUERIES):
        client.get(address(examination))


EXAMINATION_QUERIES = 11


def test_an_editors_try_is_marked_and_recorded_nowhere() -> None:
    from courses.actions.attempts import start_preview
    from tests.factories.courses import make_editor

    course = make_lesson_course()
    editor = make_editor()
    attempt = start_preview(edition=course.editions.get(), by=editor)
    examination = start_examination(attempt=attempt, by=editor)
    submit_examination(examination=examination, read=reader(form_for(examination)), by=editor)
    attempt.refresh_from_db()
    assert (attempt.status, attempt.finished_at, attempt.outcome) == ("passed", None, "")
    assert not Completion.objects.exists()


def test_a_course_that_ends_in_a_test_takes_no_trust_decision() -> None:
    """What counts here is what the server marked; a decision about packages has no say."""
    course = make_lesson_course()
    assert not course.trust_decisions.exists()
    hand_in(at_the_test(course))
    assert Completion.objects.exists()
