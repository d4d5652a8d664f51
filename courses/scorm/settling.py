"""What the parts of an attempt come to: the course's result, and the first time it is finished.

`course_result` is where the parts' results become one; `settle` is where one result becomes a status, a completion, or
something for the manager to attest. Both run in the transaction that saves the commit.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models.functions import Now

from courses import publish
from courses.models import Attempt, ScoRuntime
from courses.scorm.manifest import Manifest
from courses.scorm.results import Completion, Result, Success, roll_up
from courses.scorm.sessions import sequenced_result
from lms.audit.api import record_write

# Less than this share of the course's stated minutes, from first opening to finish, is noted as implausible.
_PLAUSIBLE_SHARE = 0.2
FLAG_FAST = "implausibly_fast"


def course_result(attempt: Attempt, manifest: Manifest, runtime: ScoRuntime) -> Result:
    """The result of all parts together, `runtime` being the one that has just been saved."""
    by_rules = sequenced_result(attempt, runtime)
    if by_rules is not None:
        return by_rules
    results = {runtime.item: Result(Completion(runtime.completion), Success(runtime.success), runtime.score)}
    if len(manifest.launchable) > 1:
        for item, completion, success, score in attempt.runtimes.exclude(pk=runtime.pk).values_list(
            "item", "completion", "success", "score"
        ):
            results[item] = Result(Completion(completion), Success(success), score)
    return roll_up(manifest, results)


_RANK = [Attempt.Status.STARTED, Attempt.Status.FAILED, Attempt.Status.COMPLETED, Attempt.Status.PASSED]


def settle(attempt: Attempt, result: Result, now: datetime) -> set[str]:
    """Raise the attempt's status to `result`, and tell of it the first time the course is finished; returns the fields
    of the attempt that have changed, for the caller to save."""
    fields = set()
    status = Attempt.Status.STARTED
    if result.is_finished:
        status = Attempt.Status.PASSED if result.success is Success.PASSED else Attempt.Status.COMPLETED
    elif result.success is Success.FAILED and result.completion is Completion.COMPLETED:
        status = Attempt.Status.FAILED
    if result.score is not None and (attempt.score is None or not attempt.finished_at):
        attempt.score = Decimal(str(round(result.score * 100, 2)))
        fields.add("score")
    if _RANK.index(status) > _RANK.index(Attempt.Status(attempt.status)):
        attempt.status = status
        fields.add("status")
    if result.is_finished and attempt.finished_at is None and not attempt.is_preview:
        attempt.finished_at = _by_the_database(attempt, now)
        if _is_implausibly_fast(attempt, now):
            attempt.flags = sorted({*attempt.flags, FLAG_FAST})
        attempt.outcome = publish.publish_result(attempt, by=attempt.person)
        record_write(
            "finish_attempt",
            by=attempt.person,
            person=attempt.person,
            subject=f"attempt:{attempt.public_id}",
            status=attempt.status,
            outcome=attempt.outcome,
        )
        fields |= {"finished_at", "flags", "outcome"}
    return fields


def _by_the_database(attempt: Attempt, now: datetime) -> datetime:
    """`now`, unless this process's clock is ahead of the database's: competence takes no completion from the future."""
    instant: datetime | None = Attempt.objects.filter(pk=attempt.pk).values_list(Now(), flat=True).first()
    return min(now, instant) if instant is not None else now


def _is_implausibly_fast(attempt: Attempt, now: datetime) -> bool:
    """Whether the course was finished in far less time, by our clock, than it is said to take."""
    sitting = (now - attempt.launched_at).total_seconds() if attempt.launched_at else 0.0
    return attempt.earlier_seconds + sitting < attempt.edition.course.minutes * 60 * _PLAUSIBLE_SHARE
