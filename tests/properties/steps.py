"""Carrying out the missing steps of an answer, as the people concerned would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from competence.policy.decision import Context, EligibilityDecision
from competence.policy.evaluate import decide
from competence.policy.facts import (
    Appointment,
    Attestation,
    Authorisation,
    Completion,
    Employment,
    Ending,
    EndingKind,
    Level,
    LevelDecision,
    PersonFacts,
    as_known_at,
)
from competence.policy.reasons import Code, Missing
from tests.properties.strategies import LONG_AGO, Case, cases


def ask(case: Case, **changes: Any) -> EligibilityDecision:
    """The decision that `case`, with `changes`, asks for."""
    case = replace(case, **changes)
    return decide(
        case.facts,
        case.book,
        case.right,
        valid_at=case.valid_at,
        known_at=case.known_at,
        context=case.context,
    )


def replaced(facts: PersonFacts, name: str, rows: Any) -> PersonFacts:
    """`facts` with `rows` in place of the facts of that name."""
    changes: dict[str, Any] = {name: rows}
    return replace(facts, **changes)


def with_fact(facts: PersonFacts, name: str, fact: Any) -> PersonFacts:
    """`facts` with one more fact."""
    return replaced(facts, name, (*getattr(facts, name), fact))


def carry_out(
    facts: PersonFacts, step: Missing, case: Case, answer: EligibilityDecision, choice: int = 0
) -> PersonFacts:
    """`facts` after somebody has taken `step` in the way it says."""
    at = case.valid_at
    stamp: dict[str, Any] = {"start": at, "recorded_at": LONG_AGO}
    employment = answer.employment or "employment:new"
    match step.code:
        case Code.NOT_EMPLOYED | Code.UNKNOWN_PERSON:
            past = [e for e in as_known_at(facts, case.known_at).employments if _asked_about(e, case.context)]
            last = max(past, key=lambda e: (e.start, e.key), default=None)
            new = Employment(
                key=employment,
                principal=last.principal if last else "vgr",
                profession=last.profession if last else "nurse",
                units=last.units if last else frozenset(),
                **stamp,
            )
            return replace(with_fact(facts, "employments", new), is_known=True)
        case Code.SUSPENDED:
            back = Ending(at=at, kind=EndingKind.ENDED, recorded_at=LONG_AGO)
            return replace(facts, suspensions=tuple(replace(s, endings=(*s.endings, back)) for s in facts.suspensions))
        case Code.NOT_APPOINTED:
            return _appointed(facts, employment, step, stamp)
        case Code.REVOKED if step.role is not None:
            return _appointed(facts, employment, step, stamp)
        case Code.LEVEL_NOT_DECIDED:
            return with_fact(
                facts,
                "level_decisions",
                LevelDecision(key="new", employment=employment, level=Level.FULL, role=step.role, **stamp),
            )
        case Code.COURSE_MISSING | Code.COURSE_EXPIRED | Code.ATTESTATION_MISSING:
            alternative = step.alternatives[min(choice, len(step.alternatives) - 1)]
            for course in alternative.courses:
                facts = with_fact(facts, "completions", Completion(key=f"new:{course}", course=course, **stamp))
            for name in alternative.attestations:
                facts = with_fact(
                    facts,
                    "attestations",
                    Attestation(key=f"new:{name}", attestation=name, employment=employment, **stamp),
                )
            return facts
        case _:
            return with_fact(
                facts,
                "authorisations",
                Authorisation(
                    key="new",
                    employment=employment,
                    right=step.right or "",
                    customer_number=case.context.customer_number or "",
                    **stamp,
                ),
            )


def _asked_about(employment: Employment, context: Context) -> bool:
    return employment.identity in (None, context.identity) or context.identity is None


def _appointed(facts: PersonFacts, employment: str, step: Missing, stamp: dict[str, Any]) -> PersonFacts:
    return with_fact(
        facts,
        "appointments",
        Appointment(key="new", employment=employment, role=step.role or "", **stamp),
    )


def can_be_carried_out(case: Case, answer: EligibilityDecision) -> bool:
    """Some questions nobody can make true: a right that is not in use or not meant for the principal, or a customer
    number that is not asked about."""
    if any(step.code in {Code.RIGHT_NOT_FOR_PRINCIPAL, Code.RIGHT_NOT_IN_USE} for step in answer.missing):
        return False
    granting = case.book.in_force(case.valid_at, case.known_at).rights[answer.granting_right or ""]
    asked_for_a_number = granting.needs_customer_number and granting.needs_application
    if asked_for_a_number and case.context.customer_number is None:
        return False
    return not hires(answer) or (case.context.principals is None and granting.principals is None)


def hires(answer: EligibilityDecision) -> bool:
    """Whether somebody must be employed first."""
    return any(step.code in {Code.NOT_EMPLOYED, Code.UNKNOWN_PERSON} for step in answer.missing)


@st.composite
def completed_cases(draw: st.DrawFn) -> Case:
    """Cases in which every missing step has been taken: the answer allows, but for what the facts around it do."""
    case = draw(cases)
    answer = ask(case)
    assume(can_be_carried_out(case, answer))
    facts = case.facts
    for step in answer.missing:
        facts = carry_out(facts, step, case, answer, draw(st.integers(0, 1)))
    return replace(case, facts=facts)


# Random facts seldom allow anything, and a property of permits must meet some.
any_cases = st.one_of(cases, completed_cases())
