"""Completed courses that other systems report."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Body, Router
from pydantic import Discriminator, Tag

from competence.actions.completions import CompletionConflict, record_completion
from competence.models.machine_client import Scope
from competence.queries.eligibility import Moment, current_moment, person_with_hsa_id
from competence.queries.employments import employments_held_at
from competence.rest_api.auth import Caller, OAuth2, caller_of
from competence.rest_api.idempotency import idempotently
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem, invalid
from competence.rest_api.questions import check_hsa_id, read_instant
from competence.rest_api.rendering import json_response
from competence.rest_api.schemas import CompletionIn, CompletionsIn, CompletionsOut
from lms.lib.errors import Refusal
from lms.users.models import User

router = Router(tags=["completions"])


def _one_or_many(body: Any) -> str:
    return "many" if isinstance(body, dict) and "completions" in body else "one"


OneOrMany = Annotated[
    Annotated[CompletionIn, Tag("one")] | Annotated[CompletionsIn, Tag("many")], Discriminator(_one_or_many)
]


@router.post(
    "/completions",
    auth=OAuth2(Scope.COMPLETIONS_WRITE),
    response=CompletionsOut,
    operation_id="report_completions",
    summary=_("Report completed courses"),
    description=_(
        "One completion, or up to 1,000 as completions. Each is recorded by itself, once for each source and "
        "source_id: send it again when an answer was lost. The same key with other content is a conflict."
    ),
    openapi_extra=tells("conflict", "refused", is_idempotent=True),
)
def report_completions(request: HttpRequest, body: Body[OneOrMany]) -> HttpResponse:
    # Each completion is saved by itself, once: a part that was saved before a cut is found again.
    return idempotently(request, lambda: _report(body, caller_of(request)), is_atomic=False)


def _report(body: CompletionIn | CompletionsIn, caller: Caller) -> HttpResponse:
    moment, recorded = current_moment(), set[UUID]()
    if isinstance(body, CompletionsIn):
        results = [_result(one, caller, moment, recorded) for one in body.completions]
    else:
        results = [_result(body, caller, moment, recorded)]
        if problem := results[0].get("problem"):
            code = problem["code"]
            raise Problem(code, problem.get("detail", ""), **({"errors": e} if (e := problem.get("errors")) else {}))
    return json_response({"results": results, "revision": current_moment().revision})


def _result(one: CompletionIn, caller: Caller, moment: Moment, recorded: set[UUID]) -> dict[str, Any]:
    """What became of one. `recorded`: those of this report that have been so far, to which it is added."""
    named = {"source": one.source, "source_id": one.source_id}
    try:
        completion = record_completion(
            person=_person(one.hsa_id, caller),
            course_key=one.course,
            completed_at=_completed_at(one),
            source=f"{caller.client_id}:{one.source}",
            source_id=one.source_id,
            by=caller.actor,
            score=None if one.score is None else Decimal(str(one.score)).quantize(Decimal("0.01")),
        )
    except CompletionConflict:
        sentence = gettext("%(source)s %(source_id)s was recorded before with other content.") % named
        return {**named, "status": "conflict", "problem": Problem("conflict", sentence).as_dict()}
    except Refusal as refusal:
        return {**named, "status": "refused", "problem": Problem("refused", str(refusal)).as_dict()}
    except Problem as problem:
        return {**named, "status": "refused", "problem": problem.as_dict()}
    is_new = completion.recorded_at > moment.known_at and completion.public_id not in recorded
    recorded.add(completion.public_id)
    return {
        **named,
        "status": "recorded" if is_new else "already_recorded",
        "completion_id": str(completion.public_id),
    }


def _completed_at(one: CompletionIn) -> Any:
    return read_instant("completed_at", one.completed_at)


def _person(hsa_id: str, caller: Caller) -> User:
    """Whom the HSA-ID names, if the caller sees them. Raises Problem."""
    person = person_with_hsa_id(check_hsa_id(hsa_id))
    if person is not None and caller.principals is not None:
        employments = employments_held_at(person, timezone.now())
        if not employments.filter(unit__principal_kind__in=caller.principals).exists():
            person = None
    if person is None:
        raise invalid("hsa_id", gettext("Nobody with this HSA-ID is known here. Check that it is written correctly."))
    return person
