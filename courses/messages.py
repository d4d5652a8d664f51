"""E-mail about courses: who is to hear of what, once, in words that are made when it is sent.

To add one: register its words with `speaks_of` in a module that `courses.apps` imports, and call `note` in the
transaction that makes it true. What is about a reminder and not about a decision has a `topic`, which a person may
choose not to have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from courses.models import Message, MessageChoice
from lms.lib.mailing import Words, send_waiting_rows
from lms.users.models import User

Speaker = Callable[[Message], Words | None]
Topic = MessageChoice.Topic
_speakers: dict[str, tuple[Speaker, Topic | None]] = {}


def speaks_of(*kinds: str, topic: Topic | None = None) -> Callable[[Speaker], Speaker]:
    """Register what makes the words of messages of `kinds`, in the active language; None: nothing to say any more.

    The speaker looks at how things are now (`message.key` and `message.payload` say what it is about): it returns None
    when the thing is done, cancelled or another's. `topic`: not sent to those who have chosen not to have it.
    """

    def register(speaker: Speaker) -> Speaker:
        for kind in kinds:
            _speakers[kind] = (speaker, topic)
        return speaker

    return register


def note(
    *,
    kind: str,
    key: str,
    recipient: User,
    payload: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> None:
    """`recipient` is to have one message of `kind` about `key`; not sent before `not_before`. See `note_all`."""
    note_all(kind=kind, key=key, recipients=[recipient], payload=payload, not_before=not_before)


@transaction.atomic
def note_all(
    *,
    kind: str,
    key: str,
    recipients: Iterable[User],
    payload: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> None:
    """Each of `recipients` is to have one message of `kind` about `key`, in a fixed number of queries.

    Call it in the transaction that makes it true. Nobody gets it twice: for who has had it nothing happens. One that
    still waits, was cancelled, or was dropped takes the new `payload` and `not_before` (a date was moved, a place was
    booked again). To say a further thing about the same, give it another key. Raises LookupError when nothing
    speaks of `kind`.
    """
    if kind not in _speakers:
        raise LookupError(f"nothing makes words of {kind}: see courses.messages.speaks_of")
    people = {person.as_one_pk for person in recipients}
    content = dict(payload or {})
    Message.objects.bulk_create(
        [Message(kind=kind, key=key, recipient_id=pk, payload=content, not_before=not_before) for pk in people],
        ignore_conflicts=True,
    )
    Message.objects.filter(kind=kind, key=key, recipient__in=people, sent_at=None).update(
        payload=content, not_before=not_before, dropped_at=None, attempts=0
    )


def cancel(*, kind: str, key: str, recipient: User | None = None) -> int:
    """What waits of `kind` about `key` is not to be sent, to `recipient` or to anybody; returns how many that was."""
    waiting = Message.objects.filter(kind=kind, key=key, sent_at=None, dropped_at=None)
    if recipient is not None:
        waiting = waiting.filter(recipient=recipient.as_one_pk)
    return waiting.update(dropped_at=timezone.now())


def wants(person_pk: int, topic: Topic) -> bool:
    """Whether the person has e-mail of `topic`."""
    return not MessageChoice.objects.filter(person=person_pk, topic=topic, is_wanted=False).exists()


def send_waiting() -> int:
    """Send every message that is due; returns how many were sent. Safe to run at any time."""
    return send_waiting_rows(Message, _words_of)


def _words_of(message: Message) -> Words | None:
    speaker, topic = _speakers[message.kind]
    if topic is not None and not wants(message.recipient.as_one_pk, topic):
        return None
    return speaker(message)
