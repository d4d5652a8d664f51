"""The structure of a rule document, after its published JSON Schema: all faults at once."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from competence.rule_documents.faults import Fault, FaultCode, Place, error

SCHEMA_FILE = Path(__file__).resolve().parents[1] / "rules" / "schema.json"
_KINDS = {"object": "mapping", "array": "list", "string": "text", "integer": "number", "boolean": "truth"}
_days = FormatChecker(formats=[])


@_days.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema as it is published."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=_days)


def structural_faults(document: Any) -> list[Fault]:
    """Everything in `document` that the schema does not allow, in the order of the document."""
    found = [fault for one in _validator().iter_errors(document) for fault in _faults_of(one)]
    kept: dict[tuple[FaultCode, Place], Fault] = {}
    for fault in found:
        kept.setdefault((fault.code, fault.place), fault)
    # What is of the wrong form is said once: the most telling of what the schema says about one place.
    places = {fault.place for fault in kept.values() if fault.code is FaultCode.TEXT_EMPTY}
    return [
        fault
        for fault in kept.values()
        if not (fault.place in places and fault.code in (FaultCode.MALFORMED_KEY, FaultCode.NOT_A_DAY))
    ]


def _faults_of(one: ValidationError) -> Iterator[Fault]:
    place: Place = tuple(one.absolute_path)
    value: Any = one.instance
    wanted: Any = one.validator_value
    rule: Any = one.schema
    match one.validator:
        case "required":
            for name in wanted:
                if name not in value:
                    yield error(FaultCode.FIELD_MISSING, (*place, name), field=name)
        case "dependentRequired":
            for name, needed in wanted.items():
                for other in needed:
                    if name in value and other not in value:
                        yield error(FaultCode.FIELD_MISSING, (*place, other), field=other)
        case "additionalProperties":
            known = list(rule.get("properties", {}))
            for name in value:
                if name not in known:
                    near = difflib.get_close_matches(str(name), known, n=1)
                    yield error(
                        FaultCode.FIELD_UNKNOWN,
                        (*place, name),
                        field=name,
                        nearest=near[0] if near else "",
                        known=known,
                    )
        case "propertyNames":
            pass  # its own faults follow, without the name in their path
        case "anyOf":
            yield error(FaultCode.NOTHING_TO_SHOW, place)
        case "type":
            yield error(FaultCode.WRONG_KIND, place, wanted=_KINDS.get(str(wanted), str(wanted)), value=_shown(value))
        case "enum":
            near = difflib.get_close_matches(str(value), list(wanted), n=1)
            yield error(
                FaultCode.NOT_ONE_OF,
                place,
                value=_shown(value),
                allowed=list(wanted),
                nearest=near[0] if near else "",
            )
        case "minLength":
            yield error(FaultCode.TEXT_EMPTY, place)
        case "maxLength":
            yield error(FaultCode.TEXT_TOO_LONG, place, most=wanted)
        case "minItems" | "minProperties":
            yield error(FaultCode.LIST_EMPTY, place)
        case "uniqueItems":
            twice = next((item for index, item in enumerate(value) if item in value[:index]), "")
            yield error(FaultCode.REPEATED, place, value=_shown(twice))
        case "minimum" | "maximum":
            yield error(FaultCode.NUMBER_OUT_OF_RANGE, place, value=value)
        case "format":
            yield error(FaultCode.NOT_A_DAY, place, value=_shown(value))
        case "pattern":
            yield from _pattern_faults(one, place)
        case _:
            yield error(FaultCode.WRONG_KIND, place, wanted=str(one.validator), value=_shown(value))


def _pattern_faults(one: ValidationError, place: Place) -> Iterator[Fault]:
    if wanted_is_day(one):
        yield error(FaultCode.NOT_A_DAY, place, value=_shown(one.instance))
    elif one.validator_value == "\\S":
        yield error(FaultCode.TEXT_EMPTY, place)
    else:
        # The name of a property: its place is the property.
        named = one.parent is not None and one.parent.validator == "propertyNames"
        here = (*place, str(one.instance)) if named or "propertyNames" in one.absolute_schema_path else place
        yield error(FaultCode.MALFORMED_KEY, here, value=_shown(one.instance))


def wanted_is_day(one: ValidationError) -> bool:
    """Whether the schema wanted a day."""
    rule: Any = one.schema
    return bool(rule.get("format") == "date")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
