"""Exemptions, ends with a day, revocations and errors: decided on a page each, seen with who, when and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from competence.actions.appointments import attest, grant_exemption
from competence.actions.decided import correct_decision, end_decision
from competence.models.appointment import Attestation, Exemption, LevelDecision
from competence.models.ending import Ending
from competence.queries.eligibility import current_moment, decide_for
from lms.lib.clock import day_ends_at, local_day
from lms.lib.errors import Refusal
from tests.competence.views.helpers import HEALTH_CARE, client_of, same_body, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    NATIONAL,
    ORDERER,
    REGIONAL,
    Prescriber,
    World,
    make_prescriber,
)

TICK = timedelta(microseconds=1)


def today() -> date:
    return local_day(timezone.now())


def may(holder: Prescriber, right: str = HEALTH_CARE, **when: object) -> bool:
    return decide_for(holder.person, right, moment=current_moment(), **when).allowed  # type: ignore[arg-type]


def url(holder: Prescriber, action: str) -> str:
    return f"/mitt-team/{holder.employment.public_id}/{action}/"


def choice(holder: Prescriber, world: World, action: str, word: str) -> str:
    """The key of the choice on the page whose label has `word`."""
    form = client_of(world.manager).get(url(holder, action)).context["form"]
    return next(str(key) for key, label in form.fields["what"].choices if word in str(label))


def test_a_manager_exempts_from_a_requirement_in_force_and_the_person_may_order(world: World) -> None:
    holder = make_prescriber(world.clinic, courses=(NATIONAL,))
    manager = client_of(world.manager)
    form = manager.get(url(holder, "undanta")).context["form"]
    keys = [key for key, _label in form.fields["requirement"].choices]
    assert not may(holder)
    for key in keys:
        wrong = {"requirement": key, "reason": "", "starts_on": today().isoformat()}
        assert manager.post(url(holder, "undanta"), wrong).status_code == 422
        manager.post(url(holder, "undanta"), {**wrong, "reason": "Har läst kursen i Norge"})
    assert may(holder)
    page = text_of(manager.get(f"/mitt-team/{holder.employment.public_id}/"))
    assert "Har läst kursen i Norge" in page
    assert f"av {world.manager.full_name}" in page
    assert "Har läst kursen i Norge" in text_of(client_of(holder.person).get("/min-behorighet/"))
    unknown = {"requirement": "finns-inte", "reason": "Skäl", "starts_on": today().isoformat()}
    assert manager.post(url(holder, "undanta"), unknown).status_code == 422


def test_an_exemption_is_revoked_and_the_right_is_gone(world: World) -> None:
    holder = make_prescriber(world.clinic, courses=(NATIONAL,))
    form = client_of(world.manager).get(url(holder, "undanta")).context["form"]
    for key, _label in form.fields["requirement"].choices:
        grant_exemption(employment=holder.employment, requirement=key, reason="Skäl", by=world.manager)
    assert may(holder)
    for exemption in Exemption.objects.all():
        key = f"exemption:{exemption.public_id}"
        client_of(world.manager).post(url(holder, "aterkalla"), {"what": key, "reason": "Fel bedömt"})
    assert not may(holder)
    assert {ending.kind for ending in Ending.objects.all()} == {"revoked"}


@pytest.mark.parametrize("word", ["Utsedd", "Nivå", "Behörighet"])
def test_what_is_ended_with_a_day_holds_to_the_end_of_that_day(world: World, word: str) -> None:
    holder = make_prescriber(world.clinic)
    last = today() + timedelta(days=9)
    key = choice(holder, world, "avsluta", word)
    client_of(world.manager).post(url(holder, "avsluta"), {"what": key, "last_day": last.isoformat()})
    at = day_ends_at(last)
    assert [may(holder, valid_at=instant) for instant in (at - TICK, at)] == [True, False]


def test_an_attestation_ends_with_a_day(world: World) -> None:
    holder = make_prescriber(world.clinic, role=ORDERER)
    last = today() + timedelta(days=2)
    key = choice(holder, world, "avsluta", "Intygat")
    client_of(world.manager).post(url(holder, "avsluta"), {"what": key, "last_day": last.isoformat(), "reason": "Ny"})
    at = day_ends_at(last)
    assert [may(holder, "websesam.unit", valid_at=i) for i in (at - TICK, at)] == [True, False]


def test_what_was_recorded_in_error_never_held_and_was_believed_until_it_was_said(world: World) -> None:
    holder = make_prescriber(world.clinic)
    before = current_moment()
    key = choice(holder, world, "felregistrerat", "Nivå")
    page = client_of(world.manager)
    assert page.post(url(holder, "felregistrerat"), {"what": key, "reason": " "}).status_code == 422
    page.post(url(holder, "felregistrerat"), {"what": key, "reason": "Fel person"})
    assert not may(holder)
    assert not may(holder, valid_at=before.now), "it never held"
    assert may(holder, valid_at=before.now, known_at=before.known_at), "but we believed it"
    assert "Felregistrerat" in text_of(page.get(f"/mitt-team/{holder.employment.public_id}/"))
    with pytest.raises(StopIteration):
        choice(holder, world, "felregistrerat", "Nivå")


def test_a_day_that_is_over_or_an_end_that_has_come_is_refused(world: World) -> None:
    holder = make_prescriber(world.clinic)
    level = LevelDecision.objects.get()
    with pytest.raises(Refusal):
        end_decision(fact=level, employment=holder.employment, last_day=LONG_AGO, by=world.manager)
    end_decision(fact=level, employment=holder.employment, last_day=today(), by=world.manager)
    with pytest.raises(Refusal):
        end_decision(fact=level, employment=holder.employment, last_day=today(), by=world.manager)
    correct_decision(fact=level, employment=holder.employment, reason="Fel", by=world.manager)
    with pytest.raises(Refusal):
        correct_decision(fact=level, employment=holder.employment, reason="Fel", by=world.manager)


def test_a15_another_employments_decision_cannot_be_ended_here(world: World) -> None:
    holder, colleague = make_prescriber(world.clinic), make_prescriber(world.clinic)
    other = LevelDecision.objects.get(employment=colleague.employment)
    for action in ("avsluta", "aterkalla", "felregistrerat"):
        wrong = {"what": f"level_decision:{other.public_id}", "reason": "Skäl", "last_day": today().isoformat()}
        assert client_of(world.manager).post(url(holder, action), wrong).status_code == 422
    with pytest.raises(Refusal):
        correct_decision(fact=other, employment=holder.employment, reason="Skäl", by=world.manager)
    assert not other.endings.exists()


def test_an_attestation_that_follows_another_person_is_not_this_ones(world: World) -> None:
    holder, colleague = make_prescriber(world.clinic), make_prescriber(world.clinic)
    attest(employment=colleague.employment, attestation="unit-introduction", follows_person=True, by=BUILDER)
    theirs = Attestation.objects.get(employment=None)
    with pytest.raises(Refusal):
        correct_decision(fact=theirs, employment=holder.employment, reason="Skäl", by=world.manager)
    correct_decision(fact=theirs, employment=colleague.employment, reason="Skäl", by=world.manager)


@pytest.mark.parametrize("action", ["undanta", "avsluta", "aterkalla", "felregistrerat"])
def test_a16_only_the_persons_manager_decides(world: World, action: str) -> None:
    holder = make_prescriber(world.clinic, courses=(NATIONAL, REGIONAL))
    for stranger in (holder.person, make_prescriber(world.clinic).person, world.outsider):
        client = client_of(stranger)
        answer = client.post(url(holder, action), {"reason": "Skäl"})
        missing = client.post(f"/mitt-team/00000000-0000-4000-8000-000000000000/{action}/", {"reason": "Skäl"})
        assert (answer.status_code, same_body(answer)) == (404, same_body(missing))
    assert not Ending.objects.exists()
