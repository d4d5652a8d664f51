"""`manage.py load_demo_tests`: the demonstration's people have taken the regional course, or are on their way."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import F
from django.utils import timezone

from competence import api as competence
from competence.data import RecordedCompletion
from courses.actions.examinations import draw_from
from courses.demo.takers import DemoTakersCommand, extras
from courses.lessons.questions import Drawn, Kind, is_right, needed
from courses.models import (
    Attempt,
    Course,
    CourseEdition,
    DrawnQuestion,
    EditionLesson,
    EditionTest,
    Enrolment,
    Examination,
    LessonProgress,
)
from courses.queries.examinations import right_answer
from lms.users.models import User

KEY, SOURCE, PEOPLE = "regional-forskrivare", "demo", 150
ON_THE_WAY = 40


class Command(DemoTakersCommand):
    help = (
        "Give invented people who have completed the regional course the test that they passed, and some of them one "
        "that they did not, and let others have come as far as they came, so that the figures about the course have "
        "something to tell. Leaves a course that has been taken alone. Refuses in production."
    )
    key, kind, seed = KEY, Course.Kind.LESSONS, 2025
    done = "have taken the test", "would have taken the test"

    def people(self, course: Course) -> list[RecordedCompletion]:
        """The completions of so many people, the last of each."""
        completions = competence.recorded_completions(sources=[SOURCE], course_keys=[KEY])
        chosen = {one.person.pk: one for one in completions if one.withdrawn_at is None}
        return list(chosen.values())[:PEOPLE]

    def take(self, course: Course, edition: CourseEdition, people: list[RecordedCompletion], chance: Random) -> None:
        for completion in people:
            _take(course, edition, completion.person, completion.completed_at, chance)
        _come_so_far(course, edition, chance)


def _take(course: Course, edition: CourseEdition, person: User, finished_at: datetime, chance: Random) -> None:
    """The place on the course, the attempt and its tests."""
    enrolment = Enrolment.objects.create(person=person, course=course)
    attempt = Attempt.objects.create(
        person=person,
        enrolment=enrolment,
        edition=edition,
        status=Attempt.Status.PASSED,
        outcome=Attempt.Outcome.COMPLETION,
        finished_at=finished_at,
        closed_at=finished_at,
    )
    hours = 0.5 + 30 * chance.random() ** 3
    go_through(attempt, finished_at - timedelta(hours=hours + 2), list(edition.lessons.all()), hours, chance)
    take_test(attempt, finished_at, chance)


def take_test(attempt: Attempt, finished_at: datetime, chance: Random) -> None:
    """The attempt gets one, two or three tests, of which the last was passed at `finished_at`, and its score."""
    test, knows = attempt.edition.test, 0.55 + 0.4 * chance.random()
    for number in (1, 2, 3):
        at = finished_at - timedelta(minutes=90 * (3 - number))
        right = _examine(attempt, test, number, at, min(1.0, knows + 0.2 * (number - 1)) if number < 3 else 1.0, chance)
        if right is not None:
            attempt.score = (Decimal(100) * right / test.draw_count).quantize(Decimal("0.01"))
            attempt.save(update_fields=["score"])
            return


def go_through(attempt: Attempt, at: datetime, done: list[EditionLesson], hours: float, chance: Random) -> None:
    """The attempt began at `at`, and `done` were gone through within `hours`, each in its share of the time."""
    Attempt.objects.filter(pk=attempt.pk).update(started_at=at)
    attempt.started_at = at
    weights = [lesson.minutes * (0.6 + 0.8 * chance.random()) for lesson in done]
    passed = 0.0
    rows = []
    for lesson, weight in zip(done, weights, strict=True):
        passed += weight
        end = at + timedelta(hours=hours * passed / sum(weights))
        rows.append(LessonProgress(attempt=attempt, lesson=lesson, done_at=end))
    LessonProgress.objects.bulk_create(rows)
    LessonProgress.objects.filter(attempt=attempt).update(opened_at=F("done_at"))


def _come_so_far(course: Course, edition: CourseEdition, chance: Random) -> None:
    """People who have a place, or have come to a lesson: some lately, some long ago, most of these in the same one."""
    lessons = list(edition.lessons.all())
    people = extras().exclude(enrolments__course=course)
    for number, person in enumerate(people.order_by("-pk")[:ON_THE_WAY]):
        enrolment = Enrolment.objects.create(person=person, course=course)
        if number % 5 == 0:
            continue
        done = lessons[: 4 if number % 5 < 3 else chance.randrange(len(lessons) + 1)]
        here = lessons[len(done)].key if len(done) < len(lessons) else lessons[-1].key
        attempt = Attempt.objects.create(person=person, enrolment=enrolment, edition=edition, current_item=here)
        days = chance.randint(35, 90) if number % 5 < 3 else chance.randint(1, 12)
        go_through(attempt, timezone.now() - timedelta(days=days), done, 1.5, chance)


def _examine(
    attempt: Attempt, test: EditionTest, number: int, at: datetime, knows: float, chance: Random
) -> int | None:
    """One test; how many answers were right, if that was enough. Long questions are harder, as they are in life."""
    drawn = draw_from(test, chance)
    answers = [_answer(one, chance.random() < knows - len(one.question.text) / 1500, chance) for one in drawn]
    results = [is_right(one.question, answer) for one, answer in zip(drawn, answers, strict=True)]
    enough = needed(len(drawn), test.pass_percent)
    examination = Examination.objects.create(
        attempt=attempt,
        number=number,
        started_at=at - timedelta(minutes=20),
        submitted_at=at,
        asked=len(drawn),
        needed=enough,
        right=sum(results),
        is_passed=sum(results) >= enough,
    )
    DrawnQuestion.objects.bulk_create(
        DrawnQuestion(
            examination=examination,
            position=position,
            key=one.question.key,
            fingerprint=one.question.fingerprint,
            order={"options": one.options, "prompts": one.prompts},
            answer=answer,
            is_right=result,
        )
        for position, (one, answer, result) in enumerate(zip(drawn, answers, results, strict=True), start=1)
    )
    return sum(results) if sum(results) >= enough else None


def _answer(drawn: Drawn, knows: bool, chance: Random) -> Any:
    """What somebody answers who knows, or guesses."""
    question = drawn.question
    if knows:
        return right_answer(question)
    options = list(range(len(question.options)))
    match question.kind:
        case Kind.SINGLE:
            return chance.choice(options)
        case Kind.MULTIPLE:
            return sorted(chance.sample(options, chance.randint(1, len(options))))
        case Kind.MATCHING:
            return [chance.choice(options) for _prompt in question.prompts]
        case Kind.ORDERING:
            return chance.sample(range(1, len(options) + 1), len(options))
        case Kind.NUMBER:
            assert question.number is not None
            return str(int(question.number) + chance.randint(-3, 3))
