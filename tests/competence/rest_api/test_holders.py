"""The list of those who may use a right: every row is what the single check answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competence.actions import prepared
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import suspend
from competence.actions.identities import merge_people
from competence.actions.people import give_identity
from competence.models.machine_client import Scope
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import PrincipalKind
from competence.models.prepared import OutcomesMade
from lms.audit.models import AuditEvent
from lms.users.models import EmployeeIdentity
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    SOCIAL_CARE_ORDERER,
    World,
    make_person,
    make_prescriber,
)
from tests.factories.machine_clients import ApiClient, make_api_client

RIGHT, PER_UNIT, SOCIAL = "websesam.health-care", "sesamlmn.order", "websesam.social-care"


def holders(api: ApiClient, right: str = RIGHT, **query: Any) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        response = api.get(f"rights/{right}/holders", {**query, **cursor})
        assert response.status_code == 200, response.content.decode()
        page = response.json()
        found += page["holders"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def known_by(rows: list[dict[str, Any]]) -> list[str]:
    return [row["hsa_id"] for row in rows]


def assert_as_single(api: ApiClient, right: str, rows: list[dict[str, Any]], **query: Any) -> None:
    """Everybody with an HSA-ID is on the list exactly if the single check says so, and with what it says."""
    listed = {(row["hsa_id"], row["customer_number"]): row for row in rows}
    assert len(listed) == len(rows)
    numbers = [None] if right != PER_UNIT else ["123456", "654321"]
    for identity in EmployeeIdentity.objects.all():
        for number in numbers:
            asked = {**query, **({} if number is None else {"customer_number": number})}
            answer = api.check(identity.value, right, **asked)
            row = listed.pop((identity.value, number), None)
            assert (row is not None) is answer["allowed"], (identity.value, number, answer)
            if row is not None:
                assert (row["outcome"], row["valid_until"]) == (answer["outcome"], answer["valid_until"])
    assert not listed


def make_crowd(world: World) -> None:
    """Some who may, some who may not, some for a while, some with several employers or HSA-IDs."""
    today = timezone.localdate()
    make_prescriber(world.clinic)
    make_prescriber(world.clinic, is_authorised=False)
    make_prescriber(world.vgr, ends_on=today + timedelta(days=20))
    away = make_prescriber(world.clinic)
    suspend(employment=away.employment, starts_on=today, ends_on=today + timedelta(days=3), by=BUILDER)
    two = make_person()
    make_prescriber(world.clinic, person=two)
    make_prescriber(world.home_care, person=two, is_appointed=False)
    make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=[])
    for number in ("123456", "654321"):
        make_prescriber(world.clinic, role=CONSUMABLES, customer_number=number)
    both = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="123456")
    grant_authorisation(
        employment=both.employment,
        right=OrderingRight.objects.get(key=PER_UNIT),
        customer_number="654321",
        by=BUILDER,
    )


@pytest.mark.parametrize(("days", "is_stored"), [(None, True), (None, False), (30, True), (-400, True)])
def test_p08_the_list_is_the_single_answers(world: World, days: int | None, is_stored: bool) -> None:
    make_crowd(world)
    if not is_stored:
        OutcomesMade.objects.all().delete()
    query = {} if days is None else {"valid_at": (timezone.now() + timedelta(days=days)).isoformat()}
    everywhere, municipal = make_api_client(), make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    for right in (RIGHT, PER_UNIT, SOCIAL):
        assert_as_single(everywhere, right, holders(everywhere, right, limit=3, **query), **query)
    assert_as_single(municipal, SOCIAL, holders(municipal, SOCIAL, **query), **query)


def test_p08_records_of_one_person_are_both_on_the_list(world: World, api: ApiClient) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.home_care, is_appointed=False)
    merge_people(absorbed=other.person, into=one.person, reason="Prov", by=BUILDER)

    assert_as_single(api, RIGHT, holders(api))
    assert known_by(holders(api, unit=world.clinic.key)) == [one.hsa_id]


def test_p08_somebody_with_facts_that_are_not_prepared_is_on_the_list(world: World, api: ApiClient) -> None:
    people = [make_prescriber(world.clinic) for _number in range(2)]
    prepared.mark_stale([people[0].person.pk])

    assert_as_single(api, RIGHT, holders(api))
    assert len(holders(api)) == 2


def test_p14_nobody_is_on_the_list_after_a_revocation(world: World, api: ApiClient) -> None:
    one = make_prescriber(world.clinic)
    assert known_by(holders(api)) == [one.hsa_id]
    assert one.authorisation

    revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=BUILDER)

    assert holders(api) == []


def test_a_unit_has_those_who_hold_the_right_there_or_below(world: World, api: ApiClient) -> None:
    here, below = make_prescriber(world.vgr), make_prescriber(world.clinic)
    elsewhere = make_prescriber(world.home_care)

    assert set(known_by(holders(api, unit=world.vgr.key))) == {here.hsa_id, below.hsa_id}
    assert known_by(holders(api, unit=world.clinic.key)) == [below.hsa_id]
    assert known_by(holders(api, unit=world.home_care.key)) == [elsewhere.hsa_id]
    assert len(holders(api, unit=world.root.key)) == 3


def test_who_works_in_the_unit_but_holds_the_right_elsewhere_is_not_of_the_unit(world: World, api: ApiClient) -> None:
    person = make_person()
    clinic = make_prescriber(world.clinic, person=person)
    make_prescriber(world.home_care, person=person, is_appointed=False, is_authorised=False)

    assert known_by(holders(api, unit=world.clinic.key)) == [clinic.hsa_id]
    assert holders(api, unit=world.home_care.key) == []


def test_pages_hold_at_most_the_limit_and_leave_nobody_out(world: World, api: ApiClient) -> None:
    expected = sorted(make_prescriber(world.clinic).hsa_id for _number in range(5))

    assert known_by(holders(api, limit=2)) == expected
    assert len(api.get(f"rights/{RIGHT}/holders", {"limit": 2}).json()["holders"]) == 2


def test_a_right_that_few_hold_gives_short_pages_that_go_on(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("competence.queries.holders.WINDOW", 2)
    for _number in range(5):
        make_prescriber(world.clinic, is_authorised=False)
    one = make_prescriber(world.clinic)

    assert known_by(holders(api)) == [one.hsa_id]
    assert api.get(f"rights/{RIGHT}/holders").json()["holders"] == []
    monkeypatch.setattr("competence.queries.holders.FEW_PEOPLE", 1)
    assert known_by(holders(api, unit=world.clinic.key)) == [one.hsa_id]


def test_the_same_list_again_is_not_sent_again(world: World, api: ApiClient) -> None:
    make_prescriber(world.clinic)
    first = api.get(f"rights/{RIGHT}/holders")

    assert api.get(f"rights/{RIGHT}/holders", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    make_prescriber(world.clinic)
    assert api.get(f"rights/{RIGHT}/holders", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("unit", ["nowhere", "", "\0", "SE2321000131-E1"])
def test_an_unknown_unit_is_refused_by_name(world: World, api: ApiClient, unit: str) -> None:
    response = api.get(f"rights/{RIGHT}/holders", {"unit": unit})

    assert problem(response, 400) == "invalid_parameter"
    assert response.json()["errors"][0]["name"] == "unit"


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "W10", "WzEsMSwxLDEsMV0", "Å", "%00"])
def test_a_foreign_cursor_is_refused(world: World, api: ApiClient, cursor: str) -> None:
    assert problem(api.get(f"rights/{RIGHT}/holders", {"cursor": cursor}), 400) == "unknown_cursor"


def test_a_cursor_of_another_list_is_refused(world: World, api: ApiClient) -> None:
    for _number in range(2):
        make_prescriber(world.clinic)
    cursor = api.get(f"rights/{RIGHT}/holders", {"limit": 1}).json()["next"]

    assert cursor
    assert problem(api.get("rights/websesam.unit/holders", {"cursor": cursor}), 400) == "unknown_cursor"
    other_unit = {"cursor": cursor, "unit": world.clinic.key}
    assert problem(api.get(f"rights/{RIGHT}/holders", other_unit), 400) == "unknown_cursor"


def test_an_instant_before_all_rules_has_no_answer(world: World, api: ApiClient) -> None:
    response = api.get(f"rights/{RIGHT}/holders", {"valid_at": "2001-01-01T00:00:00Z"})

    assert problem(response, 400) == "no_rules_then"


# --- Outsiders ------------------------------------------------------------------------------------------------------
def test_a40_a_client_lists_its_own_systems_rights_only(world: World) -> None:
    assert problem(make_api_client(systems=["sesamlmn"]).get(f"rights/{RIGHT}/holders"), 403) == "not_your_right"
    assert problem(make_api_client(systems=[]).get(f"rights/{RIGHT}/holders"), 403) == "not_your_right"
    assert problem(make_api_client().get("rights/websesam.everything/holders"), 400) == "unknown_right"


def test_a40_a_client_lists_its_own_principals_people_only(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    make_prescriber(world.clinic)
    seen = make_prescriber(world.home_care)

    assert known_by(holders(client)) == [seen.hsa_id]
    assert holders(client, unit=world.vgr.key) == []


def test_a_client_without_the_scope_is_refused(world: World) -> None:
    client = make_api_client(scopes=[Scope.STATISTICS_READ])

    assert problem(client.get(f"rights/{RIGHT}/holders"), 403) == "insufficient_scope"


# --- Quota, log and cost --------------------------------------------------------------------------------------------
def test_a27_everybody_listed_counts(world: World, api: ApiClient, settings: Any) -> None:
    for _number in range(3):
        make_prescriber(world.clinic)
    settings.API_ANSWERS_PER_HOUR = 3

    assert '"people";r=0;' in api.get(f"rights/{RIGHT}/holders").headers["RateLimit"]
    assert problem(api.get(f"rights/{RIGHT}/holders"), 429) == "too_many_requests"


def test_who_was_listed_is_logged_in_one_row_for_a_page(world: World, api: ApiClient) -> None:
    people = [make_prescriber(world.clinic).person.pk for _number in range(3)]
    AuditEvent.objects.all().delete()

    holders(api)

    row = AuditEvent.objects.get(kind=AuditEvent.Kind.LOOK_UP)
    assert (row.action, row.subject, row.actor_name) == (
        "list_right_holders",
        f"right:{RIGHT}",
        f"client:{api.client.client_id}",
    )
    assert (row.details["people"], row.details["count"]) == (sorted(people), 3)


@pytest.mark.parametrize("people", [1, 3])
def test_a_page_costs_the_same_however_many_are_on_it(
    world: World, api: ApiClient, people: int, django_assert_num_queries: Any
) -> None:
    for _number in range(people):
        make_prescriber(world.clinic)
    holders(api)
    with django_assert_num_queries(8):
        holders(api)
    with django_assert_num_queries(9):
        holders(api, unit=world.clinic.key)


def test_an_hsa_id_without_an_employment_of_its_own_has_those_that_stand_under_none(
    world: World, api: ApiClient
) -> None:
    one = make_prescriber(world.clinic)
    given = give_identity(person=one.person, kind=EmployeeIdentity.Kind.HSA_ID, value="SE2321000131-X1", by=BUILDER)

    assert given.value not in known_by(holders(api))
    assert_as_single(api, RIGHT, holders(api))
