"""Deputies: what they may, when, and what they never may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from competence.actions.applications import approve_application
from competence.actions.appointments import appoint
from competence.actions.completions import approve_claim
from competence.actions.deputies import appoint_deputy, end_deputy
from competence.actions.employments import assign_manager, end_employment, end_manager_assignment, start_employment
from competence.models.competence_role import CompetenceRole
from competence.models.deputy import DeputyAct, DeputyAssignment
from competence.models.employment import Employment, ManagerAssignment
from competence.models.fact import FactIsAppendOnly
from competence.permissions import can_decide_about, can_manage, manages_anybody, nearest_managers_of, units_managed_by
from competence.queries.history import history_of
from competence.queries.rules import current_rule_book
from competence.tasks import deliver_outbox
from lms.lib.clock import day_ends_at, day_starts_at, local_day
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.competence.views.helpers import client_of, make_application, make_claim, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    MOBILITY,
    REGIONAL,
    World,
    make_hsa_id,
    make_person,
    make_prescriber,
)

pytestmark = pytest.mark.usefixtures("media_folder")
URL = "/mitt-team/ersattare/"


def today() -> date:
    return local_day(timezone.now())


def make_colleague(world: World, unit: Any = None, **fields: Any) -> User:
    person = make_person(**fields)
    start_employment(person=person, unit=unit or world.vgr, starts_on=LONG_AGO, by=BUILDER, title="Enhetschef")
    return person


def make_deputy(world: World, person: User | None = None, *, first: int = 0, last: int = 7) -> DeputyAssignment:
    """Somebody who stands in for the clinic's manager, `first` to `last` days from today."""
    return appoint_deputy(
        assignment=ManagerAssignment.objects.get(person=world.manager),
        person=person or make_colleague(world, email="ersattare@example.se"),
        unit=world.clinic,
        starts_on=today() + timedelta(days=first),
        ends_on=today() + timedelta(days=last),
        by=world.manager,
    )


def of_the_manager(world: World) -> Employment:
    return Employment.objects.get(person=world.manager)


# --- What it gives --------------------------------------------------------------------------------------------------
def test_a_deputy_decides_at_the_unit_and_nowhere_else(world: World) -> None:
    mine, other = make_prescriber(world.clinic), make_prescriber(world.home_care)
    deputy = make_deputy(world).person
    assert can_decide_about(deputy, mine.employment)
    assert not can_decide_about(deputy, other.employment)
    assert set(units_managed_by(deputy)) == {world.clinic}
    assert manages_anybody(deputy)


def test_a_deputy_of_a_unit_below_reaches_no_further_up(world: World) -> None:
    manager = world.municipal_manager
    below = make_prescriber(world.home_care)
    above = make_prescriber(world.municipality)
    person = make_colleague(world, world.home_care)
    appoint_deputy(
        assignment=ManagerAssignment.objects.get(person=manager),
        person=person,
        unit=world.home_care,
        starts_on=today(),
        ends_on=today(),
        by=manager,
    )
    assert can_decide_about(person, below.employment)
    assert not can_decide_about(person, above.employment)


@pytest.mark.parametrize(("first", "last", "holds"), [(0, 0, True), (1, 7, False), (0, 7, True)])
def test_it_holds_on_its_days_only(world: World, first: int, last: int, holds: bool) -> None:
    deputy = make_deputy(world, first=first, last=last)
    assert can_manage(deputy.person, world.clinic) is holds


def test_it_begins_and_ends_with_the_local_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = make_deputy(world, first=2, last=4)
    tick = timedelta(microseconds=1)
    begins, ends = day_starts_at(deputy.starts_on), day_ends_at(deputy.ends_on or today())
    for at, holds in ((begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        monkeypatch.setattr("competence.permissions.timezone.now", lambda at=at: at)
        assert can_manage(deputy.person, world.clinic) is holds, at


def test_nobody_stands_in_after_one_click(world: World) -> None:
    deputy = make_deputy(world)
    client = client_of(world.manager)
    client.post(f"{URL}{deputy.public_id}/avsluta/")
    assert not manages_anybody(deputy.person)
    again = client.post(f"{URL}{deputy.public_id}/avsluta/", follow=True)
    assert "redan över" in text_of(again)


def test_it_ends_when_the_managers_own_task_ends(world: World) -> None:
    deputy = make_deputy(world)
    end_manager_assignment(assignment=deputy.manager_assignment, by=BUILDER)
    assert not can_manage(deputy.person, world.clinic)
    assert client_of(deputy.person).get("/mitt-team/").status_code == 404


def test_it_ends_when_the_managers_or_the_deputys_account_is_closed(world: World) -> None:
    deputy = make_deputy(world)
    world.manager.is_active = False
    world.manager.save()
    assert not can_manage(deputy.person, world.clinic)
    world.manager.is_active = True
    world.manager.save()
    deputy.person.is_active = False
    assert not can_manage(deputy.person, world.clinic)


def test_it_ends_when_the_deputy_leaves(world: World) -> None:
    deputy = make_deputy(world)
    work = Employment.objects.get(person=deputy.person)
    end_employment(employment=work, last_day=today() - timedelta(days=1), by=BUILDER)
    assert not can_manage(deputy.person, world.clinic)


# --- What it never gives --------------------------------------------------------------------------------------------
def test_a18_a_deputy_decides_neither_about_themselves_nor_about_the_manager(world: World) -> None:
    person = make_colleague(world)
    own = start_employment(person=person, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    make_deputy(world, person)
    role = CompetenceRole.objects.get(key=MOBILITY)
    for employment in (own, of_the_manager(world)):
        assert not can_decide_about(person, employment)
        with pytest.raises(PermissionDenied):
            appoint(employment=employment, role=role, by=person)
        page = client_of(person).get(f"/mitt-team/{employment.public_id}/")
        assert page.context["can_decide"] is False
        assert client_of(person).get(f"/mitt-team/{employment.public_id}/utse/").status_code == 403


def test_a18_what_the_manager_sent_in_does_not_wait_for_the_deputy(world: World) -> None:
    deputy = make_deputy(world)
    claim = make_claim(world.manager)
    client = client_of(deputy.person)
    assert "Inget väntar på dig" in text_of(client.get("/mitt-team/beslut/"))
    assert client.get(f"/mitt-team/beslut/intyg/{claim.public_id}/").status_code == 404
    with pytest.raises(PermissionDenied):
        approve_claim(claim=claim, by=deputy.person)


def test_a18_a_deputy_cannot_hand_it_on(world: World) -> None:
    deputy = make_deputy(world)
    other = make_colleague(world)
    with pytest.raises(PermissionDenied):
        appoint_deputy(
            assignment=deputy.manager_assignment,
            person=other,
            unit=world.clinic,
            starts_on=today(),
            ends_on=today(),
            by=deputy.person,
        )
    client = client_of(deputy.person)
    page = client.get(URL, {"sok": other.full_name})
    assert "Du är ersättare för" in text_of(page)
    assert other.full_name not in text_of(page)
    assert client.get(f"{URL}ny/{other.public_id}/", {"sok": other.full_name}).status_code == 404


def test_a18_nobody_appoints_deputies_for_others_or_elsewhere(world: World) -> None:
    assignment = ManagerAssignment.objects.get(person=world.manager)
    person = make_colleague(world)
    days = {"starts_on": today(), "ends_on": today()}
    for unit, by in ((world.clinic, world.outsider), (world.vgr, world.manager), (world.home_care, world.manager)):
        with pytest.raises(PermissionDenied):
            appoint_deputy(assignment=assignment, person=person, unit=unit, by=by, **days)
    end_manager_assignment(assignment=assignment, by=BUILDER)
    with pytest.raises(PermissionDenied):
        appoint_deputy(assignment=assignment, person=person, unit=world.clinic, by=world.manager, **days)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [(-1, 3, "Första dagen har passerat"), (3, 1, "före den första"), (0, 400, "tolv månader")],
)
def test_days_that_cannot_be_are_refused(world: World, first: int, last: int, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        make_deputy(world, first=first, last=last)


def test_who_works_elsewhere_or_is_oneself_is_refused(world: World) -> None:
    for person in (world.manager, make_person(), make_colleague(world, world.home_care)):
        with pytest.raises(Refusal):
            make_deputy(world, person)


def test_the_same_days_twice_are_refused(world: World) -> None:
    deputy = make_deputy(world)
    with pytest.raises(Refusal, match="redan din ersättare"):
        make_deputy(world, deputy.person, first=3, last=12)
    end_deputy(deputy=deputy, by=world.manager)
    make_deputy(world, deputy.person)


def test_a_deputys_assignment_is_never_changed(world: World) -> None:
    deputy = make_deputy(world)
    deputy.ends_on = today() + timedelta(days=100)
    with pytest.raises(FactIsAppendOnly):
        deputy.save()
    with pytest.raises(FactIsAppendOnly):
        DeputyAssignment.objects.filter(pk=deputy.pk).update(unit=world.vgr)


# --- What is noted --------------------------------------------------------------------------------------------------
def test_history_says_in_whose_place_it_was_decided(world: World) -> None:
    deputy = make_deputy(world).person
    mine = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    appoint(employment=mine.employment, role=CompetenceRole.objects.get(key="orderer"), by=deputy)
    approve_claim(claim=make_claim(mine.person), by=deputy)
    approve_application(application=make_application(mine), by=deputy)
    rules = current_rule_book().in_force(timezone.now(), timezone.now())
    said = {event.by for event in history_of(mine.person, rules)}
    assert f"{deputy.full_name}, som ersättare för {world.manager.full_name}" in said
    signed = [event.title for event in history_of(mine.person, rules) if event.by.startswith(deputy.full_name)]
    assert len(signed) == 3, signed
    assert deputy.full_name not in said, "nothing of it is without the addition"


def test_who_manages_in_their_own_right_is_no_deputy(world: World) -> None:
    deputy = make_deputy(world, world.outsider).person
    own = make_prescriber(Employment.objects.get(person=world.outsider).unit)
    appoint(employment=own.employment, role=CompetenceRole.objects.get(key="orderer"), by=deputy)
    assert not DeputyAct.objects.exists()


# --- Mail -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def letters(world: World, mailoutbox: Any) -> Any:
    world.manager.email = "chef@example.se"
    world.manager.save()
    deliver_outbox()
    mailoutbox.clear()
    return mailoutbox


def test_deputy_and_manager_get_a_letter_each_once(world: World, letters: Any) -> None:
    make_deputy(world)
    deliver_outbox()
    deliver_outbox()
    assert sorted((m.to[0], m.subject.split(":")[0]) for m in letters) == [
        ("chef@example.se", "Kvitto"),
        ("ersattare@example.se", "Du är nu ersättare"),
    ]


def test_the_deputys_letter_waits_for_the_first_day(
    world: World, letters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deputy = make_deputy(world, first=3)
    deliver_outbox()
    assert [m.to for m in letters] == [["chef@example.se"]]
    monkeypatch.setattr("competence.notices.timezone.now", lambda: day_starts_at(deputy.starts_on))
    deliver_outbox()
    assert [m.to for m in letters] == [["chef@example.se"], ["ersattare@example.se"]]


def test_a24_a_deputy_who_was_taken_back_gets_no_letter(
    world: World, letters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deputy = make_deputy(world, first=3)
    end_deputy(deputy=deputy, by=deputy.person)
    monkeypatch.setattr("competence.notices.timezone.now", lambda: day_starts_at(deputy.starts_on))
    deliver_outbox()
    assert [m.to for m in letters] == [["chef@example.se"], ["chef@example.se"]], "receipt, and that it was laid down"


def test_what_waits_is_told_to_manager_and_deputy(world: World, letters: Any) -> None:
    deputy = make_deputy(world).person
    deliver_outbox()
    letters.clear()
    claimant = make_prescriber(world.clinic, courses=(REGIONAL,)).person
    assert {p.pk for p in nearest_managers_of(world.clinic, besides=claimant)} == {world.manager.pk, deputy.pk}
    make_claim(claimant)
    deliver_outbox()
    assert {m.to[0] for m in letters} == {"chef@example.se", "ersattare@example.se"}


def test_a24_a_former_deputy_hears_of_nothing_more(world: World, letters: Any) -> None:
    deputy = make_deputy(world)
    claimant = make_prescriber(world.clinic, courses=(REGIONAL,)).person
    end_deputy(deputy=deputy, by=world.manager)
    deliver_outbox()
    letters.clear()
    make_claim(claimant)
    deliver_outbox()
    assert {m.to[0] for m in letters} == {"chef@example.se"}


# --- The pages ------------------------------------------------------------------------------------------------------
def test_a_manager_finds_and_appoints_a_deputy(world: World) -> None:
    other = make_colleague(world, email="olle@example.se", first_name="Olle", last_name="Ersättarsson")
    hsa = make_hsa_id(other)
    client = client_of(world.manager)
    for term in ("olle ersättarsson", "OLLE@example.se", hsa.value.lower()):
        assert [one.person for one in client.get(URL, {"sok": term}).context["found"]] == [other], term
    assert client.get(URL, {"sok": "olle"}).context["found"] == [], "only one's own are found by a part of the name"
    address = f"{URL}ny/{other.public_id}/"
    assert "Olle Ersättarsson" in text_of(client.get(address, {"sok": hsa.value}))
    values = {"sok": hsa.value, "unit": str(world.clinic.public_id), "starts_on": today(), "ends_on": today()}
    done = client.post(address, values, follow=True)
    assert "Olle Ersättarsson är din ersättare" in text_of(done)
    assert can_manage(other, world.clinic)
    refused = client.post(address, values)
    assert refused.status_code == 422
    assert "redan din ersättare" in text_of(refused)


def test_colleagues_are_found_by_a_part_of_the_name(world: World) -> None:
    near = make_prescriber(world.clinic, person=make_person(first_name="Nära", is_protected=True)).person
    found = client_of(world.manager).get(URL, {"sok": "när"}).context["found"]
    assert [one.person for one in found] == [near]


def test_a26_protected_identity_is_not_found_by_the_unrelated(world: World) -> None:
    hidden = make_colleague(world, first_name="Hemlig", last_name="Person", email="h@example.se", is_protected=True)
    client = client_of(world.manager)
    for term in ("Hemlig Person", "h@example.se", make_hsa_id(hidden).value):
        assert client.get(URL, {"sok": term}).context["found"] == []


def test_a14_a_guessed_address_names_nobody(world: World) -> None:
    other = make_colleague(world)
    client = client_of(world.manager)
    for query in ({}, {"sok": "någon annan"}, {"sok": "Test"}):
        assert client.get(f"{URL}ny/{other.public_id}/", query).status_code == 404


def test_a14_the_pages_are_not_there_for_others(world: World) -> None:
    deputy = make_deputy(world)
    for person in (make_colleague(world), world.outsider, world.municipal_manager):
        client = client_of(person)
        assert client.post(f"{URL}{deputy.public_id}/avsluta/").status_code == 404
        assert deputy.person.full_name not in text_of(client.get(URL))
    assert client_of(make_colleague(world)).get(URL).status_code == 404
    assert can_manage(deputy.person, world.clinic)


def test_a45_it_is_not_ended_by_a_link(world: World) -> None:
    deputy = make_deputy(world)
    assert client_of(world.manager).get(f"{URL}{deputy.public_id}/avsluta/").status_code == 405
    assert can_manage(deputy.person, world.clinic)


def test_a_superior_may_end_it(world: World) -> None:
    deputy = make_deputy(world)
    boss = make_colleague(world)
    assign_manager(person=boss, unit=world.vgr, starts_on=LONG_AGO, by=BUILDER)
    client_of(boss).post(f"{URL}{deputy.public_id}/avsluta/")
    assert not can_manage(deputy.person, world.clinic)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(world: World, count: int, django_assert_num_queries: Any) -> None:
    for _number in range(count):
        make_deputy(world)
    client = client_of(world.manager)
    with django_assert_num_queries(15):
        response = client.get(URL)
    assert len(response.context["deputies"]) == count
