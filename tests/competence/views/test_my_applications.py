"""An application looked through, withdrawn, thrown away, changed: and several customer numbers at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from zeal import zeal_ignore

from competence.actions.applications import approve_application, save_application
from competence.actions.authorisations import revoke_authorisation
from competence.models.authorisation import Authorisation, AuthorisationApplication
from competence.models.organisation_unit import CustomerNumber
from competence.policy.decision import Context
from competence.queries.eligibility import current_moment, decide_for
from lms.lib.clock import day_starts_at, local_day
from tests.competence.views.helpers import HEALTH_CARE, client_of, make_application, same_body, text_of
from tests.competence.views.test_apply import URL, values
from tests.factories.competence import CONSUMABLES, Prescriber, World, make_person, make_prescriber

TICK = timedelta(microseconds=1)


@pytest.fixture
def holder(world: World) -> Prescriber:
    """Somebody who may order for persons in health care."""
    return make_prescriber(world.clinic, person=make_person(email="test@example.se"))


def only_application() -> AuthorisationApplication:
    return AuthorisationApplication.objects.get()


def test_a_change_replaces_the_old_right_with_no_gap_and_no_double(world: World, holder: Prescriber) -> None:
    assert holder.authorisation
    day = local_day(timezone.now()) + timedelta(days=10)
    change = values(
        holder,
        concerns="change",
        changes=str(holder.authorisation.public_id),
        right="websesam.unit",
        starts_on=day.isoformat(),
    )
    client_of(holder.person).post(URL, change)
    approve_application(application=only_application(), by=world.manager)
    at = day_starts_at(day)
    moment = current_moment()

    def may(right: str, instant: Any) -> bool:
        return decide_for(holder.person, right, moment=moment, valid_at=instant).allowed

    def authorised(right: str, instant: Any) -> bool:
        decision = decide_for(holder.person, right, moment=moment, valid_at=instant)
        return "NOT_AUTHORISED" not in {s.code for s in decision.missing if s.right == right}

    assert may(HEALTH_CARE, at - TICK)
    assert not may(HEALTH_CARE, at)
    old = Authorisation.objects.get(pk=holder.authorisation.pk)
    new = only_application().authorisation
    assert new is not None
    assert [e.takes_effect_at for e in old.endings.all()] == [at]
    assert (new.right.key, new.starts_on) == ("websesam.unit", day)
    assert authorised("websesam.unit", at)


def test_a_change_of_customer_number_moves_the_right_to_the_new_number(world: World) -> None:
    holder = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="111111")
    application = make_application(
        holder,
        right="sesamlmn.order",
        concerns="change",
        changes=holder.authorisation,
        customer_number="222222",
        starts_on=local_day(timezone.now()),
    )
    approve_application(application=application, by=world.manager)
    moment = current_moment()

    def may(number: str) -> bool:
        context = Context(customer_number=number)
        return decide_for(holder.person, "sesamlmn.order", moment=moment, context=context).allowed

    assert (may("111111"), may("222222")) == (False, True)


def test_a_change_must_say_what_is_changed(holder: Prescriber) -> None:
    response = client_of(holder.person).post(URL, values(holder, concerns="change", right="websesam.unit"))
    assert response.status_code == 422
    assert "Välj vilken av dina behörigheter det gäller" in text_of(response)
    assert not AuthorisationApplication.objects.exists()


def test_a_change_to_what_one_has_is_refused_and_kept_as_a_draft(holder: Prescriber) -> None:
    assert holder.authorisation
    change = values(holder, concerns="change", changes=str(holder.authorisation.public_id))
    response = client_of(holder.person).post(URL, change, follow=True)
    assert "Du har redan det som du ansöker om att byta till" in text_of(response)
    assert only_application().status == "draft"


def test_another_persons_right_cannot_be_changed_or_ended(world: World, holder: Prescriber) -> None:
    other = make_prescriber(world.clinic)
    assert other.authorisation
    for concerns in ("change", "end"):
        change = values(holder, concerns=concerns, changes=str(other.authorisation.public_id))
        assert client_of(holder.person).post(URL, change).status_code == 422
    assert not AuthorisationApplication.objects.exists()


def test_an_end_ends_only_the_one_that_was_chosen(world: World) -> None:
    holder = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="111111")
    other = make_application(holder, right="sesamlmn.order", customer_number="222222")
    approve_application(application=other, by=world.manager)
    assert holder.authorisation
    end = values(holder, concerns="end", changes=str(holder.authorisation.public_id), right="")
    client_of(holder.person).post(URL, end)
    application = AuthorisationApplication.objects.get(concerns="end")
    assert (application.status, application.customer_number) == ("submitted", "111111")
    approve_application(application=application, by=world.manager)
    assert [a.customer_number for a in Authorisation.objects.filter(endings__isnull=True)] == ["222222"]


def test_what_was_revoked_meanwhile_cannot_be_changed(world: World, holder: Prescriber) -> None:
    assert holder.authorisation
    application = make_application(holder, right="websesam.unit", concerns="change", changes=holder.authorisation)
    revoke_authorisation(authorisation=holder.authorisation, reason="Slutat beställa", by=world.manager)
    url = f"/mitt-team/beslut/ansokan/{application.public_id}/"
    response = client_of(world.manager).post(url, {"answer": "approve"})
    assert "innehas inte längre" in text_of(response)
    application.refresh_from_db()
    assert application.status == "submitted"
    assert Authorisation.objects.count() == 1


def test_several_customer_numbers_become_an_application_each(world: World) -> None:
    for number in ("990001", "990002"):
        CustomerNumber.objects.create(unit=world.clinic, number=number)
    applicant = make_prescriber(world.clinic, role=CONSUMABLES, is_authorised=False)
    client = client_of(applicant.person)
    assert "990002, Testkliniken" in text_of(client.get(URL))
    many = values(
        applicant, right="sesamlmn.order", known_numbers=["990001", "990002"], customer_number="123456, 990001"
    )
    with zeal_ignore():  # each is written by itself, under the lock of the numbers
        client.post(URL, many)
    found = AuthorisationApplication.objects.order_by("case_number")
    assert [(a.customer_number, a.status) for a in found] == [
        ("990001", "submitted"),
        ("990002", "submitted"),
        ("123456", "submitted"),
    ]
    assert len({a.case_number for a in found}) == 3


@pytest.mark.parametrize("number", ["12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_a_customer_number_has_six_digits(applicant_of_consumables: Prescriber, number: str) -> None:
    wrong = values(applicant_of_consumables, right="sesamlmn.order", customer_number=number)
    response = client_of(applicant_of_consumables.person).post(URL, wrong)
    assert response.status_code == 422
    assert "Ett kundnummer har sex siffror" in text_of(response)


@pytest.fixture
def applicant_of_consumables(world: World) -> Prescriber:
    return make_prescriber(world.clinic, role=CONSUMABLES, is_authorised=False)


def test_one_sees_what_the_manager_sees_before_one_sends_it_in(world: World) -> None:
    new = make_prescriber(
        world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False, person=make_person()
    )
    client = client_of(new.person)
    page = client.post(URL, values(new, action="preview", email=""), follow=True)
    text = text_of(page)
    for word in (new.hsa_id, world.manager.full_name, "Genomför", "Fyll i: e-post"):
        assert word in text
    assert "Skicka in" not in text, "something is missing"
    application = only_application()
    save_application(employment=new.employment, by=new.person, application=application, email="test@example.se")
    client.post(f"{URL}{application.public_id}/granska/")
    assert only_application().status == "submitted"


def test_a_draft_is_listed_and_can_be_deleted_and_its_number_is_never_given_again(holder: Prescriber) -> None:
    client = client_of(holder.person)
    client.post(URL, values(holder, action="save"))
    draft = only_application()
    assert draft.case_number in text_of(client.get(URL))
    client.post(f"{URL}{draft.public_id}/ta-bort/")
    assert not AuthorisationApplication.objects.exists()
    client.post(URL, values(holder, action="save"))
    assert only_application().case_number > draft.case_number


def test_what_was_sent_in_cannot_be_deleted(holder: Prescriber) -> None:
    application = make_application(holder, right="websesam.unit")
    response = client_of(holder.person).post(f"{URL}{application.public_id}/ta-bort/", follow=True)
    assert "Bara ett utkast som aldrig har skickats in kan tas bort" in text_of(response)
    assert only_application() == application


def test_what_waits_can_be_withdrawn_by_the_applicant(world: World, holder: Prescriber) -> None:
    application = make_application(holder, right="websesam.unit")
    client = client_of(holder.person)
    assert "Återta ansökan" in text_of(client.get(f"{URL}{application.public_id}/"))
    assert "Din chef får veta" in text_of(client.get(f"{URL}{application.public_id}/aterta/"))
    client.post(f"{URL}{application.public_id}/aterta/")
    assert only_application().status == "withdrawn"
    waiting = client_of(world.manager).get("/mitt-team/beslut/")
    assert waiting.context["waiting"] == []
    url = f"/mitt-team/beslut/ansokan/{application.public_id}/"
    client_of(world.manager).post(url, {"answer": "approve"})
    assert only_application().status == "withdrawn"


@pytest.mark.parametrize("page", ["granska", "aterta", "ta-bort"])
def test_a14_colleague_outsider_and_manager_meet_no_such_page(world: World, holder: Prescriber, page: str) -> None:
    application = make_application(holder, right="websesam.unit")
    colleague = make_prescriber(world.clinic).person
    for stranger in (colleague, world.outsider, world.manager):
        client = client_of(stranger)
        found = client.post(f"{URL}{application.public_id}/{page}/")
        missing = client.post(f"{URL}00000000-0000-4000-8000-000000000000/{page}/")
        assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert only_application().status == "submitted"


def test_a45_nothing_is_deleted_or_withdrawn_by_get(holder: Prescriber) -> None:
    client = client_of(holder.person)
    application = make_application(holder, right="websesam.unit")
    assert client.get(f"{URL}{application.public_id}/aterta/").status_code == 200
    assert client.get(f"{URL}{application.public_id}/ta-bort/").status_code == 405
    assert only_application().status == "submitted"


def test_the_latest_application_fills_in_what_else_is_not_known(holder: Prescriber) -> None:
    make_application(holder, right="websesam.unit", vgr_id="teste17", system_user_id="gammal17", has_e_invoice=True)
    body = client_of(holder.person).get(URL).content.decode()
    assert 'value="teste17"' in body
    assert 'value="gammal17"' in body
    assert body.count(" checked") == 3, "workplace, new right, eFaktura"
