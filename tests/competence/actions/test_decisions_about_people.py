"""Appointments, levels, attestations, rights and applications: who may, and what follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from competence.actions.applications import (
    approve_application,
    refuse_application,
    return_application,
    save_application,
    submit_application,
)
from competence.actions.appointments import appoint, attest, decide_level, grant_exemption, revoke_appointment
from competence.actions.authorisations import grant_authorisation, report_login, revoke_authorisation
from competence.actions.employments import (
    end_employment,
    end_manager_assignment,
    end_suspension,
    start_employment,
    suspend,
)
from competence.models.appointment import LevelDecision
from competence.models.authorisation import AuthorisationApplication
from competence.models.competence_role import CompetenceRole
from competence.models.employment import ManagerAssignment
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.outbox import OutboxEvent, Revision
from competence.permissions import manages_anybody, units_managed_by
from competence.queries.eligibility import current_moment, decide_for
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.factories.competence import BUILDER, MOBILITY, Prescriber, World, make_person, make_prescriber

HEALTH_CARE = "websesam.health-care"


def today() -> date:
    return local_day(timezone.now())


def missing(person: User, right: str = HEALTH_CARE) -> list[str]:
    return [step.code.value for step in decide_for(person, right, moment=current_moment()).missing]


def decisions_about(prescriber: Prescriber, by: User) -> list[Any]:
    """Everything that only a manager of the person may do."""
    employment = prescriber.employment
    role = CompetenceRole.objects.get(key=MOBILITY)
    right = OrderingRight.objects.get(key=HEALTH_CARE)
    return [
        lambda: appoint(employment=employment, role=role, by=by),
        lambda: revoke_appointment(appointment=prescriber.appointment, reason="x", by=by),  # type: ignore[arg-type]
        lambda: decide_level(employment=employment, level=LevelDecision.Level.BASIC, by=by),
        lambda: attest(employment=employment, attestation="unit-introduction", by=by),
        lambda: grant_exemption(employment=employment, requirement="regional-mobility", reason="x", by=by),
        lambda: grant_authorisation(employment=employment, right=right, by=by),
        lambda: revoke_authorisation(authorisation=prescriber.authorisation, reason="x", by=by),  # type: ignore[arg-type]
        lambda: suspend(employment=employment, starts_on=today(), by=by),
    ]


def test_a16_a18_only_a_manager_of_the_unit_decides_and_never_about_themselves(world: World) -> None:
    owner, colleague = make_prescriber(world.clinic), make_prescriber(world.clinic)
    own = make_prescriber(world.clinic, person=world.manager)
    before = Revision.objects.get().number
    for person, about in (
        (owner.person, owner),
        (colleague.person, owner),
        (world.outsider, owner),
        (world.municipal_manager, owner),
        (world.manager, own),
    ):
        for decision in decisions_about(about, person):
            with pytest.raises(PermissionDenied):
                decision()
    assert Revision.objects.get().number == before


def test_the_manager_of_the_unit_may_do_all_of_it(world: World) -> None:
    owner = make_prescriber(world.clinic)
    before = Revision.objects.get().number
    decisions = decisions_about(owner, world.manager)
    for decision in decisions:
        decision()
    assert Revision.objects.get().number == before + len(decisions)


def test_a_manager_above_decides_below_but_not_beside(world: World) -> None:
    below = make_prescriber(world.home_care)
    suspend(employment=below.employment, starts_on=today(), by=world.municipal_manager)
    assert set(units_managed_by(world.municipal_manager)) == {world.municipality, world.home_care}


def test_a_former_manager_decides_nothing(world: World) -> None:
    owner = make_prescriber(world.clinic)
    assignment = ManagerAssignment.objects.get(person=world.manager)
    end_manager_assignment(assignment=assignment, by=BUILDER)
    assert not manages_anybody(world.manager)
    for decision in decisions_about(owner, world.manager):
        with pytest.raises(PermissionDenied):
            decision()


def test_a_disabled_manager_decides_nothing(world: World) -> None:
    owner = make_prescriber(world.clinic)
    world.manager.is_active = False
    world.manager.save()
    for decision in decisions_about(owner, world.manager):
        with pytest.raises(PermissionDenied):
            decision()


def test_the_next_answer_after_a_revocation_denies(world: World) -> None:
    owner = make_prescriber(world.clinic)
    assert missing(owner.person) == []
    revoke_authorisation(authorisation=owner.authorisation, reason="Bytt arbetsuppgifter", by=world.manager)  # type: ignore[arg-type]
    assert missing(owner.person) == ["REVOKED"]


def test_a_revocation_needs_a_reason(world: World) -> None:
    owner = make_prescriber(world.clinic)
    with pytest.raises(Refusal):
        revoke_authorisation(authorisation=owner.authorisation, reason=" ", by=world.manager)  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        revoke_appointment(appointment=owner.appointment, reason="", by=world.manager)  # type: ignore[arg-type]
    assert missing(owner.person) == []


def test_leave_suspends_and_the_return_restores(world: World) -> None:
    owner = make_prescriber(world.clinic)
    leave = suspend(employment=owner.employment, starts_on=today() - timedelta(days=3), by=world.manager)
    assert missing(owner.person) == ["SUSPENDED"]
    end_suspension(suspension=leave, back_on=today(), by=world.manager)
    assert missing(owner.person) == []


def test_f23_a_right_holds_only_at_the_employer_where_it_was_given(world: World) -> None:
    owner = make_prescriber(world.clinic)
    make_prescriber(
        world.home_care, person=owner.person, is_appointed=False, level=None, is_authorised=False, courses=()
    )
    end_employment(employment=owner.employment, last_day=today() - timedelta(days=1), by=BUILDER)
    # The courses followed the person; what the first employer had decided did not.
    assert missing(owner.person) == ["NOT_APPOINTED", "LEVEL_NOT_DECIDED", "NOT_AUTHORISED"]


def test_a_login_keeps_a_right_alive_and_is_recorded_once(world: World) -> None:
    owner = make_prescriber(world.clinic)
    system = OrderingSystem.objects.get(key="websesam")
    logged_in_at = timezone.now()
    first = report_login(person=owner.person, system=system, logged_in_at=logged_in_at, by=BUILDER)
    assert report_login(person=owner.person, system=system, logged_in_at=logged_in_at, by=BUILDER) == first


def test_nobody_is_employed_outside_a_principal(world: World) -> None:
    with pytest.raises(Refusal):
        start_employment(person=make_person(), unit=world.root, starts_on=today(), by=BUILDER)


def test_days_in_the_wrong_order_are_refused(world: World) -> None:
    with pytest.raises(Refusal):
        start_employment(
            person=make_person(),
            unit=world.clinic,
            starts_on=today(),
            ends_on=today() - timedelta(days=1),
            by=BUILDER,
        )


def application(owner: Prescriber, **changes: Any) -> AuthorisationApplication:
    values: dict[str, Any] = {
        "right": OrderingRight.objects.get(key=HEALTH_CARE),
        "starts_on": today(),
        "name": owner.person.full_name,
        "title": "Arbetsterapeut",
        "email": "test@example.se",
        "hsa_id": owner.hsa_id,
    }
    return save_application(employment=owner.employment, by=owner.person, **(values | changes))


def test_an_application_is_saved_submitted_and_approved(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    assert missing(owner.person) == ["NOT_AUTHORISED"]
    submitted = submit_application(application=application(owner), by=owner.person)
    approved = approve_application(application=submitted, by=world.manager)
    assert approved.authorisation is not None
    assert missing(owner.person) == []
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))
    assert {"application.submitted", "application.approved", "authorisation.granted"} <= kinds


@pytest.mark.parametrize(
    "changes",
    [
        {"right": None},
        {"starts_on": None},
        {"name": ""},
        {"title": ""},
        {"email": ""},
        {"hsa_id": ""},
        {"hsa_id": "SE123"},
        {"customer_number": "123456"},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_a_draft_may_lack_anything_but_is_not_submitted(world: World, changes: dict[str, Any]) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    draft = application(owner, **changes)
    with pytest.raises(Refusal):
        submit_application(application=draft, by=owner.person)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_right_per_customer_number_needs_one(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    right = OrderingRight.objects.get(key="sesamlmn.order")
    with pytest.raises(Refusal):
        submit_application(application=application(owner, right=right), by=owner.person)
    submit_application(application=application(owner, right=right, customer_number="123456"), by=owner.person)


def test_a_returned_application_can_be_mended_and_sent_again(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    sent = submit_application(application=application(owner), by=owner.person)
    with pytest.raises(Refusal):
        save_application(employment=owner.employment, by=owner.person, application=sent, title="Annan")
    back = return_application(application=sent, comment="Fel titel", by=world.manager)
    mended = save_application(employment=owner.employment, by=owner.person, application=back, title="Fysioterapeut")
    assert submit_application(application=mended, by=owner.person).status == "submitted"


def test_a_decided_application_does_not_change(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    sent = submit_application(application=application(owner), by=owner.person)
    refuse_application(application=sent, reason="Ingår inte i uppdraget", by=world.manager)
    with pytest.raises(Refusal):
        approve_application(application=sent, by=world.manager)
    with pytest.raises(Refusal):
        return_application(application=sent, comment="x", by=world.manager)
    with pytest.raises(Refusal):
        submit_application(application=sent, by=owner.person)
    assert missing(owner.person) == ["NOT_AUTHORISED"]


def test_a16_an_application_is_the_owners_and_decided_by_their_manager_only(world: World) -> None:
    owner, colleague = make_prescriber(world.clinic, is_authorised=False), make_prescriber(world.clinic)
    draft = application(owner)
    with pytest.raises(PermissionDenied):
        submit_application(application=draft, by=colleague.person)
    with pytest.raises(PermissionDenied):
        save_application(employment=owner.employment, by=colleague.person, application=draft, name="Annan")
    with pytest.raises(PermissionDenied):
        save_application(employment=colleague.employment, by=colleague.person, application=draft, name="Annan")
    sent = submit_application(application=draft, by=owner.person)
    for person in (owner.person, colleague.person, world.outsider):
        with pytest.raises(PermissionDenied):
            approve_application(application=sent, by=person)


def test_case_numbers_count_up_within_the_year(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    numbers = [application(owner).case_number for _ in range(3)]
    assert numbers == [f"{today().year}-{n:05d}" for n in (1, 2, 3)]


def test_an_approved_right_never_begins_before_the_approval(world: World) -> None:
    owner = make_prescriber(world.clinic, is_authorised=False)
    sent = submit_application(application=application(owner, starts_on=today() - timedelta(days=100)), by=owner.person)
    approved = approve_application(application=sent, by=world.manager)
    assert approved.authorisation is not None
    assert approved.authorisation.starts_on == today()
