"""Everybody who may use a right."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from competence.models.machine_client import Scope
from competence.models.organisation_unit import OrganisationUnit
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.changes import Sight
from competence.queries.eligibility import Moment, current_moment
from competence.queries.holders import Wanted, holders_of_right
from competence.queries.rules import current_rule_book
from competence.rest_api.auth import Caller, OAuth2, caller_of, count_answers
from competence.rest_api.conditional import conditional, weak_tag
from competence.rest_api.holders_schemas import HoldersOut, HoldersQuery
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem, invalid
from competence.rest_api.questions import read_instant, rules_then
from competence.rest_api.rendering import json_response
from competence.rest_api.schemas import RightKey, parameters_of
from lms.audit.api import record_look_up
from lms.lib.clock import STOCKHOLM

router = Router(tags=["eligibility"])


@router.get(
    "/rights/{right}/holders",
    auth=OAuth2(Scope.ELIGIBILITY_READ, parameters_of(HoldersQuery)),
    response=HoldersOut,
    operation_id="list_right_holders",
    summary=_("Who may use this right?"),
    description=_(
        "Everybody who may, with or without a warning, by HSA-ID, in pages; each row is what the single check answers. "
        "A page may be short, or empty, though there are more: go on until `next` is null. Each page is of its own "
        "moment; to miss nothing, take a cursor of the change feed first, and follow the feed from there."
    ),
    openapi_extra=tells("unknown_right", "no_rules_then", "not_your_right", "unknown_cursor", is_conditional=True),
)
def list_right_holders(request: HttpRequest, right: RightKey, query: Query[HoldersQuery]) -> HttpResponse:
    caller = caller_of(request)
    valid_at = read_instant("valid_at", query.valid_at)
    moment = current_moment()
    book = current_rule_book()
    rules = _rules(right, valid_at, caller, book, moment)
    wanted = Wanted(
        right=right,
        sight=Sight(caller.systems, caller.principals),
        at=valid_at,
        unit=_unit(query.unit),
        after=_read_cursor(query.cursor, right, query),
        limit=query.limit,
    )
    page = holders_of_right(wanted, book, moment)
    people = sorted({holder.person for holder in page.holders})
    answer: dict[str, Any] = {
        "right": right,
        "unit": query.unit,
        "holders": [
            {
                "hsa_id": holder.hsa_id,
                "customer_number": holder.customer_number or None,
                "outcome": holder.outcome.value,
                "valid_until": _instant(holder.valid_until),
            }
            for holder in page.holders
        ],
        "next": None if page.last is None else _cursor(page.last, right, query),
        "valid_at": _instant(valid_at or moment.now),
        "policy_version": rules.version,
        "revision": moment.revision,
    }
    if people:
        count_answers(request, len(people))
        record_look_up(
            "list_right_holders",
            by=caller.actor,
            person=None,
            subject=f"right:{right}",
            purpose=caller.purpose,
            unit=query.unit or "",
            valid_at=answer["valid_at"],
            count=len(people),
            people=people,
        )
    constant = {name: value for name, value in answer.items() if name not in {"valid_at", "revision"}}
    return conditional(request, json_response(answer), tag=weak_tag([constant, query.valid_at]))


def _rules(key: str, valid_at: datetime | None, caller: Caller, book: RuleBook, moment: Moment) -> RuleSet:
    """The rules in force then. Raises Problem unless they have the right and it is the caller's to ask about."""
    rules = rules_then(book, moment, valid_at=valid_at, known_at=None)
    right = rules.rights.get(key)
    if right is None:
        raise invalid("right", gettext("There is no right %(right)s.") % {"right": key}, "unknown_right")
    if right.system not in caller.systems:
        raise Problem("not_your_right", gettext("You may not ask about %(right)s.") % {"right": key})
    return rules


def _unit(key: str | None) -> OrganisationUnit | None:
    if key is None:
        return None
    unit: OrganisationUnit | None = None if "\0" in key else OrganisationUnit.objects.filter(key=key).first()
    if unit is None:
        raise invalid("unit", gettext("There is no unit %(unit)s.") % {"unit": key.replace("\0", "")})
    return unit


def _cursor(last: str, right: str, query: HoldersQuery) -> str:
    """The place after the HSA-ID `last` in this very list."""
    text = json.dumps([1, right, query.unit, query.valid_at, last], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, right: str, query: HoldersQuery) -> str:
    """The HSA-ID after which the page begins. Raises Problem for anything but a cursor of this list."""
    if cursor is None:
        return ""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        version, of_right, unit, valid_at, last = json.loads(base64.urlsafe_b64decode(padded))
        is_ours = [version, of_right, unit, valid_at] == [1, right, query.unit, query.valid_at]
        if is_ours and isinstance(last, str) and "\0" not in last and _cursor(last, right, query) == cursor:
            return last
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise invalid("cursor", gettext("This is no cursor of this list. Begin anew, without cursor."), "unknown_cursor")


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(STOCKHOLM).isoformat()
