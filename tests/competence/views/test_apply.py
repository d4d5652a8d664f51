"""Applying for an ordering right."""

from __future__ import annotations

from typing import Any

import pytest

from competence.actions.applications import approve_application, return_application, save_application
from competence.models.authorisation import AuthorisationApplication
from competence.models.ordering_system import OrderingRight
from lms.users.models import EmployeeIdentity
from tests.competence.views.helpers import HEALTH_CARE, client_of, make_application, same_body, text_of
from tests.factories.competence import Prescriber, World, make_person, make_prescriber

URL = "/min-behorighet/ansok/"


@pytest.fixture
def applicant(world: World) -> Prescriber:
    return make_prescriber(world.clinic, is_authorised=False, person=make_person(email="test@example.se"))


def values(applicant: Prescriber, **changed: Any) -> dict[str, Any]:
    return {
        "employment": str(applicant.employment.public_id),
        "concerns": "new",
        "right": HEALTH_CARE,
        "starts_on": "2026-02-01",
        "name": applicant.person.full_name,
        "title": "Arbetsterapeut",
        "email": "test@example.se",
        "hsa_id": applicant.hsa_id,
        "action": "submit",
        **changed,
    }


def test_the_form_begins_with_what_is_known(applicant: Prescriber) -> None:
    EmployeeIdentity.objects.create(person=applicant.person, kind="vgr_id", value="teste17")
    body = client_of(applicant.person).get(URL, {"ratt": HEALTH_CARE}).content.decode()
    for known in (applicant.person.full_name, "Arbetsterapeut", "test@example.se", applicant.hsa_id, "teste17"):
        assert f'value="{known}"' in body
    assert body.count(" checked") == 3, "workplace, new right, type"


def test_it_tells_in_advance_what_else_remains_and_stops_nobody(world: World) -> None:
    new = make_prescriber(world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False)
    client = client_of(new.person)
    assert "Genomför" in text_of(client.get(URL, {"ratt": HEALTH_CARE}))
    client.post(URL, values(new))
    assert AuthorisationApplication.objects.get().status == "submitted"


def test_what_is_sent_in_has_a_case_number_and_waits(applicant: Prescriber) -> None:
    response = client_of(applicant.person).post(URL, values(applicant), follow=True)
    application = AuthorisationApplication.objects.get()
    assert application.status == "submitted"
    assert application.case_number in text_of(response)


def test_a_draft_may_lack_anything_and_can_be_gone_on_with(applicant: Prescriber) -> None:
    client = client_of(applicant.person)
    response = client.post(URL, {"employment": str(applicant.employment.public_id), "action": "save"})
    draft = AuthorisationApplication.objects.get()
    assert response["Location"] == f"{URL}{draft.public_id}/"
    assert draft.status == "draft"
    client.post(response["Location"], values(applicant))
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert AuthorisationApplication.objects.count() == 1


@pytest.mark.parametrize("missing", ["right", "starts_on", "name", "title", "email", "hsa_id"])
def test_what_is_mandatory_is_asked_for_and_what_was_written_is_kept(applicant: Prescriber, missing: str) -> None:
    response = client_of(applicant.person).post(URL, values(applicant, system_user_id="gammalt17", **{missing: ""}))
    assert response.status_code == 422
    assert "gammalt17" in response.content.decode()
    assert not AuthorisationApplication.objects.exists()


def test_a_right_per_customer_asks_for_the_number_and_keeps_the_rest_as_a_draft(applicant: Prescriber) -> None:
    client = client_of(applicant.person)
    response = client.post(URL, values(applicant, right="sesamlmn.order"), follow=True)
    assert "kundnummer" in text_of(response)
    assert AuthorisationApplication.objects.get().status == "draft"


def test_a_right_that_the_principal_does_not_give_cannot_be_applied_for(applicant: Prescriber) -> None:
    response = client_of(applicant.person).post(URL, values(applicant, right="websesam.social-care"))
    assert response.status_code == 422
    assert not AuthorisationApplication.objects.exists()


def test_a_right_of_the_other_workplace_is_refused_with_a_sentence(world: World, applicant: Prescriber) -> None:
    other = make_prescriber(world.home_care, person=applicant.person, is_authorised=False, is_appointed=False)
    assert other.employment.pk
    response = client_of(applicant.person).post(URL, values(applicant, right="websesam.social-care"))
    assert response.status_code == 422
    assert "ges inte vid Testkliniken" in text_of(response)


def test_another_persons_employment_cannot_be_chosen(world: World, applicant: Prescriber) -> None:
    colleague = make_prescriber(world.clinic)
    changed = values(applicant, employment=str(colleague.employment.public_id))
    assert client_of(applicant.person).post(URL, changed).status_code == 422
    assert not AuthorisationApplication.objects.exists()


def test_a14_another_persons_application_is_as_missing(world: World, applicant: Prescriber) -> None:
    application = make_application(applicant)
    colleague = client_of(make_prescriber(world.clinic).person)
    found = colleague.get(f"{URL}{application.public_id}/")
    missing = colleague.get(f"{URL}00000000-0000-4000-8000-000000000000/")
    assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert colleague.post(f"{URL}{application.public_id}/", values(applicant)).status_code == 404


def test_a_returned_application_shows_the_comment_and_can_be_sent_again(world: World, applicant: Prescriber) -> None:
    application = return_application(application=make_application(applicant), comment="Fel titel.", by=world.manager)
    client = client_of(applicant.person)
    address = f"{URL}{application.public_id}/"
    assert "Fel titel." in text_of(client.get(address))
    client.post(address, values(applicant, title="Fysioterapeut"))
    application.refresh_from_db()
    assert (application.status, application.title) == ("submitted", "Fysioterapeut")


def test_what_is_sent_in_can_be_read_and_not_changed(applicant: Prescriber) -> None:
    application = make_application(applicant)
    client = client_of(applicant.person)
    address = f"{URL}{application.public_id}/"
    assert "<form" not in client.get(address).content.decode().split("<main")[1].split("</main>")[0]
    client.post(address, values(applicant, title="Ändrad"))
    application.refresh_from_db()
    assert application.title == "Arbetsterapeut"


def test_an_application_to_end_a_right_ends_it_when_approved(world: World) -> None:
    holder = make_prescriber(world.clinic)
    client = client_of(holder.person)
    client.post(URL, values(holder, concerns="end"))
    application = AuthorisationApplication.objects.get()
    assert application.concerns == "end"
    approve_application(application=application, by=world.manager)
    assert "Du får inte beställa" in text_of(client.get("/min-behorighet/"))


def test_a_name_with_markup_is_text(applicant: Prescriber) -> None:
    save_application(
        employment=applicant.employment,
        by=applicant.person,
        name="<script>alert(1)</script>",
        right=OrderingRight.objects.get(key=HEALTH_CARE),
    )
    draft = AuthorisationApplication.objects.get()
    body = client_of(applicant.person).get(f"{URL}{draft.public_id}/").content.decode()
    assert "<script>alert(1)" not in body


def test_without_an_employment_one_is_told_why_one_cannot_apply(world: World) -> None:
    assert "Du har ingen aktuell anställning här" in text_of(client_of(make_person()).get(URL))
