"""Several workers at once: each message once, and each completion certified once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from competence.outbox import deliver_waiting
from courses import messages
from courses.messages import note, send_waiting, speaks_of
from courses.models import Certificate, Message
from lms.lib.mailing import Words
from tests.courses.test_places_race import all_at_once
from tests.factories.certificates import complete
from tests.factories.competence import make_person
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_workers_that_send_at_once_send_each_message_once(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "_speakers", dict(messages._speakers))
    speaks_of("test.race")(lambda message: Words("Ämne", "Text", "https://example.se/", "Läs"))
    for number in range(5):
        note(kind="test.race", key=str(number), recipient=make_person(email=f"person{number}@example.se"))
    send = EmailMultiAlternatives.send

    def slow(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        time.sleep(0.05)
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", slow)
    all_at_once(*([send_waiting] * 4))
    assert sorted(m.to[0] for m in mailoutbox) == [f"person{number}@example.se" for number in range(5)]
    assert Message.objects.filter(sent_at=None).count() == 0


def test_many_who_note_the_same_at_once_note_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_speakers", dict(messages._speakers))
    speaks_of("test.race")(lambda message: None)
    person = make_person(email="person@example.se")
    all_at_once(*([lambda: note(kind="test.race", key="a", recipient=person)] * 6))
    assert Message.objects.count() == 1


def test_f05_many_workers_that_deliver_the_same_completion_certify_it_once() -> None:
    person, course = make_person(), make_course()
    complete(person, course)
    all_at_once(*([deliver_waiting] * 4))
    assert Certificate.objects.count() == 1
