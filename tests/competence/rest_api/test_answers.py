"""An answer's time, log, cost and words."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from competence.actions.completions import record_completion
from competence.models.decision_log import DecisionLog
from competence.models.outbox import Revision
from competence.models.requirement import RuleSetVersion
from tests.factories.competence import (
    NATIONAL,
    REGIONAL,
    World,
    complete,
    make_prescriber,
)
from tests.factories.machine_clients import ApiClient

UNKNOWN = "SE2321000131-NOBODY"
FIELDS = {
    "hsa_id", "right", "customer_number", "product_group", "outcome", "allowed", "text", "reasons", "missing",
    "valid_from", "valid_until", "next", "policy_version", "revision", "valid_at", "known_at", "decision_id",
}  # fmt: skip


def missing(api: ApiClient, hsa_id: str, right: str = "websesam.health-care", **query: str) -> list[str]:
    return [step["code"] for step in api.check(hsa_id, right, **query)["missing"]]


# --- Time -----------------------------------------------------------------------------------------------------------
def test_an_answer_may_be_asked_for_as_it_was_known(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[NATIONAL])
    before = api.check(prescriber.hsa_id)
    complete(prescriber.person, REGIONAL)

    then = api.check(prescriber.hsa_id, valid_at=before["valid_at"], known_at=before["known_at"])

    assert api.check(prescriber.hsa_id)["allowed"] is True
    assert then["allowed"] is False
    assert then["known_at"] == before["known_at"]


def test_p14_an_answer_reflects_at_least_the_revision_asked_for(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    now = Revision.objects.get().number

    assert api.check(prescriber.hsa_id, at_least=now)["revision"] == now
    ahead = api.get("eligibility", {"hsa_id": prescriber.hsa_id, "right": "websesam.health-care", "at_least": now + 1})

    assert ahead.status_code == 503
    assert ahead.headers["Retry-After"] == "1"
    assert ahead.json()["code"] == "revision_not_reached"


def test_without_rules_in_force_there_is_an_error_and_no_permit(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    RuleSetVersion.objects.all()._raw_delete("default")

    answer = api.get("eligibility", {"hsa_id": prescriber.hsa_id, "right": "websesam.health-care"})

    assert answer.status_code == 503
    assert "allowed" not in answer.json()


# --- Log and cost ---------------------------------------------------------------------------------------------------
def test_every_answer_is_logged_with_who_asked_and_about_whom(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    answer = api.check(prescriber.hsa_id, product_group="rorelse")

    row = DecisionLog.objects.get(pk=answer["decision_id"])
    assert row.asked_by == f"client:{api.client.client_id}"
    assert row.person == prescriber.person
    assert row.outcome == "allowed"
    assert row.answer == answer
    assert row.question == {"customer_number": None, "product_group": "rorelse", "principals": None}


def test_a_question_that_gets_no_answer_is_not_logged(world: World, api: ApiClient) -> None:
    api.get("eligibility", {"hsa_id": "nonsense", "right": "websesam.health-care"})

    assert not DecisionLog.objects.exists()


@pytest.mark.parametrize("completions", [1, 30])
def test_a_check_costs_the_same_number_of_queries_however_much_is_known(
    world: World, api: ApiClient, completions: int, django_assert_num_queries: object
) -> None:
    prescriber = make_prescriber(world.clinic)
    for _number in range(completions):
        complete(prescriber.person, NATIONAL)
    api.check(prescriber.hsa_id)  # compiles the rules

    # On PostgreSQL two more: which writing of the facts it is, and the answer kept for the next one who asks.
    with django_assert_num_queries(13 if connection.vendor == "postgresql" else 11):  # type: ignore[operator]
        api.check(prescriber.hsa_id)


# --- Words ----------------------------------------------------------------------------------------------------------
def test_texts_are_swedish_unless_english_is_asked_for(world: World, api: ApiClient) -> None:
    query = {"hsa_id": UNKNOWN, "right": "websesam.health-care"}

    swedish = api.get("eligibility", query)
    english = api.get("eligibility", query, **{"Accept-Language": "en"})

    assert swedish.headers["Content-Language"] == "sv"
    assert english.headers["Content-Language"] == "en"
    assert swedish.json()["text"] == "Får inte beställa."
    assert english.json()["text"] == "May not order."


def test_an_old_regional_course_counts_for_its_own_area_only(world: World, api: ApiClient) -> None:
    own = make_prescriber(world.clinic, courses=[NATIONAL, "regional-rorelse"])
    other = make_prescriber(world.clinic, courses=[NATIONAL, "regional-lmn"])

    assert api.check(own.hsa_id)["allowed"] is True
    assert missing(api, other.hsa_id) == ["COURSE_MISSING"]


def test_a_completion_recorded_now_counts_in_the_next_answer(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[NATIONAL])
    assert missing(api, prescriber.hsa_id) == ["COURSE_MISSING"]

    record_completion(
        person=prescriber.person,
        course_key=REGIONAL,
        completed_at=timezone.now(),
        source="courses",
        source_id="1",
        by=prescriber.person,
    )

    assert api.check(prescriber.hsa_id)["allowed"] is True
