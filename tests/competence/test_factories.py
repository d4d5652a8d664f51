"""The builders give what they say."""

import pytest

from competence.policy.decision import Context, Outcome
from competence.queries.eligibility import current_moment, decide_for
from tests.factories.competence import (
    CONSUMABLES,
    MOBILITY,
    NATIONAL,
    ORDERER,
    SOCIAL_CARE_ORDERER,
    World,
    make_prescriber,
)


@pytest.mark.parametrize(
    ("role", "right", "number"),
    [
        (MOBILITY, "websesam.health-care", None),
        (CONSUMABLES, "sesamlmn.order", "123456"),
        (ORDERER, "websesam.unit", None),
    ],
)
def test_a_prescriber_with_everything_may_order(world: World, role: str, right: str, number: str | None) -> None:
    prescriber = make_prescriber(world.clinic, role=role)

    decision = decide_for(prescriber.person, right, moment=current_moment(), context=Context(customer_number=number))

    assert decision.outcome is Outcome.ALLOWED
    assert decision.missing == ()


def test_an_orderer_in_social_care_may_order_with_everything(world: World) -> None:
    prescriber = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER)

    decision = decide_for(prescriber.person, "websesam.social-care", moment=current_moment())

    assert decision.outcome is Outcome.ALLOWED


def test_what_is_left_out_is_missing(world: World) -> None:
    prescriber = make_prescriber(world.clinic, courses=[NATIONAL], is_authorised=False)

    decision = decide_for(prescriber.person, "websesam.health-care", moment=current_moment())

    assert [step.code for step in decision.missing] == ["COURSE_MISSING", "NOT_AUTHORISED"]
