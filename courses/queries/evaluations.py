"""Who may answer about a course, and what was answered, as far as it may be told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from competence import api as competence
from courses.evaluation_questions import Question, read_questions
from courses.models import Course, EvaluationCount, EvaluationForm, EvaluationRemark, EvaluationTurn
from lms.lib.clock import add_months, local_day
from lms.users.models import User

MONTHS = 4  # a tertial, as all figures are reported
MONTHS_TO_ANSWER = 12
"""For so long after one has finished a course one may say what one thought of it."""


def period_of(day: date) -> date:
    """The first day of the tertial that `day` lies in."""
    return day.replace(month=(day.month - 1) // MONTHS * MONTHS + 1, day=1)


def period_end(period: date) -> date:
    """The first day after the period."""
    return add_months(period, MONTHS)


def form_in_use(course: Course) -> EvaluationForm | None:
    """The questions that are asked about the course at present."""
    return EvaluationForm.objects.filter(course=course).order_by("-number").first()


def period_to_answer(course: Course, person: User) -> date | None:
    """The period in which the person finished the course last; None when they have not, or too long ago."""
    state = competence.course_states_of(person).get(course.key)
    finished = state and (state.completed_at or state.claimed_at)
    if not finished:
        return None
    day = local_day(finished)
    return period_of(day) if add_months(day, MONTHS_TO_ANSWER) >= local_day(timezone.now()) else None


def may_answer(course: Course, person: User) -> bool:
    """Whether the person may say what they thought of the course, and has not done so. A fixed number of queries."""
    form = form_in_use(course)
    if form is None or not form.is_open:
        return False
    period = period_to_answer(course, person)
    if period is None:
        return False
    used = EvaluationTurn.objects.filter(course=course, period=period, person=person.as_one_pk, is_used=True)
    return not used.exists()


@dataclass(frozen=True)
class Answered:
    """How a question was answered: option, how many, and which share of a hundred."""

    question: Question
    options: tuple[tuple[str, int, int], ...]
    total: int

    @property
    def mean(self) -> float | None:
        """Of a scale; None for others, and where nobody has answered."""
        if self.question.kind != "scale" or not self.total:
            return None
        return sum(int(option) * count for option, count, _share in self.options) / self.total


@dataclass(frozen=True)
class Results:
    """What may be told of the answers about a course in a period (None: all). `sheets`: how many answered; 0 also when
    so few have that nothing is told."""

    period: date | None
    sheets: int
    answered: tuple[Answered, ...]


def periods_with_results(course: Course) -> list[date]:
    """The periods of which something may be told, the latest first."""
    rows = EvaluationCount.objects.filter(course=course, question="", released__gt=0)
    return list(rows.order_by("-period").values_list("period", flat=True))


def results_of(course: Course, period: date | None) -> Results:
    """The released answers. A question that is no longer asked has the words under which it was asked last."""
    rows = EvaluationCount.objects.filter(course=course, released__gt=0)
    if period is not None:
        rows = rows.filter(period=period)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, option, released in rows.values_list("question", "option", "released"):
        counts[key][option] += released
    known: dict[str, Question] = {}
    for form in EvaluationForm.objects.filter(course=course).order_by("-number"):
        for question in read_questions(form.questions):
            known.setdefault(question.key, question)
    answered = []
    for key, question in known.items():
        found = counts.get(key)
        if not found or not question.answers:
            continue
        options = list(dict.fromkeys([*question.answers, *found]))
        total = sum(found.values())
        answered.append(
            Answered(
                question, tuple((o, found.get(o, 0), round(100 * found.get(o, 0) / total)) for o in options), total
            )
        )
    return Results(period, counts[""].get("", 0), tuple(answered))


def remarks_on(course: Course, period: date | None, status: str = "") -> list[tuple[EvaluationRemark, str]]:
    """The released free texts, each with its question, in an order that says nothing: by the text itself."""
    rows = EvaluationRemark.objects.filter(course=course, is_released=True)
    if period is not None:
        rows = rows.filter(period=period)
    if status in EvaluationRemark.Status.values:
        rows = rows.filter(status=status)
    texts: dict[str, str] = {}
    for form in EvaluationForm.objects.filter(course=course).order_by("-number"):
        for question in read_questions(form.questions):
            texts.setdefault(question.key, question.text)
    return [(row, texts.get(row.question, "")) for row in rows.order_by("-period", "question", "text", "pk")]
