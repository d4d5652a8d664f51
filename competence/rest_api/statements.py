"""Answers as signed statements, and the public word on whether one still stands."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from competence.explain import load_names
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import MachineClient
from competence.models.statement import IssuedStatement
from competence.queries.eligibility import Moment
from competence.rest_api import answers
from competence.rest_api.auth import Caller
from competence.rest_api.given import Given
from competence.rest_api.media import wanted_media_type
from competence.rest_api.problems import Problem, handle, invalid
from competence.rest_api.questions import question_in
from competence.rest_api.quotas import Quota, take
from competence.rest_api.rendering import json_response
from competence.statements import CannotSign, sign
from lms.lib.access import public
from lms.lib.clock import STOCKHOLM
from lms.lib.pace import address_of_caller

STATEMENT = "application/jwt"
# What the OpenAPI document says of it.
STATEMENT_MEDIA = {
    "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"},
}
# Each look at a status evaluates anew; whoever polls faster than this learns nothing more.
BY_ADDRESS = Quota("statement-status", 600, 60)
VALID, EXPIRED, SUPERSEDED = "valid", "expired", "superseded"


def wants_statement(request: HttpRequest) -> bool:
    """Whether the caller asks for a signed statement. Raises Problem when it asks about another time than now."""
    if wanted_media_type(request) != STATEMENT:
        return False
    for name in ("valid_at", "known_at"):
        if name in request.GET:
            raise invalid(name, _("A signed statement is about now. Leave %(name)s out.") % {"name": name})
    return True


def statement_response(given: Given, caller: Caller) -> HttpResponse:
    """The answer as a statement to the caller, noted so that its status can be asked for. Raises Problem (503)."""
    try:
        statement = sign(json.loads(given.text), audience=caller.client_id)
    except CannotSign as error:
        raise Problem("unavailable", _("No key can sign just now. Ask for JSON, or again later.")) from error
    IssuedStatement.objects.create(
        decision_id=given.row.decision_id,
        client=MachineClient.objects.get(client_id=caller.client_id),
        key=statement.key,
        expires_at=statement.expires_at,
    )
    return HttpResponse(
        statement.text.encode(), content_type=STATEMENT, headers={"Cache-Control": "no-store", "Vary": "Accept"}
    )


@csrf_exempt  # another method is 405 for everybody
@public
@require_safe
def show_statement_status(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Whether the statement with this `jti` still stands. Names nobody; 404 for one that was never given."""
    try:
        usage = take(BY_ADDRESS, address_of_caller(request))
        response = json_response(_status_of(decision_id))
        response.headers["RateLimit-Policy"], response.headers["RateLimit"] = usage.policy_header, usage.header
    except Exception as error:  # what is no problem to a caller is raised on
        response = handle(request, error)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _status_of(decision_id: UUID) -> answers.Answer:
    issued = IssuedStatement.objects.select_related("key").filter(pk=decision_id).first()
    row = DecisionLog.objects.filter(pk=decision_id).first() if issued else None
    if issued is None or row is None:
        raise Problem("not_found")
    moment = answers.state_for(None).moment
    if moment.now >= issued.expires_at:
        status = EXPIRED
    elif _is_withdrawn(issued, moment) or _outcome_now(row, moment) != row.outcome:
        status = SUPERSEDED
    else:
        status = VALID
    return {
        "jti": str(issued.pk),
        "status": status,
        "expires_at": issued.expires_at.astimezone(STOCKHOLM).isoformat(),
        "checked_at": moment.now.astimezone(STOCKHOLM).isoformat(),
    }


def _is_withdrawn(issued: IssuedStatement, moment: Moment) -> bool:
    """Whether the key was withdrawn: somebody else may have signed with it."""
    until = issued.key.published_until
    return until is not None and until <= moment.now


def _outcome_now(row: DecisionLog, moment: Moment) -> str:
    """The outcome of the same question, asked of the state of this moment. Raises NoRules."""
    question = replace(question_in(row), valid_at=None, known_at=None)
    question, person = answers.asked_about(question, answers.holders_of([question.hsa_id]))
    facts = answers.shown_facts(question, answers.facts_of(person), moment)
    return answers.decide_question(question, facts, load_names(), moment).outcome.value
