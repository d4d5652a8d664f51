"""Evaluations of courses: the questions, the answers, which leave no trace of who gave them, and what came of remarks.

An answer writes no audit row, no event, no time and no log line. It writes every row of its course and period, the
turns of all who finished it then as well as all counts and remarks, in one transaction: so the database's own marks
(transaction, place in the table) are the same for all of them. Nothing is shown, nor mailed, when an answer comes in:
`release_answers` does that once a day, for at least SMALLEST_GROUP answers together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from random import SystemRandom

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from competence import api as competence
from courses.evaluation_questions import (
    Kind,
    Question,
    check_questions,
    checked_answers,
    read_questions,
    written_questions,
)
from courses.messages import note, speaks_of
from courses.models import Course, EvaluationCount, EvaluationForm, EvaluationRemark, EvaluationTurn, Message
from courses.queries.evaluations import form_in_use, period_end, period_to_answer
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.lib.mailing import Words, address_of
from lms.users.models import User

SMALLEST_GROUP = 5
SHEETS = ""
"""The question under which those who answered at all are counted."""
EDIT = "courses.edit_courses"
_random = SystemRandom()


@transaction.atomic
def set_questions(
    *, course: Course, questions: Sequence[Question], is_open: bool, owner: User | None, by: Actor
) -> EvaluationForm:
    """Ask these questions about the course from now on. Answers to questions that keep their key stay with them.

    Raises Refusal for questions that cannot be asked, and for an owner who may not see the answers.
    """
    _require_editor(by)
    check_questions(questions)
    if owner is not None and not owner.has_perm(EDIT):
        raise Refusal(_("The one who is told of remarks must be somebody who edits courses."))
    Course.objects.select_for_update().get(pk=course.pk)
    before = form_in_use(course)
    form = EvaluationForm.objects.create(
        course=course,
        number=before.number + 1 if before else 1,
        questions=written_questions(questions),
        is_open=is_open,
        owner=owner,
    )
    record_write("set_evaluation_questions", by=by, subject=f"course:{course.key}", questions=len(questions))
    return form


@transaction.atomic
def answer_evaluation(*, course: Course, person: User, answers: Mapping[str, str]) -> None:
    """`person` says what they thought of the course, once for the period in which they finished it. For good: it can
    neither be changed nor be found again.

    Raises PermissionDenied for somebody who has not finished it, Refusal when it is closed, when they have answered
    already, and for answers that the questions do not have.
    """
    form = EvaluationForm.objects.select_for_update().filter(course=course).order_by("-number").first()
    if form is None or not form.is_open:
        raise Refusal(_("The evaluation of this course is closed."))
    period = period_to_answer(course, person)
    if period is None:
        raise PermissionDenied("answer about a course that one has not finished")
    questions = read_questions(form.questions)
    given = checked_answers(questions, answers)
    _use_turn(course, period, person.as_one_pk)
    _count(course, period, questions, given)
    _put_among(course, period, [(q.key, given[q.key]) for q in questions if q.kind is Kind.TEXT and q.key in given])


def _use_turn(course: Course, period: date, person: int) -> None:
    """Note that the person has answered, among the turns of all who may: every one of them is written."""
    entitled = competence.people_who_finished(course.key, period, period_end(period)) | {person}
    turns = EvaluationTurn.objects.filter(course=course, period=period)
    new = list(entitled - set(turns.values_list("person_id", flat=True)))
    _random.shuffle(new)
    EvaluationTurn.objects.bulk_create(
        [EvaluationTurn(course=course, period=period, person_id=pk) for pk in new], ignore_conflicts=True
    )
    if turns.filter(person=person, is_used=True).exists():
        raise Refusal(_("You have answered already. Answers cannot be found again, so they cannot be changed either."))
    turns.update(is_used=Case(When(person=person, then=Value(True)), default=F("is_used"), output_field=BooleanField()))


def _count(course: Course, period: date, questions: Sequence[Question], given: Mapping[str, str]) -> None:
    """Add to the counts. All that might be answered have one from the beginning, and all are written."""
    counts = EvaluationCount.objects.filter(course=course, period=period)
    places = [(SHEETS, ""), *((q.key, option) for q in questions for option in q.answers)]
    there = set(counts.values_list("question", "option"))
    EvaluationCount.objects.bulk_create(
        [
            EvaluationCount(course=course, period=period, question=question, option=option)
            for question, option in places
            if (question, option) not in there
        ],
        ignore_conflicts=True,
    )
    chosen = Q(question=SHEETS)
    for question in questions:
        if question.answers and question.key in given:
            chosen |= Q(question=question.key, option=given[question.key])
    counts.update(pending=F("pending") + Case(When(chosen, then=Value(1)), default=Value(0)))


def _put_among(course: Course, period: date, texts: Sequence[tuple[str, str]]) -> None:
    """Put the texts among the others, in an order of chance; all of them are written, also when there is no new one."""
    remarks = EvaluationRemark.objects.select_for_update().filter(course=course, period=period)
    every = list(remarks)
    remarks.delete()
    every += [EvaluationRemark(course=course, period=period, question=key, text=text) for key, text in texts]
    _random.shuffle(every)
    EvaluationRemark.objects.bulk_create(every)


def release_answers() -> int:
    """Let the answers be seen that wait together with at least SMALLEST_GROUP - 1 others; returns of how many courses
    and periods. Owners are told of free texts. Safe to run at any time; meant for once a day, so that the time at which
    something appears tells nothing of who answered last."""
    waiting = EvaluationCount.objects.filter(question=SHEETS, pending__gte=SMALLEST_GROUP)
    return sum(_release(pk, period) for pk, period in waiting.values_list("course_id", "period"))


@transaction.atomic
def _release(course_pk: int, period: date) -> bool:
    form = EvaluationForm.objects.select_for_update().filter(course=course_pk).order_by("-number").first()
    counts = EvaluationCount.objects.filter(course=course_pk, period=period)
    if form is None or not counts.filter(question=SHEETS, pending__gte=SMALLEST_GROUP).exists():
        return False
    counts.update(released=F("released") + F("pending"), pending=0)
    remarks: QuerySet[EvaluationRemark] = EvaluationRemark.objects.filter(course=course_pk, period=period)
    new = remarks.filter(is_released=False).count()
    remarks.update(is_released=True)
    if new and form.owner is not None:
        key = f"{form.course.key}:{local_day(timezone.now()).isoformat()}"
        note(kind="evaluation.remarks", key=key, recipient=form.owner, payload={"course": form.course.key})
    return True


@transaction.atomic
def handle_remark(*, remark: EvaluationRemark, status: str, reply: str, by: Actor) -> EvaluationRemark:
    """Say what became of a remark: done, cannot be done (why), or to be looked at in the next review.

    Raises Refusal for a status that is none, or *cannot be done* without a word why.
    """
    _require_editor(by)
    if status not in EvaluationRemark.Status.values:
        raise Refusal(_("Choose what became of it."))
    if status == EvaluationRemark.Status.CANNOT and not reply.strip():
        raise Refusal(_("Write why it cannot be done."))
    found = EvaluationRemark.objects.select_for_update().get(pk=remark.pk, is_released=True)
    found.status, found.reply = status, reply.strip()[:500]
    found.save(update_fields=["status", "reply"])
    record_write("handle_remark", by=by, subject=f"remark:{found.pk}", status=status)
    return found


def _require_editor(by: Actor) -> None:
    if not isinstance(by, Machine) and not by.has_perm(EDIT):
        raise PermissionDenied(EDIT)


@speaks_of("evaluation.remarks")
def words_of_remarks(message: Message) -> Words | None:
    """To the one who looks after a course: there is something new to read. What it says stays behind the log-in."""
    course = Course.objects.filter(key=message.payload["course"]).first()
    if course is None or not message.recipient.has_perm(EDIT):
        return None
    return Words(
        _("New remarks about %(course)s") % {"course": course.title},
        _("Those who took the course have written what could be better. Say what becomes of it."),
        address_of("courses:evaluation_results", course.key),
        _("Read the remarks"),
    )
