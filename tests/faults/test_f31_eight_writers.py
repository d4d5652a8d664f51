"""Eight learners save at once: on SQLite none of them meets a locked database."""

import threading
from typing import Any

import pytest
from django.db import connection

from courses.models import ScoRuntime
from tests.factories.courses import make_attempt, make_course, sit_down, write

WRITERS, COMMITS = 8, 25


@pytest.mark.django_db(transaction=True)
def test_f31_eight_writers_and_no_database_is_locked() -> None:
    course = make_course()
    sittings = [sit_down(make_attempt(course)) for _writer in range(WRITERS)]
    errors: list[BaseException] = []

    def save_all(sitting: Any) -> None:
        try:
            for number in range(1, COMMITS + 1):
                write(sitting, {"cmi.core.lesson_location": str(number)}, sequence=number)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save_all, args=[sitting]) for sitting in sittings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert {runtime.sequence for runtime in ScoRuntime.objects.all()} == {COMMITS}
