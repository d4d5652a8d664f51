"""The pages for applications, transfers, records and changes, before axe in every state."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page

from competence.actions.applications import save_application
from competence.actions.change_reports import report_change
from competence.actions.identities import merge_people
from competence.actions.transfers import assign_system_administrator, mark_transferred
from competence.models.change_report import ChangeReport
from competence.models.completion import Completion
from competence.models.merge import PersonMerge
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.transfer import TransferDone
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.competence.views.helpers import HEALTH_CARE, make_application
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    World,
    make_hsa_id,
    make_person,
    make_prescriber,
    make_world,
)
from tests.live import LiveProduct

pytestmark = pytest.mark.browser


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    return make_world()


def visit(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    page.evaluate("document.querySelectorAll('details.more').forEach(one => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert_accessible(page)


def test_no_violation_on_the_applicants_and_the_managers_pages(
    page: Page, live_product: LiveProduct, world: World
) -> None:
    holder = make_prescriber(world.clinic, person=make_person(email="test@example.se"))
    draft = save_application(
        employment=holder.employment, by=holder.person, right=OrderingRight.objects.get(key=HEALTH_CARE)
    )
    sent = make_application(holder, right="websesam.unit", concerns="change", changes=holder.authorisation)
    report_change(
        employment=holder.employment,
        kind=ChangeReport.Kind.NAME,
        text="Test Nyman",
        starts_on=date(2026, 2, 1),
        by=holder.person,
    )
    log_in(page, holder.person, live_product)
    for address in (
        "/min-behorighet/ansok/",
        f"/min-behorighet/ansok/{draft.public_id}/",
        f"/min-behorighet/ansok/{draft.public_id}/granska/",
        f"/min-behorighet/ansok/{sent.public_id}/",
        f"/min-behorighet/ansok/{sent.public_id}/aterta/",
        "/min-behorighet/andring/",
    ):
        visit(page, address)
    log_in(page, world.manager, live_product)
    member = f"/mitt-team/{holder.employment.public_id}/"
    for action in ("", "undanta/", "avsluta/", "aterkalla/", "felregistrerat/"):
        visit(page, f"{member}{action}")
    visit(page, f"/mitt-team/beslut/ansokan/{sent.public_id}/")


def test_no_violation_on_the_transfer_list(page: Page, live_product: LiveProduct, world: World) -> None:
    administrator = make_person()
    for system in OrderingSystem.objects.all():
        assign_system_administrator(person=administrator, system=system, by=BUILDER)
    administrator.groups.add(Group.objects.get(name="Administratör"))
    administrator = User.objects.get(pk=administrator.pk)
    rights: list[Any] = [make_prescriber(world.clinic).authorisation for _number in range(2)]
    rights.append(make_prescriber(world.clinic, role=CONSUMABLES).authorisation)
    mark_transferred(keys=[f"{rights[0].public_id}:start"], carried_out_on=rights[0].starts_on, by=administrator)
    log_in(page, administrator, live_product)
    visit(page, "/overforing/")
    take_pictures(page, "transfers")
    visit(page, "/overforing/?visa=utforda")
    visit(page, "/overforing/?sok=finns-inte")
    visit(page, f"/overforing/utfort/{TransferDone.objects.get().public_id}/angra/")
    visit(page, "/overforing/ansvariga/")
    page.goto("/overforing/")
    page.locator("input[name=post]").first.check()
    page.get_by_role("button", name="Markera de valda som utförda").click()
    page.get_by_text("Du markerar 1 behörighet").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Markera som utfört").click()
    page.get_by_text("1 är markerad som utförd").wait_for()


def test_no_violation_on_the_pages_of_peoples_records(page: Page, live_product: LiveProduct, world: World) -> None:
    administrator = make_person()
    administrator.groups.add(Group.objects.get(name="Administratör"))
    works, other = make_prescriber(world.clinic).person, make_person(first_name="Åsa", last_name="Ny")
    third = make_person()
    make_hsa_id(other)
    merge_people(absorbed=third, into=other, reason="Samma person", by=BUILDER)
    log_in(page, administrator, live_product)
    for address in (
        "/personposter/",
        "/personposter/?sok=test",
        f"/personposter/?sok=test&med={other.public_id}",
        f"/personposter/{other.public_id}/",
        f"/personposter/{third.public_id}/",
        f"/personposter/{works.public_id}/sla-ihop/{other.public_id}/",
        f"/personposter/sammanslagning/{PersonMerge.objects.get().public_id}/",
        f"/personposter/id/{other.identities.get().pk}/",
        f"/personposter/kurs/{Completion.objects.filter(person=works)[0].public_id}/",
    ):
        visit(page, address)
