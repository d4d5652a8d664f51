"""What the launcher hands to a part as it starts, asked for as a browser would."""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.test import Client

from courses.models import Attempt
from courses.scorm.launcher import launcher_url
from courses.scorm.tokens import Sitting
from tests.factories.courses import sit_down


def config_for(sitting: Sitting) -> dict[str, Any]:
    content = Client(headers={"host": settings.CONTENT_ORIGIN.partition("://")[2]})
    found = re.search(rb'<script id="config"[^>]*>(.*?)</script>', content.get(launcher_url(sitting)).content, re.S)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def data_at_next_start(attempt: Attempt, item: str = "") -> dict[str, str]:
    """Sit down to the part anew; what it finds."""
    data: dict[str, str] = config_for(sit_down(attempt, item))["data"]
    return data
