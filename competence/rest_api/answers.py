"""What is answered: decided and put into words. One check, a batch and a replay come through here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from competence.explain import Explained, Names, explain
from competence.given_answers import instant_text
from competence.models.epoch import Epoch
from competence.models.outbox import Revision
from competence.policy.decision import EligibilityDecision
from competence.policy.evaluate import UnanswerableQuestion, decide
from competence.policy.facts import UNKNOWN_PERSON, PersonFacts, as_known_at
from competence.policy.reasons import Alternative
from competence.queries.eligibility import Moment, current_moment
from competence.queries.facts import facts_for
from competence.rest_api.problems import Problem, invalid
from competence.rest_api.questions import Question
from lms.users.models import EmployeeIdentity, fold_identifier

Answer = dict[str, Any]
# What words may change without the decision being another one.
WORDS = frozenset({"text", "url", "minutes"})


class State(NamedTuple):
    """What an answer is worked out from: the facts as of `moment`, and courses as they are called while the counter
    of their names is `names`."""

    moment: Moment
    names: int


def state_for(at_least: int | None) -> State:
    """The state to answer from, in one query. Take it before reading anything else: what is read later can be newer,
    and is then not what the state says. Raises Problem (503) when `at_least` lies ahead."""
    names = Epoch.objects.filter(pk=1).values("names")
    row = Revision.objects.filter(pk=1).annotate(now=Now(), names=Subquery(names))
    found = row.values_list("number", "at", "now", "names").first()
    if found is None:  # a database emptied by hand or by a test
        current_moment()
        return state_for(at_least)
    number, at, now, counter = found
    if at_least is not None and number < at_least:
        raise Problem(
            "revision_not_reached",
            _("The state here is that of revision %(revision)d.") % {"revision": number},
            revision=number,
        )
    return State(Moment(revision=number, known_at=at, now=max(now, at)), -1 if counter is None else counter)


class Holder(NamedTuple):
    """Who holds an HSA-ID: the primary key, and how employments under it are named ("": by the HSA-ID itself)."""

    person: int
    line: str


def holders_of(hsa_ids: Iterable[str]) -> dict[str, Holder]:
    """Who is behind each known HSA-ID, by its folded form. One query."""
    folded = {fold_identifier(hsa_id) for hsa_id in hsa_ids}
    rows = EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.HSA_ID, folded_value__in=folded)
    return {value: Holder(person, line) for value, person, line in rows.values_list("folded_value", "person", "line")}


def asked_about(question: Question, holders: Mapping[str, Holder]) -> tuple[Question, int | None]:
    """The question in the facts' own terms, and about whom it is (None: nobody here)."""
    holder = holders.get(question.identity)
    return (question, None) if holder is None else (replace(question, line=holder.line), holder.person)


def facts_of(person: int | None) -> PersonFacts:
    """Everything recorded about one person (None: nobody)."""
    return UNKNOWN_PERSON if person is None else facts_for([person])[person]


def shown_facts(question: Question, facts: PersonFacts, moment: Moment) -> PersonFacts:
    """The facts as the caller sees them: somebody whom it may not see is as unknown as nobody."""
    return facts if _is_visible(facts, question, moment.known(question.known_at)) else UNKNOWN_PERSON


def decide_question(question: Question, facts: PersonFacts, names: Names, moment: Moment) -> EligibilityDecision:
    """The decision on `facts` as they are shown. Raises Problem and NoRules."""
    known_at = moment.known(question.known_at)
    try:
        return decide(
            facts,
            names.book,
            question.right,
            valid_at=question.valid_at or moment.now,
            known_at=known_at,
            context=question.context,
        )
    except UnanswerableQuestion as error:
        if error.what == "product_group":
            sentence = _("%(right)s does not cover the product group %(group)s.")
            raise invalid("product_group", sentence % {"right": question.right, "group": error.value}) from error
        raise invalid("right", _("There is no right %(right)s.") % {"right": question.right}) from error


def _is_visible(facts: PersonFacts, question: Question, known_at: datetime) -> bool:
    """Whether the person works, or worked, for a principal that the caller sees, as far as was known."""
    principals = question.principals
    return principals is None or any(
        employment.principal in principals and employment.identity in (None, question.known_as)
        for employment in as_known_at(facts, known_at).employments
    )


def answer_of(
    decision: EligibilityDecision, question: Question, moment: Moment, names: Names, decision_id: uuid.UUID
) -> Answer:
    """The decision as it is sent, in the active language."""
    words = explain(decision, names)
    return {
        "hsa_id": question.hsa_id,
        "right": decision.right,
        "customer_number": question.customer_number,
        "product_group": question.product_group,
        "outcome": decision.outcome.value,
        "allowed": decision.allowed,
        "text": words.sentence,
        "reasons": [
            {
                "code": ground.code,
                "requirement": ground.requirement,
                "course": ground.course,
                "attestation": ground.attestation,
                "role": ground.role,
                "since": _day(ground.since),
                "until": _day(ground.until),
                "text": ground.text,
            }
            for ground in words.reasons
        ],
        "missing": [
            {
                "code": step.code,
                "requirement": step.requirement,
                "also_meets": list(missing.also_meets),
                "after": list(missing.after),
                "alternatives": [_keys(alternative) for alternative in missing.alternatives],
                "role": step.role,
                "right": step.right,
                "since": _day(step.since),
                "until": _instant(missing.until),
                "is_blocking": step.is_blocking,
                "who": step.who.value,
                "url": step.url or None,
                "minutes": step.minutes,
                "text": step.text,
            }
            for step, missing in zip(words.missing, decision.missing, strict=True)
        ],
        "valid_from": _instant(decision.valid_from),
        "valid_until": _instant(decision.valid_until),
        "next": _next(decision, words),
        "policy_version": decision.policy_version,
        "revision": moment.revision,
        "valid_at": _instant(decision.valid_at),
        "known_at": _instant(decision.known_at),
        "decision_id": str(decision_id),
    }


def without_words(answer: Mapping[str, Any]) -> Answer:
    """The answer as far as the decision makes it: a course that was renamed does not change what was decided."""
    plain = {name: value for name, value in answer.items() if name not in WORDS}
    if plain.get("next"):
        plain["next"] = {name: value for name, value in plain["next"].items() if name not in WORDS}
    for part in ("reasons", "missing"):
        plain[part] = [{name: value for name, value in one.items() if name not in WORDS} for one in answer[part]]
    return plain


def _next(decision: EligibilityDecision, words: Explained) -> Answer | None:
    """What the answer will be from `valid_until` on."""
    if decision.next is None or words.coming is None:
        return None
    return {
        "outcome": decision.next.outcome.value,
        "missing": [step.code.value for step in decision.next.missing],
        "policy_version": decision.next.policy_version,
        "text": words.coming.sentence,
    }


def _keys(alternative: Alternative) -> list[str]:
    return [*alternative.courses, *(f"attestation:{name}" for name in alternative.attestations)]


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
