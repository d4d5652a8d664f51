"""A time and a place at which a course is held."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models.course import Course
from lms.lib.clock import day_ends_at


class Occasion(models.Model):
    """One time that a course is held: on site in `town`, by video, or both; in one or more sessions.

    `seats` is how many may have a place; who comes after that waits in line. One registers until the end of the local
    day `register_by`. `commissioned_by`: an employer has ordered it, and only those who work there see it. Who lacks
    one of the `prerequisites` (keys of courses, as competence knows them) is not registered; who has not completed the
    `web_part` too has not completed the course.
    `revision` rises whenever time or place changes, so that calendars tell a moved date from a forgotten one.
    Whether it was held is not a state: it was when it was announced, not cancelled, and its last session is over.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("occasion", "Draft")
        ANNOUNCED = "announced", pgettext_lazy("occasion", "Announced")
        CANCELLED = "cancelled", pgettext_lazy("occasion", "Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="occasions")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    town = models.CharField(_("town"), max_length=80, blank=True)
    venue = models.CharField(_("address and room"), max_length=200, blank=True)
    video_url = models.URLField(_("video link"), max_length=500, blank=True)
    seats = models.PositiveIntegerField(_("seats"))
    register_by = models.DateField(_("last day to register"))
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="taught_occasions"
    )
    commissioned_by = models.ForeignKey(
        "competence.OrganisationUnit", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    prerequisites = models.JSONField(default=list, blank=True)
    web_part = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="occasions_with_it"
    )
    note = models.TextField(_("to the participants"), blank=True, max_length=2000)
    revision = models.PositiveIntegerField(default=0)
    # Of its sessions, the first start and the last end: what lists are ordered and filtered by.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("starts_at", "id")
        indexes: ClassVar = [models.Index(fields=["status", "starts_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="an_occasion_has_a_seat"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="an_occasion_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(announced_at__isnull=False), name="only_a_draft_is_not_announced"
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_at=None)),
                name="a_cancelled_occasion_says_when",
            ),
        ]
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")

    def __str__(self) -> str:
        return f"{self.course} {self.starts_at:%Y-%m-%d}"

    @property
    def is_announced(self) -> bool:
        return self.status == self.Status.ANNOUNCED

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def registration_ends_at(self) -> datetime:
        """Until then one may register: the last day is over, or the first session begins."""
        return min(day_ends_at(self.register_by), self.starts_at)

    @property
    def where(self) -> str:
        """Town and room, or that it is by video; what anybody may know."""
        places = [text for text in (self.venue, self.town) if text]
        if self.video_url:
            places.append(str(_("by video")))
        return ", ".join(places)


class OccasionSession(models.Model):
    """One stretch of time of an occasion, with what it is about. `room`: where, when it is elsewhere than the rest."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    topic = models.CharField(_("about"), max_length=150, blank=True)
    room = models.CharField(_("room, if another"), max_length=150, blank=True)

    class Meta:
        ordering = ("starts_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_its_start")
        ]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.occasion} · {self.starts_at:%H:%M}"

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at
