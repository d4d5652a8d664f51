"""The change feed as a client reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competence.actions.appointments import revoke_appointment
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import suspend
from competence.models.machine_client import Scope
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import PrincipalKind
from competence.models.outbox import Revision
from lms.audit.models import AuditEvent
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import BUILDER, CONSUMABLES, Prescriber, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

RIGHT = "websesam.health-care"


def changes(api: ApiClient, after: str | None = None, **query: Any) -> dict[str, Any]:
    """A page of the feed, which must be one."""
    response = api.get("changes", {**({} if after is None else {"after": after}), **query})
    assert response.status_code == 200, response.content.decode()
    page: dict[str, Any] = response.json()
    return page


def take_back(one: Prescriber) -> None:
    assert one.authorisation
    revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=BUILDER)


def give(one: Prescriber) -> None:
    grant_authorisation(employment=one.employment, right=OrderingRight.objects.get(key=RIGHT), by=BUILDER)


def test_a_change_is_told_with_what_it_was_and_is(world: World, api: ApiClient) -> None:
    one = make_prescriber(world.clinic)
    start = changes(api, "latest")
    assert start["changes"] == []

    take_back(one)

    page = changes(api, start["next"])
    change = next(c for c in page["changes"] if c["right"] == RIGHT)
    answer = api.check(one.hsa_id)
    at = change.pop("at")
    assert at == change.pop("recorded_at") or at < page["changes"][0].get("recorded_at", at)
    assert change == {
        "id": change["id"],
        "type": "eligibility.changed",
        "hsa_id": one.hsa_id,
        "right": RIGHT,
        "customer_number": None,
        "previous": "allowed",
        "outcome": answer["outcome"],
        "allowed": False,
        "revision": answer["revision"],
        "policy_version": answer["policy_version"],
        "cause": "facts",
        "url": change["url"],
    }
    assert change["url"].endswith(f"/api/v1/eligibility?hsa_id={one.hsa_id}&right={RIGHT}")
    assert page["revision"] == answer["revision"]
    assert page["has_more"] is False


def test_nothing_is_coalesced_away(world: World, api: ApiClient) -> None:
    one = make_prescriber(world.clinic)
    start = changes(api, "latest")["next"]

    take_back(one)
    give(one)

    told = [(c["previous"], c["outcome"]) for c in changes(api, start)["changes"] if c["right"] == RIGHT]
    assert told == [("allowed", "denied"), ("denied", "allowed")]


def test_read_from_the_beginning_it_says_how_everybody_stands(world: World, api: ApiClient) -> None:
    people = [make_prescriber(world.clinic), make_prescriber(world.clinic, is_authorised=False)]
    people.append(make_prescriber(world.home_care, role=CONSUMABLES))
    take_back(people[0])
    give(people[0])

    known: dict[tuple[str, str, str | None], str] = {}
    for change in changes(api, limit=1000)["changes"]:
        known[change["hsa_id"], change["right"], change["customer_number"]] = change["outcome"]

    for one in people:
        assert known.get((one.hsa_id, RIGHT, None), "denied") == api.check(one.hsa_id)["outcome"]
    asked = {"right": "sesamlmn.order", "customer_number": "123456"}
    assert known[people[2].hsa_id, "sesamlmn.order", "123456"] == api.check(people[2].hsa_id, **asked)["outcome"]


def test_pages_leave_nothing_out_and_the_cursor_stays(world: World, api: ApiClient) -> None:
    one = make_prescriber(world.clinic)
    for _turn in range(3):
        take_back(one)
        give(one)
        one = Prescriber(one.person, one.employment, one.hsa_id, one.appointment, _granted(one))
    everything = changes(api, limit=1000)["changes"]
    assert len(everything) > 6

    found, after = [], None
    while True:
        page = changes(api, after, limit=2)
        assert len(page["changes"]) <= 2
        found += page["changes"]
        after = page["next"]
        if not page["has_more"]:
            break

    assert found == everything
    assert changes(api, after)["changes"] == []
    assert changes(api, after)["next"] == after
    assert changes(api, everything[3]["id"], limit=1000)["changes"] == everything[4:]


def _granted(one: Prescriber) -> Any:
    return one.employment.authorisations.order_by("-pk").first()


def test_what_time_brings_is_told_at_its_own_instant_by_whoever_reads_first(world: World, api: ApiClient) -> None:
    one = make_prescriber(world.clinic)
    today = timezone.localdate()
    suspend(
        employment=one.employment, starts_on=today + timedelta(days=2), ends_on=today + timedelta(days=3), by=BUILDER
    )
    start = changes(api, "latest")["next"]
    # Nothing has run for a week.
    Revision.objects.update(at=timezone.now() + timedelta(days=7))

    told = [c for c in changes(api, start)["changes"] if c["right"] == RIGHT]

    assert [(c["outcome"], c["cause"], c["at"][:10]) for c in told] == [
        ("denied", "time", str(today + timedelta(days=2))),
        ("allowed", "time", str(today + timedelta(days=4))),
    ]


@pytest.mark.parametrize(
    "cursor",
    ["", "1", "1.00000000.0", "2.{feed}.0", "1.{feed}.99999", "1.{feed}.-1", "1.{feed}.01", "1.{feed}.1\n", "ÅÄÖ"],
)
def test_a_foreign_cursor_is_refused(world: World, api: ApiClient, cursor: str) -> None:
    feed = Revision.objects.get().feed
    response = api.get("changes", {"after": cursor.format(feed=feed)})

    assert problem(response, 400) == "unknown_cursor"


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", ""])
def test_a_limit_is_between_1_and_1000(world: World, api: ApiClient, limit: str) -> None:
    assert problem(api.get("changes", {"limit": limit}), 400) == "invalid_parameter"


def test_an_unknown_parameter_is_refused(world: World, api: ApiClient) -> None:
    assert problem(api.get("changes", {"since": "2026-01-01"}), 400) == "unknown_parameter"


def test_before_everybody_has_been_told_of_nobody_reads(world: World, api: ApiClient) -> None:
    Revision.objects.update(feed_began_at=None)

    response = api.get("changes")

    assert problem(response, 503) == "feed_not_ready"
    assert response.headers["Retry-After"]


# --- Outsiders ------------------------------------------------------------------------------------------------------
def test_a40_a_client_hears_of_its_own_systems_rights_only(world: World) -> None:
    websesam, sesamlmn, none = (make_api_client(systems=systems) for systems in (["websesam"], ["sesamlmn"], []))
    make_prescriber(world.clinic)
    make_prescriber(world.clinic, role=CONSUMABLES)

    assert {c["right"].split(".")[0] for c in changes(websesam, limit=1000)["changes"]} == {"websesam"}
    assert {c["right"].split(".")[0] for c in changes(sesamlmn, limit=1000)["changes"]} == {"sesamlmn"}
    assert changes(none)["changes"] == []
    assert changes(none)["has_more"] is False


def test_a40_a_client_hears_of_its_own_principals_people_only(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    make_prescriber(world.clinic)
    seen = make_prescriber(world.home_care)

    assert {c["hsa_id"] for c in changes(client, limit=1000)["changes"]} == {seen.hsa_id}


def test_a40_what_changes_at_another_principal_only_is_no_change(world: World) -> None:
    """One HSA-ID, two employers: whoever sees one of them hears of that one."""
    client, everywhere = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY]), make_api_client()
    person = make_person()
    at_home = make_prescriber(world.home_care, person=person)
    clinic = make_prescriber(world.clinic, person=person)
    start, start_everywhere = changes(client, "latest")["next"], changes(everywhere, "latest")["next"]
    assert clinic.appointment

    revoke_appointment(appointment=clinic.appointment, reason="Prov", by=BUILDER)

    assert changes(client, start)["changes"] == []
    assert {c["hsa_id"] for c in changes(everywhere, start_everywhere)["changes"]} == {clinic.hsa_id}
    assert client.check(at_home.hsa_id)["allowed"]


def test_a_client_without_the_scope_is_refused(world: World) -> None:
    assert problem(make_api_client(scopes=[Scope.STATISTICS_READ]).get("changes"), 403) == "insufficient_scope"


# --- Quota and log --------------------------------------------------------------------------------------------------
def test_a27_everybody_named_counts_once_a_page(world: World, api: ApiClient, settings: Any) -> None:
    for _number in range(3):
        take_back(make_prescriber(world.clinic))
    settings.API_ANSWERS_PER_HOUR = 3

    assert '"people";r=0;' in api.get("changes", {"limit": 1000}).headers["RateLimit"]
    assert problem(api.get("changes", {"limit": 1000}), 429) == "too_many_requests"


def test_who_was_told_of_whom_is_logged_in_one_row_for_a_page(world: World, api: ApiClient) -> None:
    people = [make_prescriber(world.clinic).person for _number in range(3)]
    AuditEvent.objects.all().delete()

    page = changes(api, limit=1000)
    changes(api, page["next"])

    row = AuditEvent.objects.get(kind=AuditEvent.Kind.LOOK_UP)
    assert row.action == "list_changes"
    assert row.actor_name == f"client:{api.client.client_id}"
    assert row.purpose
    assert row.details["people"] == sorted(person.pk for person in people)
    assert row.details["count"] == 3


@pytest.mark.parametrize("people", [1, 3])
def test_a_page_costs_the_same_however_many_are_on_it(
    world: World, api: ApiClient, people: int, django_assert_num_queries: Any
) -> None:
    for _number in range(people):
        make_prescriber(world.clinic)
    changes(api)
    with django_assert_num_queries(QUERIES):
        changes(api, limit=1000)


QUERIES = 10
