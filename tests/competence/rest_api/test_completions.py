"""Completions that other systems report."""

from __future__ import annotations

from typing import Any

import pytest

from competence.models.completion import Completion
from competence.models.machine_client import Scope
from competence.models.outbox import OutboxEvent, Revision
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import NATIONAL, REGIONAL, World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

DONE = "2026-02-03T10:15:00+01:00"


def report(hsa_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "source": "larportal",
        "source_id": "4711",
        "hsa_id": hsa_id,
        "course": REGIONAL,
        "completed_at": DONE,
        **fields,
    }


def test_a_reported_completion_counts_in_the_next_answer(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[NATIONAL])

    body = api.post("completions", report(prescriber.hsa_id)).json()

    result = body["results"][0]
    assert result["status"] == "recorded"
    assert body["revision"] == Revision.objects.get().number
    assert api.check(prescriber.hsa_id, at_least=body["revision"])["allowed"] is True
    completion = Completion.objects.get(public_id=result["completion_id"])
    assert completion.source == f"{api.client.client_id}:larportal"
    assert completion.recorded_by_name == f"client:{api.client.client_id}"


def test_f02_what_stands_twice_in_a_report_is_recorded_once(world: World, api: ApiClient) -> None:
    one = report(make_prescriber(world.clinic, courses=[]).hsa_id)

    results = api.post("completions", {"completions": [one, one]}).json()["results"]

    assert [result["status"] for result in results] == ["recorded", "already_recorded"]
    assert results[0]["completion_id"] == results[1]["completion_id"]
    assert Completion.objects.filter(source_id=one["source_id"]).count() == 1


def test_f02_the_same_report_again_is_recorded_once(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[])
    first = api.post("completions", report(prescriber.hsa_id)).json()["results"][0]
    events = OutboxEvent.objects.count()

    again = api.post("completions", report(prescriber.hsa_id)).json()["results"][0]

    assert (first["status"], again["status"]) == ("recorded", "already_recorded")
    assert again["completion_id"] == first["completion_id"]
    assert Completion.objects.filter(person=prescriber.person).count() == 1
    assert OutboxEvent.objects.count() == events


@pytest.mark.parametrize("other", [{"course": NATIONAL}, {"completed_at": "2026-02-04T10:15:00+01:00"}, {"score": 80}])
def test_the_same_key_with_other_content_is_a_conflict(world: World, api: ApiClient, other: dict[str, Any]) -> None:
    prescriber = make_prescriber(world.clinic, courses=[])
    api.post("completions", report(prescriber.hsa_id))

    assert problem(api.post("completions", report(prescriber.hsa_id, **other)), 409) == "conflict"
    assert Completion.objects.filter(person=prescriber.person).count() == 1


def test_one_bad_item_does_not_stop_the_others(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic, courses=[])
    api.post("completions", report(prescriber.hsa_id))
    items = [
        report(prescriber.hsa_id, source_id="1"),
        report("SE2321000131-NOBODY", source_id="2"),
        report(prescriber.hsa_id, source_id="3", course="nonsense"),
        report(prescriber.hsa_id, source_id="4", completed_at="2999-01-01T00:00:00Z"),
        report(prescriber.hsa_id, source_id="5", completed_at="2199-01-01T00:00:00Z"),
        report(prescriber.hsa_id, completed_at="2026-02-05T10:15:00+01:00"),
        report(prescriber.hsa_id, source_id="6"),
    ]

    response = api.post("completions", {"completions": items})

    assert response.status_code == 200
    results = response.json()["results"]
    assert [result["status"] for result in results] == [
        "recorded",
        "refused",
        "refused",
        "refused",
        "refused",
        "conflict",
        "recorded",
    ]
    assert [result["problem"]["code"] for result in results if "problem" in result] == [
        "invalid_parameter",
        "refused",
        "invalid_parameter",
        "refused",
        "conflict",
    ]


def test_a_single_report_that_is_refused_is_a_problem(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)

    assert problem(api.post("completions", report("SE2321000131-NOBODY")), 400) == "invalid_parameter"
    assert problem(api.post("completions", report(prescriber.hsa_id, course="nonsense")), 422) == "refused"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"source_id": ""}, "source_id"),
        ({"source": "a source with spaces"}, "source"),
        ({"score": 101}, "score"),
        ({"person": "x"}, "person"),
        ({"source_id": "x\x00"}, "source_id"),
    ],
)
def test_a_field_that_is_wrong_is_named(world: World, api: ApiClient, fields: dict[str, Any], name: str) -> None:
    response = api.post("completions", report("SE2321000131-NOBODY", **fields))

    assert problem(response, 400) == ("unknown_parameter" if name == "person" else "invalid_parameter")
    assert [error["name"] for error in response.json()["errors"]] == [name]


def test_a_nul_is_named_by_its_place_among_many(api: ApiClient) -> None:
    many = [report("SE2321000131-NOBODY"), report("SE2321000131-NOBODY", course="x\0")]
    response = api.post("completions", {"completions": many})

    assert problem(response, 400) == "invalid_parameter"
    assert [error["name"] for error in response.json()["errors"]] == ["completions[1].course"]


def test_two_clients_may_use_the_same_key(world: World, api: ApiClient) -> None:
    other = make_api_client()
    first, second = (make_prescriber(world.clinic, courses=[]) for _number in range(2))

    assert api.post("completions", report(first.hsa_id)).status_code == 200
    assert other.post("completions", report(second.hsa_id)).status_code == 200


def test_a40_a_client_reports_only_about_people_that_it_sees(world: World) -> None:
    client = make_api_client(scopes=[Scope.COMPLETIONS_WRITE], principal_kinds=["municipality"])
    hidden, seen = make_prescriber(world.clinic, courses=[]), make_prescriber(world.home_care, courses=[])

    assert problem(client.post("completions", report(hidden.hsa_id)), 400) == "invalid_parameter"
    assert client.post("completions", report(seen.hsa_id)).status_code == 200
