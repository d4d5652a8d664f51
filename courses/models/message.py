"""E-mail about courses, and what a person has chosen not to have."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.lib.mailing import QueuedMail


class Message(QueuedMail):
    """An e-mail to `recipient`, sent once: of each `kind`, one for each `key` (what it is about).

    Written by `courses.messages.note` in the transaction that makes it true, worded and sent by
    `courses.messages.send_waiting`. Personal data: recipient.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=150)
    payload = models.JSONField(default=dict)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="course_messages")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "recipient"], name="one_message_of_a_matter_to_a_recipient")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(sent_at__isnull=True, dropped_at__isnull=True), name="message_waiting"
            )
        ]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.recipient}"


class MessageChoice(models.Model):
    """A person's word on whether to have a sort of e-mail; without one they have it. Personal data: all of it."""

    class Topic(models.TextChoices):
        START = "start", _("A course that you have not begun")
        UNFINISHED = "unfinished", _("A course that you have not finished")
        EXPIRY = "expiry", _("That your right to order will change")
        OCCASION = "occasion", _("A course occasion that is tomorrow")
        DIGEST = "digest", _("Your team, in short")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_choices")
    topic = models.CharField(max_length=20, choices=Topic.choices)
    is_wanted = models.BooleanField()
    chosen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "topic"], name="one_choice_of_a_topic_for_each_person")
        ]
        verbose_name = _("choice of e-mail")
        verbose_name_plural = _("choices of e-mail")

    def __str__(self) -> str:
        return f"{self.person} {self.topic} {self.is_wanted}"
