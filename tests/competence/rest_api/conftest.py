from __future__ import annotations

import pytest

from tests.factories.competence import World
from tests.factories.machine_clients import ApiClient, make_api_client


@pytest.fixture
def api(world: World) -> ApiClient:
    """A client for both ordering systems and all principals."""
    return make_api_client()
