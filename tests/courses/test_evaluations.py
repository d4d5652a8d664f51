"""What people thought of a course: asked once, told in groups, and nobody's for good."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from competence.actions.completions import offer_completion, record_completion
from competence.models.outbox import OutboxEvent
from courses.actions.evaluations import SMALLEST_GROUP, answer_evaluation, handle_remark, release_answers, set_questions
from courses.evaluation_questions import Kind, Question, standard_questions
from courses.messages import send_waiting
from courses.models import Course, EvaluationCount, EvaluationRemark, EvaluationTurn, Message
from courses.queries.evaluations import may_answer, period_of, periods_with_results, remarks_on, results_of
from lms.audit.models import AuditEvent
from lms.lib.actors import Machine
from lms.lib.clock import add_months, day_starts_at, local_day
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.factories.competence import make_person
from tests.factories.courses import make_course, make_editor

pytestmark = pytest.mark.django_db
BY = Machine("test:builder")
GOOD = Question("bra", Kind.SCALE, "Hur bra var kursen?")
BETTER = Question("battre", Kind.TEXT, "Vad kan bli bättre?")


@pytest.fixture
def course() -> Course:
    course = make_course()
    set_questions(course=course, questions=[GOOD, BETTER], is_open=True, owner=None, by=BY)
    return course


def finish(person: User, course: Course, at: Any = None) -> User:
    record_completion(
        person=person,
        course_key=course.key,
        completed_at=at or timezone.now(),
        source="test",
        source_id=person.public_id.hex,
        by=BY,
    )
    return person


def finisher(course: Course) -> User:
    return finish(make_person(), course)


def answer(course: Course, count: int = 1, **answers: str) -> list[User]:
    people = [finisher(course) for _number in range(count)]
    for person in people:
        answer_evaluation(course=course, person=person, answers=answers or {"bra": "4"})
    return people


def test_one_answers_once_and_only_about_what_one_has_finished(course: Course) -> None:
    person = finisher(course)
    assert may_answer(course, person)
    answer_evaluation(course=course, person=person, answers={"bra": "5"})
    assert not may_answer(course, person)
    with pytest.raises(Refusal, match="svarat"):
        answer_evaluation(course=course, person=person, answers={"bra": "1"})
    with pytest.raises(PermissionDenied):
        answer_evaluation(course=course, person=make_person(), answers={"bra": "1"})
    assert EvaluationCount.objects.get(question="bra", option="5").pending == 1
    assert EvaluationCount.objects.get(question="").pending == 1


def test_who_waits_for_the_managers_word_may_answer_too(course: Course) -> None:
    person = make_person()
    offer_completion(
        person=person, course_key=course.key, completed_at=timezone.now(), source="scorm", source_id="1", by=BY
    )
    assert may_answer(course, person)


def test_after_a_year_nobody_is_asked_any_more(course: Course) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    assert not may_answer(course, finish(make_person(), course, long_ago))


@pytest.mark.parametrize("answers", [{}, {"bra": "6"}, {"bra": " "}, {"battre": "x" * 2_001}, {"okänd": "1"}])
def test_answers_that_the_questions_do_not_have_are_refused(course: Course, answers: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        answer_evaluation(course=course, person=finisher(course), answers=answers)
    assert not EvaluationTurn.objects.filter(is_used=True).exists()


def test_a_closed_evaluation_takes_no_answers(course: Course) -> None:
    set_questions(course=course, questions=[GOOD], is_open=False, owner=None, by=BY)
    person = finisher(course)
    assert not may_answer(course, person)
    with pytest.raises(Refusal):
        answer_evaluation(course=course, person=person, answers={"bra": "1"})


def test_nothing_is_told_before_there_are_five_and_later_ones_wait_for_five_more(course: Course) -> None:
    answer(course, SMALLEST_GROUP - 1, bra="4", battre="Mer om ramper")
    assert release_answers() == 0
    assert (results_of(course, None).sheets, remarks_on(course, None)) == (0, [])
    answer(course, 1, bra="2", battre="Inget")
    assert results_of(course, None).sheets == 0  # only the daily release shows anything
    assert release_answers() == 1
    assert results_of(course, None).sheets == SMALLEST_GROUP
    assert len(remarks_on(course, None)) == SMALLEST_GROUP
    answer(course, SMALLEST_GROUP - 1, bra="1", battre="Sent")
    assert release_answers() == 0
    results = results_of(course, None)
    assert results.sheets == SMALLEST_GROUP
    [answered] = results.answered
    assert {option: count for option, count, _share in answered.options}["1"] == 0
    assert answered.mean == pytest.approx(3.6)
    assert "Sent" not in {remark.text for remark, _question in remarks_on(course, None)}


def test_results_are_told_by_period(course: Course) -> None:
    this, before = period_of(local_day(timezone.now())), add_months(period_of(local_day(timezone.now())), -4)
    answer(course, SMALLEST_GROUP)
    for _number in range(SMALLEST_GROUP):
        person = finish(make_person(), course, day_starts_at(before.replace(day=15)))
        answer_evaluation(course=course, person=person, answers={"bra": "1"})
    assert release_answers() == 2
    assert periods_with_results(course) == [this, before]
    assert results_of(course, None).sheets == 2 * SMALLEST_GROUP
    [answered] = results_of(course, before).answered
    assert answered.mean == 1


# --- Anonymous for good --------------------
def test_no_row_of_an_answer_has_a_person_a_time_a_rising_key_or_a_sheet() -> None:
    for model in (EvaluationCount, EvaluationRemark):
        fields = model._meta.get_fields()
        assert {f.related_model for f in fields if f.is_relation} == {Course}
        assert not [f for f in fields if isinstance(f, models.DateTimeField | models.AutoField)]
        assert isinstance(model._meta.pk, models.UUIDField)
        assert [f.name for f in fields if isinstance(f, models.DateField)] == ["period"]
    turn = EvaluationTurn._meta.get_fields()
    assert not [f for f in turn if isinstance(f, models.DateTimeField | models.AutoField)]


def test_an_answer_leaves_no_audit_row_no_event_no_message_and_no_line_in_the_log(
    course: Course, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    person = finisher(course)
    client.force_login(person)
    session = client.session.session_key
    before = (AuditEvent.objects.count(), OutboxEvent.objects.count(), Message.objects.count())
    seen = User.objects.values().get(pk=person.pk)
    with caplog.at_level(logging.DEBUG):
        sent = client.post(reverse("courses:evaluate", args=[course.key]), {"bra": "3", "battre": "HEMLIGT"})
    assert sent.status_code == 302
    assert EvaluationRemark.objects.get().text == "HEMLIGT"
    assert (AuditEvent.objects.count(), OutboxEvent.objects.count(), Message.objects.count()) == before
    assert User.objects.values().get(pk=person.pk) == seen
    assert client.session.session_key == session
    assert not [r for r in caplog.records if not r.name.startswith(("django.template", "django.db", "asyncio"))]


def test_the_turns_of_all_who_may_answer_are_made_and_written_together(course: Course) -> None:
    people = [finisher(course) for _number in range(6)]
    answer_evaluation(course=course, person=people[3], answers={"bra": "3"})
    assert EvaluationTurn.objects.count() == 6
    assert [turn.person for turn in EvaluationTurn.objects.filter(is_used=True)] == [people[3]]


@pytest.mark.postgres
def test_the_databases_own_marks_are_the_same_for_all_rows(transactional_db: None) -> None:
    """Whichever transaction wrote a row last, it wrote all of them: none can be told to be the latest one's."""
    course = make_course()
    set_questions(course=course, questions=[GOOD, BETTER], is_open=True, owner=None, by=BY)
    people = [finisher(course) for _number in range(8)]
    for number, person in enumerate(people):
        answer_evaluation(course=course, person=person, answers={"bra": "3", "battre": f"text {number}"})
    marks: set[Any] = set()
    with connection.cursor() as cursor:
        for model in (EvaluationTurn, EvaluationCount, EvaluationRemark):
            cursor.execute(f"SELECT DISTINCT xmin::text FROM {model._meta.db_table}")
            marks |= {row[0] for row in cursor.fetchall()}
    assert len(marks) == 1


def test_the_order_in_which_texts_lie_is_not_that_in_which_they_came(course: Course) -> None:
    texts = [f"text {number}" for number in range(9)]
    for text in texts:
        answer(course, battre=text)
    place = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {EvaluationRemark._meta.db_table} ORDER BY {place}")
        lying = [row[0] for row in cursor.fetchall()]
    assert sorted(lying) == texts
    assert lying != texts


def test_what_somebody_rated_and_what_they_wrote_are_not_kept_together(course: Course) -> None:
    answer(course, 1, bra="1", battre="Dåligt")
    answer(course, 1, bra="5", battre="Bra")
    for remark in EvaluationRemark.objects.all():
        assert not {f.name for f in remark._meta.get_fields()} & {"option", "sheet", "answers"}
    assert {c.pending for c in EvaluationCount.objects.filter(question="bra")} == {0, 1}


# --- Editors --------------------
def test_the_owner_is_told_once_a_day_and_says_what_becomes_of_a_remark(course: Course) -> None:
    owner = make_editor()
    owner.email = "agare@example.se"
    owner.save()
    set_questions(course=course, questions=[GOOD, BETTER], is_open=True, owner=owner, by=owner)
    answer(course, SMALLEST_GROUP, battre="<b>Mer</b> om ramper")
    assert not Message.objects.exists()
    release_answers()
    send_waiting()
    [message] = mail.outbox
    assert course.title in message.subject
    assert "ramper" not in message.body
    remark = EvaluationRemark.objects.first()
    assert remark is not None
    with pytest.raises(Refusal):
        handle_remark(remark=remark, status="cannot", reply=" ", by=owner)
    with pytest.raises(PermissionDenied):
        handle_remark(remark=remark, status="done", reply="", by=make_person())
    assert handle_remark(remark=remark, status="next", reply="Våren", by=owner).status == "next"


def test_answers_stay_with_a_question_whose_words_are_mended(course: Course) -> None:
    answer(course, SMALLEST_GROUP, bra="4")
    mended = Question("bra", Kind.SCALE, "Hur bra var utbildningen?")
    set_questions(course=course, questions=[mended], is_open=True, owner=None, by=BY)
    release_answers()
    [answered] = results_of(course, None).answered
    assert (answered.question.text, answered.total) == ("Hur bra var utbildningen?", SMALLEST_GROUP)


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [GOOD, GOOD],
        [Question("x", Kind.TEXT, " ")],
        [Question("x", Kind.CHOICE, "Välj", ("Ja",))],
        [Question("x", Kind.CHOICE, "Välj", ("Ja", "Ja"))],
        [Question(str(n), Kind.TEXT, "?") for n in range(16)],
    ],
)
def test_questions_that_cannot_be_asked_are_refused(course: Course, questions: list[Question]) -> None:
    with pytest.raises(Refusal):
        set_questions(course=course, questions=questions, is_open=True, owner=None, by=BY)


def test_somebody_who_may_not_see_the_answers_is_not_told_of_them(course: Course) -> None:
    with pytest.raises(Refusal):
        set_questions(course=course, questions=[GOOD], is_open=True, owner=make_person(), by=BY)


def test_the_standard_questions_can_be_asked(course: Course) -> None:
    form = set_questions(course=course, questions=standard_questions(), is_open=True, owner=None, by=BY)
    assert form is not None
    assert form.is_open
    assert len(form.questions) == len(standard_questions())


# --- Pages --------------------
def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_course_page_asks_those_who_have_finished(course: Course, client: Client) -> None:
    person = make_person()
    client.force_login(person)
    page = reverse("courses:course", args=[course.key])
    assert "Vad tyckte du om kursen?" not in text_of(client.get(page))
    finish(person, course)
    assert "Vad tyckte du om kursen?" in text_of(client.get(page))
    address = reverse("courses:evaluate", args=[course.key])
    assert "anonyma" in text_of(client.get(address))
    assert client.post(address, {}).status_code == 422
    thanks = client.post(address, {"bra": "4"}, follow=True)
    assert "Tack!" in text_of(thanks)
    assert "Vad tyckte du om kursen?" not in text_of(thanks)
    assert client.get(address).status_code == 302


def test_a15_a_remark_of_another_course_or_one_that_is_not_released_is_not_there(
    course: Course, client: Client
) -> None:
    client.force_login(make_editor())
    answer(course, 1, battre="Nytt")
    remark = EvaluationRemark.objects.get()
    address = reverse("courses:evaluation_remark", args=[course.key, remark.pk])
    assert client.post(address, {}).status_code == 404
    answer(course, SMALLEST_GROUP - 1, battre="Nytt")
    release_answers()
    remark = EvaluationRemark.objects.order_by("pk")[0]
    other = make_course()
    elsewhere = reverse("courses:evaluation_remark", args=[other.key, remark.pk])
    assert client.post(elsewhere, {f"{remark.pk.hex}-status": "done"}).status_code == 404
    here = reverse("courses:evaluation_remark", args=[course.key, remark.pk])
    assert client.post(here, {f"{remark.pk.hex}-status": "cannot"}).status_code == 422
    assert client.post(here, {f"{remark.pk.hex}-status": "done"}).status_code == 302
    remark.refresh_from_db()
    assert remark.status == "done"


def test_questions_are_written_on_the_page(client: Client) -> None:
    course, editor = make_course(), make_editor()
    client.force_login(editor)
    results = reverse("courses:evaluation_results", args=[course.key])
    assert "Inga frågor ställs" in text_of(client.get(results))
    address = reverse("courses:evaluation_questions", args=[course.key])
    assert "Hur bra var utbildningen som helhet?" in text_of(client.get(address))
    fields = {
        "fragor-TOTAL_FORMS": "3",
        "fragor-INITIAL_FORMS": "0",
        "fragor-0-text": "Fungerade tekniken?",
        "fragor-0-kind": "choice",
        "fragor-0-options": "Ja\nNej\n",
        "fragor-1-text": "",
        "fragor-1-kind": "scale",
        "fragor-2-text": "Vad saknas?",
        "fragor-2-kind": "text",
        "is_open": "on",
        "owner": str(editor.pk),
    }
    wrong = client.post(address, {**fields, "fragor-0-options": "Ja"})
    assert wrong.status_code == 422
    assert "två till" in text_of(wrong)
    assert client.post(address, fields).status_code == 302
    form = course.evaluation_forms.get()
    assert [(q["kind"], q["options"]) for q in form.questions] == [("choice", ["Ja", "Nej"]), ("text", [])]
    assert form.owner == editor


def test_outsiders_and_colleagues_are_refused(course: Course, client: Client) -> None:
    colleague, outsider = finisher(course), make_person()
    pages = ("evaluation_results", "evaluation_questions")
    for person in (colleague, outsider):
        client.force_login(person)
        for page in pages:
            assert client.get(reverse(f"courses:{page}", args=[course.key])).status_code == 403
    client.force_login(outsider)
    address = reverse("courses:evaluate", args=[course.key])
    assert client.post(address, {"bra": "1"}).status_code == 302
    assert not EvaluationTurn.objects.exists()
    assert client.get(reverse("courses:evaluate", args=["finns-inte"])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_results_ask_a_fixed_number_of_questions(
    course: Course, client: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        set_questions(course=course, questions=[GOOD, BETTER], is_open=True, owner=None, by=BY)
        answer(course, SMALLEST_GROUP, bra="4", battre=f"Text {number}")
    release_answers()
    client.force_login(make_editor())
    address = reverse("courses:evaluation_results", args=[course.key])
    client.get(address)
    with django_assert_num_queries(13):
        client.get(address)


def test_the_texts_that_come_with_the_product_are_there() -> None:
    assert Path("courses/data_files/evaluation.yaml").is_file()
    assert period_of(date(2026, 12, 31)) == date(2026, 9, 1)
