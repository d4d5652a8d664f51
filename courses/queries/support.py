"""One attempt in full, for whoever is asked what went wrong: what was saved, when, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from courses.models import Attempt, AttemptEvent, ScoRuntime
from courses.queries.figures import Cause
from courses.queries.manifests import manifest_of
from courses.queries.stuck import CAUSES, stuck_attempts
from courses.scorm.data_model import WRITABLE_12, WRITABLE_2004
from courses.scorm.manifest import SCORM_12

_COMMIT = re.compile(r"(\d{1,12})([act])(\d{1,6})")
_INDEX = re.compile(r"\.(\d{1,5})(?=\.)")
_TRIGGERS = {"a": "autosave", "c": "commit", "t": "terminate"}


@dataclass(frozen=True)
class CommitLine:
    """A commit: when, what set it off (autosave, commit, terminate), and how many elements it carried."""

    at: datetime
    trigger: str
    elements: int


@dataclass(frozen=True)
class PartView:
    """A part of the package in the attempt: what it has written (a stranger's text), by element, and its commits."""

    title: str
    runtime: ScoRuntime
    data: Sequence[tuple[str, str]]
    commits: Sequence[CommitLine]

    @property
    def seconds(self) -> int:
        return round(self.runtime.total_seconds + self.runtime.session_seconds)


@dataclass(frozen=True)
class EventLine:
    """A turn in the attempt; `part` is the part's title."""

    event: AttemptEvent
    part: str


@dataclass(frozen=True)
class AttemptView:
    """`cause` tells why the attempt seems to be stuck, if it does."""

    attempt: Attempt
    version: str
    parts: Sequence[PartView]
    events: Sequence[EventLine]
    cause: Cause | None


def attempt_view(attempt: Attempt, now: datetime, *, most_events: int = 200) -> AttemptView:
    """Three queries. `attempt` comes with its edition, course and package."""
    manifest = manifest_of(attempt.edition.scorm_package)
    titles = {item.identifier: item.title for item in manifest.launchable}
    order = {item.identifier: number for number, item in enumerate(manifest.launchable)}
    runtimes = sorted(attempt.runtimes.all(), key=lambda row: order.get(row.item, len(order)))
    events = list(attempt.events.order_by("-at", "-id")[:most_events])
    course = attempt.edition.course
    cause = stuck_attempts(course, now).filter(pk=attempt.pk).values_list("cause", flat=True).first()
    return AttemptView(
        attempt=attempt,
        version=manifest.version,
        parts=[
            PartView(titles.get(row.item, row.item), row, _in_order(row.data, manifest.version), _commits(row.recent))
            for row in runtimes
        ],
        events=[EventLine(event, titles.get(event.item, event.item)) for event in events],
        cause=CAUSES[cause] if cause else None,
    )


def _in_order(data: str, version: str) -> list[tuple[str, str]]:
    """The elements in the order of the standard's data model, those of a list by their numbers."""
    model: Mapping[str, object] = WRITABLE_12 if version == SCORM_12 else WRITABLE_2004
    order = {element: number for number, element in enumerate(model)}
    groups: dict[str, int] = {}
    for element, number in order.items():
        groups.setdefault(_group(element), number)
    # Half a letter is kept as the package wrote it, but no page can show it.
    stored = {name: value.encode("utf-8", "replace").decode() for name, value in json.loads(data).items()}

    def place(pair: tuple[str, str]) -> tuple[int, list[int], int, str]:
        element = pair[0]
        shape = _INDEX.sub(".n", element)
        numbers = [int(number) for number in _INDEX.findall(element)]
        return groups.get(_group(shape), len(order)), numbers[:1], order.get(shape, len(order)), element

    return sorted(stored.items(), key=place)


def _group(shape: str) -> str:
    return ".".join(shape.split(".")[:2])


def _commits(recent: str) -> list[CommitLine]:
    """The last commits, the newest first."""
    return [
        CommitLine(datetime.fromtimestamp(int(second), UTC), _TRIGGERS[letter], int(elements))
        for second, letter, elements in reversed(_COMMIT.findall(recent))
    ]
