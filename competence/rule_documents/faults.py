"""What is wrong with a rule document, and where. Pure: codes and values; `words` says them in a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]


class Severity(StrEnum):
    """An error stops the publication; a warning is for the reviewer to think about."""

    ERROR = "error"
    WARNING = "warning"


class FaultCode(StrEnum):
    """The stable names of what can be wrong. docs/rules.md lists them."""

    # Reading.
    TOO_LARGE = "TOO_LARGE"
    NOT_YAML = "NOT_YAML"
    ALIAS = "ALIAS"
    TOO_DEEP = "TOO_DEEP"
    KEY_TWICE = "KEY_TWICE"
    NOT_PLAIN = "NOT_PLAIN"
    # Structure.
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"
    WRONG_KIND = "WRONG_KIND"
    NOT_ONE_OF = "NOT_ONE_OF"
    NOT_A_DAY = "NOT_A_DAY"
    MALFORMED_KEY = "MALFORMED_KEY"
    TEXT_EMPTY = "TEXT_EMPTY"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    LIST_EMPTY = "LIST_EMPTY"
    REPEATED = "REPEATED"
    NUMBER_OUT_OF_RANGE = "NUMBER_OUT_OF_RANGE"
    NOTHING_TO_SHOW = "NOTHING_TO_SHOW"
    # What is spoken of must be there.
    UNKNOWN_ROLE = "UNKNOWN_ROLE"
    UNKNOWN_RIGHT = "UNKNOWN_RIGHT"
    UNKNOWN_COURSE = "UNKNOWN_COURSE"
    UNKNOWN_ATTESTATION = "UNKNOWN_ATTESTATION"
    UNKNOWN_PRODUCT_GROUP = "UNKNOWN_PRODUCT_GROUP"
    UNKNOWN_PROFESSION = "UNKNOWN_PROFESSION"
    UNKNOWN_PRINCIPAL = "UNKNOWN_PRINCIPAL"
    UNKNOWN_REQUIREMENT = "UNKNOWN_REQUIREMENT"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    UNUSED_ATTESTATION = "UNUSED_ATTESTATION"
    WRONG_ORDER = "WRONG_ORDER"
    # Circles.
    CYCLE_IN_EQUIVALENCES = "CYCLE_IN_EQUIVALENCES"
    CYCLE_IN_REPLACES = "CYCLE_IN_REPLACES"
    CYCLE_IN_AFTER = "CYCLE_IN_AFTER"
    CYCLE_IN_INCLUDES = "CYCLE_IN_INCLUDES"
    # Time.
    DATES_REVERSED = "DATES_REVERSED"
    CLOSES_BEFORE_INACTIVE = "CLOSES_BEFORE_INACTIVE"
    SAME_KEY_OVERLAPS = "SAME_KEY_OVERLAPS"
    GAP_IN_REQUIREMENT = "GAP_IN_REQUIREMENT"
    GAP_IN_RIGHT = "GAP_IN_RIGHT"
    # Sense.
    CANNOT_BE_MET = "CANNOT_BE_MET"
    CLOSES_FOR_NEW = "CLOSES_FOR_NEW"
    CONCERNS_NOBODY = "CONCERNS_NOBODY"
    CONTRADICTS = "CONTRADICTS"
    NO_EFFECT = "NO_EFFECT"
    # The last resort: the compiler refuses what no check found.
    NOT_COMPILED = "NOT_COMPILED"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong at `place`. `values` fill the sentence; line and column count from one, where known."""

    code: FaultCode
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: int | None = None

    @property
    def path(self) -> str:
        """The place as a text, such as `requirements[2].gate`."""
        return place_text(self.place)

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def place_text(place: Place) -> str:
    """`("requirements", 2, "gate")` as `requirements[2].gate`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def warning(code: FaultCode, place: Place, **values: Any) -> Fault:
    return Fault(code, place, values, Severity.WARNING)


def error(code: FaultCode, place: Place, **values: Any) -> Fault:
    return Fault(code, place, values)
