"""The time machine: what the answer was, or will be, at any date, as known then and as known now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from competence.actions.authorisations import revoke_authorisation
from competence.actions.employments import end_employment
from competence.models.employment import Employment
from competence.models.outbox import Revision
from competence.queries.eligibility import current_moment
from competence.queries.time_machine import look
from lms.audit.models import AuditEvent
from lms.lib.clock import STOCKHOLM, local_day
from lms.users.models import User
from tests.competence.views.helpers import client_of, same_body, text_of
from tests.factories.competence import (
    CONSUMABLES,
    NATIONAL,
    REGIONAL,
    Prescriber,
    World,
    complete,
    make_hsa_id,
    make_person,
    make_prescriber,
)

MINE = "/min-behorighet/tidsmaskin/"
FIND = "/tidsmaskin/"


def asked(instant: datetime) -> dict[str, str]:
    """The form's fields for `instant`, in whole minutes."""
    local = instant.astimezone(STOCKHOLM)
    return {"dag": f"{local:%Y-%m-%d}", "tid": f"{local:%H:%M}"}


def rights_in(response: Any) -> list[Any]:
    return [right for workplace in response.context["view"].workplaces for right in workplace.rights]


@pytest.fixture
def ready(world: World) -> Prescriber:
    return make_prescriber(world.clinic)


def test_the_page_begins_with_now(ready: Prescriber) -> None:
    response = client_of(ready.person).get(MINE)
    assert response.status_code == 200
    (right,) = rights_in(response)
    assert right.now.is_allowed
    assert "Du får beställa" in text_of(response)


def looked_at(one: Prescriber, *, known_at: datetime) -> Any:
    """The one right of `one` now, as known at `known_at` beside what is known now."""
    moment = current_moment()
    own = Employment.objects.filter(person=one.person)
    view = look(one.person, own, valid_at=moment.now, known_at=known_at, moment=moment)
    return view.workplaces[0].rights[0]


def test_f25_a_completion_reported_late_counts_now_and_was_not_known_then(world: World) -> None:
    late = make_prescriber(world.clinic, courses=[NATIONAL])
    before = Revision.objects.get(pk=1).at
    complete(late.person, REGIONAL)  # completed in 2025, recorded now

    right = looked_at(late, known_at=before)

    assert right.then is not None
    assert not right.then.is_allowed
    assert right.now.is_allowed
    assert [[event.title for event in change.events] for change in right.changes] == [
        ["Utbildning genomförd: Regional utbildning för förskrivare"]
    ]
    assert [(change.before, change.after) for change in right.changes] == [("denied", "allowed")]


def test_what_was_recorded_later_and_changed_nothing_is_no_difference(ready: Prescriber) -> None:
    before = Revision.objects.get(pk=1).at
    complete(ready.person, "national-ledarperspektiv")
    right = looked_at(ready, known_at=before)
    assert right.is_same
    assert right.changes == ()


def test_before_the_rules_were_published_there_was_no_answer(ready: Prescriber) -> None:
    response = client_of(ready.person).get(MINE, asked(timezone.now() - timedelta(days=1)))
    (right,) = rights_in(response)
    assert right.then is None
    assert "Inga regler för den dagen hade publicerats då" in text_of(response)
    assert "Regler publicerade, version 1" in text_of(response)


def test_a_revocation_is_told_as_what_made_the_difference(world: World, ready: Prescriber) -> None:
    assert ready.authorisation is not None
    before = Revision.objects.get(pk=1).at
    revoke_authorisation(authorisation=ready.authorisation, reason="Bytt arbetsuppgift.", by=world.manager)
    # The next minute: as known before the revocation it would have been allowed, as known now it is not.
    client = client_of(ready.person)
    later = timezone.now() + timedelta(days=2)
    response = client.get(MINE, {**asked(later), "kant": f"{local_day(before) - timedelta(days=1)}"})
    (right,) = rights_in(response)
    assert right.now.outcome.value == "denied"
    assert "Bytt arbetsuppgift." in text_of(response)


def test_a_day_ahead_is_told_as_far_as_is_known_now(ready: Prescriber) -> None:
    in_two_years = timezone.now() + timedelta(days=730)
    response = client_of(ready.person).get(MINE, asked(in_two_years))
    (right,) = rights_in(response)
    assert response.context["view"].known_then is None
    assert [step.code for step in right.now.explained.missing] == ["AUTHORISATION_INACTIVE"]
    assert "ligger framåt i tiden" in text_of(response)


def test_before_the_employment_there_is_nothing_to_say(ready: Prescriber) -> None:
    response = client_of(ready.person).get(MINE, {"dag": "2022-05-01"})
    assert response.context["view"].workplaces == ()
    assert "Det fanns ingen anställning då" in text_of(response)


@pytest.mark.parametrize(
    "query", [{"dag": "igår"}, {"dag": "0001-01-01"}, {"dag": "2026-01-01", "tid": "25:99"}, {"kant": "9999-12-31"}]
)
def test_a_day_that_is_none_is_said_and_nothing_is_guessed(ready: Prescriber, query: dict[str, str]) -> None:
    response = client_of(ready.person).get(MINE, query)
    assert response.status_code == 422
    assert response.context["view"] is None
    assert response.context["form"].errors


def test_a_manager_sees_the_member_in_their_own_unit_only_and_the_look_up_is_noted(world: World) -> None:
    both = make_prescriber(world.clinic)
    make_prescriber(world.home_care, person=both.person, role=CONSUMABLES)
    address = f"/mitt-team/{both.employment.public_id}/tidsmaskin/"

    response = client_of(world.manager).get(address)

    assert [w.employment.pk for w in response.context["view"].workplaces] == [both.employment.pk]
    assert "Hemtjänsten" not in text_of(response)
    noted = AuditEvent.objects.get(action="view_time_machine")
    assert (noted.actor, noted.person) == (world.manager, both.person)


def test_a16_an_outsider_and_a_colleague_get_what_a_missing_page_gives(world: World, ready: Prescriber) -> None:
    address = f"/mitt-team/{ready.employment.public_id}/tidsmaskin/"
    colleague = make_prescriber(world.clinic).person
    for stranger in (world.outsider, colleague):
        client = client_of(stranger)
        assert client.get(address).status_code == 404
        missing = client.get(f"/mitt-team/{colleague.public_id}/tidsmaskin/")
        assert same_body(client.get(address)) == same_body(missing)
    assert not AuditEvent.objects.filter(action="view_time_machine").exists()


def test_somebody_who_leaves_is_shown_until_the_last_day(world: World, ready: Prescriber) -> None:
    end_employment(
        employment=ready.employment, last_day=local_day(timezone.now()) + timedelta(days=5), by=world.manager
    )
    client = client_of(ready.person)
    (right,) = rights_in(client.get(MINE, asked(timezone.now() + timedelta(days=3))))
    assert right.now.is_allowed
    assert client.get(MINE, asked(timezone.now() + timedelta(days=10))).context["view"].workplaces == ()


# --- For those who answer questions about anybody -------------------------------------------------------------------
@pytest.fixture
def coordinator(world: World) -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


def test_a_coordinator_looks_somebody_up_and_says_what_for(coordinator: User, ready: Prescriber) -> None:
    client = client_of(coordinator)
    response = client.post(FIND, {"hsa_id": ready.hsa_id.lower(), "purpose": "Ärende 17"}, follow=True)
    assert response.status_code == 200
    assert [right.now.is_allowed for right in rights_in(response)] == [True]
    assert "Ärende 17" in set(AuditEvent.objects.values_list("purpose", flat=True))


@pytest.mark.parametrize(
    ("hsa_id", "purpose", "field"), [("SE2321000131-INGEN", "Ärende 17", "hsa_id"), ("", "x", "hsa_id")]
)
def test_an_unknown_identity_is_said(coordinator: User, hsa_id: str, purpose: str, field: str) -> None:
    response = client_of(coordinator).post(FIND, {"hsa_id": hsa_id, "purpose": purpose})
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_without_a_purpose_nobody_is_looked_up(coordinator: User, ready: Prescriber) -> None:
    response = client_of(coordinator).post(FIND, {"hsa_id": ready.hsa_id, "purpose": " "})
    assert response.status_code == 422
    assert not AuditEvent.objects.filter(action="view_time_machine").exists()


def test_a_manager_and_a_statistician_may_not_look_anybody_up(world: World, ready: Prescriber) -> None:
    statistician = make_person()
    statistician.groups.add(Group.objects.get(name="Statistiker"))
    make_hsa_id(statistician)
    for stranger in (world.manager, statistician):
        client = client_of(stranger)
        assert client.get(FIND).status_code == 403
        assert client.get(f"{FIND}{ready.person.public_id}/").status_code == 403


def test_the_number_of_queries_is_fixed(world: World, ready: Prescriber, django_assert_num_queries: Any) -> None:
    client = client_of(ready.person)
    client.get(MINE)
    with django_assert_num_queries(23):
        client.get(MINE, {"dag": "2026-01-15"})
    for _number in range(2):
        make_prescriber(world.home_care, person=ready.person, role=CONSUMABLES)
    with django_assert_num_queries(23):
        client.get(MINE, {"dag": "2026-01-15"})
