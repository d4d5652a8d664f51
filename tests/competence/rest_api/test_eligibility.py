"""The single check, as an ordering system sees it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from competence.actions.appointments import appoint, attest, decide_level, revoke_appointment
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import end_employment, suspend
from competence.models.appointment import LevelDecision
from competence.models.competence_role import CompetenceRole
from competence.models.decision_log import DecisionLog
from competence.models.ordering_system import OrderingRight
from competence.models.outbox import Revision
from lms.lib.clock import local_day
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    MOBILITY,
    NATIONAL,
    ORDERER,
    REGIONAL,
    SOCIAL_CARE_ORDERER,
    World,
    complete,
    make_hsa_id,
    make_person,
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


# --- The story of a new prescriber ----------------------------------------------------------------------------------
def test_every_step_of_a_new_prescriber_changes_the_answer(world: World, api: ApiClient) -> None:
    person = make_prescriber(
        world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False, by=world.manager
    )
    role = CompetenceRole.objects.get(key=MOBILITY)
    before = api.check(person.hsa_id)
    assert before["outcome"] == "denied"
    assert before["allowed"] is False
    assert [step["code"] for step in before["missing"]] == [
        "NOT_APPOINTED",
        "LEVEL_NOT_DECIDED",
        "COURSE_MISSING",
        "COURSE_MISSING",
        "NOT_AUTHORISED",
    ]

    complete(person.person, REGIONAL)
    assert missing(api, person.hsa_id) == ["NOT_APPOINTED", "LEVEL_NOT_DECIDED", "COURSE_MISSING", "NOT_AUTHORISED"]
    complete(person.person, NATIONAL)
    assert missing(api, person.hsa_id) == ["NOT_APPOINTED", "LEVEL_NOT_DECIDED", "NOT_AUTHORISED"]
    decide_level(employment=person.employment, level=LevelDecision.Level.FULL, by=world.manager)
    assert missing(api, person.hsa_id) == ["NOT_APPOINTED", "NOT_AUTHORISED"]
    appoint(employment=person.employment, role=role, by=world.manager)
    assert missing(api, person.hsa_id) == ["NOT_AUTHORISED"]
    right = OrderingRight.objects.get(key="websesam.health-care")
    authorisation = grant_authorisation(employment=person.employment, right=right, by=world.manager)

    after = api.check(person.hsa_id)
    assert after["outcome"] == "allowed"
    assert after["allowed"] is True
    assert after["missing"] == []
    assert {reason["code"] for reason in after["reasons"]} == {
        "EMPLOYED",
        "APPOINTED",
        "REQUIREMENT_MET",
        "AUTHORISED",
    }

    revoke_authorisation(authorisation=authorisation, reason="Fel person", by=world.manager)
    revoked = api.check(person.hsa_id)
    assert revoked["outcome"] == "denied"
    assert [step["code"] for step in revoked["missing"]] == ["REVOKED"]


def test_an_answer_has_the_fields_of_the_contract(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[NATIONAL])

    answer = api.check(prescriber.hsa_id)

    assert set(answer) == FIELDS
    step = answer["missing"][0]
    assert step["code"] == "COURSE_MISSING"
    assert step["requirement"] == "regional-mobility"
    assert step["alternatives"] == [[REGIONAL]]
    assert step["url"].startswith("http")
    assert step["minutes"] == 45
    assert step["text"] == "Genomför ”Regional utbildning för förskrivare”."
    ground = next(reason for reason in answer["reasons"] if reason["course"] == NATIONAL)
    assert ground["code"] == "REQUIREMENT_MET"
    assert ground["since"] == "2025-02-03"
    assert answer["policy_version"] == 1
    assert answer["revision"] == Revision.objects.get().number


def test_times_bear_the_offset_of_stockholm(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    answer = api.check(prescriber.hsa_id, valid_at="2026-07-01T12:00:00Z")

    assert answer["valid_at"] == "2026-07-01T14:00:00+02:00"


def test_the_lapse_of_the_ordering_right_is_told_beforehand(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    answer = api.check(prescriber.hsa_id)
    at_the_end = api.check(prescriber.hsa_id, valid_at=answer["valid_until"])

    assert answer["valid_until"] is not None
    assert [step["code"] for step in at_the_end["missing"]] == ["AUTHORISATION_INACTIVE"]


# --- Codes ----------------------------------------------------------------------------------------------------------
def test_an_unknown_hsa_id_is_denied_with_its_code(world: World, api: ApiClient) -> None:
    answer = api.check(UNKNOWN)

    assert answer["outcome"] == "denied"
    assert answer["missing"][0]["code"] == "UNKNOWN_PERSON"
    row = DecisionLog.objects.get(pk=answer["decision_id"])
    assert (row.person, row.hsa_id) == (None, UNKNOWN)


def test_an_hsa_id_is_compared_without_case(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    answer = api.check(prescriber.hsa_id.lower())

    assert answer["allowed"] is True
    assert answer["hsa_id"] == prescriber.hsa_id.lower()


def test_somebody_without_an_employment_is_not_employed(world: World, api: ApiClient) -> None:
    identity = make_hsa_id(make_person())

    assert missing(api, identity.value)[0] == "NOT_EMPLOYED"


def test_a_former_employee_is_not_employed(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    end_employment(employment=prescriber.employment, last_day=local_day(timezone.now()) - timedelta(days=1), by=BUILDER)

    assert missing(api, prescriber.hsa_id)[0] == "NOT_EMPLOYED"


def test_somebody_on_leave_is_suspended(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    suspend(employment=prescriber.employment, starts_on=local_day(timezone.now()), by=world.manager)

    assert missing(api, prescriber.hsa_id) == ["SUSPENDED"]


def test_a_revoked_appointment_denies_the_very_next_answer(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    assert api.check(prescriber.hsa_id)["allowed"] is True
    assert prescriber.appointment is not None

    revoke_appointment(appointment=prescriber.appointment, reason="Byter uppgifter", by=world.manager)

    assert missing(api, prescriber.hsa_id) == ["REVOKED"]


def test_a_missing_introduction_is_an_attestation_that_is_missing(world: World, api: ApiClient) -> None:
    orderer = make_prescriber(world.clinic, role=ORDERER, attestations=())

    step = api.check(orderer.hsa_id, "websesam.unit")["missing"][0]

    assert step["code"] == "ATTESTATION_MISSING"
    assert step["alternatives"] == [["attestation:unit-introduction"]]
    attest(employment=orderer.employment, attestation="unit-introduction", by=world.manager)
    assert api.check(orderer.hsa_id, "websesam.unit")["allowed"] is True


def test_social_care_without_the_course_is_allowed_with_a_warning(world: World, api: ApiClient) -> None:
    orderer = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())

    answer = api.check(orderer.hsa_id, "websesam.social-care")

    assert (answer["outcome"], answer["allowed"]) == ("allowed_with_warning", True)
    assert "REQUIREMENT_RECOMMENDED" in {reason["code"] for reason in answer["reasons"]}
    assert [step["is_blocking"] for step in answer["missing"]] == [False]


def test_a_right_per_unit_holds_for_its_customer_number_only(world: World, api: ApiClient) -> None:
    orderer = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="123456")

    assert api.check(orderer.hsa_id, "sesamlmn.order", customer_number="123456")["allowed"] is True
    assert missing(api, orderer.hsa_id, "sesamlmn.order", customer_number="654321") == ["NOT_AUTHORISED"]


def test_f23_a_right_holds_under_the_hsa_id_of_its_employer_only(world: World, api: ApiClient) -> None:
    person = make_person()
    allowed = make_prescriber(world.clinic, person=person)
    denied = make_prescriber(world.home_care, person=person, is_appointed=False, is_authorised=False, courses=())

    assert api.check(allowed.hsa_id)["allowed"] is True
    assert missing(api, denied.hsa_id) == ["NOT_APPOINTED", "NOT_AUTHORISED"]


def test_only_roles_that_cover_the_product_group_count(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    assert api.check(prescriber.hsa_id, product_group="rorelse")["allowed"] is True
    assert api.check(prescriber.hsa_id, product_group="syn")["allowed"] is False
