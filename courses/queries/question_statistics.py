"""What a test's questions tell: how hard each is, whether it tells apart those who know, and what is answered.

From the first test that each person handed in: later ones have seen the feedback. Previews are no answers. A question
counts as it is asked now: answers to an earlier wording are left out (`Question.fingerprint`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from courses.lessons.questions import Kind, Question, from_json, is_right
from courses.models import Course, CourseEdition, DrawnQuestion, Examination
from courses.queries.examinations import in_words

FEW = 5  # fewer answers than this say nothing, and might tell of a person
ENOUGH = 20  # from here on a verdict on the question is worth reading
TOO_HARD, TOO_EASY, TELLS_LITTLE = 0.3, 0.95, 0.1


@dataclass(frozen=True)
class Chosen:
    """An answer, or a part of one, and how many gave it."""

    text: str
    count: int
    per_cent: int
    is_right: bool


@dataclass(frozen=True)
class Figures:
    """A question's figures. `right_share` is from 0 to 1; `discrimination` from -1 to 1: the correlation between having
    this one right and the share of the others that were right. None where there are too few answers, or no spread."""

    question: Question
    lesson: str
    answers: int
    right_share: float | None
    discrimination: float | None
    chosen: Sequence[Chosen]

    @property
    def verdict(self) -> str:
        """A word for the page: few, hard, easy, against, little or good."""
        if self.answers < ENOUGH or self.right_share is None:
            return "few"
        if self.discrimination is not None and self.discrimination < 0:
            return "against"
        if self.right_share < TOO_HARD:
            return "hard"
        if self.right_share > TOO_EASY:
            return "easy"
        if self.discrimination is not None and self.discrimination < TELLS_LITTLE:
            return "little"
        return "good"

    @property
    def right_per_cent(self) -> int | None:
        return None if self.right_share is None else round(100 * self.right_share)


@dataclass(frozen=True)
class Statistics:
    """`taken` and `passed` count tests that were handed in, `people` those who did, `at_first` who passed at once."""

    edition: CourseEdition | None
    taken: int
    passed: int
    people: int
    at_first: int
    questions: Sequence[Figures]


def statistics_of(course: Course) -> Statistics:
    """For the course's newest edition. Five queries, however many questions and answers there are."""
    edition = CourseEdition.objects.filter(course=course, published_at__isnull=False).select_related("test").first()
    examinations = list(
        Examination.objects.filter(
            attempt__edition__course=course, attempt__is_preview=False, submitted_at__isnull=False
        )
        .order_by("submitted_at", "pk")
        .values_list("pk", "attempt__person", "is_passed", "right", "asked")
    )
    first: dict[int, tuple[int, bool, int, int]] = {}
    for pk, person, is_passed, right, asked in examinations:
        first.setdefault(person, (pk, bool(is_passed), right or 0, asked))
    scores = {pk: (right, asked) for pk, _passed, right, asked in first.values()}
    return Statistics(
        edition=edition,
        taken=len(examinations),
        passed=sum(bool(row[2]) for row in examinations),
        people=len(first),
        at_first=sum(is_passed for _pk, is_passed, _right, _asked in first.values()),
        questions=_questions(course, edition, scores),
    )


def _questions(course: Course, edition: CourseEdition | None, scores: Mapping[int, tuple[int, int]]) -> list[Figures]:
    if edition is None:
        return []
    titles = dict(edition.lessons.values_list("key", "title"))
    answers: dict[tuple[str, str], list[tuple[int, Any, bool]]] = defaultdict(list)
    rows = DrawnQuestion.objects.filter(
        examination__attempt__edition__course=course,
        examination__attempt__is_preview=False,
        examination__submitted_at__isnull=False,
    ).values_list("key", "fingerprint", "examination", "answer", "is_right")
    for key, fingerprint, examination, answer, was_right in rows.iterator():
        if examination in scores:
            answers[key, fingerprint].append((examination, answer, bool(was_right)))
    questions = [from_json(plain) for plain in edition.test.questions]
    return [
        figures_of(question, titles.get(question.lesson, ""), answers[question.key, question.fingerprint], scores)
        for question in questions
    ]


def figures_of(
    question: Question,
    lesson: str,
    answers: Sequence[tuple[int, Any, bool]],
    scores: Mapping[int, tuple[int, int]],
) -> Figures:
    """`answers` are (test, answer, whether it was right); `scores` are (right, asked) of each test. Pure."""
    count = len(answers)
    if count < FEW:
        return Figures(question, lesson, count, None, None, ())
    others = []
    for test, _answer, was_right in answers:
        right, asked = scores[test]
        others.append((right - was_right) / (asked - 1) if asked > 1 else 0.0)
    return Figures(
        question=question,
        lesson=lesson,
        answers=count,
        right_share=sum(was_right for _test, _answer, was_right in answers) / count,
        discrimination=correlation([float(was_right) for _test, _answer, was_right in answers], others),
        chosen=_chosen(question, [answer for _test, answer, _right in answers]),
    )


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Pearson's; with zeros and ones on one side it is the point-biserial. None when one side does not vary."""
    count = len(left)
    mean_left, mean_right = sum(left) / count, sum(right) / count
    spread_left = sqrt(sum((one - mean_left) ** 2 for one in left))
    spread_right = sqrt(sum((one - mean_right) ** 2 for one in right))
    if spread_left < 1e-9 or spread_right < 1e-9:
        return None
    both = sum((one - mean_left) * (two - mean_right) for one, two in zip(left, right, strict=True))
    return both / (spread_left * spread_right)


def _chosen(question: Question, answers: Iterable[Any]) -> list[Chosen]:
    """What was answered, most often first; every option of a choice, also those that nobody took."""
    given = list(answers)
    counts: Counter[str] = Counter()
    right: set[str] = set()
    if question.kind in {Kind.SINGLE, Kind.MULTIPLE}:
        counts = Counter(dict.fromkeys(question.options, 0))
        right = {question.options[place] for place in question.right}
    elif question.kind == Kind.MATCHING:
        right = set(in_words(question, list(question.right)))
    elif question.kind == Kind.ORDERING:
        right = set(in_words(question, list(range(1, len(question.options) + 1))))
    elif question.number is not None:
        right = {text for answer in given for text in in_words(question, answer) if is_right(question, answer)}
    for answer in given:
        counts.update(in_words(question, answer))
    return [
        Chosen(text, count, round(100 * count / len(given)), text in right) for text, count in counts.most_common(12)
    ]
