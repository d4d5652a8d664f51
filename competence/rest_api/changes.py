"""The change feed: every change of anybody's eligibility, in order."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from competence.feed.background import READERS_SHARE, announce_due
from competence.models.machine_client import Scope
from competence.queries.changes import (
    Changes,
    FeedNotReady,
    SeenChange,
    Sight,
    UnknownCursor,
    changes_after,
    feed_row,
    is_catching_up,
    number_in,
)
from competence.rest_api.auth import Caller, OAuth2, caller_of, count_answers
from competence.rest_api.changes_schemas import FROM_NOW_ON, ChangesOut, ChangesQuery
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem, invalid
from competence.rest_api.rendering import json_response
from competence.rest_api.schemas import parameters_of
from lms.audit.api import record_look_up
from lms.lib.clock import STOCKHOLM

router = Router(tags=["changes"])


@router.get(
    "/changes",
    auth=OAuth2(Scope.ELIGIBILITY_READ, parameters_of(ChangesQuery)),
    response=ChangesOut,
    operation_id="list_changes",
    summary=_("Whose eligibility has changed?"),
    description=_(
        "Every change of anybody's outcome, in order, each at least once: those that facts brought, those that rules "
        "brought, and those that time alone brought, also while nobody asked. Read from the beginning they say how "
        "everybody stands now. Of rights of your ordering systems, and of people whom you may see. A page may be short "
        "though there is more: `has_more` says so."
    ),
    openapi_extra=tells("unknown_cursor", "feed_not_ready"),
)
def list_changes(request: HttpRequest, query: Query[ChangesQuery]) -> HttpResponse:
    caller = caller_of(request)
    announce_due(READERS_SHARE, is_reader=True)
    try:
        row = feed_row()
    except FeedNotReady:
        raise Problem("feed_not_ready", gettext("The feed is being made for the first time. Ask later.")) from None
    if query.after == FROM_NOW_ON:
        page = Changes([], row.events, has_more=False, revision=row.number, feed=row.feed)
    else:
        try:
            number = 0 if query.after is None else number_in(query.after, row)
        except UnknownCursor:
            sentence = gettext("This is no cursor of this feed. Begin anew, without after.")
            raise invalid("after", sentence, "unknown_cursor") from None
        page = changes_after(number, sight_of(caller), query.limit, row=row)
    _note(request, caller, query.after, page)
    return json_response(
        {
            "changes": [change_out(change, page.cursor(change.number)) for change in page.changes],
            "next": page.cursor(),
            "has_more": page.has_more,
            "revision": page.revision,
            "catching_up": is_catching_up(),
        }
    )


def sight_of(caller: Caller) -> Sight:
    """What the caller may see of the feed."""
    return Sight(caller.systems, caller.principals)


def change_out(change: SeenChange, cursor: str) -> dict[str, object]:
    """A change as it is sent, here and by webhooks."""
    asked = {"hsa_id": change.hsa_id, "right": change.right}
    if change.customer_number:
        asked["customer_number"] = change.customer_number
    return {
        "id": cursor,
        "type": "eligibility.changed",
        "hsa_id": change.hsa_id,
        "right": change.right,
        "customer_number": change.customer_number or None,
        "previous": change.previous.value,
        "outcome": change.outcome.value,
        "allowed": change.outcome.is_allowed,
        "at": change.at.astimezone(STOCKHOLM).isoformat(),
        "recorded_at": change.recorded_at.astimezone(STOCKHOLM).isoformat(),
        "revision": change.revision,
        "policy_version": change.policy_version,
        "cause": change.cause,
        "url": f"{settings.BASE_URL}/api/v1/eligibility?{urlencode(asked)}",
    }


def _note(request: HttpRequest, caller: Caller, after: str | None, page: Changes) -> None:
    """Count everybody named against the quota, and log that they were looked up: one row for the page."""
    people = sorted({change.person for change in page.changes})
    if not people:
        return
    count_answers(request, len(people))
    record_look_up(
        "list_changes",
        by=caller.actor,
        person=None,
        purpose=caller.purpose,
        after=after or "",
        next=page.cursor(),
        count=len(people),
        people=people,
    )
