"""Does the demonstration show what it says? Asked of the one decision, as an ordering system would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from competence.demo.cast import Character, Expectation
from competence.policy.decision import Context, EligibilityDecision
from competence.queries.eligibility import Moment, current_moment, decide_for, person_with_hsa_id
from lms.users.models import fold_identifier


def answers(character: Character) -> Iterator[tuple[Expectation, EligibilityDecision, list[str]]]:
    """For each expectation of the character: the answer, and what is wrong with it (nothing, one hopes)."""
    for expected in character.expects:
        moment = current_moment()
        decision = _decision(character, expected, moment)
        yield expected, decision, list(_faults(expected, decision, moment))


def _decision(character: Character, expected: Expectation, moment: Moment) -> EligibilityDecision:
    hsa_id = expected.hsa_id or character.hsa_id
    return decide_for(
        person_with_hsa_id(hsa_id),
        expected.right,
        moment=moment,
        context=Context(identity=fold_identifier(hsa_id), role=expected.role, customer_number=expected.customer_number),
    )


def _faults(expected: Expectation, decision: EligibilityDecision, moment: Moment) -> Iterator[str]:
    if decision.outcome is not expected.outcome:
        yield f"is {decision.outcome}, expected {expected.outcome}"
    given = {reason.code for reason in decision.reasons} | {step.code for step in decision.missing}
    absent = sorted(expected.codes - given)
    if absent:
        yield f"lacks {', '.join(absent)}"
    if expected.within_days is not None:
        limit = moment.now + timedelta(days=expected.within_days)
        if decision.valid_until is None or decision.valid_until > limit:
            yield f"does not end within {expected.within_days} days"
