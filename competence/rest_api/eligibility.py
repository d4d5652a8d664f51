"""Who may order: one check, a batch, a person's rights, and an answer given before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Body, Query, Router

from competence.explain import Names, load_names
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from competence.policy.decision import EligibilityDecision
from competence.policy.facts import UNKNOWN_PERSON, PersonFacts
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.rest_api import answers
from competence.rest_api.auth import Caller, OAuth2, caller_of, count_answers
from competence.rest_api.conditional import conditional, weak_tag
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem
from competence.rest_api.questions import (
    Question,
    check_hsa_id,
    check_question,
    question_in,
    read_instant,
)
from competence.rest_api.rendering import json_response
from competence.rest_api.schemas import (
    Batch,
    BatchOut,
    Check,
    DecisionOut,
    EligibilityAnswer,
    EligibilityQuery,
    RightsOut,
    RightsQuery,
    parameters_of,
)
from lms.lib.clock import STOCKHOLM

router = Router(tags=["eligibility"])
CHUNK = 500


@router.get(
    "/eligibility",
    auth=OAuth2(Scope.ELIGIBILITY_READ, parameters_of(EligibilityQuery)),
    response=EligibilityAnswer,
    operation_id="check_eligibility",
    summary=_("May this person order?"),
    description=_("One check. An HSA-ID that nobody here has gives an answer too: denied, with UNKNOWN_PERSON."),
    openapi_extra=tells("unknown_right", "no_rules_then", "not_your_right"),
)
def check_eligibility(request: HttpRequest, query: Query[EligibilityQuery]) -> HttpResponse:
    caller = caller_of(request)
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
    moment = answers.moment_for(query.at_least)
    names = load_names()
    check_question(question, caller, names.book, moment)
    question, person = answers.asked_about(question, answers.holders_of([question.hsa_id]))
    decision = answers.decide_question(question, answers.facts_of(person), names, moment)
    answer, row = _answer_and_row(decision, question, person, caller, moment, names)
    row.save(force_insert=True)
    return json_response(answer)


@router.post(
    "/eligibility/batch",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=BatchOut,
    operation_id="check_eligibility_of_many",
    summary=_("May these people order?"),
    description=_(
        "Up to 10,000 checks of the same state. Each result equals the answer to the single check, "
        "or is the problem that it would give."
    ),
)
def check_eligibility_of_many(request: HttpRequest, batch: Body[Batch]) -> HttpResponse:
    caller = caller_of(request)
    valid_at, known_at = read_instant("valid_at", batch.valid_at), read_instant("known_at", batch.known_at)
    count_answers(request, len(batch.checks))
    moment = answers.moment_for(batch.at_least)
    names = load_names()
    # Asked without an instant, all are answered as of the same one.
    results = [
        result
        for chunk in _chunks(batch.checks)
        for result in _results(chunk, valid_at, known_at, caller, moment, names)
    ]
    return json_response({"results": results, "revision": moment.revision})


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
    moment = answers.moment_for(query.at_least)
    names = load_names()
    holder = answers.holders_of([hsa_id]).get(hsa_id.upper())
    person, line = (holder.person, holder.line) if holder else (None, "")
    facts = answers.facts_of(person)
    rules = names.book.in_force(valid_at or moment.now, moment.known(known_at))
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
        for number in (_customer_numbers(facts, right.key) if right.needs_customer_number else [None])
    ]
    count_answers(request, len(questions))
    decided = [
        _answer_and_row(
            answers.decide_question(question, facts, names, moment), question, person, caller, moment, names
        )
        for question in questions
    ]
    DecisionLog.objects.bulk_create([row for _answer, row in decided])
    given = [answer for answer, _row in decided]
    response = json_response({"hsa_id": hsa_id, "rights": given, "revision": moment.revision})
    return conditional(request, response, tag=weak_tag([answers.constant_part(answer) for answer in given]))


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
    row = DecisionLog.objects.filter(pk=decision_id).first()
    if row is None or not _may_see(caller, row):
        raise Problem("not_found")
    count_answers(request, 1)
    question, _holder = answers.asked_about(question_in(row), answers.holders_of([question_in(row).hsa_id]))
    moment = Moment(revision=row.revision, known_at=row.known_at, now=row.valid_at)
    names = load_names()
    decision = answers.decide_question(question, answers.facts_of(row.person_id), names, moment)
    replay = answers.answer_of(decision, question, moment, names, row.decision_id)
    return json_response(
        {
            "decision_id": str(row.decision_id),
            "asked_at": row.asked_at.astimezone(STOCKHOLM).isoformat(),
            "asked_by": row.asked_by,
            "decision": row.answer,
            "replay": replay,
            "replayed_equal": answers.without_words(replay) == answers.without_words(row.answer),
        }
    )


def _answer_and_row(
    decision: EligibilityDecision,
    question: Question,
    person: int | None,
    caller: Caller,
    moment: Moment,
    names: Names,
) -> tuple[answers.Answer, DecisionLog]:
    answer = answers.answer_of(decision, question, moment, names, uuid.uuid4())
    return answer, answers.log_row(answer, decision, question, person, caller, moment)


def _results(
    checks: list[Check],
    valid_at: datetime | None,
    known_at: datetime | None,
    caller: Caller,
    moment: Moment,
    names: Names,
) -> list[answers.Answer]:
    """The results of one chunk, in a fixed number of queries, logged."""
    holders = answers.holders_of(check.hsa_id for check in checks)
    facts = facts_for({holder.person for holder in holders.values()})
    results: list[answers.Answer] = []
    rows: list[DecisionLog] = []
    for check in checks:
        try:
            question = Question(
                hsa_id=check.hsa_id,
                right=check.right,
                customer_number=check.customer_number,
                product_group=check.product_group,
                valid_at=read_instant("valid_at", check.valid_at) or valid_at,
                known_at=known_at,
                principals=caller.principals,
            )
            check_question(question, caller, names.book, moment)
            question, person = answers.asked_about(question, holders)
            known = UNKNOWN_PERSON if person is None else facts[person]
            decision = answers.decide_question(question, known, names, moment)
        except Problem as problem:
            results.append({"id": check.id, "problem": problem.as_dict()})
            continue
        answer, row = _answer_and_row(decision, question, person, caller, moment, names)
        results.append({"id": check.id, **answer})
        rows.append(row)
    with transaction.atomic():
        DecisionLog.objects.bulk_create(rows, batch_size=CHUNK)
    return results


def _chunks(checks: list[Check]) -> Iterator[list[Check]]:
    rest = iter(checks)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


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
