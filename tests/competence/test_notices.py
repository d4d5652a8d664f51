"""One e-mail for each event and recipient, to those whom it concerns, with no more in it than needed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from competence.actions.applications import (
    approve_application,
    refuse_application,
    return_application,
    withdraw_application,
)
from competence.actions.appointments import revoke_appointment
from competence.actions.authorisations import revoke_authorisation
from competence.actions.completions import approve_claim, refuse_claim
from competence.actions.employments import assign_manager, end_manager_assignment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.tasks import deliver_outbox
from tests.competence.views.helpers import make_application, make_claim
from tests.factories.competence import BUILDER, LONG_AGO, REGIONAL, Prescriber, World, make_person, make_prescriber

pytestmark = pytest.mark.usefixtures("media_folder")


@pytest.fixture
def applicant(world: World) -> Prescriber:
    person = make_person(email="person@example.se")
    found = make_prescriber(world.clinic, person=person, courses=(REGIONAL,), is_authorised=False)
    world.manager.email = "chef@example.se"
    world.manager.save()
    deliver_outbox()
    return found


def test_the_manager_hears_of_a_certificate_once(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    claim = make_claim(applicant.person, note="Mitt meddelande")
    deliver_outbox()
    deliver_outbox()
    [message] = mailoutbox
    assert message.to == ["chef@example.se"]
    assert f"/mitt-team/beslut/intyg/{claim.public_id}/" in message.body
    assert message.subject == "Ett kursbevis väntar på ditt beslut"


def test_an_event_that_comes_twice_makes_one_message(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    make_claim(applicant.person)
    deliver_outbox()
    OutboxEvent.objects.filter(kind="claim.made").update(delivered_at=None)
    deliver_outbox()
    assert len(mailoutbox) == 1


def test_a_message_says_no_more_than_needed(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    refuse_claim(claim=make_claim(applicant.person, note="Hemlig rad"), reason="Känsligt skäl", by=world.manager)
    make_application(applicant)
    deliver_outbox()
    assert len(mailoutbox) == 3, "the refused claim waits for nobody any more; the applicant has a receipt"
    for message in mailoutbox:
        everything = message.subject + message.body + message.alternatives[0][0]
        for secret in ("Hemlig rad", "Känsligt skäl", applicant.hsa_id):
            assert secret not in everything
    to_manager = next(m for m in mailoutbox if m.to == ["chef@example.se"])
    assert applicant.person.full_name not in to_manager.body


def test_the_person_hears_of_each_decision(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    approve_claim(claim=make_claim(applicant.person), by=world.manager)
    return_application(application=make_application(applicant), comment="Fel.", by=world.manager)
    refuse_application(application=make_application(applicant), reason="Nej.", by=world.manager)
    approved = approve_application(application=make_application(applicant), by=world.manager)
    assert approved.authorisation is not None
    assert applicant.appointment is not None
    revoke_authorisation(authorisation=approved.authorisation, reason="Slut.", by=world.manager)
    revoke_appointment(appointment=applicant.appointment, reason="Slut.", by=world.manager)
    deliver_outbox()
    subjects = [m.subject for m in mailoutbox if m.to == ["person@example.se"]]
    assert [subject for subject in subjects if "tagit emot" not in subject] == [
        "Ditt kursbevis är godkänt",
        "Ansökan 2026-00001 behöver rättas".replace("2026", approved.case_number[:4]),
        "Ansökan 2026-00002 är avslagen".replace("2026", approved.case_number[:4]),
        "Ansökan 2026-00003 är godkänd".replace("2026", approved.case_number[:4]),
        "Din behörighet har återkallats",
        "Ditt uppdrag har återkallats",
    ]


def test_each_reads_in_their_own_language(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    applicant.person.language = "en"
    applicant.person.save()
    approve_claim(claim=make_claim(applicant.person), by=world.manager)
    deliver_outbox()
    assert [m.subject for m in mailoutbox] == ["Your certificate is approved"]
    assert 'lang="en"' in mailoutbox[0].alternatives[0][0]


def test_the_nearest_manager_hears_and_not_the_one_above(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    above = make_person(email="hogre@example.se")
    assign_manager(person=above, unit=world.vgr, starts_on=LONG_AGO, by=BUILDER)
    make_claim(applicant.person)
    deliver_outbox()
    assert [m.to for m in mailoutbox] == [["chef@example.se"]]


def test_a_managers_own_certificate_goes_to_the_manager_above(world: World, mailoutbox: Any) -> None:
    above = make_person(email="hogre@example.se")
    assign_manager(person=above, unit=world.vgr, starts_on=LONG_AGO, by=BUILDER)
    make_claim(world.manager)
    deliver_outbox()
    assert [m.to for m in mailoutbox] == [["hogre@example.se"]]


def test_a24_a_removed_manager_gets_no_more_mail(world: World, applicant: Prescriber, mailoutbox: Any) -> None:
    from competence.outbox import deliver_waiting

    make_claim(applicant.person)
    deliver_waiting()  # noted for the manager, but not sent yet
    assert Notice.objects.get().recipient == world.manager
    end_manager_assignment(assignment=world.manager.manager_assignments.get(), by=BUILDER)
    deliver_outbox()
    assert mailoutbox == []
    assert Notice.objects.get().dropped_at is not None


def test_one_that_cannot_be_sent_is_tried_again_and_stops_no_other(
    world: World, applicant: Prescriber, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_person(email="andra@example.se")
    assign_manager(person=second, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    send = EmailMultiAlternatives.send

    def failing(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == ["chef@example.se"]:
            raise ConnectionRefusedError
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", failing)
    make_claim(applicant.person)
    deliver_outbox()
    assert [m.to for m in mailoutbox] == [["andra@example.se"]]
    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    deliver_outbox()
    assert sorted(m.to[0] for m in mailoutbox) == ["andra@example.se", "chef@example.se"]


def test_who_has_no_address_gets_none(world: World, mailoutbox: Any) -> None:
    make_claim(make_prescriber(world.clinic, courses=(REGIONAL,)).person)
    deliver_outbox()
    assert mailoutbox == []
    assert not Notice.objects.exists()


def test_the_applicant_gets_a_receipt_and_the_manager_hears_of_a_withdrawal(
    world: World, applicant: Prescriber, mailoutbox: Any
) -> None:
    application = make_application(applicant)
    deliver_outbox()
    sent = {m.to[0]: m.subject for m in mailoutbox}
    assert sent == {
        "person@example.se": f"Vi har tagit emot ansökan {application.case_number}",
        "chef@example.se": "En ansökan väntar på ditt beslut",
    }
    mailoutbox.clear()
    withdraw_application(application=application, by=applicant.person)
    deliver_outbox()
    assert [(m.to[0], m.subject) for m in mailoutbox] == [
        ("chef@example.se", f"Ansökan {application.case_number} är återtagen")
    ]


def test_what_is_withdrawn_before_the_mail_is_sent_asks_nobody_to_decide(
    world: World, applicant: Prescriber, mailoutbox: Any
) -> None:
    withdraw_application(application=make_application(applicant), by=applicant.person)
    deliver_outbox()
    assert "En ansökan väntar på ditt beslut" not in [m.subject for m in mailoutbox]
