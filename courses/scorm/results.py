"""What the data that a package wrote amounts to: the result of one SCO, and of the course as a whole. Pure.

The server judges anew: pass or fail follows the manifest's mastery score wherever there is one and a score to hold
against it, whatever the package said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from courses.scorm.manifest import SCORM_12, Item, Manifest


class Completion(StrEnum):
    NOT_ATTEMPTED = "not attempted"
    INCOMPLETE = "incomplete"
    COMPLETED = "completed"


class Success(StrEnum):
    UNKNOWN = "unknown"
    FAILED = "failed"
    PASSED = "passed"


@dataclass(frozen=True)
class Result:
    """How far (`completion`), how well (`success`), and the score from 0 to 1 (None when there is none)."""

    completion: Completion = Completion.NOT_ATTEMPTED
    success: Success = Success.UNKNOWN
    score: float | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the course counts as done: all of it gone through, and not failed."""
        return self.completion is Completion.COMPLETED and self.success is not Success.FAILED


def never_lower(before: Result, after: Result) -> Result:
    """`after`, unless it would take away what `before` already reached once it was finished.

    A failed test can be passed later, but not be turned into a mere *completed*: that would walk round the test.
    """
    if before.is_finished:
        return Result(
            Completion.COMPLETED,
            Success.PASSED if Success.PASSED in (before.success, after.success) else before.success,
            max((score for score in (before.score, after.score) if score is not None), default=None),
        )
    if before.success is Success.FAILED and after.success is Success.UNKNOWN:
        return Result(after.completion, Success.FAILED, after.score if after.score is not None else before.score)
    return after


def judge(version: str, item: Item, data: Mapping[str, str], *, has_ended: bool) -> Result:
    """The result of one SCO by what it wrote. `has_ended`: it said goodbye, so what it left unsaid gets its default."""
    return _judge_12(item, data, has_ended) if version == SCORM_12 else _judge_2004(item, data, has_ended)


def _judge_12(item: Item, data: Mapping[str, str], has_ended: bool) -> Result:
    status = data.get("cmi.core.lesson_status", "not attempted")
    score = _share(data, "cmi.core.score")
    raw = _float(data.get("cmi.core.score.raw"))
    leaves_for_good = has_ended and data.get("cmi.core.exit", "") != "suspend"
    if status == "not attempted" and leaves_for_good:
        # The run-time book: a SCO that never sets its status and ends normally has been completed.
        status = "completed"
    if item.mastery_score is not None and raw is not None and status in {"passed", "failed", "completed"}:
        # Some tools report three points of four: a limit above all points there are can only mean a share of them.
        highest = _float(data.get("cmi.core.score.max"))
        is_share = score is not None and highest is not None and 0 < highest < item.mastery_score
        points = score * 100 if is_share and score is not None else raw
        status = "passed" if points >= item.mastery_score else "failed"
    match status:
        case "passed":
            return Result(Completion.COMPLETED, Success.PASSED, score)
        case "failed":
            return Result(Completion.COMPLETED, Success.FAILED, score)
        case "completed":
            return Result(Completion.COMPLETED, Success.UNKNOWN, score)
        case "incomplete":
            return Result(Completion.INCOMPLETE, Success.UNKNOWN, score)
        case _:
            return Result(Completion.NOT_ATTEMPTED, Success.UNKNOWN, score)


def _judge_2004(item: Item, data: Mapping[str, str], has_ended: bool) -> Result:
    completion = data.get("cmi.completion_status", "unknown")
    progress = _float(data.get("cmi.progress_measure"))
    if item.completion_measure is not None and progress is not None:
        completion = "completed" if progress >= item.completion_measure else "incomplete"
    success = data.get("cmi.success_status", "unknown")
    scaled = _float(data.get("cmi.score.scaled"))
    if item.passing_measure is not None and scaled is not None:
        success = "passed" if scaled >= item.passing_measure else "failed"
    leaves_for_good = has_ended and data.get("cmi.exit", "") not in {"suspend", "logout"}
    if completion in {"unknown", "not attempted"} and (leaves_for_good or success == "passed"):
        # A SCO that never sets its status and ends normally has been completed; nor can an unseen one be passed.
        completion = "completed"
    score = max(0.0, scaled) if scaled is not None else _share(data, "cmi.score")
    reached = {"completed": Completion.COMPLETED, "incomplete": Completion.INCOMPLETE}
    return Result(reached.get(completion, Completion.NOT_ATTEMPTED), Success(success), score)


def roll_up(manifest: Manifest, results: Mapping[str, Result]) -> Result:
    """The course's result from its parts'. Parts that the manifest leaves out of the roll-up do not weigh in."""
    items = manifest.launchable
    if len(items) == 1:
        return results.get(items[0].identifier, Result())
    for_completion = [item for item in items if item.counts_for_completion] or list(items)
    for_success = [item for item in items if item.counts_for_success]
    reached = [results.get(item.identifier, Result()) for item in for_completion]
    if all(result.completion is Completion.COMPLETED for result in reached):
        completion = Completion.COMPLETED
    elif any(result.completion is not Completion.NOT_ATTEMPTED for result in results.values()):
        completion = Completion.INCOMPLETE
    else:
        completion = Completion.NOT_ATTEMPTED
    judged = [results.get(item.identifier, Result()).success for item in for_success]
    success = Success.UNKNOWN
    if Success.FAILED in judged:
        success = Success.FAILED
    elif Success.PASSED in judged and completion is Completion.COMPLETED:
        success = Success.PASSED
    weighed = [
        (item.measure_weight, score)
        for item in items
        if item.measure_weight > 0 and (score := results.get(item.identifier, Result()).score) is not None
    ]
    total = sum(weight for weight, _score in weighed)
    score = sum(weight * score for weight, score in weighed) / total if total else None
    return Result(completion, success, score)


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _share(data: Mapping[str, str], prefix: str) -> float | None:
    """A raw score as a share of its range; without a stated range, of 0 to 100."""
    raw = _float(data.get(f"{prefix}.raw"))
    if raw is None:
        return None
    low, high = _float(data.get(f"{prefix}.min")) or 0.0, _float(data.get(f"{prefix}.max")) or 100.0
    return min(1.0, max(0.0, (raw - low) / (high - low))) if high > low else None
