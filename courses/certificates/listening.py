"""Hears of completions from the outbox, and keeps certificates right."""

from __future__ import annotations

from competence.api import hears_of_completions
from competence.data import RecordedCompletion
from courses.actions.certificates import keep_certificate_right


@hears_of_completions
def hear(completion: RecordedCompletion) -> None:
    """Issue or revoke, as the completion now says."""
    keep_certificate_right(completion)
