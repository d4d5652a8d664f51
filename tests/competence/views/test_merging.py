"""Personposter: the administrator's pages for records and identifiers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion
from competence.models.merge import PersonMerge
from competence.queries.eligibility import current_moment, decide_for
from competence.tasks import deliver_outbox
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.competence.views.helpers import HEALTH_CARE, client_of, text_of
from tests.factories.competence import NATIONAL, World, complete, make_hsa_id, make_person, make_prescriber

URL = "/personposter/"


@pytest.fixture
def client(world: World) -> Client:
    """An administrator's browser."""
    person = make_person()
    person.groups.add(Group.objects.get(name="Administratör"))
    return client_of(person)


@pytest.fixture
def pair(world: World) -> tuple[User, User]:
    """Two records of one person: one works, the other has taken a course."""
    works = make_prescriber(world.clinic, courses=(), person=make_person(first_name="Åsa", last_name="Nyman"))
    learned = make_person(first_name="Åsa", last_name="Gammal")
    make_hsa_id(learned)
    complete(learned, NATIONAL)
    return works.person, learned


def test_records_are_found_by_name_and_identifier(client: Client, pair: tuple[User, User]) -> None:
    works, learned = pair
    assert "Ingen hittades" in text_of(client.get(URL, {"sok": "finns inte"}))
    assert {p.pk for p in client.get(URL, {"sok": "åsa"}).context["page"]} == {works.pk, learned.pk}
    identity = learned.identities.get().value.lower()
    assert [p.pk for p in client.get(URL, {"sok": identity}).context["page"]] == [learned.pk]
    assert list(client.get(URL, {"sok": "å"}).context["page"]) == []
    assert AuditEvent.objects.filter(action="find_people", person=learned).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(client: Client, count: int, django_assert_num_queries: Any) -> None:
    for _number in range(count):
        make_hsa_id(make_person(last_name="Sökt"))
    client.get(URL, {"sok": "sökt"})
    with django_assert_num_queries(10):
        client.get(URL, {"sok": "sökt"})


def test_both_are_shown_before_they_are_merged_and_they_can_be_split(client: Client, pair: tuple[User, User]) -> None:
    works, learned = pair
    choose = client.get(URL, {"sok": "gammal", "med": str(works.public_id)})
    assert "Vilken post är också Åsa Nyman?" in text_of(choose)
    address = f"{URL}{learned.public_id}/sla-ihop/{works.public_id}/"
    page = text_of(client.get(address))
    for word in ("Slås ihop: Åsa Gammal", "Behålls: Åsa Nyman", "Testkliniken", "Förskrivning av hjälpmedel"):
        assert word in page
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not PersonMerge.objects.exists()
    client.post(address, {"reason": "Samma person, bytte namn"})
    merge = PersonMerge.objects.get()
    assert (merge.person, merge.into) == (learned, works)
    record = text_of(client.get(f"{URL}{works.public_id}/"))
    assert "Samma person, bytte namn" in record
    assert "Den här posten ingår i Åsa Nyman" in text_of(client.get(f"{URL}{learned.public_id}/"))
    split = f"{URL}sammanslagning/{merge.public_id}/"
    assert client.get(split).status_code == 200
    client.post(split, {"reason": "Det var två"})
    assert merge.endings.exists()
    assert client.post(split, {"reason": "Igen"}).status_code == 422


def test_an_identifier_is_replaced_separated_and_moved(client: Client, pair: tuple[User, User]) -> None:
    works, learned = pair
    identity = learned.identities.get()
    address = f"{URL}id/{identity.pk}/"
    new = {"what": "replace", "value": "SE2321000131-NY17", "reason": "Bytte namn"}
    assert client.post(address, {**new, "value": ""}).status_code == 422
    assert client.post(address, {**new, "value": "fel"}).status_code == 422
    client.post(address, new)
    replaced = learned.identities.get(value="SE2321000131-NY17")
    assert replaced.line == identity.folded_value
    assert "tillsammans med" in text_of(client.get(f"{URL}{learned.public_id}/"))
    client.post(f"{URL}id/{replaced.pk}/", {"what": "separate", "reason": "Fel"})
    client.post(f"{URL}id/{replaced.pk}/", {"what": "move", "to": works.username, "reason": "Fel person"})
    replaced.refresh_from_db()
    assert replaced.person == works
    missing = client.post(f"{URL}id/{replaced.pk}/", {"what": "move", "to": "ingen", "reason": "Skäl"})
    assert missing.status_code == 422


def test_a_course_recorded_in_error_stops_counting_and_the_person_is_told(
    world: World, client: Client, mailoutbox: list[Any]
) -> None:
    holder = make_prescriber(world.clinic, person=make_person(email="test@example.se"))
    completion = Completion.objects.get(person=holder.person, course__key=NATIONAL)
    record, address = f"{URL}{holder.person.public_id}/", f"{URL}kurs/{completion.public_id}/"
    assert address in client.get(record).content.decode()
    assert f"”{completion.course}”" in text_of(client.get(address))
    assert client.post(address, {"reason": " "}).status_code == 422
    assert decide_for(holder.person, HEALTH_CARE, moment=current_moment()).allowed
    page = client.post(address, {"reason": "Gäller en namne"}, follow=True)
    assert "räknas inte längre" in text_of(page)
    assert address not in page.content.decode()
    assert not decide_for(holder.person, HEALTH_CARE, moment=current_moment()).allowed
    told = text_of(client_of(holder.person).get("/min-behorighet/"))
    assert "Gäller en namne" in told
    again = client.post(address, {"reason": "En gång till"})
    assert (again.status_code, "redan noterat" in text_of(again)) == (422, True)
    deliver_outbox()
    assert [m.subject for m in mailoutbox] == ["En av dina kurser var registrerad av misstag"]
    assert "namne" not in mailoutbox[0].body


@pytest.mark.parametrize("count", [1, 3])
def test_a_record_costs_the_same_for_one_and_three_courses(
    world: World, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    person = make_person()
    for _number in range(count):
        complete(person, NATIONAL)
    client.get(f"{URL}{person.public_id}/")
    with django_assert_num_queries(26):
        client.get(f"{URL}{person.public_id}/")


def test_nobody_withdraws_a_course_without_being_allowed_to(world: World) -> None:
    holder = make_prescriber(world.clinic)
    completion = Completion.objects.filter(person=holder.person)[0]
    for stranger in (holder.person, world.manager, world.outsider):
        with pytest.raises(PermissionDenied):
            withdraw_completion(completion=completion, reason="Vill inte", by=stranger)


def test_nobody_else_gets_in(world: World, pair: tuple[User, User]) -> None:
    works, learned = pair
    identity = learned.identities.get()
    statistician = make_person()
    statistician.groups.add(Group.objects.get(name="Statistiker"))
    paths = (
        "",
        f"{works.public_id}/",
        f"{learned.public_id}/sla-ihop/{works.public_id}/",
        f"id/{identity.pk}/",
        f"kurs/{Completion.objects.get(person=learned).public_id}/",
    )
    for stranger in (works, world.manager, world.outsider, statistician):
        client = client_of(stranger)
        assert {client.post(f"{URL}{path}", {"reason": "x"}).status_code for path in paths} == {403}
    assert Client().get(URL).status_code == 302
    assert not PersonMerge.objects.exists()


def test_what_does_not_exist_is_missing(client: Client, pair: tuple[User, User]) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in (
        f"{nobody}/",
        f"{nobody}/sla-ihop/{pair[0].public_id}/",
        f"sammanslagning/{nobody}/",
        "id/999999/",
        f"kurs/{nobody}/",
    ):
        assert client.get(f"{URL}{path}").status_code == 404
    assert client.get(URL, {"sok": "åsa", "med": "skräp"}).status_code == 200


def test_the_command_merges_and_splits(pair: tuple[User, User]) -> None:
    works, learned = pair
    words = [learned.identities.get().value, works.username, "--reason", "Samma person"]
    call_command("merge_people", *words)
    with pytest.raises(CommandError):
        call_command("merge_people", *words)
    call_command("merge_people", *words, "--split")
    assert PersonMerge.objects.get().endings.exists()
    with pytest.raises(CommandError):
        call_command("merge_people", "ingen", works.username, "--reason", "Skäl")
