"""Who may order: one check, a person's rights, and an answer given before."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from competence.explain import load_names
from competence.given_answers import as_json
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from competence.policy.facts import PersonFacts
from competence.queries.eligibility import Moment, current_moment
from competence.rest_api import answers
from competence.rest_api.auth import Caller, OAuth2, caller_of, count_answers
from competence.rest_api.conditional import conditional, weak_tag
from competence.rest_api.given import about, evaluate, write_down
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem
from competence.rest_api.questions import (
    Question,
    check_hsa_id,
    check_question,
    question_in,
    read_instant,
    rules_then,
)
from competence.rest_api.rendering import entity_tag, json_response, text_response
from competence.rest_api.schemas import (
    DecisionOut,
    EligibilityAnswer,
    EligibilityQuery,
    RightsOut,
    RightsQuery,
    parameters_of,
)
from competence.rest_api.statements import STATEMENT, STATEMENT_MEDIA, statement_response, wants_statement
from lms.lib.clock import STOCKHOLM
from lms.lib.uuid7 import made_at

router = Router(tags=["eligibility"])
# A log row is written within a second of its answer; nobody waits for one that can no longer come.
WAIT_SECONDS = 1.0
FRESH = timedelta(seconds=5)


@router.get(
    "/eligibility",
    auth=OAuth2(Scope.ELIGIBILITY_READ, parameters_of(EligibilityQuery)),
    response=EligibilityAnswer,
    operation_id="check_eligibility",
    summary=_("May this person order?"),
    description=_("One check. An HSA-ID that nobody here has gives an answer too: denied, with UNKNOWN_PERSON."),
    openapi_extra=tells(
        "unknown_right", "no_rules_then", "not_your_right", media={STATEMENT: STATEMENT_MEDIA}, is_conditional=True
    ),
)
def check_eligibility(request: HttpRequest, query: Query[EligibilityQuery]) -> HttpResponse:
    caller = caller_of(request)
    as_statement = wants_statement(request)
    question = Question(
        hsa_id=query.hsa_id,
        right=query.right,
        customer_number=query.customer_number,
        product_group=query.product_group,
        valid_at=read_instant("valid_at", query.valid_at),
        known_at=read_instant("known_at", query.known_at),
        principals=caller.principals,
    )
    count_answers(request, 1)
    state = answers.state_for(query.at_least)
    names = load_names()
    check_question(question, caller, names.book, state.moment)
    question, person = answers.asked_about(question, answers.holders_of([question.hsa_id]))
    given = evaluate(question, about([person], state)[person], caller, state, names)
    write_down([given])
    if as_statement:
        return statement_response(given, caller)
    return conditional(request, text_response(given.text), tag=entity_tag(given.row.given_id))


@router.get(
    "/people/{hsa_id}/rights",
    auth=OAuth2(Scope.ELIGIBILITY_READ, parameters_of(RightsQuery)),
    response=RightsOut,
    operation_id="list_rights_of_person",
    summary=_("What may this person order?"),
    description=_(
        "An answer for each right of your ordering systems; for a right that is given per unit, one for each customer "
        "number that the person has had it for."
    ),
    openapi_extra=tells("no_rules_then", is_conditional=True),
)
def list_rights_of_person(request: HttpRequest, hsa_id: str, query: Query[RightsQuery]) -> HttpResponse:
    caller = caller_of(request)
    check_hsa_id(hsa_id)
    valid_at, known_at = read_instant("valid_at", query.valid_at), read_instant("known_at", query.known_at)
    state = answers.state_for(query.at_least)
    moment = state.moment
    names = load_names()
    holder = answers.holders_of([hsa_id]).get(hsa_id.upper())
    person, line = (holder.person, holder.line) if holder else (None, "")
    known = about([person], state)[person]
    rules = rules_then(names.book, moment, valid_at=valid_at, known_at=known_at)
    questions = [
        Question(
            hsa_id=hsa_id,
            right=right.key,
            customer_number=number,
            valid_at=valid_at,
            known_at=known_at,
            principals=caller.principals,
            line=line,
        )
        for right in rules.rights.values()
        if right.system in caller.systems
        for number in (_customer_numbers(known.facts, right.key) if right.needs_customer_number else [None])
    ]
    count_answers(request, len(questions))
    given = [evaluate(question, known, caller, state, names) for question in questions]
    write_down(given)
    rights = ",".join(one.text for one in given)
    response = text_response(f'{{"hsa_id":{as_json(hsa_id)},"rights":[{rights}],"revision":{moment.revision}}}')
    return conditional(request, response, tag=weak_tag([one.row.given_id.hex for one in given]))


@router.get(
    "/decisions/{uuid:decision_id}",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=DecisionOut,
    operation_id="show_decision",
    summary=_("An answer given before"),
    description=_("The answer as it was given, and the same question asked again of the same state."),
    openapi_extra=tells("not_found"),
)
def show_decision(request: HttpRequest, decision_id: uuid.UUID) -> HttpResponse:
    caller = caller_of(request)
    row = _logged(decision_id)
    if row is None or not _may_see(caller, row):
        raise Problem("not_found")
    count_answers(request, 1)
    question, _holder = answers.asked_about(question_in(row), answers.holders_of([question_in(row).hsa_id]))
    moment = Moment(revision=row.revision, known_at=row.known_at, now=row.valid_at)
    names = load_names()
    facts = answers.shown_facts(question, answers.facts_of(row.person_id), moment)
    decision = answers.decide_question(question, facts, names, moment)
    replay = answers.answer_of(decision, question, moment, names, row.decision_id)
    given = row.answer
    return json_response(
        {
            "decision_id": str(row.decision_id),
            "asked_at": row.asked_at.astimezone(STOCKHOLM).isoformat(),
            "asked_by": row.asked_by,
            "decision": given,
            "replay": replay,
            "replayed_equal": answers.without_words(replay) == answers.without_words(given),
        }
    )


def _logged(decision_id: uuid.UUID) -> DecisionLog | None:
    """The answer's row of the log. One that was given a moment ago is waited for: see `front_log`."""
    rows = DecisionLog.objects.select_related("given").filter(pk=decision_id)
    made = made_at(decision_id)
    until = time.monotonic() + WAIT_SECONDS
    while (row := rows.first()) is None:
        if made is None or abs(current_moment().now - made) > FRESH or time.monotonic() > until:
            return None
        time.sleep(0.05)
    return row


def _customer_numbers(facts: PersonFacts, right: str) -> list[str | None]:
    found = sorted({a.customer_number for a in facts.authorisations if a.right == right})
    return [*found] or [None]


def _may_see(caller: Caller, row: DecisionLog) -> bool:
    """Whether `row` is about a right of the caller's, and about no principal that it does not see."""
    principals = question_in(row).principals
    sees_as_much = caller.principals is None or (principals is not None and principals <= caller.principals)
    return sees_as_much and _system_of(row) in caller.systems


def _system_of(row: DecisionLog) -> str:
    """The ordering system of the right, by the rules that decided."""
    right = load_names().book.version(row.policy_version).rights.get(row.right)
    return right.system if right else ""
