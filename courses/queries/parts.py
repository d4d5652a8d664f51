"""How far the learner has come in each part of a package without rules of its own, and which parts may be opened."""

from __future__ import annotations

from collections.abc import Mapping

from courses.models import Attempt
from courses.scorm.manifest import Item, Manifest
from courses.scorm.prerequisites import is_open, statuses_of
from courses.scorm.results import Completion, Success


def part_statuses(attempt: Attempt, manifest: Manifest) -> Mapping[str, str]:
    """Every item's status in SCORM 1.2's words, headings included. One query."""
    parts = {
        item: _status(completion, success)
        for item, completion, success in attempt.runtimes.values_list("item", "completion", "success")
    }
    return statuses_of(manifest.items, parts)


def may_be_opened(item: Item, statuses: Mapping[str, str]) -> bool:
    """Whether the part's prerequisites are met. A part that has been begun stays open."""
    return statuses.get(item.identifier, "not attempted") != "not attempted" or is_open(item, statuses)


def _status(completion: str, success: str) -> str:
    if success == Success.PASSED:
        return "passed"
    if success == Success.FAILED:
        return "failed"
    return {Completion.COMPLETED: "completed", Completion.INCOMPLETE: "incomplete"}.get(
        Completion(completion), "not attempted"
    )
