"""Reads `imsmanifest.xml` into a `Manifest`, or says in plain words why it cannot. Pure: bytes and file names in."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError  # noqa: S405 (types only; defusedxml does the parsing)

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from courses.scorm.errors import ManifestRefused
from courses.scorm.manifest import SCORM_12, SCORM_2004, Item, Manifest

MANIFEST_NAME = "imsmanifest.xml"
MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 40
MAX_ITEMS = 5_000
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_TRUE = {"true", "1"}


def read_manifest(source: bytes, files: Collection[str]) -> Manifest:
    """The manifest in `source`; `files` are the names of all files in the package.

    Raises ManifestRefused with a sentence for each problem found.
    """
    root = _parse(source)
    return _Reader(root, files).read()


def _parse(source: bytes) -> Element:
    if len(source) > MAX_BYTES:
        raise ManifestRefused(_("The table of contents (imsmanifest.xml) is far too large to be right."))
    try:
        root: Element = fromstring(source, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise ManifestRefused(
            _(
                "The table of contents (imsmanifest.xml) has a DOCTYPE or entities, which are not allowed. "
                "Remove the DOCTYPE line, or export the package anew."
            )
        ) from error
    except ParseError as error:
        line, column = error.position
        raise ManifestRefused(
            _(
                "The table of contents (imsmanifest.xml) cannot be read: the XML is broken at line %(line)s, "
                "column %(column)s. Export the package anew from the authoring tool."
            )
            % {"line": line, "column": column + 1}
        ) from error
    except (LookupError, ValueError) as error:
        raise ManifestRefused(
            _("The table of contents (imsmanifest.xml) is written in an unknown character encoding. Use UTF-8.")
        ) from error
    if _local(root) != "manifest":
        raise ManifestRefused(
            _("imsmanifest.xml does not describe a SCORM package: it should begin with <manifest>, but has <%(tag)s>.")
            % {"tag": _local(root)}
        )
    return root


class _Reader:
    def __init__(self, root: Element, files: Collection[str]) -> None:
        self.root = root
        self.files = files
        self.folded_files = {_folded(name): name for name in files}
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.missing: dict[str, None] = {}
        self.seen: set[str] = set()
        self.count = 0

    def read(self) -> Manifest:
        version, edition = self._version()
        self.version = version
        container = _child(self.root, "resources")
        base = self.root.get(XML_BASE, "") + (container.get(XML_BASE, "") if container is not None else "")
        self.base = base
        self.resources = {_name(element, "identifier"): element for element in _children(container, "resource")}
        collection = _child(self.root, "sequencingCollection")
        self.collection = {_name(element, "ID"): element for element in _children(collection, "sequencing")}
        organisation = self._organisation()
        items = tuple(self._item(element, 1) for element in _children(organisation, "item"))
        if self.problems:
            raise ManifestRefused(*self.problems)
        manifest = Manifest(
            identifier=_name(self.root, "identifier"),
            version=version,
            edition=edition,
            title=_text(organisation, "title") or self.root.get("identifier", ""),
            organisation=_name(organisation, "identifier"),
            items=items,
            sequencing=_raw(_child(organisation, "sequencing")),
            sequencing_collection=tuple(filter(None, map(_raw, self.collection.values()))),
            adl=_adl(organisation),
            objectives_are_global=_is_true(organisation, "objectivesGlobalToSystem"),
            data_is_global=_is_true(organisation, "sharedDataGlobalToSystem"),
            warnings=(*self.warnings, *self._missing_files()),
        )
        if not manifest.launchable:
            raise ManifestRefused(
                _("The package has no part that can be started: no item in imsmanifest.xml points at a file.")
            )
        return manifest

    def _version(self) -> tuple[str, str]:
        """The version by what the manifest says, or else by its name space, since some tools leave the word out."""
        metadata = _child(self.root, "metadata")
        stated = _text(metadata, "schemaversion") if metadata is not None else ""
        if stated.startswith("1.2"):
            return SCORM_12, "1.2"
        if stated == "CAM 1.3":
            return SCORM_2004, "2004 2nd Edition"
        if stated.startswith("2004"):
            return SCORM_2004, stated
        spaces = {element.tag.partition("}")[0] for element in self.root.iter() if isinstance(element.tag, str)}
        attributes = {name.partition("}")[0] for element in self.root.iter() for name in element.keys()}  # noqa: SIM118
        known = " ".join(spaces | attributes)
        if "adlcp_rootv1p2" in known or "imscp_rootv1p1p2" in known:
            return SCORM_12, "1.2"
        if "adlcp_v1p3" in known:
            return SCORM_2004, "2004"
        # Without any name space there is still the attribute, which the two versions spell differently.
        names = {name.rpartition("}")[2] for element in self.root.iter() for name in element.keys()}  # noqa: SIM118
        if not stated and names & {"scormtype", "scormType"}:
            return (SCORM_12, "1.2") if "scormtype" in names else (SCORM_2004, "2004")
        if stated:
            raise ManifestRefused(
                _("The package says that it is version %(version)s. SCORM 1.2 and SCORM 2004 can be used.")
                % {"version": stated[:40]}
            )
        raise ManifestRefused(
            _("The package does not say that it is SCORM. Choose SCORM 1.2 or SCORM 2004 when you export it.")
        )

    def _organisation(self) -> Element:
        container = _child(self.root, "organizations")
        organisations = _children(container, "organization")
        if container is None or not organisations:
            if (only := self._only_part()) is not None:
                return only
            raise ManifestRefused(
                _(
                    "The table of contents is empty: imsmanifest.xml has no organisation. "
                    "Export the package as a course."
                )
            )
        default = _name(container, "default")
        if len(organisations) > 1:
            self.warnings.append(
                _("The package has %(count)s tables of contents; only the default one is used.")
                % {"count": len(organisations)}
            )
        for organisation in organisations:
            if _name(organisation, "identifier") == default:
                return organisation
        if default:
            self.warnings.append(
                _("The default organisation “%(name)s” does not exist; the first one is used.") % {"name": default}
            )
        return organisations[0]

    def _only_part(self) -> Element | None:
        """A table of contents for a package that has none, where there is only one thing that can stand in it."""
        parts = [name for name, one in self.resources.items() if one.get("href") and _kind(one) == "sco"]
        if len(parts) != 1:
            return None
        self.warnings.append(_("The package has no table of contents. Its only part is taken as the course."))
        organisation = self.root.makeelement("organization", {"identifier": "organisation"})
        item = self.root.makeelement("item", {"identifier": parts[0], "identifierref": parts[0]})
        organisation.append(item)
        return organisation

    def _item(self, element: Element, depth: int) -> Item:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_ITEMS:
            raise ManifestRefused(_("The table of contents has too many items, or too many levels."))
        identifier = _name(element, "identifier")
        title = _text(element, "title") or _("Part %(number)s") % {"number": self.count}
        if not identifier or len(identifier) > 255 or identifier in self.seen:
            self.problems.append(
                _("The item “%(title)s” has no identifier of its own in imsmanifest.xml.") % {"title": title}
            )
        self.seen.add(identifier)
        path, suffix, is_sco = self._launch(element, title)
        return Item(
            identifier=identifier,
            title=title,
            path=path,
            suffix=suffix,
            is_sco=is_sco,
            is_visible=element.get("isvisible", "true").strip().lower() not in {"false", "0"},
            mastery_score=_number(_text(element, "masteryscore"), 0, 100),
            prerequisites=_text(element, "prerequisites"),
            max_time_allowed=_text(element, "maxtimeallowed") or self._longest(element),
            time_limit_action=_text(element, "timelimitaction") or _text(element, "timeLimitAction"),
            data_from_lms=_text(element, "datafromlms")
            or _text(element, "dataFromLMS", strip=False)
            or _text(element, "dataFromLms", strip=False),
            shared_data=tuple(_name(each, "targetID") for each in _children(_child(element, "data"), "map")),
            adl=_adl(element),
            **self._completion(element),
            **self._sequencing(element),
            children=tuple(self._item(child, depth + 1) for child in _children(element, "item")),
        )

    def _launch(self, element: Element, title: str) -> tuple[str | None, str, bool]:
        """The file that starts the item, what follows it in the address, and whether it is a SCO."""
        reference = _name(element, "identifierref")
        if not reference:
            return None, "", False
        resource = self.resources.get(reference, self.resources.get(reference.strip()))
        if resource is None:
            self.problems.append(
                _("The item “%(title)s” points at the resource “%(reference)s”, which is not in the package's list.")
                % {"title": title, "reference": reference}
            )
            return None, "", False
        href = resource.get("href", "").strip()
        if not href:
            self.problems.append(
                _(
                    "The item “%(title)s” cannot be started: its resource “%(reference)s” names no file "
                    "(href is missing)."
                )
                % {"title": title, "reference": reference}
            )
            return None, "", False
        address = _split(self.base + resource.get(XML_BASE, "") + href)
        if address is None or address.scheme or address.netloc:
            self.problems.append(
                _("The item “%(title)s” starts at another web address. All content must be in the package.")
                % {"title": title}
            )
            return None, "", False
        path = _path(unquote(address.path))
        found = self._found(path) or self._found(_path(address.path))
        if found is None:
            self.problems.append(
                _("The item “%(title)s” starts with the file “%(path)s”, which is not in the zip file.")
                % {"title": title, "path": path}
            )
            return None, "", False
        kind = _kind(resource)
        suffix = _with_parameters(address.query, address.fragment, element.get("parameters", ""))
        self._warn_of_missing(resource)
        # One that does not say is taken for a SCO: an asset counts as seen once it is opened.
        return found, suffix, kind.lower() != "asset"

    def _found(self, path: str) -> str | None:
        """The file's own name, however the manifest spells it: old tools ran where case made no difference."""
        return path if path in self.files else self.folded_files.get(_folded(path))

    def _warn_of_missing(self, resource: Element) -> None:
        for element in _children(resource, "file"):
            address = _split(self.base + resource.get(XML_BASE, "") + element.get("href", ""))
            path = _path(unquote(address.path)) if address is not None else ""
            if address is not None and not address.scheme and not self._found(path):
                self.missing.setdefault(path)

    def _missing_files(self) -> list[str]:
        if not self.missing:
            return []
        first = next(iter(self.missing))
        if len(self.missing) == 1:
            return [_("The file “%(path)s” is listed in imsmanifest.xml but is not in the zip file.") % {"path": first}]
        text = _(
            "%(count)s files are listed in imsmanifest.xml but are not in the zip file, such as “%(path)s”. "
            "Look that pictures and films are there when you try the course out."
        )
        return [text % {"count": len(self.missing), "path": first}]

    def _longest(self, element: Element) -> str:
        """SCORM 2004's limit for an attempt on the part, as it is spelt."""
        own = _child(element, "sequencing")
        shared = self.collection.get(_name(own, "IDRef")) if own is not None else None
        for source in (own, shared):
            limits = _child(source, "limitConditions")
            if limits is not None and limits.get("attemptAbsoluteDurationLimit"):
                return _name(limits, "attemptAbsoluteDurationLimit")
        return ""

    def _completion(self, element: Element) -> dict[str, Any]:
        threshold = _child(element, "completionThreshold")
        if threshold is None:
            return {}
        # 2nd and 3rd edition: the measure is the text; 4th: attributes, and it counts only when completedByMeasure.
        measure = _number((threshold.text or "").strip(), 0, 1)
        if threshold.get("completedByMeasure", "false").lower() in _TRUE:
            measure = _number(threshold.get("minProgressMeasure", "1"), 0, 1)
        return {"completion_measure": measure}

    def _sequencing(self, element: Element) -> dict[str, Any]:
        """What the server needs from the item's sequencing, own or referred to, and the whole of it as it was."""
        own = _child(element, "sequencing")
        if own is None:
            return {}
        shared = self.collection.get(_name(own, "IDRef"))

        def part(name: str) -> Element | None:
            found = _child(own, name)
            return found if found is not None or shared is None else _child(shared, name)

        rollup, objectives = part("rollupRules"), part("objectives")
        primary = _child(objectives, "primaryObjective")
        result: dict[str, Any] = {"sequencing": _raw(own)}
        if rollup is not None:
            weight = _number(rollup.get("objectiveMeasureWeight", "1"), 0, 1)
            result["measure_weight"] = 1.0 if weight is None else weight
            result["counts_for_completion"] = rollup.get("rollupProgressCompletion", "true").lower() in _TRUE
            result["counts_for_success"] = rollup.get("rollupObjectiveSatisfied", "true").lower() in _TRUE
        if objectives is not None:
            result["objectives"] = tuple(name for objective in objectives if (name := _name(objective, "objectiveID")))
        if primary is not None and primary.get("satisfiedByMeasure", "false").lower() in _TRUE:
            measure = _number(_text(primary, "minNormalizedMeasure") or "1", -1, 1)
            result["passing_measure"] = 1.0 if measure is None else measure
        return result


def _split(address: str) -> SplitResult | None:
    """The address's parts; None for what is no address at all."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _path(written: str) -> str:
    """An address's path as the zip file has it: with forward slashes, from the package's top."""
    return posixpath.normpath(written.replace("\\", "/").lstrip("/"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _with_parameters(query: str, fragment: str, parameters: str) -> str:
    """Query and fragment with the item's parameters appended, as both standards' content model tells it."""
    parameters = parameters.strip().lstrip("?&")
    if parameters.startswith("#"):
        fragment = fragment or parameters[1:]
    elif parameters:
        query = f"{query}&{parameters}" if query else parameters
    return (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child(element: Element | None, name: str) -> Element | None:
    if element is None:
        return None
    return next((child for child in element if _local(child) == name), None)


def _children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [child for child in element if _local(child) == name]


def _text(element: Element, name: str, *, strip: bool = True) -> str:
    child = _child(element, name)
    text = "" if child is None else "".join(child.itertext())
    return " ".join(text.split()) if strip else text


def _number(text: str, low: float, high: float) -> float | None:
    if not re.fullmatch(r"[+-]?\d{1,6}(\.\d{1,10})?", text.strip()):
        return None
    number = float(text)
    return number if low <= number <= high else None


def _name(element: Element, attribute: str) -> str:
    """An attribute that names something, as the standard compares names: without the space around it."""
    return " ".join(element.get(attribute, "").split())


def _kind(resource: Element) -> str:
    """The resource's kind, `sco` or `asset`; empty when it does not say."""
    kind = next((value for name, value in resource.items() if name.rpartition("}")[2].lower() == "scormtype"), "")
    return kind.strip().lower()


def _is_true(element: Element, name: str) -> bool:
    """An attribute, in whatever name space, that is true unless it says otherwise."""
    text = next((value for key, value in element.items() if key.rpartition("}")[2] == name), "true")
    return text.strip().lower() not in {"false", "0"}


def _adl(element: Element) -> Mapping[str, Any] | None:
    """ADL's own elements about an item, gathered under one."""
    found = [_raw(child) for child in element if _local(child) in {"presentation", "completionThreshold", "data"}]
    return {"tag": "adl", "attributes": {}, "text": "", "children": found} if found else None


def _raw(element: Element | None) -> Mapping[str, Any] | None:
    """An element as nested plain data, without name spaces."""
    if element is None:
        return None
    raw: dict[str, Any] = {
        "tag": _local(element),
        "attributes": {name.rpartition("}")[2]: " ".join(value.split()) for name, value in element.items()},
        "text": (element.text or "").strip(),
        "children": [each for child in element if (each := _raw(child)) is not None],
    }
    if "adlseq" in element.tag:
        raw["is_adl"] = True  # ADL's element and IMS's of the same name stand side by side
    return raw
