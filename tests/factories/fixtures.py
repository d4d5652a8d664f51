"""What many tests begin with."""

import pytest

from tests.factories.competence import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """An organisation under the real rules. Build people into it with `tests.factories.competence.make_prescriber`."""
    return make_world()
