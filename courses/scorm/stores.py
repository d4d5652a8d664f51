"""The stores that a package's parts share (`adl.data`): within the attempt, and beyond it where they are global."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from courses.models import Attempt, ScoRuntime, SharedValue
from courses.queries.manifests import manifest_of
from courses.scorm.launch import shared_data
from courses.scorm.manifest import Item, Manifest
from courses.scorm.ordinary import dumped
from courses.scorm.sessions import share


def keep_shared_data(attempt: Attempt, runtimes: Iterable[ScoRuntime]) -> None:
    """Move what the parts have written into stores that outlive the attempt to where other packages can read it, once:
    it must not be written again over what another package has put there since."""
    manifest = manifest_of(attempt.edition.scorm_package)
    if attempt.is_preview or not manifest.data_is_global or not any(item.shared_data for item in manifest.walk()):
        return
    parts = sorted(runtimes, key=lambda runtime: runtime.updated_at)
    written = shared_data(manifest, [(part.item, _allowed(manifest, part)) for part in parts])
    share(attempt, SharedValue.Kind.DATA, {name[:500]: value for name, value in written.items()})
    _take_out(parts)


def empty_stores(attempt: Attempt, runtimes: Iterable[ScoRuntime]) -> None:
    """Stores that are not global live as long as one run of the course: a new run finds them empty."""
    if not manifest_of(attempt.edition.scorm_package).data_is_global:
        _take_out(runtimes)


def only_stores(data: Mapping[str, str]) -> dict[str, str]:
    """What remains of a part's data when it begins anew: what it has put where other parts find it."""
    return {element: value for element, value in data.items() if element.startswith("adl.data.")}


def _take_out(runtimes: Iterable[ScoRuntime]) -> None:
    for runtime in runtimes:
        data = json.loads(runtime.data)
        if stores := only_stores(data):
            runtime.data = dumped({element: value for element, value in data.items() if element not in stores})
            runtime.save(update_fields=["data"])


def stores_for(attempt: Attempt, item: Item) -> dict[str, Any]:
    """What a part finds in its stores: their names, who may do what, and the values, the last written ones first."""
    if not item.shared_data:
        return {"maps": [], "stores": {}}
    manifest = manifest_of(attempt.edition.scorm_package)
    stores: dict[str, str] = {}
    if manifest.data_is_global and not attempt.is_preview:
        rows = SharedValue.objects.filter(
            person_id=attempt.person_id, kind=SharedValue.Kind.DATA, target__in=item.shared_data
        )
        stores = dict(rows.values_list("target", "value"))
    parts = [(part.item, _allowed(manifest, part)) for part in attempt.runtimes.order_by("updated_at")]
    stores |= shared_data(manifest, parts)
    # A store that was emptied is as one never written: reading it is an error (ADL's sample run-time environment).
    return {"maps": maps_of(item), "stores": {name: value for name, value in stores.items() if value}}


def _allowed(manifest: Manifest, part: ScoRuntime) -> dict[str, str]:
    """What a part has written into stores that the package lets it write to."""
    item = manifest.item(part.item)
    data: dict[str, str] = json.loads(part.data)
    maps = maps_of(item) if item is not None else []
    return {
        element: value
        for number, one in enumerate(maps)
        if one["writeSharedData"] and (value := data.get(element := f"adl.data.{number}.store")) is not None
    }


def maps_of(item: Item) -> list[dict[str, Any]]:
    """The part's maps as the run-time API takes them; reading and writing are allowed unless the package says no."""
    found: list[dict[str, Any]] = []
    for container in (item.adl or {}).get("children", ()):
        if container["tag"] == "data":
            found.extend(
                {
                    "targetID": raw["attributes"].get("targetID", ""),
                    "readSharedData": _is_allowed(raw["attributes"], "readSharedData"),
                    "writeSharedData": _is_allowed(raw["attributes"], "writeSharedData"),
                }
                for raw in container["children"]
                if raw["tag"] == "map"
            )
    return found or [{"targetID": name, "readSharedData": True, "writeSharedData": True} for name in item.shared_data]


def _is_allowed(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name, "true").strip().lower() not in {"false", "0"}
