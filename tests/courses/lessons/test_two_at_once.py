"""Two tabs, two servers: the same test is marked once, drawn once and counted once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from competence.models.completion import Completion
from courses.actions.examinations import start_examination, submit_examination
from courses.models import Attempt, Examination
from tests.factories.lessons import at_the_test, begin, form_for, make_lesson_course, read_all_lessons, reader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TABS = 8


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Do it in so many threads, released together; what each came to, errors included."""
    found: list[Any] = [None] * TABS
    gate = threading.Barrier(TABS)

    def tab(number: int) -> None:
        try:
            gate.wait(120)
            found[number] = work(number)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=tab, args=(number,)) for number in range(TABS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    return found


def test_f08_a_test_handed_in_eight_times_at_once_is_marked_and_counted_once() -> None:
    examination = at_the_test(make_lesson_course())
    right, wrong = form_for(examination), form_for(examination, wrong=5)

    def hand_in(number: int) -> Any:
        mine = Examination.objects.select_related("attempt__person", "attempt__edition__course").get(pk=examination.pk)
        return submit_examination(examination=mine, read=reader(right if number % 2 else wrong), by=mine.attempt.person)

    assert at_once(hand_in) == [[]] * TABS
    marked, attempt = Examination.objects.get(), Attempt.objects.get()
    assert marked.right in {0, 5}
    assert attempt.status == ("passed" if marked.right == 5 else "failed")
    assert Completion.objects.count() == (1 if marked.right == 5 else 0)


def test_f08_a_test_started_eight_times_at_once_is_one_test() -> None:
    attempt = begin(make_lesson_course())
    read_all_lessons(attempt)

    def start(number: int) -> int:
        mine = Attempt.objects.select_related("person", "edition__course").get(pk=attempt.pk)
        return start_examination(attempt=mine, by=mine.person).pk

    assert len(set(at_once(start))) == 1
    assert Examination.objects.count() == 1
