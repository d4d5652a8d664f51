"""Many checks at once, a person's rights, and answers given before: all equal to the single check."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from django.db import OperationalError, connection

from competence.actions.authorisations import revoke_authorisation
from competence.actions.employments import start_employment
from competence.actions.rules import register_course_reference
from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion
from competence.models.decision_log import DecisionLog
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    NATIONAL,
    ORDERER,
    REGIONAL,
    SOCIAL_CARE_ORDERER,
    World,
    complete,
    make_hsa_id,
    make_prescriber,
)
from tests.factories.machine_clients import ApiClient, make_api_client

RIGHT = "websesam.health-care"
DIFFERS = {"id", "decision_id"}
EVALUATED, PREPARED = 15, 7


def some_checks(world: World) -> list[dict[str, Any]]:
    people = [
        make_prescriber(world.clinic),
        make_prescriber(world.clinic, courses=[NATIONAL]),
        make_prescriber(world.clinic, level="basic", courses=[REGIONAL]),
        make_prescriber(world.clinic, is_appointed=False),
        make_prescriber(world.clinic, is_authorised=False),
    ]
    orderer = make_prescriber(world.clinic, role=ORDERER)
    social = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    consumables = make_prescriber(world.clinic, role=CONSUMABLES)
    return [
        *({"hsa_id": person.hsa_id, "right": RIGHT} for person in people),
        *({"hsa_id": person.hsa_id, "right": "websesam.unit"} for person in people),
        {"hsa_id": orderer.hsa_id, "right": "websesam.unit"},
        {"hsa_id": social.hsa_id, "right": "websesam.social-care"},
        {"hsa_id": consumables.hsa_id, "right": "sesamlmn.order", "customer_number": "123456"},
        {"hsa_id": people[0].hsa_id, "right": RIGHT, "product_group": "syn"},
        {"hsa_id": people[0].hsa_id, "right": RIGHT, "valid_at": "2024-05-01T12:00:00+02:00"},
        {"hsa_id": "SE2321000131-NOBODY", "right": RIGHT},
        {"hsa_id": "nonsense", "right": RIGHT},
        {"hsa_id": people[0].hsa_id, "right": "nonsense"},
        {"hsa_id": people[0].hsa_id, "right": "sesamlmn.order"},
        {"hsa_id": people[0].hsa_id, "right": RIGHT, "valid_at": "tomorrow"},
    ]


def test_p08_each_result_of_a_batch_equals_the_single_answer(world: World, api: ApiClient) -> None:
    checks = [{"id": str(number), **check} for number, check in enumerate(some_checks(world))]
    valid_at = "2026-11-22T12:00:00+01:00"

    body = api.post("eligibility/batch", {"checks": checks, "valid_at": valid_at}).json()

    assert [result["id"] for result in body["results"]] == [check["id"] for check in checks]
    for check, result in zip(checks, body["results"], strict=True):
        query = {"valid_at": valid_at, **{name: value for name, value in check.items() if name != "id"}}
        single = api.get("eligibility", query).json()
        if "problem" in result:
            assert result["problem"] == single
        else:
            assert result["revision"] == body["revision"]
            assert {k: v for k, v in result.items() if k not in DIFFERS} == {
                k: v for k, v in single.items() if k not in DIFFERS
            }
            assert DecisionLog.objects.get(pk=result["decision_id"]).outcome == result["outcome"]


@pytest.mark.parametrize("people", [1, 12])
def test_a_batch_costs_the_same_number_of_queries_for_one_and_for_many(
    world: World, api: ApiClient, people: int, django_assert_num_queries: Any
) -> None:
    prescribers = [make_prescriber(world.clinic) for _number in range(people)]
    checks = [{"id": str(n), "hsa_id": one.hsa_id, "right": RIGHT} for n, one in enumerate(prescribers)]
    api.check(make_prescriber(world.clinic).hsa_id)  # compiles the rules
    # On PostgreSQL answers are kept by the first batch, and found by the second.
    first, second = (EVALUATED, PREPARED) if connection.vendor == "postgresql" else (11, 11)

    with django_assert_num_queries(first):
        api.post("eligibility/batch", {"checks": checks})
    with django_assert_num_queries(second):
        results = api.post("eligibility/batch", {"checks": checks}).json()["results"]

    assert [result["allowed"] for result in results] == [True] * people


def test_a_batch_is_larger_than_one_chunk(world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competence.rest_api.batch.CHUNK", 2)
    prescriber = make_prescriber(world.clinic)
    checks = [{"id": str(number), "hsa_id": prescriber.hsa_id, "right": RIGHT} for number in range(5)]

    results = api.post("eligibility/batch", {"checks": checks}).json()["results"]

    assert [result["id"] for result in results] == ["0", "1", "2", "3", "4"]
    assert len({result["valid_at"] for result in results}) == 1
    assert DecisionLog.objects.count() == 5


def test_p17_prepared_results_equal_evaluated_ones(world: World, api: ApiClient) -> None:
    checks = [{"id": str(number), **check} for number, check in enumerate(some_checks(world))]
    first, second = (api.post("eligibility/batch", {"checks": checks}).json()["results"] for _time in range(2))
    own = {"decision_id", "valid_at", "known_at"}
    for one, other in zip(first, second, strict=True):
        assert list(one) == list(other)
        assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in other.items() if k not in own}
    for result in second:
        if "problem" not in result:
            given = {name: value for name, value in result.items() if name != "id"}
            assert DecisionLog.objects.select_related("given").get(pk=result["decision_id"]).answer == given


def test_p14_a_batch_after_a_revocation_denies(world: World, api: ApiClient) -> None:
    people = [make_prescriber(world.clinic) for _number in range(3)]
    checks = [{"id": str(n), "hsa_id": one.hsa_id, "right": RIGHT} for n, one in enumerate(people)]
    api.post("eligibility/batch", {"checks": checks})
    assert people[1].authorisation
    revoke_authorisation(authorisation=people[1].authorisation, reason="Prov", by=world.manager)

    results = api.post("eligibility/batch", {"checks": checks}).json()["results"]

    assert [result["allowed"] for result in results] == [True, False, True]


def test_lines_are_the_results_of_the_batch(world: World, api: ApiClient) -> None:
    checks = [{"id": str(number), **check} for number, check in enumerate(some_checks(world))]
    whole = api.post("eligibility/batch", {"checks": checks}).json()["results"]

    response = api.post("eligibility/batch", {"checks": checks}, Accept="application/x-ndjson")
    lines = [json.loads(line) for line in response.getvalue().decode().splitlines()]

    assert response.headers["Content-Type"] == "application/x-ndjson"
    own = {"decision_id", "valid_at", "known_at"}
    for one, other in zip(whole, lines, strict=True):
        assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in other.items() if k not in own}


def test_lines_that_end_before_their_time_say_so(world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competence.rest_api.batch.CHUNK", 1)
    people = [make_prescriber(world.clinic) for _number in range(3)]
    checks = [{"id": str(n), "hsa_id": one.hsa_id, "right": RIGHT} for n, one in enumerate(people)]
    response = api.post("eligibility/batch", {"checks": checks}, Accept="application/x-ndjson")
    lines = iter(response)
    first = json.loads(next(lines))
    monkeypatch.setattr("competence.rest_api.batch.write_down", _fail)

    last = json.loads(next(lines))

    assert first["allowed"] is True
    assert last["problem"]["code"] == "unavailable"
    assert "id" not in last
    with pytest.raises(OperationalError):
        next(lines)


@pytest.mark.postgres
def test_a_stream_of_thousands_takes_no_more_memory_than_a_shorter_one(world: World, api: ApiClient) -> None:
    """Neither answers nor rows of the log gather: what is held at a time is one chunk."""
    person = make_prescriber(world.clinic)
    api.check(person.hsa_id)

    def most_held(count: int) -> tuple[int, int]:
        checks = [{"id": str(n), "hsa_id": person.hsa_id, "right": RIGHT} for n in range(count)]
        response = api.post("eligibility/batch", {"checks": checks}, Accept="application/x-ndjson")
        size = 0
        tracemalloc.start()  # when the body has been read and checked
        try:
            for part in response:
                size += len(part)
            return tracemalloc.get_traced_memory()[1], size
        finally:
            tracemalloc.stop()

    most_held(100)
    some, some_bytes = most_held(6_000)  # from the third chunk on, one is held while the next is worked out
    many, many_bytes = most_held(10_000)
    assert many_bytes > 1.6 * some_bytes
    assert many < 1.2 * some, (some, many)


def _fail(*_args: Any) -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"checks": []}, "checks"),
        ({"checks": [{"id": str(n), "hsa_id": "x", "right": "y"} for n in range(10_001)]}, "checks"),
        ({"checks": [{"id": "1", "hsa_id": "x"}]}, "checks[0].right"),
        ({"checks": [{"id": "1", "hsa_id": "x", "right": "y", "role": "z"}]}, "checks[0].role"),
        ({"checks": [{"id": 1, "hsa_id": "x", "right": "y"}]}, "checks[0].id"),
        ({"checks": [{"id": "1", "hsa_id": "x", "right": "y"}], "order_by": "x"}, "order_by"),
    ],
)
def test_a43_a_batch_of_another_form_is_refused_by_name(
    world: World, api: ApiClient, body: dict[str, Any], name: str
) -> None:
    response = api.post("eligibility/batch", body)

    unknown = name in {"order_by", "checks[0].role"}
    assert problem(response, 400) == ("unknown_parameter" if unknown else "invalid_parameter")
    assert [error["name"] for error in response.json()["errors"]] == [name]


# --- A person's rights ----------------------------------------------------------------------------------------------
def test_a_persons_rights_equal_the_single_answers(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    make_prescriber(world.clinic, role=CONSUMABLES, person=prescriber.person, customer_number="222222")

    body = api.get(f"people/{prescriber.hsa_id}/rights").json()

    assert [(answer["right"], answer["customer_number"]) for answer in body["rights"]] == [
        ("websesam.unit", None),
        ("websesam.health-care", None),
        ("websesam.social-care", None),
        ("sesamlmn.order", "222222"),
        ("sesamlmn.withdrawal", None),
    ]
    for answer in body["rights"]:
        number = {"customer_number": answer["customer_number"]} if answer["customer_number"] else {}
        single = api.check(prescriber.hsa_id, answer["right"], valid_at=answer["valid_at"], **number)
        assert {**single, "decision_id": ""} == {**answer, "decision_id": ""}
        assert DecisionLog.objects.filter(pk=answer["decision_id"]).exists()


def test_a_right_per_unit_that_was_never_given_is_listed_as_denied(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    rights = api.get(f"people/{prescriber.hsa_id}/rights").json()["rights"]

    [order] = [one for one in rights if one["right"] == "sesamlmn.order"]
    assert (order["customer_number"], order["allowed"]) == (None, False)


def test_an_unknown_person_has_no_right(world: World, api: ApiClient) -> None:
    rights = api.get("people/SE2321000131-NOBODY/rights").json()["rights"]

    assert {answer["missing"][0]["code"] for answer in rights} == {"UNKNOWN_PERSON"}


# --- Replay ---------------------------------------------------------------------------------------------------------
def test_p06_a_logged_answer_replays_equal_whatever_happened_since(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    answer = api.check(prescriber.hsa_id)
    assert prescriber.authorisation is not None
    revoke_authorisation(authorisation=prescriber.authorisation, reason="Slutar", by=BUILDER)
    withdraw_completion(completion=Completion.objects.first(), reason="Fel person", by=BUILDER)  # type: ignore[arg-type]
    complete(prescriber.person, REGIONAL)
    assert api.check(prescriber.hsa_id)["allowed"] is False

    shown = api.get(f"decisions/{answer['decision_id']}").json()

    assert shown["decision"] == answer
    assert shown["replay"] == answer
    assert shown["replayed_equal"] is True
    assert shown["asked_by"] == f"client:{api.client.client_id}"


def test_p06_every_kind_of_answer_replays_equal(world: World, api: ApiClient) -> None:
    for check in some_checks(world):
        response = api.get("eligibility", check)
        if response.status_code == 200:
            shown = api.get(f"decisions/{response.json()['decision_id']}").json()
            assert shown["replayed_equal"] is True


def test_p06_an_unknown_person_replays_as_unknown_when_known_since(world: World, api: ApiClient) -> None:
    answer = api.check("SE2321000131-LATER")
    prescriber = make_prescriber(world.clinic)
    make_hsa_id(prescriber.person, "SE2321000131-LATER")

    shown = api.get(f"decisions/{answer['decision_id']}").json()

    assert shown["replayed_equal"] is True
    assert shown["replay"]["missing"][0]["code"] == "UNKNOWN_PERSON"


def test_p06_somebody_hidden_replays_as_hidden_although_employed_in_sight_since(world: World) -> None:
    client = make_api_client(principal_kinds=["municipality"])
    prescriber = make_prescriber(world.clinic)
    answer = client.check(prescriber.hsa_id)
    start_employment(
        person=prescriber.person,
        unit=world.home_care,
        identity=prescriber.employment.identity,
        starts_on=prescriber.employment.starts_on,
        by=BUILDER,
    )
    assert client.check(prescriber.hsa_id)["missing"][0]["code"] != "UNKNOWN_PERSON"

    shown = client.get(f"decisions/{answer['decision_id']}").json()

    assert shown["replayed_equal"] is True


def test_p16_a_course_with_another_name_decides_the_same(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    answer = api.check(prescriber.hsa_id)
    register_course_reference(key=NATIONAL, title="Ett nytt namn", level="national", by=BUILDER)

    shown = api.get(f"decisions/{answer['decision_id']}").json()

    assert shown["replayed_equal"] is True
    assert shown["replay"] != shown["decision"]
