"""What a look-up is for, as the caller says it, in the log."""

from __future__ import annotations

import pytest

from competence.models.decision_log import DecisionLog
from competence.rest_api.purposes import ENVIRON, HEADER
from tests.factories.competence import World
from tests.factories.machine_clients import ApiClient

QUESTION = {"hsa_id": "SE2321000131-NOBODY", "right": "websesam.health-care"}


def test_a27_a_purpose_is_kept_with_the_look_up(world: World, api: ApiClient) -> None:
    api.get("eligibility", QUESTION, **{HEADER: "nightly-synchronisation"})

    assert DecisionLog.objects.get().purpose == "nightly-synchronisation"


def test_without_one_it_is_an_ordering_check(world: World, api: ApiClient) -> None:
    api.get("eligibility", QUESTION)

    assert DecisionLog.objects.get().purpose == "ordering-check"


@pytest.mark.parametrize("count", [3, 40])
def test_each_look_up_of_a_batch_has_it(world: World, api: ApiClient, count: int) -> None:
    checks = [{"id": str(number), **QUESTION} for number in range(count)]
    api.post("eligibility/batch", {"checks": checks}, **{HEADER: "control"})

    assert set(DecisionLog.objects.values_list("purpose", flat=True)) == {"control"}


def test_the_rights_of_a_person_have_it(world: World, api: ApiClient) -> None:
    api.get(f"people/{QUESTION['hsa_id']}/rights", None, **{HEADER: "support-case"})

    assert set(DecisionLog.objects.values_list("purpose", flat=True)) == {"support-case"}


@pytest.mark.parametrize("purpose", ["Patienten Kim har ont", "X", "", "a" * 41, "två", "a\tb", "-a"])
def test_a_sentence_is_refused_so_that_nobody_writes_about_patients(world: World, api: ApiClient, purpose: str) -> None:
    answer = api.get("eligibility", QUESTION, **{HEADER: purpose})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["name"] == HEADER
    assert not DecisionLog.objects.exists()


def test_the_name_for_wsgi_is_the_headers() -> None:
    assert f"HTTP_{HEADER.upper().replace('-', '_')}" == ENVIRON
