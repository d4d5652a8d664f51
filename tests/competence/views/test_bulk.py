"""One decision about many: counted, confirmed, carried out, and never half done without saying."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from competence import bulk
from competence.actions.appointments import appoint
from competence.actions.deputies import appoint_deputy
from competence.actions.employments import end_employment, suspend
from competence.actions.team_reminders import remind
from competence.models.appointment import Appointment, Attestation, LevelDecision
from competence.models.employment import Employment, ManagerAssignment
from competence.models.notice import Notice
from competence.models.reminder import Reminder
from competence.notices import send_waiting
from competence.outbox import deliver_waiting
from competence.queries.deputies import deputised_changes
from competence.tasks import deliver_outbox
from lms.audit.models import AuditEvent
from lms.lib.clock import local_day
from lms.users.models import User
from tests.competence.views.helpers import client_of, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    MOBILITY,
    NATIONAL,
    ORDERER,
    REGIONAL,
    World,
    complete,
    make_person,
    make_prescriber,
)

URL = "/mitt-team/flera/"


def values(**more: Any) -> dict[str, Any]:
    return {"role": ORDERER, "starts_on": local_day(timezone.now()).isoformat(), "ends_on": "", **more}


def ids(*people: Any) -> list[str]:
    return [str(getattr(one, "employment", one).public_id) for one in people]


def confirmed(client: Any, action: str, sent: dict[str, Any]) -> Any:
    """Counted first, then confirmed as the page asks."""
    counted = client.post(f"{URL}{action}/", {**sent, "steg": "rakna"})
    assert counted.status_code == 200, text_of(counted)
    return client.post(f"{URL}{action}/", {**sent, "steg": "gor", "raknat": counted.context["fingerprint"]})


def of_manager(world: World) -> Employment:
    return Employment.objects.get(person=world.manager)


def test_it_counts_before_it_does_anything(world: World) -> None:
    fresh, held = make_prescriber(world.clinic), make_prescriber(world.clinic, role=ORDERER)
    client = client_of(world.manager)
    before = Appointment.objects.count()
    sent = {"valda": ids(fresh, held, of_manager(world))}
    form = client.post(f"{URL}utse/", sent)
    assert "Beställare av hjälpmedel" in text_of(form)
    page = client.post(f"{URL}utse/", {**sent, **values(), "steg": "rakna"})
    said = text_of(page)
    assert "1 utses" in said
    assert "1 är redan utsedda" in said
    assert "1 kan inte: Det är du själv" in said
    assert Appointment.objects.count() == before


def test_what_was_counted_is_carried_out(world: World) -> None:
    several = [make_prescriber(world.clinic) for _number in range(3)]
    client = client_of(world.manager)
    result = confirmed(client, "utse", {"valda": ids(*several), **values()})
    assert "3 är nu utsedda" in text_of(result)
    new = Appointment.objects.filter(role__key=ORDERER)
    assert {one.employment_id for one in new} == {one.employment.pk for one in several}
    assert {one.recorded_by for one in new} == {world.manager}
    assert AuditEvent.objects.filter(action="appoint", actor=world.manager).count() == 3


def test_a_second_click_does_nothing(world: World) -> None:
    one = make_prescriber(world.clinic)
    client = client_of(world.manager)
    sent = {"valda": ids(one), **values()}
    counted = client.post(f"{URL}utse/", {**sent, "steg": "rakna"})
    last = {**sent, "steg": "gor", "raknat": counted.context["fingerprint"]}
    assert client.post(f"{URL}utse/", last).status_code == 200
    again = client.post(f"{URL}utse/", last)
    assert again.status_code == 409
    assert "Inget har gjorts" in text_of(again)
    assert Appointment.objects.filter(role__key=ORDERER).count() == 1


def test_nothing_is_done_when_it_is_no_longer_those_who_were_counted(world: World) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    client = client_of(world.manager)
    sent = {"alla": "1", "filter": "", **values()}
    counted = client.post(f"{URL}utse/", {**sent, "steg": "rakna"})
    make_prescriber(world.clinic)
    late = client.post(f"{URL}utse/", {**sent, "steg": "gor", "raknat": counted.context["fingerprint"]})
    assert late.status_code == 409
    assert not Appointment.objects.filter(role__key=ORDERER).exists()
    assert len(late.context["counted"].will) == 3
    assert {one.employment.pk, other.employment.pk} < {e.pk for e in late.context["counted"].will}


def test_all_that_match_the_filter_are_meant_on_every_page(world: World) -> None:
    wanted = [make_prescriber(world.clinic, courses=()) for _number in range(30)]
    make_prescriber(world.clinic)
    client = client_of(world.manager)
    result = confirmed(client, "utse", {"alla": "1", "filter": "utfall=denied", **values()})
    assert len(result.context["result"].done) == len(wanted)


# --- Others' people -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["utse", "niva", "attestera", "paminn"])
@pytest.mark.parametrize("step", ["", "rakna", "gor"])
def test_a22_foreign_people_are_not_named_and_nothing_is_done(world: World, action: str, step: str) -> None:
    mine = make_prescriber(world.clinic)
    secret = make_prescriber(world.home_care, person=make_person(first_name="Hemlig", email="h@example.se"))
    before = (Appointment.objects.count(), LevelDecision.objects.count(), Attestation.objects.count())
    sent = values(level="full", attestation="unit-introduction", message="", steg=step)
    for foreign in (ids(secret)[0], str(uuid.uuid4()), "x' OR 1=1"):
        answer = client_of(world.manager).post(f"{URL}{action}/", {**sent, "valda": [*ids(mine), foreign]})
        assert answer.status_code == 422
        assert "Hemlig" not in answer.content.decode()
        assert mine.person.full_name not in answer.content.decode()
        assert "Inget har gjorts" in text_of(answer)
    assert (Appointment.objects.count(), LevelDecision.objects.count(), Attestation.objects.count()) == before
    assert not Reminder.objects.exists()


def test_a16_a_filter_reaches_no_further_than_the_reader(world: World) -> None:
    make_prescriber(world.home_care)
    mine = make_prescriber(world.clinic)
    client = client_of(world.manager)
    query = f"enhet={world.home_care.public_id}&sok=Test"
    page = client.post(f"{URL}utse/", {"alla": "1", "filter": query, **values(), "steg": "rakna"})
    assert [e.pk for e in page.context["counted"].will] == [mine.employment.pk]


def test_a14_who_manages_nobody_finds_nothing(world: World) -> None:
    mine = make_prescriber(world.clinic)
    assert client_of(mine.person).post(f"{URL}utse/", {"valda": ids(mine)}).status_code == 404
    outsider = client_of(world.outsider).post(f"{URL}utse/", {"valda": ids(mine), **values(), "steg": "rakna"})
    assert outsider.status_code == 422
    assert mine.person.full_name not in outsider.content.decode()


def test_a21_nobody_chosen_and_unknown_choices_do_nothing(world: World) -> None:
    mine = make_prescriber(world.clinic)
    client = client_of(world.manager)
    assert "Ingen är förkryssad" in text_of(client.post(f"{URL}utse/", {}))
    assert client.post(f"{URL}utse/", {"valda": ids(mine), **values(role="x"), "steg": "gor"}).status_code == 422
    assert client.post(f"{URL}avskeda/", {"valda": ids(mine)}).status_code == 404
    assert not Appointment.objects.filter(role__key=ORDERER).exists()


def test_a45_it_is_not_done_by_a_link(world: World) -> None:
    assert client_of(world.manager).get(f"{URL}utse/").status_code == 405


def test_a18_a_deputy_decides_about_neither_themselves_nor_the_manager(world: World) -> None:
    stand_in, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    today = local_day(timezone.now())
    appoint_deputy(
        assignment=ManagerAssignment.objects.get(person=world.manager),
        person=stand_in.person,
        unit=world.clinic,
        starts_on=today,
        ends_on=today,
        by=world.manager,
    )
    sent = {"alla": "1", "filter": "", **values()}
    result = confirmed(client_of(stand_in.person), "utse", sent)
    assert [e.pk for e in result.context["result"].done] == [other.employment.pk]
    assert "Det är chefen som du är ersättare för" in text_of(result)
    made = Appointment.objects.get(role__key=ORDERER)
    assert deputised_changes([made.recorded_at]) == {made.recorded_at: world.manager.full_name}


# --- Each decision --------------------------------------------------------------------------------------------------
def test_the_level_is_decided_for_those_appointed(world: World) -> None:
    full, basic = make_prescriber(world.clinic), make_prescriber(world.clinic, level="basic")
    none = make_prescriber(world.clinic, is_appointed=False, is_authorised=False)
    sent = {"valda": ids(full, basic, none), "level": "basic", "role": MOBILITY}
    result = confirmed(client_of(world.manager), "niva", sent)
    assert [e.pk for e in result.context["result"].done] == [full.employment.pk]
    assert "1 har redan den nivån" in text_of(result)
    assert "Är inte utsedd till området" in text_of(result)


def test_an_attestation_is_given_to_those_without(world: World) -> None:
    without, with_it = make_prescriber(world.clinic), make_prescriber(world.clinic, role=ORDERER)
    sent = {"valda": ids(without, with_it), **values(attestation="unit-introduction")}
    result = confirmed(client_of(world.manager), "attestera", sent)
    assert [e.pk for e in result.context["result"].done] == [without.employment.pk]
    assert Attestation.objects.filter(employment=without.employment, attestation="unit-introduction").count() == 1


def test_who_was_not_employed_on_the_day_is_said_to_be_so(world: World) -> None:
    today = local_day(timezone.now())
    late = make_prescriber(world.clinic, starts_on=today)
    sent = {"valda": ids(late), **values(starts_on=(today - timedelta(days=9)).isoformat()), "steg": "rakna"}
    page = client_of(world.manager).post(f"{URL}utse/", sent)
    assert "Var inte anställd den första dagen" in text_of(page)
    assert page.context["counted"].will == []


# --- Never half done without saying ---------------------------------------------------------------------------------
def test_a_part_that_fails_is_taken_back_and_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    several = [make_prescriber(world.clinic) for _number in range(4)]
    monkeypatch.setattr(bulk, "CHUNK", 2)
    calls = []

    def failing(**kwargs: Any) -> Any:
        calls.append(kwargs)
        if len(calls) == 4:
            raise DatabaseError("gone")
        return appoint(**kwargs)

    monkeypatch.setattr("competence.views.bulk_decisions.appoint", failing)
    result = confirmed(client_of(world.manager), "utse", {"valda": ids(*several), **values()})
    assert Appointment.objects.filter(role__key=ORDERER).count() == 2
    assert (len(result.context["result"].done), len(result.context["result"].left)) == (2, 2)
    said = text_of(result)
    assert "Det gjordes inte för 2 personer" in said
    assert "2 är nu utsedda" in said
    monkeypatch.undo()
    rest = confirmed(client_of(world.manager), "utse", {"valda": ids(*several), **values()})
    assert len(rest.context["result"].done) == 2, "the rest is done by doing it again"


def test_what_takes_too_long_is_offered_as_a_next_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    several = [make_prescriber(world.clinic) for _number in range(3)]
    monkeypatch.setattr(bulk, "CHUNK", 1)
    monkeypatch.setattr(bulk, "SECONDS", 10)
    moments = iter([0.0, 1.0, 2.0, 11.0])
    monkeypatch.setattr("competence.bulk.monotonic", lambda: next(moments, 99.0))
    client = client_of(world.manager)
    sent = {"valda": ids(*several), **values()}
    result = confirmed(client, "utse", sent)
    monkeypatch.undo()
    assert (len(result.context["result"].done), len(result.context["result"].left)) == (2, 1)
    assert "Fortsätt med resten" in text_of(result)
    assert Appointment.objects.filter(role__key=ORDERER).count() == 2
    assert len(confirmed(client, "utse", sent).context["result"].done) == 1


def test_who_was_appointed_meanwhile_is_not_appointed_twice(world: World) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    recounted = bulk.Count(will=[other.employment])
    acted: list[Employment] = []
    result = bulk.carry_out([one.employment, other.employment], acted.append, lambda part: recounted)
    assert acted == [other.employment]
    assert result.overtaken == [one.employment]


@pytest.mark.parametrize("count", [1, 3, 30])
def test_counting_costs_the_same_however_many_there_are(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        make_prescriber(world.clinic)
    client = client_of(world.manager)
    with django_assert_num_queries(22):
        page = client.post(f"{URL}utse/", {"alla": "1", "filter": "", **values(), "steg": "rakna"})
    assert len(page.context["counted"].will) == count


# --- Reminders ------------------------------------------------------------------------------------------------------
@pytest.fixture
def reminded(world: World) -> User:
    return make_prescriber(world.clinic, courses=(), person=make_person(email="person@example.se")).person


def test_a05_a_reminder_is_shown_word_for_word_and_sent(world: World, reminded: User, mailoutbox: Any) -> None:
    deliver_outbox()
    mailoutbox.clear()
    work = Employment.objects.get(person=reminded)
    sent = {"valda": ids(work), "message": "Gör klart före <b>fredag</b>, tack!", "steg": "rakna"}
    client = client_of(world.manager)
    page = client.post(f"{URL}paminn/", sent)
    [shown] = page.context["letters"]
    assert shown.to == reminded.full_name
    assert "&lt;b&gt;fredag" in page.content.decode()
    assert "<b>fredag" not in page.content.decode(), "another's words stay text"
    assert mailoutbox == []
    client.post(f"{URL}paminn/", {**sent, "steg": "gor", "raknat": page.context["fingerprint"]})
    deliver_outbox()
    [letter] = mailoutbox
    assert letter.to == ["person@example.se"]
    assert (letter.subject, letter.body.strip()) == (shown.subject, shown.text)
    assert "Gör klart före <b>fredag</b>" in letter.body
    assert "&lt;b&gt;fredag" in letter.alternatives[0][0]
    assert "Förskrivning av hjälpmedel" in letter.body
    assert AuditEvent.objects.filter(action="remind", person=reminded, actor=world.manager).count() == 1


def test_nobody_is_reminded_twice_in_seven_days_unless_one_says_so(world: World, reminded: User) -> None:
    client = client_of(world.manager)
    sent = {"valda": ids(Employment.objects.get(person=reminded)), "message": ""}
    assert len(confirmed(client, "paminn", sent).context["result"].done) == 1
    again = client.post(f"{URL}paminn/", {**sent, "steg": "rakna"})
    assert again.context["counted"].will == []
    assert "har fått en påminnelse de senaste sju dagarna" in text_of(again)
    assert len(confirmed(client, "paminn", {**sent, "again": "on"}).context["result"].done) == 1
    assert Reminder.objects.count() == 2


def test_who_has_no_address_nothing_to_do_or_is_on_leave_is_said(world: World) -> None:
    silent = make_prescriber(world.clinic, courses=())
    ready = make_prescriber(world.clinic, person=make_person(email="a@example.se"))
    away = make_prescriber(world.clinic, courses=(), person=make_person(email="b@example.se"))
    suspend(employment=away.employment, starts_on=LONG_AGO, by=world.manager)
    sent = {"valda": ids(silent, ready, away), "message": "", "steg": "rakna"}
    said = text_of(client_of(world.manager).post(f"{URL}paminn/", sent))
    for why in ("Har ingen e-postadress", "Är frånvarande", "Har inget att göra"):
        assert f"1 kan inte: {why}" in said


def test_a_reminder_is_dropped_when_all_is_done_meanwhile(world: World, reminded: User, mailoutbox: Any) -> None:
    work = Employment.objects.get(person=reminded)
    remind(employment=work, by=world.manager)
    deliver_waiting()
    for course in (NATIONAL, REGIONAL):
        complete(reminded, course)
    mailoutbox.clear()
    send_waiting()
    assert mailoutbox == []
    assert Notice.objects.get(kind="reminder.made").dropped_at is not None


def test_a24_the_reminder_of_somebody_who_has_left_is_dropped(world: World, reminded: User, mailoutbox: Any) -> None:
    work = Employment.objects.get(person=reminded)
    remind(employment=work, by=world.manager)
    end_employment(employment=work, last_day=local_day(timezone.now()) - timedelta(days=1), by=BUILDER)
    deliver_waiting()
    mailoutbox.clear()
    send_waiting()
    assert mailoutbox == []
