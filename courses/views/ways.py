"""Addresses inside a course of lessons: a learner's own, or those of an editor who tries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from courses.models import Attempt


@dataclass(frozen=True)
class Ways:
    """Where the pages of one attempt are."""

    attempt: Attempt

    @property
    def key(self) -> str:
        return self.attempt.edition.course.key

    @property
    def out(self) -> str:
        """Out of the lessons, to the page of the course."""
        return reverse("courses:editor_course" if self.attempt.is_preview else "courses:course", args=[self.key])

    @property
    def test(self) -> str:
        return self._reverse("test")

    @property
    def going_on(self) -> str:
        """To where the learner was."""
        return self._reverse("lessons")

    def lesson(self, key: str) -> str:
        return self._reverse("lesson", key)

    def examination(self, number: int) -> str:
        return self._reverse("examination", number)

    def _reverse(self, name: str, *args: Any) -> str:
        if self.attempt.is_preview:
            return reverse(f"courses:preview_{name}", args=[self.key, self.attempt.public_id, *args])
        return reverse(f"courses:{name}", args=[self.key, *args])
