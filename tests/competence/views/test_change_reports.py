"""A change of name, workplace or task: reported, and what must be done anew told to both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from competence.actions.appointments import appoint, decide_level
from competence.actions.authorisations import grant_authorisation
from competence.actions.change_reports import handle_report, report_change
from competence.actions.employments import assign_manager, end_employment, start_employment
from competence.models.appointment import LevelDecision
from competence.models.change_report import ChangeReport
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from competence.queries.eligibility import current_moment
from competence.queries.rights import RightsReader
from competence.queries.transitions import rights_to_do_anew
from competence.tasks import deliver_outbox
from lms.lib.clock import local_day
from tests.competence.views.helpers import HEALTH_CARE, client_of, same_body, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    MOBILITY,
    Prescriber,
    World,
    make_person,
    make_prescriber,
)

URL = "/min-behorighet/andring/"


@pytest.fixture
def holder(world: World) -> Prescriber:
    return make_prescriber(world.clinic, person=make_person(email="person@example.se"))


def move(holder: Prescriber, world: World) -> Employment:
    """The person leaves the clinic and begins in home care."""
    today = local_day(timezone.now())
    end_employment(employment=holder.employment, last_day=today - timedelta(days=1), by=BUILDER)
    return start_employment(person=holder.person, unit=world.home_care, starts_on=today, title="Ny titel", by=BUILDER)


def anew(employment: Employment) -> list[str]:
    """The codes of what must be done anew."""
    found = rights_to_do_anew(employment, RightsReader([employment], moment=current_moment()))
    return sorted({step.code for answer in found for step in answer.decision.missing})


def test_whoever_changes_employment_does_appointment_level_and_application_anew_and_no_course(
    world: World, holder: Prescriber
) -> None:
    employment = move(holder, world)
    assert anew(employment) == ["LEVEL_NOT_DECIDED", "NOT_APPOINTED", "NOT_AUTHORISED"]
    text = text_of(client_of(holder.person).get(URL))
    assert "Det här behöver göras på nytt" in text
    manager = text_of(client_of(world.municipal_manager).get(f"/mitt-team/{employment.public_id}/"))
    assert "Kommer från en annan anställning" in manager
    assert "Beställare av personliga hjälpmedel inom hälso- och sjukvård" in manager


def test_when_it_is_done_nothing_is_asked_for_any_more(world: World, holder: Prescriber) -> None:
    employment = move(holder, world)
    appoint(employment=employment, role=CompetenceRole.objects.get(key=MOBILITY), by=BUILDER)
    decide_level(employment=employment, level=LevelDecision.Level.FULL, by=BUILDER)
    assert anew(employment) == ["NOT_AUTHORISED"]
    grant_authorisation(employment=employment, right=OrderingRight.objects.get(key=HEALTH_CARE), by=BUILDER)
    assert anew(employment) == []
    assert "Det här behöver göras på nytt" not in text_of(client_of(holder.person).get(URL))


def test_who_is_new_or_works_at_two_places_has_nothing_to_do_anew(world: World, holder: Prescriber) -> None:
    second = start_employment(person=holder.person, unit=world.home_care, starts_on=LONG_AGO, by=BUILDER)
    assert anew(second) == []
    assert anew(make_prescriber(world.clinic, is_appointed=False, is_authorised=False).employment) == []


def test_both_sides_are_told_once(world: World, holder: Prescriber, mailoutbox: Any) -> None:
    world.municipal_manager.email = "ny.chef@example.se"
    world.municipal_manager.save()
    deliver_outbox()
    mailoutbox.clear()
    move(holder, world)
    deliver_outbox()
    deliver_outbox()
    subjects = {message.to[0]: message.subject for message in mailoutbox}
    assert subjects["person@example.se"] == "Du har bytt arbetsplats: det här behöver göras på nytt"
    assert subjects["ny.chef@example.se"] == "Någon är ny i ditt team: se vad som behöver göras"
    assert holder.person.full_name not in mailoutbox[-1].body.replace(f"Hej {holder.person.full_name}", "")


def test_a_reported_change_is_told_to_the_manager_seen_to_and_answered(
    world: World, holder: Prescriber, mailoutbox: Any
) -> None:
    world.manager.email = "chef@example.se"
    world.manager.save()
    client = client_of(holder.person)
    wrong = {"employment": str(holder.employment.public_id), "kind": "name", "text": "", "starts_on": "2026-02-01"}
    assert client.post(URL, wrong).status_code == 422
    client.post(URL, {**wrong, "text": "Test Nyman"})
    report = ChangeReport.objects.get()
    deliver_outbox()
    [message] = [m for m in mailoutbox if m.to == ["chef@example.se"]]
    assert message.subject == "En ändring är anmäld i ditt team"
    assert "Test Nyman" not in message.body
    page = f"/mitt-team/{holder.employment.public_id}/"
    manager = client_of(world.manager)
    assert "Test Nyman" in text_of(manager.get(page))
    manager.post(f"/mitt-team/andring/{report.public_id}/", {"comment": "Skicka in en ny ansökan."})
    assert "Test Nyman" not in text_of(manager.get(page))
    assert "Skicka in en ny ansökan." in text_of(client.get(URL))
    again = manager.post(f"/mitt-team/andring/{report.public_id}/", {"comment": "x"}, follow=True)
    assert "Någon har redan tagit hand om det" in text_of(again)
    deliver_outbox()
    assert "Din chef har tagit hand om ändringen som du anmälde" in [m.subject for m in mailoutbox]


def test_a_reported_change_waits_among_the_decisions_of_who_may_see_to_it(world: World, holder: Prescriber) -> None:
    report = report_change(
        employment=holder.employment, kind=ChangeReport.Kind.TASK, text="Ny", starts_on=LONG_AGO, by=holder.person
    )
    manager = client_of(world.manager)
    page = manager.get("/mitt-team/beslut/")
    assert [(one.kind, one.person) for one in page.context["waiting"]] == [("report", holder.person)]
    assert f"/mitt-team/{holder.employment.public_id}/#andring-1" in page.content.decode()
    assert page.context["waiting"][0].what.endswith(str(ChangeReport.Kind.TASK.label))
    assert page.context["waiting"][0].what in text_of(page)
    assert manager.get("/mitt-team/").context["waiting"] == 1
    assert not client_of(world.municipal_manager).get("/mitt-team/beslut/").context["waiting"]
    handle_report(report=report, by=world.manager)
    assert not manager.get("/mitt-team/beslut/").context["waiting"]


def test_a14_nobody_reports_for_another_or_sees_to_what_is_not_in_their_team(world: World, holder: Prescriber) -> None:
    colleague = make_prescriber(world.clinic)
    other = {"employment": str(holder.employment.public_id), "kind": "name", "text": "X", "starts_on": "2026-02-01"}
    assert client_of(colleague.person).post(URL, other).status_code == 422
    with pytest.raises(PermissionDenied):
        report_change(
            employment=holder.employment,
            kind=ChangeReport.Kind.NAME,
            text="X",
            starts_on=LONG_AGO,
            by=colleague.person,
        )
    report = report_change(
        employment=holder.employment, kind=ChangeReport.Kind.NAME, text="X", starts_on=LONG_AGO, by=holder.person
    )
    assign_manager(person=holder.person, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    for stranger in (holder.person, colleague.person, world.outsider, world.municipal_manager):
        client = client_of(stranger)
        found = client.post(f"/mitt-team/andring/{report.public_id}/", {"comment": ""})
        missing = client.post("/mitt-team/andring/00000000-0000-4000-8000-000000000000/", {"comment": ""})
        assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert not hasattr(ChangeReport.objects.get(), "handled")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(
    world: World, holder: Prescriber, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        report_change(
            employment=holder.employment,
            kind=ChangeReport.Kind.TASK,
            text=f"Uppgift {number}",
            starts_on=LONG_AGO,
            by=holder.person,
        )
    client = client_of(holder.person)
    client.get(URL)
    with django_assert_num_queries(16):
        client.get(URL)
