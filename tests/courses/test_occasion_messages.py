"""E-mail about occasions: who is told what, once, and only of what holds when it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from courses.actions.occasions import cancel_occasion, change_occasion, plan_of
from courses.actions.places import cancel_place, register
from courses.messages import send_waiting
from courses.models import Occasion, Place
from lms.users.models import User
from tests.factories.competence import BUILDER, make_person
from tests.factories.occasions import make_held_occasion, make_occasion, make_place, plan

pytestmark = pytest.mark.django_db


def somebody(name: str, language: str = "en") -> User:
    return make_person(email=f"{name}@example.se", language=language)


def sent(mailoutbox: Any) -> list[tuple[str, str]]:
    """Send what waits; to whom each went and its subject up to the colon."""
    mailoutbox.clear()
    send_waiting()
    return sorted((mail.to[0].partition("@")[0], mail.subject.partition(":")[0]) for mail in mailoutbox)


def test_a_seat_a_turn_and_a_seat_that_becomes_free(mailoutbox: Any) -> None:
    occasion = make_occasion(seats=1)
    first, second, third = (make_place(occasion, somebody(name)) for name in ("first", "second", "third"))
    assert sent(mailoutbox) == [
        ("first", "You are registered"),
        ("second", "You are on the waiting list"),
        ("third", "You are on the waiting list"),
    ]
    assert "You have number 2 in the line" in mailoutbox[2].body
    cancel_place(place=first, by=first.person)
    assert sent(mailoutbox) == [("first", "Your place is cancelled"), ("second", "You have a seat")]
    assert sent(mailoutbox) == []
    assert (second.status, third.status) == (Place.Status.WAITING, Place.Status.WAITING)


def test_it_is_in_the_recipients_language_and_tells_when_and_where(mailoutbox: Any) -> None:
    make_place(make_occasion(town="Skövde", note="Ta med skor"), somebody("anna", "sv"))
    assert sent(mailoutbox) == [("anna", "Du är anmäld")]
    body = mailoutbox[0].body
    assert "Skövde" in body
    assert "kl." in body
    assert "Ta med skor" in body
    assert "/kurstillfallen/" in body


def test_what_is_said_to_the_participants_is_mailed_to_those_with_a_seat_only(mailoutbox: Any) -> None:
    occasion = make_occasion(seats=1, note="Porten har kod 1234")
    seated, waiting = make_place(occasion, somebody("seated")), make_place(occasion, somebody("waiting"))
    gone = make_place(occasion, somebody("gone"))
    cancel_place(place=gone, by=gone.person)
    change_occasion(occasion=occasion, plan=plan_of(occasion, town="Mölndal"), by=BUILDER)
    send_waiting()
    told = {mail.to[0].partition("@")[0] for mail in mailoutbox if "1234" in mail.body}
    assert told == {"seated"}
    assert len([mail for mail in mailoutbox if mail.to == [waiting.person.email]]) == 2
    assert seated.holds_a_seat


def test_who_was_called_before_the_first_letter_left_hears_of_the_seat_alone(mailoutbox: Any) -> None:
    occasion = make_occasion(seats=1)
    first = make_place(occasion, somebody("first"))
    make_place(occasion, somebody("second"))
    cancel_place(place=first, by=first.person)
    assert ("second", "You have a seat") in sent(mailoutbox)
    assert [mail for mail in mailoutbox if mail.to == ["second@example.se"]][1:] == []


def test_a_cancelled_occasion_is_told_to_all_with_the_reason_and_nothing_else_is(mailoutbox: Any) -> None:
    occasion = make_occasion(seats=1, teacher=somebody("teacher"))
    for name in ("first", "second"):
        make_place(occasion, somebody(name))
    gone = make_place(occasion, somebody("third"))
    cancel_place(place=gone, by=gone.person)
    cancel_occasion(occasion=occasion, reason="Läraren är sjuk", by=BUILDER)
    subject = "The occasion is cancelled"
    assert sent(mailoutbox) == [("first", subject), ("second", subject), ("teacher", subject)]
    assert all("Läraren är sjuk" in mail.body for mail in mailoutbox)


def test_a_moved_occasion_is_told_once_with_the_old_and_the_new_time(mailoutbox: Any) -> None:
    begins = plan().sessions[0].starts_at.replace(hour=8)
    occasion = make_occasion(begins=begins, town="Borås")
    make_place(occasion, somebody("anna"))
    sent(mailoutbox)
    for days in (7, 14):
        moved = plan(begins=begins + timedelta(days=days), town="Skövde")
        now = plan_of(Occasion.objects.get(pk=occasion.pk))
        change_occasion(occasion=occasion, plan=plan_of(occasion, town="Skövde", sessions=moved.sessions), by=BUILDER)
        assert now.seats == occasion.seats
    assert sent(mailoutbox) == [("anna", "New time or place")]
    assert "It was to be:" in mailoutbox[0].body
    assert "It is now:" in mailoutbox[0].body
    assert "Skövde" in mailoutbox[0].body
    change_occasion(occasion=occasion, plan=plan_of(Occasion.objects.get(pk=occasion.pk), seats=20), by=BUILDER)
    assert sent(mailoutbox) == []


def test_the_teacher_hears_of_a_seat_that_is_given_up_and_the_participant_of_one_taken_away(mailoutbox: Any) -> None:
    occasion = make_occasion(teacher=somebody("teacher"))
    own, taken = make_place(occasion, somebody("own")), make_place(occasion, somebody("taken"))
    sent(mailoutbox)
    cancel_place(place=own, by=own.person)
    cancel_place(place=taken, by=BUILDER)
    assert sent(mailoutbox) == [
        ("own", "Your place is cancelled"),
        ("taken", "Your place is cancelled"),
        ("teacher", "A participant has cancelled"),
    ]
    assert "The organiser has cancelled your place" in mailoutbox[1].body + mailoutbox[0].body + mailoutbox[2].body


def test_who_cancelled_and_came_back_before_it_was_sent_hears_of_the_new_place_alone(mailoutbox: Any) -> None:
    occasion, person = make_occasion(), somebody("anna")
    cancel_place(place=make_place(occasion, person), by=person)
    register(occasion=occasion, person=person, by=person)
    assert sent(mailoutbox) == [("anna", "You are registered")]


def test_nothing_is_said_of_what_is_over(mailoutbox: Any) -> None:
    occasion = make_held_occasion()
    make_place(occasion, somebody("anna"))
    cancel_occasion(occasion=occasion, reason="Blev inte av", by=BUILDER)
    assert sent(mailoutbox) == []


def test_a05_a_title_and_a_reason_are_text_in_the_mail(mailoutbox: Any) -> None:
    occasion = make_occasion()
    occasion.course.title = "<script>alert(1)</script>\nBcc: x@example.se"
    occasion.course.save()
    make_place(occasion, somebody("anna"))
    send_waiting()
    cancel_occasion(occasion=occasion, reason="<img src=x onerror=alert(1)>", by=BUILDER)
    send_waiting()
    assert len(mailoutbox) == 2
    for mail in mailoutbox:
        html = mail.alternatives[0][0]
        assert "<script>" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "\n" not in mail.message()["Subject"]
    assert "&lt;img src=x" in mailoutbox[1].alternatives[0][0]
