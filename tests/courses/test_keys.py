"""Keys of courses and the addresses of other pages do not stand in each other's way."""

from __future__ import annotations

import pytest

from courses.actions.keys import RESERVED, require_free_key
from courses.urls import urlpatterns
from lms.lib.errors import Refusal
from tests.factories.courses import make_course


def test_every_word_that_stands_where_a_key_does_is_reserved() -> None:
    routes = [str(pattern.pattern).split("/") for pattern in urlpatterns]
    beside = {route[0] for route in routes if len(route) > 1 and route[1] == "<slug:key>"}
    words = {route[1] for route in routes if len(route) > 1 and route[0] in beside}
    assert words - {"", "<slug:key>"} == RESERVED


@pytest.mark.django_db
def test_a_key_that_is_taken_or_reserved_is_refused_in_words() -> None:
    with pytest.raises(Refusal, match="upptagen"):
        require_free_key("film")
    with pytest.raises(Refusal, match="redan en kurs"):
        require_free_key(make_course().key)
    require_free_key("en-ny-kurs")
