"""The table of contents of an attempt's package, with how far the learner has come in each part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from courses.models import Attempt
from courses.queries.manifests import manifest_of
from courses.scorm.manifest import Item
from courses.scorm.results import Completion, Success


@dataclass(frozen=True)
class Part:
    """A line of the table of contents. `state`: heading, new, started, done or failed. `level` counts from 1."""

    identifier: str
    title: str
    level: int
    state: str
    is_current: bool
    number: int | None


@dataclass(frozen=True)
class Contents:
    """`parts` in order, headings included; `startable` are the identifiers that can be started, in order."""

    parts: Sequence[Part]
    startable: Sequence[str]

    @property
    def is_single(self) -> bool:
        """Whether there is only one part, and no table of contents is worth showing."""
        return len(self.startable) <= 1

    @property
    def done(self) -> int:
        return sum(part.state == "done" for part in self.parts)


def contents_of(attempt: Attempt) -> Contents:
    """One query, besides the manifest's own, which is read once in each process."""
    manifest = manifest_of(attempt.edition.scorm_package)
    states = {
        item: _state(completion, success)
        for item, completion, success in attempt.runtimes.values_list("item", "completion", "success")
    }
    numbers = {item.identifier: number for number, item in enumerate(manifest.launchable, 1)}

    def walk(items: Sequence[Item], level: int) -> Iterator[Part]:
        for item in items:
            if item.is_visible or item.path:
                yield Part(
                    identifier=item.identifier,
                    title=item.title,
                    level=level,
                    state=states.get(item.identifier, "new") if item.path else "heading",
                    is_current=item.identifier == attempt.current_item,
                    number=numbers.get(item.identifier),
                )
            yield from walk(item.children, level + 1 if item.is_visible else level)

    return Contents(tuple(walk(manifest.items, 1)), tuple(numbers))


def _state(completion: str, success: str) -> str:
    if success == Success.FAILED:
        return "failed"
    return "done" if completion == Completion.COMPLETED else "started"
