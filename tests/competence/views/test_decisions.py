"""Att besluta: certificates and applications before the manager."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from competence.actions.completions import offer_completion
from competence.actions.employments import assign_manager, end_manager_assignment
from competence.models.authorisation import Authorisation
from competence.models.completion import Completion
from lms.audit.models import AuditEvent
from tests.competence.views.helpers import (
    PDF,
    client_of,
    file_of,
    make_application,
    make_claim,
    pdf,
    same_body,
    text_of,
)
from tests.factories.competence import BUILDER, COMPLETED, LONG_AGO, REGIONAL, Prescriber, World, make_prescriber

LIST = "/mitt-team/beslut/"
pytestmark = pytest.mark.usefixtures("media_folder")


@pytest.fixture
def applicant(world: World) -> Prescriber:
    return make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)


def claim_url(claim: Any) -> str:
    return f"{LIST}intyg/{claim.public_id}/"


def application_url(application: Any) -> str:
    return f"{LIST}ansokan/{application.public_id}/"


def test_everything_that_waits_is_in_one_list_the_oldest_first(world: World, applicant: Prescriber) -> None:
    application = make_application(applicant)
    claim = make_claim(applicant.person)
    response = client_of(world.manager).get(LIST)
    assert [one.public_id for one in response.context["waiting"]] == [application.public_id, claim.public_id]
    assert "2 beslut väntar" in text_of(response)


def test_the_list_is_empty_with_words(world: World) -> None:
    assert "Inget väntar på dig" in text_of(client_of(world.manager).get(LIST))


def test_a_manager_above_has_it_in_the_list_and_one_beside_has_not(world: World, applicant: Prescriber) -> None:
    make_claim(applicant.person)
    above = make_prescriber(world.clinic).person
    assign_manager(person=above, unit=world.vgr, starts_on=LONG_AGO, by=BUILDER)
    assert len(client_of(above).get(LIST).context["waiting"]) == 1
    assert client_of(world.outsider).get(LIST).context["waiting"] == []


def test_what_is_ones_own_is_never_in_the_list(world: World) -> None:
    boss = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    assign_manager(person=boss.person, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    claim, application = make_claim(boss.person), make_application(boss)
    client = client_of(boss.person)
    assert client.get(LIST).context["waiting"] == []
    assert client.post(claim_url(claim), {"answer": "approve"}).status_code == 404
    assert client.post(application_url(application), {"answer": "approve"}).status_code == 404
    assert not Authorisation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(world: World, count: int, django_assert_num_queries: Any) -> None:
    for _number in range(count):
        person = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
        make_claim(person.person)
        make_application(person)
    client = client_of(world.manager)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


# --- A certificate --------------------------------------------------------------------------------------------------
def test_an_approved_certificate_counts_at_once(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person, note="Här är mitt bevis.")
    client = client_of(world.manager)
    assert "Här är mitt bevis." in text_of(client.get(claim_url(claim)))
    response = client.post(claim_url(claim), {"answer": "approve"}, follow=True)
    assert "räknas nu" in text_of(response)
    assert Completion.objects.filter(person=applicant.person, course=claim.course, source="self-report").exists()


def test_a_refusal_needs_a_reason(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    client = client_of(world.manager)
    assert client.post(claim_url(claim), {"answer": "refuse", "reason": "  "}).status_code == 422
    claim.refresh_from_db()
    assert claim.status == "waiting"
    client.post(claim_url(claim), {"answer": "refuse", "reason": "Fel person."})
    claim.refresh_from_db()
    assert (claim.status, claim.decision_reason) == ("refused", "Fel person.")


def test_what_is_decided_is_not_decided_again(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    client = client_of(world.manager)
    client.post(claim_url(claim), {"answer": "approve"})
    response = client.post(claim_url(claim), {"answer": "refuse", "reason": "För sent."})
    assert "redan" in text_of(response)
    claim.refresh_from_db()
    assert claim.status == "approved"


def test_a12_a_course_done_in_no_time_is_flagged(world: World, applicant: Prescriber) -> None:
    claim = offer_completion(
        person=applicant.person,
        course_key=REGIONAL,
        completed_at=COMPLETED,
        source="test",
        source_id="flagged",
        by=BUILDER,
        flags=["implausible_time"],
    )
    client = client_of(world.manager)
    assert "Titta närmare" in text_of(client.get(LIST))
    assert "mycket kortare tid" in text_of(client.get(claim_url(claim)))


def test_a05_what_the_person_wrote_is_text(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person, note="<script>alert(1)</script>", evidence=pdf("<img src=x>.pdf"))
    body = client_of(world.manager).get(claim_url(claim)).content
    assert b"<script>alert(1)" not in body
    assert b"<img src=x" not in body


@pytest.mark.parametrize("method", ["get", "post"])
def test_a16_others_get_what_a_missing_certificate_gets(world: World, applicant: Prescriber, method: str) -> None:
    claim = make_claim(applicant.person)
    colleague = make_prescriber(world.clinic).person
    missing = f"{LIST}intyg/{uuid.uuid4()}/"
    for person in (world.outsider, colleague, applicant.person):
        client = client_of(person)
        found = getattr(client, method)(claim_url(claim), {"answer": "approve"})
        absent = getattr(client, method)(missing, {"answer": "approve"})
        assert (found.status_code, same_body(found)) == (404, same_body(absent))
    assert not Completion.objects.filter(source="self-report").exists()


def test_a24_who_is_no_longer_manager_decides_nothing(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    end_manager_assignment(assignment=world.manager.manager_assignments.get(), by=BUILDER)
    assert client_of(world.manager).post(claim_url(claim), {"answer": "approve"}).status_code == 404


def test_a45_a_decision_needs_a_post_and_a_token(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.manager, backend="django.contrib.auth.backends.ModelBackend")
    client.get(claim_url(claim), {"answer": "approve"})
    assert client.post(claim_url(claim), {"answer": "approve"}).status_code == 403
    claim.refresh_from_db()
    assert claim.status == "waiting"


# --- Its file -------------------------------------------------------------------------------------------------------
def test_a10_the_file_is_served_so_that_it_can_do_nothing(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    response = client_of(world.manager).get(f"{claim_url(claim)}fil/")
    assert file_of(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'; sandbox"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Content-Disposition"].startswith("inline")
    assert "no-store" in response["Cache-Control"]


def test_a_file_of_an_unknown_kind_is_only_downloaded(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    claim.evidence_type = "text/html"
    claim.save()
    response = client_of(world.manager).get(f"{claim_url(claim)}fil/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    file_of(response)


def test_a15_the_file_is_for_the_person_and_the_manager_only(world: World, applicant: Prescriber) -> None:
    address = f"{claim_url(make_claim(applicant.person))}fil/"
    missing = f"{LIST}intyg/{uuid.uuid4()}/fil/"
    for person in (applicant.person, world.manager):
        response = client_of(person).get(address)
        assert response.status_code == 200
        file_of(response)
    for person in (world.outsider, make_prescriber(world.clinic).person):
        client = client_of(person)
        found = client.get(address)
        assert (found.status_code, same_body(found)) == (404, same_body(client.get(missing)))


def test_looking_at_a_certificate_and_its_file_is_noted(world: World, applicant: Prescriber) -> None:
    claim = make_claim(applicant.person)
    client = client_of(world.manager)
    client.get(claim_url(claim))
    file_of(client.get(f"{claim_url(claim)}fil/"))
    noted = AuditEvent.objects.filter(kind="look_up", person=applicant.person, actor=world.manager)
    assert list(noted.order_by("pk").values_list("action", flat=True)) == ["view_claim", "view_claim_file"]


# --- An application -------------------------------------------------------------------------------------------------
def test_an_approved_application_grants_the_right(world: World, applicant: Prescriber) -> None:
    application = make_application(applicant)
    client = client_of(world.manager)
    page = text_of(client.get(application_url(application)))
    assert "Genomför" in page, "what else is missing"
    client.post(application_url(application), {"answer": "approve"})
    application.refresh_from_db()
    assert application.status == "approved"
    assert Authorisation.objects.get().employment == applicant.employment


@pytest.mark.parametrize(("answer", "status"), [("return", "returned"), ("refuse", "refused")])
def test_a_return_and_a_refusal_need_words(world: World, applicant: Prescriber, answer: str, status: str) -> None:
    application = make_application(applicant)
    client = client_of(world.manager)
    assert client.post(application_url(application), {"answer": answer}).status_code == 422
    client.post(application_url(application), {"answer": answer, "reason": "Fel enhet."})
    application.refresh_from_db()
    assert (application.status, application.decision_reason) == (status, "Fel enhet.")
    assert not Authorisation.objects.exists()


def test_an_answer_that_is_none_decides_nothing(world: World, applicant: Prescriber) -> None:
    application = make_application(applicant)
    response = client_of(world.manager).post(application_url(application), {"answer": "x", "reason": "y"})
    assert "Välj att godkänna" in text_of(response)
    application.refresh_from_db()
    assert application.status == "submitted"


def test_a16_others_get_what_a_missing_application_gets(world: World, applicant: Prescriber) -> None:
    application = make_application(applicant)
    missing = f"{LIST}ansokan/{uuid.uuid4()}/"
    for person in (world.outsider, make_prescriber(world.clinic).person):
        client = client_of(person)
        found = client.post(application_url(application), {"answer": "approve"})
        assert (found.status_code, same_body(found)) == (404, same_body(client.post(missing, {"answer": "approve"})))
    assert not applicant.employment.authorisations.exists()


def test_what_waits_is_counted_by_unit(world: World) -> None:
    at_home, at_office = make_prescriber(world.home_care, courses=()), make_prescriber(world.municipality, courses=())
    make_claim(at_home.person)
    make_application(at_home)
    make_claim(at_office.person)
    client = client_of(world.municipal_manager)
    page = client.get("/mitt-team/beslut/")
    assert [(name, count) for _key, name, count in page.context["units"]] == [("Hemtjänsten", 2), ("Skövde", 1)]
    only = client.get("/mitt-team/beslut/", {"enhet": page.context["units"][0][0]})
    assert {one.person for one in only.context["waiting"]} == {at_home.person}
    assert only.context["in_all"] == 3


LIST_QUERIES = 11
