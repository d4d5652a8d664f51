"""What many tests begin with."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.factories.competence import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """An organisation under the real rules. Build people into it with `tests.factories.competence.make_prescriber`."""
    return make_world()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Sentences as they stand in the code."""
    with translation.override("en"):
        yield
