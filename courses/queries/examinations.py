"""A knowledge test as the learner meets it: its questions without their answers, and afterwards what may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone

from courses.lessons.answers import Field, field_of
from courses.lessons.questions import Drawn, Kind, Question, from_json, is_whole
from courses.models import Attempt, DrawnQuestion, EditionTest, Examination

Feedback = EditionTest.Feedback


def drawn_of(examination: Examination) -> list[tuple[DrawnQuestion, Drawn]]:
    """The examination's questions in their order, each with its row. One query, besides the bank's own."""
    edition = examination.attempt.edition
    bank = _bank(edition.pk, edition.content_sha256)
    return [
        (row, Drawn(bank[row.key], tuple(row.order["options"]), tuple(row.order["prompts"])))
        for row in examination.drawn.all()
    ]


@lru_cache(maxsize=64)
def _bank(edition: int, content: str) -> Mapping[str, Question]:
    """The questions of an edition by their keys, read once in each process: what is frozen never changes."""
    test = EditionTest.objects.get(edition_id=edition)
    return {plain["key"]: from_json(plain) for plain in test.questions}


def fields_of(examination: Examination) -> list[Field]:
    """The questions for the page, with what has been answered so far."""
    return [field_of(drawn, row.position, row.answer) for row, drawn in drawn_of(examination)]


def unanswered(examination: Examination) -> list[int]:
    """The numbers of the questions that have no whole answer yet."""
    return [row.position for row, drawn in drawn_of(examination) if not is_whole(drawn.question, row.answer)]


@dataclass(frozen=True)
class Verdict:
    """What a learner is told of one question afterwards. `answer` and `why` are None where they are not told."""

    number: int
    text: str
    given: Sequence[str]
    is_right: bool
    answer: Sequence[str] | None
    why: str | None
    lesson: str


def verdicts_of(examination: Examination, test: EditionTest) -> list[Verdict]:
    """What `test.feedback` allows to tell. The right answers are told only when the test is passed."""
    if test.feedback == Feedback.NOTHING:
        return []
    tells_all = test.feedback == Feedback.EXPLANATIONS and bool(examination.is_passed)
    return [
        Verdict(
            number=row.position,
            text=drawn.question.text,
            given=in_words(drawn.question, row.answer),
            is_right=bool(row.is_right),
            answer=in_words(drawn.question, right_answer(drawn.question)) if tells_all and not row.is_right else None,
            why=drawn.question.explanation if tells_all else None,
            lesson=drawn.question.lesson,
        )
        for row, drawn in drawn_of(examination)
    ]


def right_answer(question: Question) -> Any:
    """An answer that is right, in the form in which answers are kept."""
    match question.kind:
        case Kind.SINGLE:
            return question.right[0]
        case Kind.MULTIPLE | Kind.MATCHING:
            return list(question.right)
        case Kind.ORDERING:
            return list(range(1, len(question.options) + 1))
        case Kind.NUMBER:
            return f"{question.number:f}".replace(".", ",")


def answer_sheet(question: Question) -> dict[str, Any]:
    """For editors: a question with its right answer, and the others there are to choose."""
    answer = right_answer(question)
    is_choice = question.kind not in {Kind.ORDERING, Kind.NUMBER}
    others = [text for place, text in enumerate(question.options) if is_choice and place not in question.right]
    return {"question": question, "answer": in_words(question, answer), "others": others}


def in_words(question: Question, answer: Any) -> list[str]:
    """An answer as a person reads it; empty when there is none."""
    if answer is None or answer == "":
        return []
    match question.kind:
        case Kind.SINGLE:
            return [question.options[answer]]
        case Kind.MULTIPLE:
            return [question.options[place] for place in answer]
        case Kind.MATCHING:
            return [
                f"{prompt}: {question.options[partner]}"
                for prompt, partner in zip(question.prompts, answer, strict=True)
                if partner is not None
            ]
        case Kind.ORDERING:
            placed = sorted((place, text) for place, text in zip(answer, question.options, strict=True) if place)
            return [f"{place}. {text}" for place, text in placed]
        case Kind.NUMBER:
            return [f"{answer} {question.unit}".strip()]


def open_again_at(attempt: Attempt, test: EditionTest) -> datetime | None:
    """When the next test may be started, if it may not now.

    The tests of all the person's attempts on the course count, so that beginning again gives no more tries.
    """
    if not test.tries_in_a_row or not test.wait_minutes:
        return None
    taken = Examination.objects.filter(attempt__enrolment=attempt.enrolment_id, submitted_at__isnull=False)
    times = sorted(at for at in taken.values_list("submitted_at", flat=True) if at is not None)
    if not times or len(times) % test.tries_in_a_row:
        return None
    opens = times[-1] + timedelta(minutes=test.wait_minutes)
    return opens if opens > timezone.now() else None


def tries_left(attempt: Attempt, test: EditionTest) -> int | None:
    """How many tests are left before one has to wait; None without a limit."""
    if not test.tries_in_a_row or not test.wait_minutes:
        return None
    taken = Examination.objects.filter(attempt__enrolment=attempt.enrolment_id, submitted_at__isnull=False).count()
    return test.tries_in_a_row - taken % test.tries_in_a_row


def lesson_titles(attempt: Attempt) -> Mapping[str, str]:
    """Titles of the edition's lessons by their keys."""
    return dict(attempt.edition.lessons.values_list("key", "title"))
