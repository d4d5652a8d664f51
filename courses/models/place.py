"""A person's seat at an occasion, or their turn in its line, and whether they came."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models.occasion import Occasion, OccasionSession


class Place(models.Model):
    """A person has a seat at an occasion, or waits for one.

    Seats are given and taken under a lock on the occasion (`courses.actions.places`), never otherwise: then there are
    never more of them than seats, and nobody waits while one is free. `turn` rises with each registration; the line is
    in that order. Who registers again after having cancelled gets a new place, last in the line.
    `completed_at`: when the course was completed by it, and so told to competence. Personal data: all of it.
    """

    class Status(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("place", "Registered")
        WAITING = "waiting", _("On the waiting list")
        CANCELLED = "cancelled", pgettext_lazy("place", "Cancelled")
        ATTENDED = "attended", _("Attended")
        ABSENT = "absent", _("Absent")

    HOLDS_A_SEAT = (Status.REGISTERED, Status.ATTENDED, Status.ABSENT)

    class CancelledBy(models.TextChoices):
        PARTICIPANT = "participant", _("The participant")
        ORGANISER = "organiser", _("The organiser")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="places")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="occasion_places")
    status = models.CharField(max_length=10, choices=Status.choices)
    turn = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=12, choices=CancelledBy.choices, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("turn",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["occasion", "turn"], name="a_turn_in_the_line_is_one_persons"),
            models.UniqueConstraint(
                fields=["occasion", "person"],
                condition=~Q(status="cancelled"),
                name="a_person_has_one_place_at_an_occasion",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_at=None)),
                name="a_cancelled_place_says_when",
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(status="attended"), name="only_who_attended_completes"
            ),
        ]
        verbose_name = _("place")
        verbose_name_plural = _("places")

    def __str__(self) -> str:
        return f"{self.person} · {self.occasion}"

    @property
    def holds_a_seat(self) -> bool:
        return self.status in self.HOLDS_A_SEAT


class Attendance(models.Model):
    """Whether the holder of a place was at a session, as the teacher noted it. Personal data: all of it."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="attendances")
    session = models.ForeignKey(OccasionSession, on_delete=models.PROTECT, related_name="attendances")
    was_there = models.BooleanField()
    noted_at = models.DateTimeField(auto_now=True)
    noted_by_name = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "session"], name="attendance_is_noted_once_for_each_session")
        ]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")

    def __str__(self) -> str:
        return f"{self.place} · {self.session}: {self.was_there}"
