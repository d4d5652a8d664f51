"""E-mail from a queue in the database: rows that say who is to hear of what, words made when they are sent.

Competence keeps such rows for its events (`competence.notices`), courses for theirs (`courses.messages`). A row is
written in the transaction that makes it true, held by one worker at a time, and sent once. The words are made in the
recipient's language at the last moment, so that nobody hears of what no longer holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, models, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

log = structlog.get_logger(__name__)
ATTEMPTS = 12
"""With the waits between them, a mail server may be away for nearly three days before a message is given up."""


@dataclass(frozen=True)
class Words:
    """A message in the active language: a subject, what it says, and the page (`url`) where there is more to read.

    `choice`, `choice_url`: where one chooses not to have such mail, for those that one may choose.
    """

    subject: str
    text: str
    url: str
    link: str
    choice: str = ""
    choice_url: str = ""


class QueuedMail(models.Model):
    """An e-mail that is to be, or has been, sent. A model of this kind has a `recipient` (a person).

    `not_before`: it waits until then. `dropped_at`: there was nothing to say any more when its time came, or the
    recipient cannot be reached. `attempts`: how often sending failed.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=QueuedMail)


def address_of(name: str, *args: object) -> str:
    """The absolute address of a page."""
    return f"{settings.BASE_URL}{reverse(name, args=args)}"


def send_waiting_rows(model: type[Row], words_of: Callable[[Row], Words | None]) -> int:
    """Send every row that is due, each in a transaction of its own; returns how many were sent.

    Safe to run at any time. `words_of` is called in the recipient's language; None drops the row. One that cannot be
    sent is tried again later, and stops no other.
    """
    due = Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())
    waiting = _rows(model).filter(due, sent_at__isnull=True, dropped_at__isnull=True, attempts__lt=ATTEMPTS)
    return sum(_send_row(model, pk, words_of) for pk in list(waiting.order_by("pk").values_list("pk", flat=True)))


def _rows(model: type[Row]) -> models.QuerySet[Row]:
    return model._default_manager.all()


def _send_row(model: type[Row], pk: int, words_of: Callable[[Row], Words | None]) -> bool:
    with transaction.atomic():
        waiting = _rows(model).filter(pk=pk, sent_at__isnull=True, dropped_at__isnull=True)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        row: Any = waiting.select_related("recipient__merged_into").first()
        if row is None:
            return False
        recipient = row.recipient.merged_into or row.recipient
        with translation.override(recipient.language):
            try:
                with transaction.atomic():
                    words = words_of(row) if recipient.is_active and recipient.email else None
                    if words is not None:
                        send_mail(recipient.email, recipient.full_name, words)
            except Exception as error:  # whatever the words or the way of sending raise
                _put_off(row, error)
                return False
        now = timezone.now()
        row.sent_at, row.dropped_at = (None, now) if words is None else (now, None)
        row.save(update_fields=["sent_at", "dropped_at"])
        return words is not None


def _put_off(row: QueuedMail, error: Exception) -> None:
    """Have `row` tried again: the first time at once, then after 4, 8, 16 … minutes."""
    row.attempts += 1
    row.last_error = repr(error)
    if row.attempts > 1:
        row.not_before = timezone.now() + timedelta(minutes=2**row.attempts)
    row.save(update_fields=["attempts", "last_error", "not_before"])
    say = log.error if row.attempts >= ATTEMPTS else log.warning
    say("mail.not_sent", row=f"{row._meta.label}:{row.pk}", attempts=row.attempts, error=row.last_error)


def text_of_mail(name: str, words: Words) -> str:
    """The plain text of a message to somebody called `name`, in the active language. No HTML: escape it in a page."""
    return render_to_string("emails/notice.txt", {"words": words, "name": name})


def send_mail(address: str, name: str, words: Words) -> None:
    """Send `words` to `address` now, in the active language. Raises what the way of sending raises."""
    context = {"words": words, "name": name, "language": translation.get_language()}
    message = EmailMultiAlternatives(subject=words.subject, body=text_of_mail(name, words), to=[address])
    message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    message.send()
