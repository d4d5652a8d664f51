"""What differs between two rule documents: what is added, removed and changed, thing by thing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PARTS = (
    "name", "description", "roles", "rights", "requirements", "equivalences", "closed_courses", "systems",
    "product_groups", "attestations", "professions",
)  # fmt: skip


class Kind(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class FieldChange:
    """A field before and after. None: it was not, or is not, there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `key` is empty where the part has no things; `data` is the thing as it is, or was."""

    part: str
    key: str
    kind: Kind
    fields: tuple[FieldChange, ...]
    data: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Everything that differs, in the order of PARTS and of the documents. The order of fields does not count."""
    found: list[Difference] = []
    for part in PARTS:
        found += _of_part(part, before, after)
    for part in ("roles", "rights"):
        orders = [
            [key for key in _order(one, part) if key in before[part] and key in after[part]] for one in (before, after)
        ]
        if orders[0] != orders[1]:
            found.append(Difference(part, "", Kind.CHANGED, (FieldChange("order", orders[0], orders[1]),), orders[1]))
    return found


def _order(document: Mapping[str, Any], part: str) -> list[str]:
    return list(document.get("order", {}).get(part, document[part]))


def _of_part(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = _things(part, before), _things(part, after)
    for key, value in new.items():
        if key not in old:
            yield Difference(part, key, Kind.ADDED, (), value)
        elif old[key] != value:
            fields = tuple(_fields(old[key], value))
            yield Difference(part, key, Kind.CHANGED, fields, value)
    for key, value in old.items():
        if key not in new:
            yield Difference(part, key, Kind.REMOVED, (), value)


def _fields(old: Any, new: Any) -> Iterator[FieldChange]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield FieldChange("", old, new)
        return
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield FieldChange(name, old.get(name), new.get(name))


def _things(part: str, document: Mapping[str, Any]) -> dict[str, Any]:
    value = document.get(part)
    if value is None:
        return {}
    if part == "requirements":
        return dict(_dated((one["key"], one) for one in value))
    if part == "equivalences":
        return dict(_dated((" + ".join(one["courses"]) + " → " + " + ".join(one["counts_as"]), one) for one in value))
    if isinstance(value, Mapping):
        return dict(value)
    return {"": value}


def _dated(things: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Each by its key; the later periods of a key also by their first day."""
    seen: set[str] = set()
    for key, one in things:
        yield (key if key not in seen else f"{key} ({one.get('from')})"), one
        seen.add(key)
