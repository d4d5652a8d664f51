"""Saving what a package writes: validated, in order, by the sitting that holds the pen, and judged anew.

A commit carries what has changed since the last one that was acknowledged, so that one which is lost costs nothing and
one which comes twice does nothing. It is durable when the answer is sent; a result that it leads to is recorded in the
same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from courses import publish
from courses.actions.attempts import may_be_written
from courses.models import Attempt, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm.data_model import has_the_right_form, refused_elements
from courses.scorm.durations import seconds_of
from courses.scorm.manifest import Item, Manifest
from courses.scorm.results import Completion, Result, Success, judge, never_lower, roll_up
from courses.scorm.tokens import Sitting
from lms.audit.api import record_write

Trigger = Literal["autosave", "commit", "terminate"]
TRIGGERS = ("autosave", "commit", "terminate")
MAX_SEQUENCE = 2**53

# A sitting that has just been replaced, because the page was loaded anew, may still deliver its last words.
_LAST_WORDS = timedelta(seconds=15)
# Clocks differ and networks delay: so much more than the wall clock may a package claim before it is noted.
_SLACK_SECONDS = 120
# Less than this share of the course's stated minutes, from first opening to finish, is noted as implausible.
_PLAUSIBLE_SHARE = 0.2
FLAG_FAST = "implausibly_fast"
FLAG_CLAIMED_TIME = "claimed_more_time_than_passed"


class CommitRefused(Exception):
    """The commit is not taken. `code` tells the player which notice to show; `status` is HTTP's."""

    def __init__(self, code: str, status: int) -> None:
        self.code, self.status = code, status
        super().__init__(code)


@dataclass(frozen=True)
class Commit:
    """One commit: what has changed since the last acknowledged one, numbered within its sitting."""

    sequence: int
    trigger: Trigger
    changes: Mapping[str, str]


@dataclass(frozen=True)
class Saved:
    """The answer. `is_late`: a newer commit was here first, and this one changed nothing."""

    sequence: int
    status: str
    outcome: str
    is_late: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)


def read_commit(body: Any) -> Commit:
    """The commit in a decoded JSON body. Raises CommitRefused with 400 when it has another form."""
    if not isinstance(body, dict):
        raise CommitRefused("form", 400)
    sequence, trigger, changes = body.get("sequence"), body.get("trigger"), body.get("changes")
    if type(sequence) is not int or not 0 < sequence <= MAX_SEQUENCE or trigger not in TRIGGERS:
        raise CommitRefused("form", 400)
    if not has_the_right_form(changes):
        raise CommitRefused("form", 400)
    return Commit(sequence, trigger, changes)  # type: ignore[arg-type]


@transaction.atomic
def save_commit(sitting: Sitting, commit: Commit) -> Saved:
    """Save `commit` for `sitting`. Raises CommitRefused: 403 closed or unpublished, 409 fenced by another sitting."""
    now = timezone.now()
    runtime = _locked(sitting)
    if runtime is None:
        raise CommitRefused("closed", 403)
    attempt = runtime.attempt
    if not may_be_written(attempt):
        raise CommitRefused("closed" if attempt.closed_at else "unpublished", 403)
    _check_who_holds_the_pen(attempt, runtime, sitting, commit, now)
    if runtime.launch_id == sitting.launch and commit.sequence <= runtime.sequence:
        return Saved(commit.sequence, attempt.status, attempt.outcome, is_late=commit.sequence < runtime.sequence)

    manifest = manifest_of(attempt.edition.scorm_package)
    item = manifest.item(sitting.item)
    assert item is not None
    refused = refused_elements(manifest.version, commit.changes)
    changes = {key: value for key, value in commit.changes.items() if key not in refused}
    before = Result(Completion(runtime.completion), Success(runtime.success), runtime.score)
    data = _merged(json.loads(runtime.data), changes, before)
    runtime.data = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    runtime.launch_id, runtime.sequence = sitting.launch, commit.sequence
    if commit.trigger == "terminate":
        runtime.has_ended = True
    elif runtime.has_ended and changes:
        runtime.has_ended = False
    flags = _keep_time(runtime, attempt, changes, now)
    after = _result(manifest, item, data, commit, before, has_ended=runtime.has_ended)
    runtime.completion, runtime.success, runtime.score = after.completion, after.success, after.score
    runtime.save()
    _update_attempt(attempt, manifest, runtime, flags, now, is_result_new=after != before)
    return Saved(commit.sequence, attempt.status, attempt.outcome, refused=refused)


def _locked(sitting: Sitting) -> ScoRuntime | None:
    """The part's row and its attempt's, locked, with no more columns than a commit needs: this is the hottest query."""
    rows = (
        ScoRuntime.objects.select_for_update(of=("self", "attempt"))
        .select_related("attempt__edition__course", "attempt__edition__package")
        .only(
            *(field.attname for field in ScoRuntime._meta.concrete_fields),
            *(f"attempt__{field.attname}" for field in Attempt._meta.concrete_fields),
            "attempt__edition__published_at",
            "attempt__edition__withdrawn_at",
            "attempt__edition__course__key",
            "attempt__edition__course__minutes",
            "attempt__edition__course__is_published",
            "attempt__edition__package__public_id",
        )
        .filter(attempt__public_id=sitting.attempt, item=sitting.item)
    )
    return next(iter(rows), None)


def _check_who_holds_the_pen(
    attempt: Attempt, runtime: ScoRuntime, sitting: Sitting, commit: Commit, now: datetime
) -> None:
    if attempt.launch_id == sitting.launch:
        return
    is_last_word = (
        commit.trigger == "terminate"
        and runtime.launch_id == sitting.launch
        and attempt.launched_at is not None
        and now - attempt.launched_at < _LAST_WORDS
    )
    if not is_last_word:
        raise CommitRefused("fenced", 409)


# What says how far the learner has come, and the words that would take it back once the part is finished.
_STATUS_WORDS = {
    "cmi.core.lesson_status": {"incomplete", "not attempted", "browsed", "failed"},
    "cmi.completion_status": {"incomplete", "not attempted", "unknown"},
    "cmi.success_status": {"failed", "unknown"},
}


def _merged(stored: dict[str, str], changes: Mapping[str, str], before: Result) -> dict[str, str]:
    """`stored` with `changes`, except that a finished part's own status is not taken back either."""
    kept = dict(changes)
    if before.is_finished:
        for element, lower in _STATUS_WORDS.items():
            if kept.get(element) in lower and stored.get(element) not in {None, *lower}:
                del kept[element]
        if before.success is Success.PASSED and stored.get("cmi.core.lesson_status") == "passed":
            kept.pop("cmi.core.lesson_status", None)
    return stored | kept


def _result(
    manifest: Manifest, item: Item, data: Mapping[str, str], commit: Commit, before: Result, *, has_ended: bool
) -> Result:
    """The part's result after the commit. Saving on our own initiative is a snapshot, taken in the middle of things: a
    package may set *completed* on its last page and *failed* a moment later. So then only *passed* counts."""
    after = judge(manifest.version, item, data, has_ended=has_ended)
    if commit.trigger == "autosave" and after.success is not Success.PASSED and after.completion == "completed":
        after = Result(max(before.completion, Completion.INCOMPLETE, key=_rank), before.success, before.score)
    return never_lower(before, after)


def _rank(completion: Completion) -> int:
    return list(Completion).index(completion)


def _keep_time(runtime: ScoRuntime, attempt: Attempt, changes: Mapping[str, str], now: datetime) -> set[str]:
    """Hold the package's session time against the wall clock; returns a flag when it claims more than has passed."""
    claimed = seconds_of(changes.get("cmi.core.session_time") or changes.get("cmi.session_time") or "")
    if claimed is None or attempt.launched_at is None:
        return set()
    passed = max(0.0, (now - attempt.launched_at).total_seconds())
    runtime.session_seconds = min(claimed, passed + _SLACK_SECONDS)
    return {FLAG_CLAIMED_TIME} if claimed > passed + _SLACK_SECONDS else set()


def _update_attempt(
    attempt: Attempt, manifest: Manifest, runtime: ScoRuntime, flags: set[str], now: datetime, *, is_result_new: bool
) -> None:
    attempt.last_commit_at = now
    fields = {"last_commit_at"}
    if not flags <= set(attempt.flags):
        attempt.flags = sorted({*attempt.flags, *flags})
        fields.add("flags")
    if is_result_new:
        fields |= _settle(attempt, _course_result(attempt, manifest, runtime), now)
    attempt.save(update_fields=fields)


def _course_result(attempt: Attempt, manifest: Manifest, runtime: ScoRuntime) -> Result:
    results = {runtime.item: Result(Completion(runtime.completion), Success(runtime.success), runtime.score)}
    if len(manifest.launchable) > 1:
        for item, completion, success, score in attempt.runtimes.exclude(pk=runtime.pk).values_list(
            "item", "completion", "success", "score"
        ):
            results[item] = Result(Completion(completion), Success(success), score)
    return roll_up(manifest, results)


_RANK = [Attempt.Status.STARTED, Attempt.Status.FAILED, Attempt.Status.COMPLETED, Attempt.Status.PASSED]


def _settle(attempt: Attempt, result: Result, now: datetime) -> set[str]:
    """Raise the attempt's status to `result`, and tell of it the first time the course is finished."""
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
