"""E-mail about courses: once, in the recipient's language, and only while it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import messages
from courses.messages import cancel, note, note_all, send_waiting, speaks_of
from courses.models import Message, MessageChoice
from courses.tasks import send_messages
from lms.lib.mailing import ATTEMPTS, Words, address_of
from lms.users.models import User
from tests.factories.competence import make_person

pytestmark = pytest.mark.django_db
KIND, REMINDER = "test.matter", "test.reminder"


@pytest.fixture(autouse=True)
def holds(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The keys of what still holds. The words are two that the catalogue has."""
    still: set[str] = {"a", "b"}
    monkeypatch.setattr(messages, "_speakers", dict(messages._speakers))

    def words(message: Message) -> Words | None:
        if message.key not in still:
            return None
        return Words(_("Your course is attested"), f"<b>{message.payload}", address_of("courses:my_courses"), "Läs")

    speaks_of(KIND)(words)
    speaks_of(REMINDER, topic=MessageChoice.Topic.START)(words)
    return still


@pytest.fixture
def person() -> User:
    return make_person(email="person@example.se")


def test_a_message_is_sent_once_however_often_it_is_noted_and_sent(person: User, mailoutbox: Any) -> None:
    note(kind=KIND, key="a", recipient=person)
    note(kind=KIND, key="a", recipient=person)
    assert send_messages() == 1
    note(kind=KIND, key="a", recipient=person, payload={"changed": True})
    assert send_messages() == 0
    [message] = mailoutbox
    assert message.to == ["person@example.se"]
    sent = Message.objects.get()
    assert sent.sent_at is not None
    assert sent.payload == {}, "what was sent stays as it was"


def test_each_recipient_kind_and_key_is_a_message_of_its_own(person: User, mailoutbox: Any) -> None:
    other = make_person(email="annan@example.se")
    note_all(kind=KIND, key="a", recipients=[person, other, person])
    note(kind=KIND, key="b", recipient=person)
    note(kind=REMINDER, key="a", recipient=person)
    assert send_waiting() == 4
    assert sorted(m.to[0] for m in mailoutbox) == ["annan@example.se", *["person@example.se"] * 3]


def test_what_no_longer_holds_is_dropped(person: User, holds: set[str], mailoutbox: Any) -> None:
    note(kind=KIND, key="a", recipient=person)
    holds.clear()
    assert send_waiting() == 0
    assert mailoutbox == []
    assert Message.objects.get().dropped_at is not None


def test_what_was_cancelled_is_not_sent_and_comes_back_when_it_is_noted_again(person: User, mailoutbox: Any) -> None:
    other = make_person(email="annan@example.se")
    note_all(kind=KIND, key="a", recipients=[person, other])
    assert cancel(kind=KIND, key="a", recipient=person) == 1
    send_waiting()
    assert [m.to for m in mailoutbox] == [["annan@example.se"]]
    assert cancel(kind=KIND, key="a") == 0, "what has been sent is not cancelled"
    note(kind=KIND, key="a", recipient=person)
    send_waiting()
    assert [m.to for m in mailoutbox] == [["annan@example.se"], ["person@example.se"]]


def test_it_waits_until_its_time_which_may_be_moved(person: User, mailoutbox: Any) -> None:
    now = timezone.now()
    note(kind=KIND, key="a", recipient=person, payload={"day": 1}, not_before=now + timedelta(days=1))
    assert send_waiting() == 0
    note(kind=KIND, key="a", recipient=person, payload={"day": 2}, not_before=now - timedelta(minutes=1))
    assert send_waiting() == 1
    assert "{'day': 2}" in mailoutbox[0].body


def test_nothing_is_sent_of_a_change_that_did_not_happen(person: User, mailoutbox: Any) -> None:
    @transaction.atomic
    def change() -> None:
        note(kind=KIND, key="a", recipient=person)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert send_waiting() == 0
    assert mailoutbox == []


def test_f_a_mail_server_that_fails_is_tried_again_later_and_stops_no_other(
    person: User, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_person(email="annan@example.se")
    note_all(kind=KIND, key="a", recipients=[person, other])
    send = EmailMultiAlternatives.send

    def failing(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == ["person@example.se"]:
            raise ConnectionRefusedError
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", failing)
    assert send_waiting() == 1
    assert send_waiting() == 0
    late = Message.objects.get(recipient=person)
    assert late.attempts == 2
    assert late.not_before is not None
    assert late.not_before > timezone.now() + timedelta(minutes=3)
    assert "ConnectionRefusedError" in late.last_error
    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    assert send_waiting() == 0, "it is not its time yet"
    Message.objects.filter(recipient=person).update(not_before=timezone.now())
    assert send_waiting() == 1
    assert [m.to[0] for m in mailoutbox] == ["annan@example.se", "person@example.se"]


def test_words_that_cannot_be_made_stop_no_other(person: User, mailoutbox: Any) -> None:
    @speaks_of("test.broken")
    def broken(message: Message) -> Words | None:
        Message.objects.get(pk=-1)  # raises
        return None

    note(kind="test.broken", key="a", recipient=person)
    note(kind=KIND, key="a", recipient=person)
    assert send_waiting() == 1
    assert Message.objects.get(kind="test.broken").attempts == 1


def test_one_that_fails_for_days_is_given_up(person: User, mailoutbox: Any) -> None:
    note(kind=KIND, key="a", recipient=person)
    Message.objects.update(attempts=ATTEMPTS)
    assert send_waiting() == 0


@pytest.mark.parametrize(
    ("language", "subject"), [("sv", "Din utbildning är intygad"), ("en", "Your course is attested")]
)
def test_each_reads_in_their_own_language(person: User, mailoutbox: Any, language: str, subject: str) -> None:
    person.language = language
    person.save()
    note(kind=KIND, key="a", recipient=person)
    send_waiting()
    assert mailoutbox[0].subject == subject
    html = mailoutbox[0].alternatives[0][0]
    assert f'lang="{language}"' in html
    assert "<b>" not in html, "what is told is text"
    assert "<b>" in mailoutbox[0].body


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_who_cannot_be_reached_gets_none(person: User, mailoutbox: Any, fields: dict[str, Any]) -> None:
    note(kind=KIND, key="a", recipient=person)
    User.objects.filter(pk=person.pk).update(**fields)
    assert send_waiting() == 0
    assert mailoutbox == []
    assert Message.objects.get().dropped_at is not None


def test_it_goes_to_the_one_person_whose_records_were_made_one(person: User, mailoutbox: Any) -> None:
    note(kind=KIND, key="a", recipient=person)
    kept = make_person(email="ny@example.se")
    person.merged_into = kept
    person.save()
    note(kind=KIND, key="b", recipient=person)
    send_waiting()
    assert [m.to for m in mailoutbox] == [["ny@example.se"], ["ny@example.se"]]
    assert Message.objects.get(key="b").recipient == kept


def test_who_has_chosen_not_to_have_reminders_gets_none_of_that_topic(person: User, mailoutbox: Any) -> None:
    choice = MessageChoice.objects.create(person=person, topic=MessageChoice.Topic.START, is_wanted=False)
    note(kind=REMINDER, key="a", recipient=person)
    note(kind=KIND, key="a", recipient=person)
    assert send_waiting() == 1
    assert Message.objects.get(kind=REMINDER).dropped_at is not None
    choice.is_wanted = True
    choice.save()
    note(kind=REMINDER, key="b", recipient=person)
    assert send_waiting() == 1


def test_a_kind_that_nothing_speaks_of_is_a_mistake_at_once(person: User) -> None:
    with pytest.raises(LookupError, match=r"test\.unknown"):
        note(kind="test.unknown", key="a", recipient=person)


def test_many_are_noted_in_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    for many in (1, 3):
        people = [make_person(email="en@example.se") for _number in range(many)]
        with django_assert_num_queries(4):  # a savepoint and its end, the rows, what waited
            note_all(kind=KIND, key="a", recipients=people)
