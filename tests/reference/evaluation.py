"""A second evaluation, slow and plain, written from docs/eligibility.md and docs/rules.md alone.

It shares no code with `competence.policy` but the values that both take and give. Where the two differ, one of them
does not do what the page says: see tools/differential.py. Quotations are the page's.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime

from competence.policy.decision import Context, Outcome
from competence.policy.facts import Employment, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from tests.reference import documents
from tests.reference.authorisations import ask_authorisation
from tests.reference.days import in_use
from tests.reference.documents import Document, NoAnswer, Published
from tests.reference.instants import instants_of
from tests.reference.requirements import ask_requirements
from tests.reference.situation import (
    Way,
    facts_known_at,
    greatest_key,
    has_ended,
    holds,
    is_asked_about,
    is_held_by_profession,
    lasts_longest,
    level_of,
)


@dataclass(frozen=True)
class Assessed:
    """The answer at one instant."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    role: str | None
    employment: str | None
    granting_right: str | None
    policy_version: int


@dataclass(frozen=True)
class Answer:
    """The answer, with its duration and what comes next."""

    now: Assessed
    valid_from: datetime
    valid_until: datetime | None
    next: Assessed | None


def answer(
    facts: PersonFacts,
    versions: list[Published],
    right: str,
    *,
    valid_at: datetime,
    known_at: datetime,
    context: Context,
) -> Answer:
    """May this person order this, here, now, and if not, why? Raises NoAnswer."""
    known = facts_known_at(facts, known_at)
    published = [version for version in versions if version.published_at <= known_at]
    at_valid_at = assess(known, published, right, valid_at, known_at, context)
    listed = sorted(set(instants_of(known, published)))

    def outcome_at(instant: datetime) -> Outcome | None:
        """None: there is no answer then."""
        try:
            return assess(known, published, right, instant, known_at, context).outcome
        except NoAnswer:
            return None

    # '`valid_until` is the first instant after `valid_at` at which the outcome is another, or there is no answer;
    # none if that never comes.'
    valid_until = None
    for instant in listed:
        if instant > valid_at and outcome_at(instant) is not at_valid_at.outcome:
            valid_until = instant
            break
    # '`valid_from` is the first instant of the unbroken stretch before, which begins no earlier than the first version
    # of the rules took effect.'
    first_rules = min(version.in_force_from for version in published)
    valid_from = valid_at
    for instant in reversed(listed):
        if first_rules <= instant <= valid_at:
            if outcome_at(instant) is not at_valid_at.outcome:
                break
            valid_from = instant
    # '`next` is the answer at `valid_until`, if there is one, with its own grounds and missing steps.'
    after = None
    if valid_until is not None:
        with contextlib.suppress(NoAnswer):
            after = assess(known, published, right, valid_until, known_at, context)
    return Answer(at_valid_at, valid_from, valid_until, after)


def assess(
    known: PersonFacts, versions: list[Published], right: str, now: datetime, known_at: datetime, context: Context
) -> Assessed:
    """The answer at one instant, from facts as they are known. Raises NoAnswer."""
    version = documents.version_in_force(versions, now, known_at)
    document = version.document
    _check_question(document, right, context)
    if not documents.right_is_in_use(document, right, now):
        return _not_in_use(right, version)
    # 'Granting rights: the right itself, then every right that includes it and is in use, in the document's order.'
    granting = [g for g in documents.granting_rights(document, right) if documents.right_is_in_use(document, g, now)]
    roles = {one: _roles(document, one, now, context) for one in granting}
    # 'If no role is left in any granting right, the answer is RIGHT_NOT_IN_USE, as above.'
    if not any(roles.values()):
        return _not_in_use(right, version)
    employments: list[Employment | None] = [
        employment for employment in known.employments if holds(employment, now) and is_asked_about(employment, context)
    ]
    # 'If none is left, one way without employment is tried, so that the steps can still be told.'
    best: Assessed | None = None
    for employment in employments or [None]:
        for granting_right in granting:
            for role in roles[granting_right]:
                names = documents.names_of(document, role, now)
                way = Way(document, known, context, now, employment, granting_right, role, names)
                assessed = _assess_way(way, version.version)
                # 'The answer is the best way.' One that is as good as an earlier one stands after it.
                if best is None or _goodness(assessed) > _goodness(best):
                    best = assessed
    assert best is not None
    return best


def _check_question(document: Document, right: str, context: Context) -> None:
    """'Questions without an answer.'"""
    if right not in document["rights"]:
        raise NoAnswer("the version in force does not have the right")
    if context.role is None and context.product_group is None:
        return
    for granting_right in documents.granting_rights(document, right):
        for role in document["rights"][granting_right]["roles"]:
            is_that_role = context.role is None or role == context.role
            is_covered = context.product_group is None or documents.covers(document, role, context.product_group)
            if is_that_role and is_covered:
                return
    raise NoAnswer("no role that carries it is the one asked about, or covers the group asked about")


def _roles(document: Document, granting_right: str, now: datetime, context: Context) -> list[str]:
    """'The roles in use that carry the granting right, in the order in which the right names them. A role asked about
    leaves out the others. A product group asked about leaves out roles that are limited to other groups.'"""
    return [
        role
        for role in document["rights"][granting_right]["roles"]
        if in_use(document["roles"][role], now)
        and (context.role is None or role == context.role)
        and (context.product_group is None or documents.covers(document, role, context.product_group))
    ]


def _not_in_use(right: str, version: Published) -> Assessed:
    """'The answer is `denied`, with RIGHT_NOT_IN_USE as the only missing step and no ground.'"""
    step = Missing(code=Code.RIGHT_NOT_IN_USE, right=right)
    return Assessed(Outcome.DENIED, (), (step,), None, None, right, version.version)


def _goodness(assessed: Assessed) -> tuple[int, int]:
    """'`allowed` before `allowed_with_warning` before `denied`; then the fewest missing steps.'"""
    order = [Outcome.DENIED, Outcome.ALLOWED_WITH_WARNING, Outcome.ALLOWED]
    return order.index(assessed.outcome), -len(assessed.missing)


def _assess_way(way: Way, version: int) -> Assessed:
    """'The grounds and the missing steps are gathered, all of them, in this order: employment, suspension, appointment,
    level, each requirement, authorisation.'"""
    grounds: list[Reason] = []
    missing: list[Missing] = []
    for ground, step in (
        _ask_employment(way),
        _ask_suspension(way),
        _ask_appointment(way),
        _ask_level(way),
    ):
        grounds.extend([ground] if ground is not None else [])
        missing.extend([step] if step is not None else [])
    grounds_of_requirements, steps_of_requirements = ask_requirements(way)
    grounds.extend(grounds_of_requirements)
    missing.extend(steps_of_requirements)
    ground, step = ask_authorisation(way)
    grounds.extend([ground] if ground is not None else [])
    missing.extend([step] if step is not None else [])
    if any(step.is_blocking for step in missing):
        outcome = Outcome.DENIED
    elif missing:
        outcome = Outcome.ALLOWED_WITH_WARNING
    else:
        outcome = Outcome.ALLOWED
    return Assessed(outcome, tuple(grounds), tuple(missing), way.role, way.employment_key, way.right, version)


def _ask_employment(way: Way) -> tuple[Reason | None, Missing | None]:
    if way.employment is None:
        return None, Missing(code=Code.NOT_EMPLOYED if way.facts.is_known else Code.UNKNOWN_PERSON)
    # 'With one at a principal of a kind to which the granting right is not given.'
    principals = way.document["rights"][way.right].get("principals")
    if principals is not None and way.employment.principal not in principals:
        return None, Missing(code=Code.RIGHT_NOT_FOR_PRINCIPAL, right=way.right)
    held = way.employment
    return Reason(code=Code.EMPLOYED, fact=held.key, since=held.start, until=held.end), None


def _ask_suspension(way: Way) -> tuple[None, Missing | None]:
    """'A suspension of the employment that holds now: SUSPENDED, since the earliest start of those that hold.'"""
    starts = [s.start for s in way.facts.suspensions if s.employment == way.employment_key and holds(s, way.now)]
    return None, Missing(code=Code.SUSPENDED, since=min(starts)) if starts else None


def _ask_appointment(way: Way) -> tuple[Reason | None, Missing | None]:
    appointments = [
        appointment
        for appointment in way.facts.appointments
        if appointment.employment == way.employment_key and appointment.role in way.names
    ]
    # 'An appointment in the employment to one of these names that holds now: APPOINTED; of several, the one that ends
    # last', 'of several, the greatest key as a text'.
    held = [appointment for appointment in appointments if holds(appointment, way.now)]
    if held:
        cited = greatest_key(lasts_longest(held))
        return Reason(code=Code.APPOINTED, role=way.role, fact=cited.key, since=cited.start, until=cited.end), None
    # 'Else, if the employment's profession is one that holds the role without being appointed: HELD_BY_PROFESSION.'
    if way.employment is not None and is_held_by_profession(way):
        work = way.employment
        ground = Reason(code=Code.HELD_BY_PROFESSION, role=way.role, fact=work.key, since=work.start, until=work.end)
        return ground, None
    # 'Else, of the appointments to these names that have ended, the one that ended last (of several, the one whose key
    # is greatest as a text): REVOKED if a revocation ended it, otherwise, and if there is none, NOT_APPOINTED.'
    ended = [appointment for appointment in appointments if has_ended(appointment, way.now)]
    if ended:
        last = greatest_key(lasts_longest(ended))
        if last.revoked_at is not None:
            return None, Missing(code=Code.REVOKED, role=way.role, since=last.end)
    return None, Missing(code=Code.NOT_APPOINTED, role=way.role)


def _ask_level(way: Way) -> tuple[None, Missing | None]:
    """'A role that needs a level decision and has none: LEVEL_NOT_DECIDED.'"""
    needs = way.document["roles"][way.role].get("needs_level_decision")
    if needs and level_of(way) is None:
        return None, Missing(code=Code.LEVEL_NOT_DECIDED, role=way.role)
    return None, None
