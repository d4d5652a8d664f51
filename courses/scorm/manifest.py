"""What a package says of itself in `imsmanifest.xml`: SCORM 1.2 and SCORM 2004 2nd, 3rd and 4th edition. Pure.

Terms follow the standard: an *organisation* is a tree of *items*; an item that can be started points at a *resource*,
which is a SCO (it talks to the learning platform) or an asset (it does not).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCORM_12 = "1.2"
SCORM_2004 = "2004"


@dataclass(frozen=True)
class Item:
    """An entry of the table of contents.

    `path` is the file that starts it, within the package, without query and fragment; None for a mere heading.
    `suffix` is what follows the path in the address (query, fragment and the item's parameters).
    `mastery_score` is SCORM 1.2's, 0 to 100; `passing_measure` is SCORM 2004's, -1 to 1.
    `counts_for_*` tell whether the item weighs in when the course as a whole is judged.
    `sequencing` and `adl` keep SCORM 2004's elements for the item as they stood, as nested data: IMS's `sequencing`,
    and ADL's own beside it (`presentation`, `completionThreshold`, `data`) as children of one.
    """

    identifier: str
    title: str
    path: str | None = None
    suffix: str = ""
    is_visible: bool = True
    is_sco: bool = False
    mastery_score: float | None = None
    passing_measure: float | None = None
    completion_measure: float | None = None
    prerequisites: str = ""
    max_time_allowed: str = ""
    time_limit_action: str = ""
    data_from_lms: str = ""
    counts_for_completion: bool = True
    counts_for_success: bool = True
    measure_weight: float = 1.0
    shared_data: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    sequencing: Mapping[str, Any] | None = None
    adl: Mapping[str, Any] | None = None
    children: tuple[Item, ...] = ()

    def walk(self) -> Iterator[Item]:
        """This item, then all below it, in the order of the table of contents."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Manifest:
    """A whole manifest: the default organisation and what it needs.

    `version` is "1.2" or "2004"; `edition` is what people call it ("1.2", "2004 3rd Edition").
    `sequencing` keeps SCORM 2004's rules for the organisation and its collections as they stood, as nested data; `adl`
    is as in `Item`. `objectives_are_global` and `data_is_global`: what its parts share outlives the attempt, and is
    there for other packages too.
    `warnings` are sentences about what looks wrong but does not stop the package from working.
    """

    identifier: str
    version: str
    edition: str
    title: str
    organisation: str
    items: tuple[Item, ...]
    sequencing: Mapping[str, Any] | None = None
    sequencing_collection: tuple[Mapping[str, Any], ...] = ()
    adl: Mapping[str, Any] | None = None
    objectives_are_global: bool = True
    data_is_global: bool = True
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def walk(self) -> Iterator[Item]:
        for item in self.items:
            yield from item.walk()

    @property
    def launchable(self) -> tuple[Item, ...]:
        """The items that can be started, in order."""
        return tuple(item for item in self.walk() if item.path is not None)

    def item(self, identifier: str) -> Item | None:
        """The item that can be started and has this identifier, if there is one."""
        return next((item for item in self.launchable if item.identifier == identifier), None)


def to_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain data, to be kept in the database."""
    return asdict(manifest)


def from_json(data: Mapping[str, Any]) -> Manifest:
    """The manifest that `to_json` made `data` of."""
    return Manifest(
        **{
            **data,
            "items": tuple(_item_from_json(item) for item in data["items"]),
            "sequencing_collection": tuple(data["sequencing_collection"]),
            "warnings": tuple(data["warnings"]),
        }
    )


def _item_from_json(data: Mapping[str, Any]) -> Item:
    return Item(
        **{
            **data,
            "children": tuple(_item_from_json(child) for child in data["children"]),
            "shared_data": tuple(data["shared_data"]),
            "objectives": tuple(data["objectives"]),
        }
    )
