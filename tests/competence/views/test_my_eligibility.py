"""Min behörighet tells what is required, what is done, what remains and how long it takes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from competence.actions.applications import refuse_application, return_application
from competence.actions.authorisations import revoke_authorisation
from competence.actions.completions import refuse_claim
from competence.actions.employments import start_employment, suspend
from competence.models.decision_log import DecisionLog
from competence.queries.eligibility import current_moment
from lms.audit.api import record_look_up
from lms.lib.clock import local_day
from tests.competence.views.helpers import HEALTH_CARE, client_of, make_application, make_claim, text_of
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    LONG_AGO,
    NATIONAL,
    REGIONAL,
    World,
    make_person,
    make_prescriber,
)

URL = "/min-behorighet/"


def steps_on(response: Any) -> list[tuple[str, str]]:
    """Title and status of each step of the first card."""
    card = response.context["workplaces"][0].cards[0]
    return [(step.title, step.status) for step in card.steps]


def test_a_new_prescriber_sees_every_step_with_who_does_it_how_long_and_where(world: World) -> None:
    new = make_prescriber(world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False)
    response = client_of(new.person).get(URL)
    assert [status for _title, status in steps_on(response)] == ["done", *["missing"] * 5]
    card = response.context["workplaces"][0].cards[0]
    national = card.steps[3]
    assert national.minutes == "2 timmar"
    assert [link.url for link in national.links] == [
        "https://utbildning.socialstyrelsen.se/",
        f"/min-behorighet/intyga/?kurs={NATIONAL}",
    ]
    assert card.steps[-1].links[0].url.startswith("/min-behorighet/ansok/?anstallning=")
    text = text_of(response)
    for words in (
        "Du får inte beställa",
        "Du är inte utsedd än",
        "Din chef gör detta",
        "Du gör detta",
        "ungefär 2 timmar",
    ):
        assert words in text
    assert response.context["time_left"] == "2 timmar 45 minuter"


def test_what_is_done_is_shown_as_done_with_its_day(world: World) -> None:
    ready = make_prescriber(world.clinic)
    response = client_of(ready.person).get(URL)
    assert {status for _title, status in steps_on(response)} == {"done"}
    assert "Du får beställa" in text_of(response)
    assert "3 februari 2025" in text_of(response)


def test_another_area_can_be_chosen_and_an_unknown_one_changes_nothing(world: World) -> None:
    new = make_prescriber(world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False)
    client = client_of(new.person)
    chosen = client.get(URL, {"roll": CONSUMABLES}).context["workplaces"][0]
    assert [card.answer.right.key for card in chosen.cards] == ["sesamlmn.order"]
    unknown = client.get(URL, {"roll": "<script>alert(1)</script>"})
    assert unknown.status_code == 200
    assert unknown.context["workplaces"][0].cards[0].answer.right.key == HEALTH_CARE
    assert b"<script>alert(1)" not in unknown.content


def test_a_certificate_sent_in_makes_its_step_wait_for_the_manager(world: World) -> None:
    new = make_prescriber(world.clinic, courses=(REGIONAL,))
    make_claim(new.person)
    response = client_of(new.person).get(URL)
    assert ("Nationell utbildning i förskrivning av hjälpmedel", "pending") in steps_on(response)
    assert "Väntar på beslut" in text_of(response)


def test_an_application_sent_in_makes_its_step_wait_for_the_manager(world: World) -> None:
    new = make_prescriber(world.clinic, is_authorised=False)
    application = make_application(new)
    response = client_of(new.person).get(URL)
    assert steps_on(response)[-1] == ("Behörighet", "pending")
    assert application.case_number in text_of(response)


def test_the_managers_words_are_shown(world: World) -> None:
    new = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    refuse_claim(claim=make_claim(new.person), reason="Namnet stämmer inte.", by=world.manager)
    return_application(application=make_application(new), comment="Fel startdatum.", by=world.manager)
    text = text_of(client_of(new.person).get(URL))
    assert "Namnet stämmer inte." in text
    assert "Fel startdatum." in text


def test_a_right_holds_at_one_employer_and_not_at_the_other(world: World) -> None:
    ready = make_prescriber(world.clinic)
    start_employment(person=ready.person, unit=world.home_care, starts_on=LONG_AGO, by=BUILDER)
    first, second = client_of(ready.person).get(URL).context["workplaces"]
    assert [card.answer.is_allowed for card in first.cards] == [True]
    assert not any(card.answer.is_allowed for card in second.cards)
    assert not any(answer.is_allowed for answer in second.others)


def test_after_a_revocation_the_page_says_no_at_once(world: World) -> None:
    ready = make_prescriber(world.clinic)
    client = client_of(ready.person)
    assert "Du får beställa" in text_of(client.get(URL))
    assert ready.authorisation is not None
    revoke_authorisation(authorisation=ready.authorisation, reason="Bytt arbetsuppgift.", by=world.manager)
    text = text_of(client.get(URL))
    assert "Du får inte beställa" in text
    assert "Bytt arbetsuppgift." in text


def test_leave_is_shown_as_what_stops_one(world: World) -> None:
    away = make_prescriber(world.clinic)
    suspend(employment=away.employment, starts_on=LONG_AGO, by=world.manager)
    assert ("Frånvaro", "missing") in steps_on(client_of(away.person).get(URL))


def test_who_looked_is_told_and_ones_own_look_is_not(world: World) -> None:
    seen = make_prescriber(world.clinic)
    record_look_up("view_member", by=world.manager, person=seen.person)
    record_look_up("view_member", by=seen.person, person=seen.person)
    moment = current_moment()
    for _time in range(2):
        DecisionLog.objects.create(
            asked_by="client:websesam",
            person=seen.person,
            hsa_id=seen.hsa_id,
            right=HEALTH_CARE,
            valid_at=moment.now,
            known_at=moment.known_at,
            outcome="allowed",
            policy_version=1,
            revision=moment.revision,
            given_id=uuid.uuid4(),
            decision_id=uuid.uuid4(),
        )
    found = client_of(seen.person).get(URL).context["look_ups"]
    assert sorted((one.who, one.count) for one in found) == [("Systemet websesam", 2), (world.manager.full_name, 1)]
    assert {one.day for one in found} == {local_day(moment.now)}


def test_nothing_of_a_colleague_is_on_the_page(world: World) -> None:
    mine = make_prescriber(world.clinic)
    colleague = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    make_claim(colleague.person)
    refuse_application(application=make_application(colleague), reason="Hemligt skäl", by=world.manager)
    text = text_of(client_of(mine.person).get(URL))
    assert colleague.person.full_name not in text
    assert colleague.hsa_id not in text
    assert "Hemligt skäl" not in text


def test_without_an_employment_the_page_says_what_to_do(world: World) -> None:
    response = client_of(make_person()).get(URL)
    assert response.status_code == 200
    assert "Du har ingen aktuell anställning här" in text_of(response)


def test_without_published_rules_nothing_is_guessed(db: None) -> None:
    response = client_of(make_person()).get(URL)
    assert response.status_code == 503
    assert "Reglerna är inte publicerade" in text_of(response)


def test_one_must_log_in(world: World, client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"].startswith("/konto/login/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_is_the_same_for_one_and_three_of_everything(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    busy = make_prescriber(world.clinic, courses=(), is_authorised=False)
    for course in (NATIONAL, "national-forbrukningsartiklar", "national-ledarperspektiv")[:count]:
        make_claim(busy.person, course)
        make_application(busy)
    for _time in range(count - 1):
        start_employment(person=busy.person, unit=world.home_care, starts_on=LONG_AGO, by=BUILDER)
    client = client_of(busy.person)
    with django_assert_num_queries(QUERIES):
        assert client.get(URL).status_code == 200


QUERIES = 26
