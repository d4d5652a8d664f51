"""Överföring: the page of those who administer an ordering system."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from python_calamine import CalamineWorkbook

from competence.actions.transfers import assign_system_administrator, mark_transferred
from competence.models.ordering_system import OrderingSystem
from competence.models.transfer import SystemAdministrator, TransferDone
from lms.audit.models import AuditEvent
from lms.lib.clock import local_day
from lms.users.models import User
from tests.competence.views.helpers import client_of, same_body, text_of
from tests.factories.competence import BUILDER, CONSUMABLES, World, make_person, make_prescriber

URL = "/overforing/"


@pytest.fixture
def administrator(world: World) -> User:
    """Administers webSesam, not SesamLMN."""
    person = make_person()
    assign_system_administrator(person=person, system=OrderingSystem.objects.get(key="websesam"), by=BUILDER)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


def test_it_shows_the_rights_of_ones_own_systems_only(world: World, client: Client) -> None:
    mine = make_prescriber(world.clinic)
    other = make_prescriber(world.clinic, role=CONSUMABLES)
    text = text_of(client.get(URL))
    assert "1 behörighet väntar" in text
    assert mine.person.full_name in text
    assert mine.hsa_id in text
    assert other.person.full_name not in text
    assert other.person.full_name not in text_of(client.get(URL, {"system": "sesamlmn"}))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    world: World, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        make_prescriber(world.clinic)
    client.get(URL)
    with django_assert_num_queries(14):
        client.get(URL)


def test_the_chosen_ones_are_confirmed_with_their_number_and_marked(world: World, client: Client) -> None:
    people = [make_prescriber(world.clinic) for _number in range(3)]
    keys = [f"{one.authorisation.public_id}:start" for one in people[:2] if one.authorisation]
    asked = client.post(f"{URL}utfort/", {"post": keys})
    assert "Du markerar 2 behörigheter" in text_of(asked)
    assert not TransferDone.objects.exists()
    done = {"post": keys, "confirmed": "1", "carried_out_on": "2026-01-15"}
    assert "2 är markerade som utförda" in text_of(client.post(f"{URL}utfort/", done, follow=True))
    assert {d.carried_out_on.isoformat() for d in TransferDone.objects.all()} == {"2026-01-15"}
    text = text_of(client.get(URL))
    assert people[2].person.full_name in text
    assert people[0].person.full_name not in text
    assert people[0].person.full_name in text_of(client.get(URL, {"visa": "utforda"}))


def test_a_day_ahead_is_refused(world: World, client: Client) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    wrong = {"post": f"{right.public_id}:start", "confirmed": "1", "carried_out_on": "2999-01-01"}
    response = client.post(f"{URL}utfort/", wrong)
    assert response.status_code == 422
    assert not TransferDone.objects.exists()


def test_a22_foreign_keys_in_a_bulk_tell_no_names(world: World, client: Client) -> None:
    other = make_prescriber(world.clinic, role=CONSUMABLES)
    assert other.authorisation
    response = client.post(f"{URL}utfort/", {"post": [f"{other.authorisation.public_id}:start", "x"]}, follow=True)
    text = text_of(response)
    assert "Du har inte valt något som väntar" in text
    assert other.person.full_name not in text


def test_a_mark_is_taken_back_on_a_page_of_its_own(world: World, administrator: User, client: Client) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    [done] = mark_transferred(keys=[f"{right.public_id}:start"], carried_out_on=right.starts_on, by=administrator)
    address = f"{URL}utfort/{done.public_id}/angra/"
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "Fel rad"})
    assert "1 behörighet väntar" in text_of(client.get(URL))


def test_a14_another_systems_mark_is_as_missing(world: World, administrator: User) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    [done] = mark_transferred(keys=[f"{right.public_id}:start"], carried_out_on=right.starts_on, by=administrator)
    other = make_person()
    assign_system_administrator(person=other, system=OrderingSystem.objects.get(key="sesamlmn"), by=BUILDER)
    stranger = client_of(User.objects.get(pk=other.pk))
    found = stranger.post(f"{URL}utfort/{done.public_id}/angra/", {"reason": "Skäl"})
    missing = stranger.post(f"{URL}utfort/00000000-0000-4000-8000-000000000000/angra/", {"reason": "Skäl"})
    assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert TransferDone.objects.filter(undone__isnull=True).exists()


@pytest.mark.parametrize("path", ["", "fil.csv", "utfort/", "ansvariga/"])
def test_nobody_else_gets_in(world: World, path: str) -> None:
    colleague = make_prescriber(world.clinic).person
    for stranger in (colleague, world.manager, world.outsider):
        client = client_of(stranger)
        answer = client.post(f"{URL}{path}") if path == "utfort/" else client.get(f"{URL}{path}")
        assert answer.status_code == 403
    assert Client().get(URL).status_code == 302


def test_a41_the_file_has_no_formulas_and_only_ones_own_systems(
    world: World, client: Client, administrator: User
) -> None:
    evil = make_prescriber(world.clinic, person=make_person(first_name="=HYPERLINK(1)", last_name="@x"))
    make_prescriber(world.clinic, role=CONSUMABLES)
    csv = client.get(f"{URL}fil.csv").content.decode("utf-8-sig")
    assert '"\'=HYPERLINK(1) @x"' in csv
    assert "SesamLMN" not in csv
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{URL}fil.xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[-1][0] == "=HYPERLINK(1) @x"
    assert evil.hsa_id in rows[-1]
    looked = AuditEvent.objects.filter(action="export_transfers", person=evil.person, actor=administrator)
    assert looked.count() == 2


def test_an_unknown_filter_or_format_does_no_harm(world: World, client: Client) -> None:
    make_prescriber(world.clinic)
    assert client.get(URL, {"system": "x", "vad": "y", "page": "z", "visa": "å"}).status_code == 200
    assert client.get(f"{URL}fil.exe").status_code == 404


def test_who_no_longer_administers_anything_is_told_so(world: World) -> None:
    person = make_person()
    person.groups.add(Group.objects.get(name="Systemförvaltare"))
    assert "Du förvaltar inget beställningssystem" in text_of(client_of(person).get(URL))


def test_an_administrator_says_who_administers_what(world: World) -> None:
    boss, somebody = make_person(), make_person()
    boss.groups.add(Group.objects.get(name="Administratör"))
    client = client_of(boss)
    address = f"{URL}ansvariga/"
    assert client.post(address, {"person": "ingen", "system": "websesam"}).status_code == 422
    client.post(address, {"person": somebody.username, "system": "websesam"})
    found = SystemAdministrator.objects.get()
    assert found.person == somebody
    assert somebody.full_name in text_of(client.get(address))
    client.post(f"{address}{found.public_id}/avsluta/")
    assert somebody.full_name not in text_of(client.get(address)).replace("förvaltar inte längre", "")[600:]
    assert found.endings.exists()
    assert local_day(found.recorded_at) == found.starts_on
