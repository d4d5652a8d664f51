"""Notes the turns of an attempt for whoever is asked about it later. An ordinary commit notes nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from courses.models import Attempt, AttemptEvent, ScoRuntime
from courses.scorm.results import Result
from courses.scorm.tokens import Sitting

# Whoever writes rubbish writes a lot of it: so many names are enough to see what it is.
_MOST_ELEMENTS = 20
# Where a package keeps the learner's place: what is not kept of these is lost to the next sitting.
_PLACES = {"cmi.suspend_data", "cmi.core.lesson_location", "cmi.location"}


def note_sitting(attempt: Attempt, item: str, *, is_afresh: bool) -> None:
    """A part has been opened; `is_afresh`: what it had written was put aside."""
    AttemptEvent.objects.create(
        attempt=attempt,
        item=item,
        kind=AttemptEvent.Kind.SITTING,
        launch_id=attempt.launch_id,
        details={"is_afresh": True} if is_afresh else {},
    )


def note_commit(
    attempt: Attempt, runtime: ScoRuntime, trigger: str, refused: Mapping[str, str], before: Result, after: Result
) -> None:
    """What was out of the ordinary in a commit that has been saved, if anything was."""
    noted: list[tuple[str, dict[str, object]]] = []
    if refused:
        elements = {_shown(name): reason for name, reason in islice(refused.items(), _MOST_ELEMENTS)}
        losing = any(reason == "value" and name in _PLACES for name, reason in refused.items())
        noted.append((AttemptEvent.Kind.REFUSED, {"elements": elements, "count": len(refused), "is_losing": losing}))
    if after != before:
        noted.append((AttemptEvent.Kind.RESULT, {"before": _said(before), "after": _said(after)}))
    if trigger == "terminate":
        noted.append((AttemptEvent.Kind.ENDED, {}))
    if noted:
        AttemptEvent.objects.bulk_create(
            AttemptEvent(attempt=attempt, item=runtime.item, launch_id=runtime.launch_id, kind=kind, details=details)
            for kind, details in noted
        )


def note_fenced(sitting: Sitting) -> None:
    """A replaced sitting has tried to write; noted once for each sitting, however often it tries."""
    attempt = Attempt.objects.filter(public_id=sitting.attempt).first()
    kind = AttemptEvent.Kind.FENCED
    if attempt and not AttemptEvent.objects.filter(attempt=attempt, kind=kind, launch_id=sitting.launch).exists():
        AttemptEvent.objects.create(attempt=attempt, item=sitting.item, kind=kind, launch_id=sitting.launch)


def _said(result: Result) -> dict[str, object]:
    return {"completion": str(result.completion), "success": str(result.success), "score": result.score}


def _shown(name: str) -> str:
    """A stranger's name for an element, without what no database takes."""
    return name.encode("utf-8", "replace").decode().replace("\0", "�")
