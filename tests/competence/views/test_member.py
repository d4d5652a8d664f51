"""The page of one member of the team, and the manager's decisions on it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from competence.actions.employments import assign_manager, end_employment, suspend
from competence.models.appointment import Appointment, Attestation, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.employment import Suspension
from competence.models.ending import Ending
from competence.views.member_decisions import DECISIONS
from lms.audit.models import AuditEvent
from lms.lib.clock import local_day
from tests.competence.views.helpers import HEALTH_CARE, client_of, same_body, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    MOBILITY,
    ORDERER,
    REGIONAL,
    Prescriber,
    World,
    make_prescriber,
)

TODAY = local_day(timezone.now()).isoformat()


def url_of(one: Prescriber, action: str = "") -> str:
    return f"/mitt-team/{one.employment.public_id}/" + (f"{action}/" if action else "")


@pytest.fixture
def new(world: World) -> Prescriber:
    return make_prescriber(world.clinic, is_appointed=False, level=None, is_authorised=False)


def test_the_way_from_nothing_to_may_order_and_back(world: World, new: Prescriber) -> None:
    client = client_of(world.manager)
    client.post(url_of(new, "utse"), {"role": MOBILITY, "starts_on": TODAY})
    client.post(url_of(new, "niva"), {"level": "full", "role": ""})
    response = client.post(url_of(new, "medge"), {"right": HEALTH_CARE, "starts_on": TODAY}, follow=True)
    assert "Behörigheten är beviljad" in text_of(response)
    assert [right.answer.is_allowed for right in response.context["rights"]] == [True]
    held = Authorisation.objects.get()
    response = client.post(
        url_of(new, "aterkalla-ratt"), {"what": str(held.public_id), "reason": "Bytt arbetsuppgift."}, follow=True
    )
    text = text_of(response)
    assert "Får inte beställa" in text
    assert "Bytt arbetsuppgift." in text
    assert not any(right.answer.is_allowed for right in response.context["rights"])


def test_each_step_that_is_the_managers_leads_to_its_form_with_the_choice_made(world: World, new: Prescriber) -> None:
    client = client_of(world.manager)
    client.post(url_of(new, "utse"), {"role": MOBILITY, "starts_on": TODAY})
    steps = client.get(url_of(new)).context["rights"][0].steps
    links = [link.url for step in steps for link in step.links]
    assert links == [f"{url_of(new, 'niva')}?roll={MOBILITY}", f"{url_of(new, 'medge')}?ratt={HEALTH_CARE}"]
    assert f'value="{HEALTH_CARE}"' in client.get(links[1]).content.decode().partition(" checked")[0][-400:]


def test_what_the_rules_ask_a_manager_to_attest_can_be_attested(world: World) -> None:
    orderer = make_prescriber(world.clinic, role=ORDERER, attestations=())
    client = client_of(world.manager)
    assert "Enhetens introduktion för beställare" in text_of(client.get(url_of(orderer, "attestera")))
    client.post(url_of(orderer, "attestera"), {"attestation": "unit-introduction", "starts_on": TODAY})
    assert Attestation.objects.get().attestation == "unit-introduction"
    assert client.get(url_of(orderer)).context["rights"][0].answer.is_allowed


def test_what_the_rules_do_not_ask_for_cannot_be_attested(world: World) -> None:
    orderer = make_prescriber(world.clinic, role=ORDERER, attestations=())
    values = {"attestation": "anything", "starts_on": TODAY}
    assert client_of(world.manager).post(url_of(orderer, "attestera"), values).status_code == 422
    assert not Attestation.objects.exists()


def test_the_basic_level_needs_the_managers_attestation_of_it(world: World) -> None:
    basic = make_prescriber(world.clinic, courses=(REGIONAL,), level=None)
    client = client_of(world.manager)
    client.post(url_of(basic, "niva"), {"level": "basic", "role": MOBILITY})
    assert LevelDecision.objects.get().level == "basic"
    client.post(url_of(basic, "attestera"), {"attestation": "national-hjalpmedel-basic", "starts_on": TODAY})
    assert client.get(url_of(basic)).context["rights"][0].answer.is_allowed


def test_leave_stops_the_right_and_the_return_gives_it_back(world: World) -> None:
    ready = make_prescriber(world.clinic)
    client = client_of(world.manager)
    client.post(url_of(ready, "ledighet"), {"starts_on": TODAY})
    assert Suspension.objects.get().kind == "leave"
    page = client.get(url_of(ready))
    assert not page.context["rights"][0].answer.is_allowed
    assert "Registrera återkomst" in text_of(page)
    client.post(url_of(ready, "ater"), {"back_on": TODAY})
    assert client.get(url_of(ready)).context["rights"][0].answer.is_allowed


def test_an_appointment_is_revoked_with_a_reason(world: World) -> None:
    ready = make_prescriber(world.clinic)
    assert ready.appointment is not None
    client = client_of(world.manager)
    values = {"what": str(ready.appointment.public_id)}
    assert client.post(url_of(ready, "aterkalla-uppdrag"), values).status_code == 422
    assert not Ending.objects.exists()
    response = client.post(url_of(ready, "aterkalla-uppdrag"), {**values, "reason": "Annan tjänst."}, follow=True)
    assert "Får inte beställa" in text_of(response)
    assert Ending.objects.get().reason == "Annan tjänst."


def test_the_last_day_cannot_be_before_the_first(world: World, new: Prescriber) -> None:
    yesterday = (local_day(timezone.now()) - timedelta(days=1)).isoformat()
    values = {"role": MOBILITY, "starts_on": TODAY, "ends_on": yesterday}
    response = client_of(world.manager).post(url_of(new, "utse"), values)
    assert response.status_code == 422
    assert "Sista dagen ligger före den första." in text_of(response)
    assert not Appointment.objects.exists()


def test_a15_another_persons_right_cannot_be_revoked_by_way_of_this_page(world: World) -> None:
    mine, other = make_prescriber(world.clinic), make_prescriber(world.home_care)
    assert other.authorisation is not None
    values = {"what": str(other.authorisation.public_id), "reason": "Fel."}
    assert client_of(world.manager).post(url_of(mine, "aterkalla-ratt"), values).status_code == 422
    assert not Ending.objects.exists()


def test_a18_nobody_decides_about_themselves(world: World) -> None:
    boss = make_prescriber(world.clinic, is_appointed=False, is_authorised=False, level=None)
    assign_manager(person=boss.person, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    client = client_of(boss.person)
    page = client.get(url_of(boss))
    assert "Ingen beslutar om sig själv." in text_of(page)
    assert "/utse/" not in page.content.decode().replace("?", "")
    for action in DECISIONS:
        assert client.get(url_of(boss, action)).status_code == 403
        assert client.post(url_of(boss, action), {"role": MOBILITY, "starts_on": TODAY}).status_code == 403
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("action", ["", *DECISIONS])
def test_a16_others_get_what_a_missing_person_gets(world: World, action: str) -> None:
    ready = make_prescriber(world.clinic)
    missing = f"/mitt-team/{uuid.uuid4()}/" + (f"{action}/" if action else "")
    for person in (world.outsider, make_prescriber(world.clinic).person, ready.person):
        client = client_of(person)
        found = client.get(url_of(ready, action))
        assert (found.status_code, same_body(found)) == (404, same_body(client.get(missing)))
        assert client.post(url_of(ready, action), {"role": ORDERER, "starts_on": TODAY}).status_code in {404, 405}
    assert not AuditEvent.objects.filter(action="view_member").exists()
    assert Appointment.objects.filter(role__key=ORDERER).count() == 0


@pytest.mark.parametrize("action", list(DECISIONS))
def test_a45_a_form_decides_nothing_by_get_or_without_its_token(world: World, action: str) -> None:
    ready = make_prescriber(world.clinic)
    suspend(employment=ready.employment, starts_on=LONG_AGO, by=world.manager)
    before = AuditEvent.objects.filter(kind="write").count()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.manager, backend="django.contrib.auth.backends.ModelBackend")
    values = {"role": ORDERER, "starts_on": TODAY, "back_on": TODAY, "level": "full", "right": HEALTH_CARE}
    assert client.get(url_of(ready, action), values).status_code == 200
    assert client.post(url_of(ready, action), values).status_code == 403
    assert AuditEvent.objects.filter(kind="write").count() == before


def test_who_has_left_can_be_read_about_and_not_decided_about(world: World) -> None:
    gone = make_prescriber(world.clinic)
    end_employment(employment=gone.employment, last_day=local_day(timezone.now()) - timedelta(days=1), by=BUILDER)
    client = client_of(world.manager)
    page = client.get(url_of(gone))
    assert "Har slutat" in text_of(page)
    assert not page.context["can_decide"]
    assert client.post(url_of(gone, "utse"), {"role": ORDERER, "starts_on": TODAY}).status_code == 403


def test_the_look_up_is_noted_and_the_person_can_see_it(world: World) -> None:
    ready = make_prescriber(world.clinic)
    client_of(world.manager).get(url_of(ready))
    noted = AuditEvent.objects.get(action="view_member")
    assert (noted.person, noted.actor) == (ready.person, world.manager)
    mine = text_of(client_of(ready.person).get("/min-behorighet/"))
    assert world.manager.full_name in mine
    assert "Öppnade din sida i teamet" in mine


def test_the_history_names_who_and_when_and_is_of_this_employment(world: World) -> None:
    both = make_prescriber(world.clinic, by=world.manager)
    other = make_prescriber(world.home_care, person=both.person, role=ORDERER, by=world.municipal_manager)
    assert other.employment.pk
    events = client_of(world.manager).get(url_of(both)).context["history"]
    titles = [event.title for event in events]
    assert any("Utsedd: Förskrivare" in title for title in titles)
    assert not any("Beställare av hjälpmedel" in title or "Hemtjänsten" in title for title in titles)
    assert world.manager.full_name in {event.by for event in events}


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_facts(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    ready = make_prescriber(world.clinic)
    for _number in range(count - 1):
        make_prescriber(world.clinic, person=ready.person)
        suspend(employment=ready.employment, starts_on=LONG_AGO, by=world.manager)
    client = client_of(world.manager)
    with django_assert_num_queries(QUERIES):
        client.get(url_of(ready))


QUERIES = 32
