"""Calendar files, and the calendar that a person subscribes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, override_settings

from courses.actions.calendar_keys import calendar_token, close_calendar, owner_of, renew_calendar
from courses.actions.occasions import SessionPlan, cancel_occasion, change_occasion, plan_of
from courses.actions.places import cancel_place
from courses.models import CalendarKey, Occasion
from lms.users.models import User
from tests.courses.test_occasion_pages import logged_in, page
from tests.factories.competence import BUILDER, make_person
from tests.factories.occasions import make_held_occasion, make_occasion, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_person()


def events(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content.decode()).walk("VEVENT"))


def feed(token: str) -> Any:
    return Client().get(f"/kalender/{token}.ics")


def test_a_file_has_an_event_for_each_session() -> None:
    occasion = make_occasion(sessions=2, town="Skövde", venue="Sal 2")
    response = Client().get(page(occasion, "kalender.ics"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    found = events(response.content)
    assert [event.start for event in found] == [session.starts_at for session in occasion.sessions.all()]
    assert {event["LOCATION"] for event in found} == {"Sal 2, Skövde"}
    assert len({event["UID"] for event in found}) == 2


def test_the_subscribed_calendar_has_ones_seats_and_what_one_teaches_and_no_more(owner: User) -> None:
    mine, taught, over = make_occasion(), make_occasion(teacher=owner), make_held_occasion()
    make_place(mine, owner)
    make_place(over, owner)
    waiting = make_occasion(seats=1)
    make_place(waiting)
    make_place(waiting, owner)
    given_up = make_occasion()
    cancel_place(place=make_place(given_up, owner), by=owner)
    make_place(make_occasion())
    make_occasion(teacher=owner, is_announced=False)
    found = {
        str(event["URL"]).rstrip("/").split("/")[-1]
        for event in events(feed(renew_calendar(person=owner, by=owner)).content)
    }
    assert found == {str(occasion.public_id) for occasion in (mine, taught, over)}


def test_a_moved_session_is_the_same_event_with_a_higher_sequence_and_a_cancelled_one_says_so(owner: User) -> None:
    occasion = make_occasion()
    make_place(occasion, owner)
    token = renew_calendar(person=owner, by=owner)
    [before] = events(feed(token).content)
    [one] = plan_of(occasion).sessions
    moved = SessionPlan(one.starts_at + timedelta(days=1), one.ends_at + timedelta(days=1), public_id=one.public_id)
    change_occasion(occasion=occasion, plan=plan_of(occasion, sessions=[moved]), by=BUILDER)
    [after] = events(feed(token).content)
    assert (after["UID"], after.start - before.start) == (before["UID"], timedelta(days=1))
    assert after["SEQUENCE"] > before["SEQUENCE"]
    cancel_occasion(occasion=Occasion.objects.get(pk=occasion.pk), reason="Sjukdom", by=BUILDER)
    [cancelled] = events(feed(token).content)
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SUMMARY"].startswith("Inställt: ")


def test_text_of_others_does_not_break_out_of_its_line(owner: User) -> None:
    occasion = make_occasion(note="Rad 1\r\nBEGIN:VEVENT\r\nSUMMARY:falsk", venue="Sal; 1, plan \\2\nEND:VCALENDAR")
    make_place(occasion, owner)
    [event] = events(feed(renew_calendar(person=owner, by=owner)).content)
    assert "falsk" in event["DESCRIPTION"]
    assert event["LOCATION"].startswith("Sal; 1, plan \\2 END:VCALENDAR")


@pytest.mark.parametrize("number", [1, 3])
def test_the_calendar_asks_as_often_for_three_as_for_one(
    owner: User, number: int, django_assert_num_queries: Any
) -> None:
    token = renew_calendar(person=owner, by=owner)
    for _occasion in range(number):
        make_place(make_occasion(sessions=2), owner)
    with django_assert_num_queries(2):
        assert len(events(feed(token).content)) == 2 * number


def test_a_new_address_ends_the_old_and_a_closed_one_is_gone(owner: User) -> None:
    old = renew_calendar(person=owner, by=owner)
    assert feed(old).status_code == 200
    new = renew_calendar(person=owner, by=owner)
    assert (feed(old).status_code, feed(new).status_code) == (404, 200)
    assert calendar_token(owner) == new
    close_calendar(person=owner, by=owner)
    assert feed(new).status_code == 404
    assert calendar_token(owner) == ""


def test_a33_a_disabled_persons_calendar_is_closed_at_once(owner: User) -> None:
    token = renew_calendar(person=owner, by=owner)
    owner.is_active = False
    owner.save()
    assert feed(token).status_code == 404


def test_the_secret_is_not_in_the_database_and_a_calendar_is_ones_own(owner: User) -> None:
    token = renew_calendar(person=owner, by=owner)
    row = CalendarKey.objects.get()
    assert token not in f"{row.digest}{row.sealed}"
    with pytest.raises(PermissionDenied):
        renew_calendar(person=owner, by=make_person())
    with pytest.raises(PermissionDenied):
        close_calendar(person=owner, by=make_person())
    assert owner_of("") is None
    with override_settings(SECRET_KEY="y" * 60, SECRET_KEY_FALLBACKS=[]):
        assert calendar_token(owner) == ""


def test_the_page_makes_shows_and_closes_the_address(owner: User) -> None:
    client = logged_in(owner)
    first = client.post("/kurstillfallen/mina/kalender/", {"do": "renew"}, follow=True).content.decode()
    assert "tidigare" not in first, "there was none"
    assert "Kalendern har en adress." in first
    again = client.post("/kurstillfallen/mina/kalender/", {"do": "renew"}, follow=True).content.decode()
    assert "Den tidigare fungerar inte längre." in again
    response = client.get("/kurstillfallen/mina/")
    assert f"/kalender/{calendar_token(owner)}.ics" in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    client.post("/kurstillfallen/mina/kalender/", {"do": "close"})
    assert not CalendarKey.objects.exists()
    assert Client().post("/kurstillfallen/mina/kalender/", {"do": "renew"}).status_code == 302
