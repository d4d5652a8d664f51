"""Courses of lessons, made and published as an editor does it: by Wagtail's pages."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from courses.actions.attempts import enrol, start_attempt
from courses.actions.examinations import start_examination
from courses.actions.lesson_editions import create_lesson_course
from courses.actions.progress import save_lesson
from courses.lessons.answers import name_of
from courses.lessons.questions import Drawn, Kind
from courses.models import Attempt, Course, CoursePage, Examination, LessonPage
from courses.queries.examinations import drawn_of, right_answer
from lms.lib.actors import Machine
from lms.users.models import User
from tests.factories.competence import make_person

BUILDER = Machine("test:builder")
_numbers = itertools.count(1)


def block(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "id": str(uuid.uuid4())}


def _items(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"type": "item", "value": value, "id": str(uuid.uuid4())} for value in values]


def single(text: str = "Vem?", *, right: str = "Hon", wrong: Sequence[str] = ("Han", "De"), **more: Any) -> Any:
    options = [{"text": right, "is_right": True}, *({"text": one, "is_right": False} for one in wrong)]
    return block(
        "single", {"text": text, "options": _items(options), "lesson": None, "explanation": "Så är det.", **more}
    )


def multiple(text: str = "Vilka?", *, right: Sequence[str] = ("A", "B"), wrong: Sequence[str] = ("C",)) -> Any:
    options = [{"text": one, "is_right": one in right} for one in (*right, *wrong)]
    return block("multiple", {"text": text, "options": _items(options), "lesson": None, "explanation": ""})


def matching(text: str = "Vad hör ihop?", pairs: Mapping[str, str] | None = None) -> Any:
    rows = [{"prompt": prompt, "partner": one} for prompt, one in (pairs or {"Ett": "1", "Två": "2"}).items()]
    return block(
        "matching", {"text": text, "pairs": _items(rows), "extra": _items(["3"]), "lesson": None, "explanation": ""}
    )


def ordering(text: str = "I vilken ordning?", steps: Sequence[str] = ("Först", "Sedan", "Sist")) -> Any:
    return block("ordering", {"text": text, "steps": _items(steps), "lesson": None, "explanation": ""})


def number(text: str = "Hur många?", *, right: str = "12.5", tolerance: str = "0.5") -> Any:
    value = {"number": right, "tolerance": tolerance, "unit": "st"}
    return block("number", {"text": text, **value, "lesson": None, "explanation": ""})


ALL_KINDS = (single, multiple, matching, ordering, number)


def add_lesson(page: CoursePage, title: str, body: Sequence[Any] = (), *, is_published: bool = True) -> LessonPage:
    lesson = LessonPage(title=title, minutes=5, body=json.dumps(list(body)), live=False)
    page.add_child(instance=lesson)
    revision = lesson.save_revision()
    if is_published:
        revision.publish()
    lesson.refresh_from_db()
    return lesson


def make_lesson_course(
    *, lessons: int = 2, questions: Sequence[Any] | None = None, is_published: bool = True, **settings: Any
) -> Course:
    """A course of so many lessons and, unless `questions` is empty, a test of all the questions."""
    names = {"key", "title", "minutes"} & settings.keys()
    values = {"key": f"lektionskurs-{next(_numbers)}", "title": "En lektionskurs", "minutes": 30}
    values |= {name: settings.pop(name) for name in names}
    course = create_lesson_course(by=BUILDER, **values)  # type: ignore[arg-type]
    page = page_of(course)
    for one in range(1, lessons + 1):
        add_lesson(page, f"Lektion {one}", [block("heading", f"Rubrik {one}"), block("text", "<p>Läs.</p>")])
    bank = [make() for make in ALL_KINDS] if questions is None else list(questions)
    page.questions = json.dumps(bank)
    page.draw_count = settings.pop("draw_count", len(bank))
    for name, value in settings.items():
        setattr(page, name, value)
    revision = page.save_revision()
    if is_published:
        revision.publish()
    course.refresh_from_db()
    return course


def page_of(course: Course) -> CoursePage:
    return CoursePage.objects.get(course=course)


def begin(course: Course, person: User | None = None) -> Attempt:
    person = person or make_person(language="en")
    return start_attempt(enrolment=enrol(person=person, course=course, by=person), by=person)


def read_all_lessons(attempt: Attempt) -> None:
    for lesson in attempt.edition.lessons.all():
        save_lesson(attempt=attempt, lesson=lesson, read=lambda _name: [], is_done=True, by=attempt.person)


def at_the_test(course: Course, person: User | None = None) -> Examination:
    """Somebody who has read all, and has a test before them."""
    attempt = begin(course, person)
    read_all_lessons(attempt)
    return start_examination(attempt=attempt, by=attempt.person)


def form_for(examination: Examination, *, wrong: int = 0) -> dict[str, list[str]]:
    """What the browser sends when all is answered, the first `wrong` of them wrongly."""
    fields: dict[str, list[str]] = {}
    for row, drawn in drawn_of(examination):
        fields |= _fields(drawn, row.position, is_right=row.position > wrong)
    return fields


def _fields(drawn: Drawn, position: int, *, is_right: bool) -> dict[str, list[str]]:
    question, name = drawn.question, name_of(position)
    answer = right_answer(question)
    shown = {own: str(place) for place, own in enumerate(drawn.options)}
    match question.kind:
        case Kind.SINGLE:
            own = answer if is_right else next(one for one in range(len(question.options)) if one != answer)
            return {name: [shown[own]]}
        case Kind.MULTIPLE:
            chosen = answer if is_right else [one for one in range(len(question.options)) if one not in answer]
            return {name: [shown[own] for own in chosen]}
        case Kind.MATCHING:
            turned = answer if is_right else [*answer[1:], answer[0]]
            return {f"{name}-{place}": [shown[turned[own]]] for place, own in enumerate(drawn.prompts)}
        case Kind.ORDERING:
            places = answer if is_right else answer[::-1]
            return {f"{name}-{place}": [str(places[own])] for place, own in enumerate(drawn.options)}
        case Kind.NUMBER:
            return {name: [answer if is_right else "99999"]}


def reader(fields: Mapping[str, Sequence[str]]) -> Any:
    """As a request's `POST.getlist`."""
    return lambda name: list(fields.get(name, []))
