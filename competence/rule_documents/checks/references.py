"""That everything a rule document speaks of is there."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from competence.rule_documents.faults import Fault, FaultCode, Place, error, warning


@dataclass(frozen=True)
class Known:
    """What is registered outside the document. None: not known here, so not checked."""

    courses: Collection[str] | None = None
    units: Collection[str] | None = None
    professions: Collection[str] | None = None
    principals: Collection[str] | None = None


NOTHING_KNOWN = Known()


def check_references(document: dict[str, Any], known: Known) -> Iterator[Fault]:
    """What is spoken of and is not there; and attestations that nothing asks for."""
    for key, role in document["roles"].items():
        place: Place = ("roles", key)
        yield from _unknown(
            FaultCode.UNKNOWN_PRODUCT_GROUP, role, (*place, "product_groups"), document.get("product_groups", {})
        )
        yield from _unknown_professions(document, role, (*place, "held_by_professions"), known)
    for key, right in document["rights"].items():
        place = ("rights", key)
        yield from _unknown(FaultCode.UNKNOWN_ROLE, right, (*place, "roles"), document["roles"])
        others = [name for name in document["rights"] if name != key]
        yield from _unknown(FaultCode.UNKNOWN_RIGHT, right, (*place, "includes"), document["rights"], near=others)
        yield from _unknown(FaultCode.UNKNOWN_PRINCIPAL, right, (*place, "principals"), known.principals)
    for index, requirement in enumerate(document["requirements"]):
        yield from _check_requirement(document, requirement, ("requirements", index), known)
    for index, equivalence in enumerate(document.get("equivalences", [])):
        for name in ("courses", "counts_as"):
            yield from _unknown(FaultCode.UNKNOWN_COURSE, equivalence, ("equivalences", index, name), known.courses)
    for course in document.get("closed_courses", {}):
        if known.courses is not None and course not in known.courses:
            yield _fault(FaultCode.UNKNOWN_COURSE, ("closed_courses", course), course, known.courses)
    yield from _unused_attestations(document)
    yield from _wrong_order(document)


def _check_requirement(document: dict[str, Any], one: dict[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    keys = [other["key"] for other in document["requirements"]]
    yield from _unknown(FaultCode.UNKNOWN_ROLE, one, (*place, "roles"), document["roles"])
    yield from _unknown(FaultCode.UNKNOWN_PRINCIPAL, one, (*place, "principals"), known.principals)
    yield from _unknown(FaultCode.UNKNOWN_UNIT, one, (*place, "units"), known.units)
    yield from _unknown(FaultCode.UNKNOWN_REQUIREMENT, one, (*place, "after"), keys)
    for name in ("professions", "exempt_professions"):
        yield from _unknown_professions(document, one, (*place, name), known)
    for number, option in enumerate(one["alternatives"]):
        here = (*place, "alternatives", number)
        yield from _unknown(FaultCode.UNKNOWN_COURSE, option, (*here, "courses"), known.courses)
        attestations = document.get("attestations", {})
        yield from _unknown(FaultCode.UNKNOWN_ATTESTATION, option, (*here, "attestations"), attestations)


def _unknown(
    code: FaultCode, data: dict[str, Any], place: Place, there: Collection[str] | None, near: Collection[str] = ()
) -> Iterator[Fault]:
    if there is None:
        return
    for number, name in enumerate(data.get(str(place[-1]), [])):
        if name not in there:
            yield _fault(code, (*place, number), name, near or there)


def _unknown_professions(document: dict[str, Any], data: dict[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    there = {*document.get("professions", {}), *(known.professions or ())}
    yield from _unknown(FaultCode.UNKNOWN_PROFESSION, data, place, there)


def _fault(code: FaultCode, place: Place, name: str, there: Collection[str]) -> Fault:
    near = difflib.get_close_matches(name, list(there), n=1)
    return error(code, place, value=name, nearest=near[0] if near else "")


def _unused_attestations(document: dict[str, Any]) -> Iterator[Fault]:
    asked = {
        name
        for requirement in document["requirements"]
        for option in requirement["alternatives"]
        for name in option.get("attestations", [])
    }
    for name in document.get("attestations", {}):
        if name not in asked:
            yield warning(FaultCode.UNUSED_ATTESTATION, ("attestations", name), value=name)


def _wrong_order(document: dict[str, Any]) -> Iterator[Fault]:
    for part, keys in document.get("order", {}).items():
        if sorted(keys) != sorted(document[part]):
            yield error(FaultCode.WRONG_ORDER, ("order", part), part=part)
