"""What a caller says that it looks somebody up for: a word of its own, kept in the look-up log.

A word and no sentence, so that nothing about a patient comes to stand in the log.
"""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.translation import gettext as _

from competence.models.decision_log import ORDERING_CHECK
from competence.rest_api.problems import invalid

HEADER = "Look-Up-Purpose"
# As WSGI names it, for what looks at a request before Django does.
ENVIRON = "HTTP_LOOK_UP_PURPOSE"
WORD = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")


def stated_purpose(request: HttpRequest) -> str:
    """The purpose in the request's header; an ordering check when it says nothing. Raises Problem (400)."""
    stated = request.headers.get(HEADER)
    if stated is None:
        return ORDERING_CHECK
    if not WORD.match(stated):
        raise invalid(HEADER, _("Give the purpose as a word of a to z, 0 to 9 and hyphens, such as ordering-check."))
    return stated
