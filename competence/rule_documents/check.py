"""A rule document, read and checked: everything that is wrong with it at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from competence.policy.document import RuleError, compile_rules
from competence.policy.rules import RuleSet
from competence.rule_documents.checks.cycles import check_cycles
from competence.rule_documents.checks.references import NOTHING_KNOWN, Known, check_references
from competence.rule_documents.checks.sense import check_sense
from competence.rule_documents.checks.time import check_time
from competence.rule_documents.faults import Fault, FaultCode, Place, error
from competence.rule_documents.reading import Reading, read_rules
from competence.rule_documents.structure import structural_faults

_PART = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Checked:
    """A document with its faults in the order of its lines. `rules` None: there are errors."""

    document: dict[str, Any] | None
    faults: tuple[Fault, ...]
    rules: RuleSet | None

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.is_error)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if not fault.is_error)


def check_text(text: str, known: Known = NOTHING_KNOWN, *, version: int = 1) -> Checked:
    """Read and check a YAML text."""
    reading = read_rules(text)
    if reading.faults and reading.data is None:
        return Checked(None, tuple(reading.faults), None)
    return _checked(reading, known, version)


def check_document(document: Mapping[str, Any], known: Known = NOTHING_KNOWN, *, version: int = 1) -> Checked:
    """Check a document that was read before; its faults have no lines."""
    return _checked(Reading("", data=document), known, version)


def _checked(reading: Reading, known: Known, version: int) -> Checked:
    document = reading.data
    faults = [*reading.faults, *structural_faults(document)]
    rules: RuleSet | None = None
    if not faults:
        faults += check_references(document, known)
        faults += check_cycles(document)
        faults += check_time(document)
        if not any(fault.is_error for fault in faults):
            rules, refused = _compiled(document, version)
            faults += refused
            if rules is not None:
                faults += check_sense(document, rules)
    placed = sorted((reading.placed(fault) for fault in faults), key=lambda fault: (fault.line or 0, fault.column or 0))
    if any(fault.is_error for fault in placed):
        rules = None
    return Checked(document if isinstance(document, dict) else None, tuple(placed), rules)


def _compiled(document: dict[str, Any], version: int) -> tuple[RuleSet | None, list[Fault]]:
    try:
        return compile_rules(document, version), []
    except RuleError as refused:
        return None, [error(FaultCode.NOT_COMPILED, _place(refused.place), what=refused.what)]


def _place(text: str) -> Place:
    """`requirements[2].gate` as a place. A key with a dot becomes two parts, which only loses the exact line."""
    return tuple(int(part) if part.isdigit() else part for part in _PART.findall(text))
