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
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from courses.actions.attempts import may_be_written
from courses.models import Attempt, AttemptEvent, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm import ordinary
from courses.scorm.data_model import has_the_right_form, refused_elements
from courses.scorm.events import note_commit, note_fenced
from courses.scorm.launch import as_left, of_new_sitting
from courses.scorm.manifest import SCORM_12, Item, Manifest
from courses.scorm.results import Completion, Result, Success, judge, never_lower
from courses.scorm.sessions import tree_for
from courses.scorm.settling import course_result, settle
from courses.scorm.tokens import Sitting

Trigger = Literal["autosave", "commit", "terminate"]
TRIGGERS = ("autosave", "commit", "terminate")
MAX_SEQUENCE = 2**53
MAX_BYTES = 1024 * 1024

# A sitting that has just been replaced, because the page was loaded anew, may still deliver its last words.
_LAST_WORDS = timedelta(seconds=15)
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


def answer_of(saved: Saved) -> dict[str, Any]:
    """What the player is told, as plain data."""
    return {
        "saved": saved.sequence,
        "status": saved.status,
        "outcome": saved.outcome,
        "is_late": saved.is_late,
        "refused": saved.refused,
    }


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


def save_commit(sitting: Sitting, commit: Commit) -> Saved:
    """Save `commit` for `sitting`. Raises CommitRefused: 403 closed or unpublished, 409 fenced by another sitting."""
    try:
        return _save(sitting, commit)
    except CommitRefused as refusal:
        if refusal.code == "fenced":
            note_fenced(sitting)  # outside what was rolled back
        raise


@transaction.atomic
def _save(sitting: Sitting, commit: Commit) -> Saved:
    now = timezone.now()
    runtime = _locked(sitting)
    if runtime is None:
        raise CommitRefused("closed", 403)
    attempt = runtime.attempt
    if not may_be_written(attempt):
        raise CommitRefused("closed" if attempt.closed_at else "unpublished", 403)
    is_late, since = _who_holds_the_pen(attempt, runtime, sitting, commit, now)
    if runtime.launch_id == sitting.launch and commit.sequence <= runtime.sequence:
        return Saved(commit.sequence, attempt.status, attempt.outcome, is_late=commit.sequence < runtime.sequence)

    manifest = manifest_of(attempt.edition.scorm_package)
    item = manifest.item(sitting.item)
    assert item is not None
    refused = refused_elements(manifest.version, commit.changes)
    changes = {key: value for key, value in commit.changes.items() if key not in refused}
    before = Result(Completion(runtime.completion), Success(runtime.success), runtime.score)
    stored = json.loads(runtime.data)
    if changes and runtime.launch_id != sitting.launch:
        stored = of_new_sitting(stored)
    was_counted = is_late and runtime.launch_id == sitting.launch
    if was_counted:  # its time was added up when the next sitting began
        changes = {key: value for key, value in changes.items() if key not in ordinary.TIMES}
    data = _merged(stored, changes, before, as_written=_is_as_written(attempt, manifest))
    seconds, claims_too_much = ordinary.session_time(changes, since, now)
    if is_late:
        data = as_left(manifest.version, data, runtime.total_seconds)
        runtime.total_seconds += seconds or 0
    elif seconds is not None:
        runtime.session_seconds = seconds
    runtime.data = ordinary.dumped(data)
    runtime.launch_id, runtime.sequence = sitting.launch, commit.sequence
    runtime.recent = ordinary.noted(runtime.recent, now, commit.trigger, len(commit.changes))
    if commit.trigger == "terminate":
        runtime.has_ended = True
    elif runtime.has_ended and changes:
        runtime.has_ended = False
    after = _result(manifest, item, data, commit, before, has_ended=runtime.has_ended)
    runtime.completion, runtime.success, runtime.score = after.completion, after.success, after.score
    runtime.save()
    attempt.last_commit_at = now
    fields = {"last_commit_at"}
    if claims_too_much and FLAG_CLAIMED_TIME not in attempt.flags:
        attempt.flags = sorted({*attempt.flags, FLAG_CLAIMED_TIME})
        fields.add("flags")
    if after != before:
        fields |= settle(attempt, course_result(attempt, manifest, runtime), now)
    attempt.save(update_fields=fields)
    note_commit(attempt, runtime, commit.trigger, refused, before, after)
    return Saved(commit.sequence, attempt.status, attempt.outcome, refused=refused)


def _locked(sitting: Sitting) -> ScoRuntime | None:
    """The part's row and its attempt's, locked, the attempt's first as everywhere, with no more columns than needed."""
    rows = (
        ScoRuntime.objects.select_for_update(of=("attempt", "self"))
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


def _who_holds_the_pen(
    attempt: Attempt, runtime: ScoRuntime, sitting: Sitting, commit: Commit, now: datetime
) -> tuple[bool, datetime | None]:
    """Whether these are the last words of a sitting that has been replaced, and when the sitting began.

    They are taken for a moment after, from the sitting that wrote to the part last; and from the one right before this,
    which may have had no time to save anything, while the part has not been written to since nor begun anew. Raises
    CommitRefused for any other sitting than the one that has the pen.
    """
    if attempt.launch_id == sitting.launch:
        return False, attempt.launched_at
    if commit.trigger == "terminate" and attempt.launched_at and now - attempt.launched_at < _LAST_WORDS:
        turns = attempt.events.filter(kind=AttemptEvent.Kind.SITTING).order_by("-pk")
        mine = turns.filter(launch_id=sitting.launch).first()
        since = mine.at if mine else None
        if runtime.launch_id == sitting.launch:
            return True, since
        last = list(turns[:2])
        is_before = len(last) == 2 and last[1].launch_id == sitting.launch
        is_same_run = not (last and last[0].item == sitting.item and last[0].details.get("is_afresh"))
        if is_before and is_same_run and runtime.launch_id != attempt.launch_id:
            return True, since
    raise CommitRefused("fenced", 409)


# What says how far the learner has come, and the words that would take it back once the part is finished.
_STATUS_WORDS = {
    "cmi.core.lesson_status": {"incomplete", "not attempted", "browsed", "failed"},
    "cmi.completion_status": {"incomplete", "not attempted", "unknown"},
    "cmi.success_status": {"failed", "unknown"},
}


def _is_as_written(attempt: Attempt, manifest: Manifest) -> bool:
    """Whether a part finds all its words as it wrote them: in SCORM 2004, where no rules build on them. Its result does
    not go down by them. Many packages of SCORM 1.2 say *incomplete* whenever they start."""
    if manifest.version == SCORM_12:
        return False
    tree = tree_for(attempt.edition.scorm_package)
    return tree is None or tree.keeps_work


def _merged(stored: dict[str, str], changes: Mapping[str, str], before: Result, *, as_written: bool) -> dict[str, str]:
    """`stored` with `changes`, except that a finished part's own status is not taken back either."""
    kept = dict(changes)
    if before.is_finished and not as_written:
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
