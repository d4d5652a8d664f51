"""What is wrong with a rule document, in the active language: what it is, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from competence.rule_documents.faults import Fault, FaultCode, Severity

_KINDS = {
    "mapping": gettext_noop("a mapping (fields with values)"),
    "list": gettext_noop("a list"),
    "text": gettext_noop("a text (put it in quotes if it looks like a number)"),
    "number": gettext_noop("a whole number"),
    "truth": gettext_noop("true or false"),
}

_SENTENCES: Mapping[FaultCode, str] = {
    FaultCode.TOO_LARGE: gettext_noop("The document is too large. It may hold %(most)s kB."),
    FaultCode.NOT_YAML: gettext_noop(
        "This is not readable as YAML: %(problem)s. Look at the indentation and the quotes here."
    ),
    FaultCode.ALIAS: gettext_noop("References (& and *) are not allowed. Write the text out."),
    FaultCode.TOO_DEEP: gettext_noop(
        "The document is nested too deeply. A rule document has no more than a few levels."
    ),
    FaultCode.KEY_TWICE: gettext_noop("“%(key)s” stands here twice. Keep one of them."),
    FaultCode.NOT_PLAIN: gettext_noop("This cannot be part of a rule document. Write plain fields, lists and texts."),
    FaultCode.FIELD_MISSING: gettext_noop("“%(field)s” is missing. Add it."),
    FaultCode.FIELD_UNKNOWN: gettext_noop("A rule document has no field “%(field)s” here. Remove it.%(hint)s"),
    FaultCode.WRONG_KIND: gettext_noop("This must be %(kind)s, and is “%(value)s”."),
    FaultCode.NOT_ONE_OF: gettext_noop("“%(value)s” is none of %(choices)s. Choose one of them.%(hint)s"),
    FaultCode.NOT_A_DAY: gettext_noop(
        "“%(value)s” is no day in the calendar between 1900 and 2999. Write it as 2025-01-22."
    ),
    FaultCode.MALFORMED_KEY: gettext_noop(
        "“%(value)s” cannot be a key. Use letters a–z, digits, hyphens and underscores, and not too many."
    ),
    FaultCode.TEXT_EMPTY: gettext_noop("The text is empty. Write something that people understand."),
    FaultCode.TEXT_TOO_LONG: gettext_noop("The text is too long. It may have %(most)s characters."),
    FaultCode.LIST_EMPTY: gettext_noop(
        "Nothing is named here. Name at least one, or remove the field if it can be left out."
    ),
    FaultCode.REPEATED: gettext_noop("“%(value)s” stands here twice. Keep one of them."),
    FaultCode.NUMBER_OUT_OF_RANGE: gettext_noop("%(value)s is not possible here. Write a whole number from 1 to 1200."),
    FaultCode.NOTHING_TO_SHOW: gettext_noop("The alternative names neither a course nor an attestation. Name one."),
    FaultCode.UNKNOWN_ROLE: gettext_noop(
        "There is no role “%(value)s” in the document. Add it under roles, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_RIGHT: gettext_noop(
        "There is no other right “%(value)s” in the document. Add it under rights, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_COURSE: gettext_noop(
        "The course “%(value)s” is not registered. Register it first, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_ATTESTATION: gettext_noop(
        "There is no attestation “%(value)s” in the document. Add it under attestations, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_PRODUCT_GROUP: gettext_noop(
        "There is no product group “%(value)s” in the document. Add it under product_groups, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_PROFESSION: gettext_noop(
        "Nobody here has the profession “%(value)s”. Give it a title under professions, or correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_PRINCIPAL: gettext_noop("There is no kind of principal “%(value)s”. Correct it.%(hint)s"),
    FaultCode.UNKNOWN_REQUIREMENT: gettext_noop(
        "There is no requirement “%(value)s” in the document. Correct it.%(hint)s"
    ),
    FaultCode.UNKNOWN_UNIT: gettext_noop("There is no unit “%(value)s”. Use the unit’s key.%(hint)s"),
    FaultCode.UNUSED_ATTESTATION: gettext_noop("No requirement asks for the attestation “%(value)s”. Is it needed?"),
    FaultCode.WRONG_ORDER: gettext_noop(
        "The order must name each of %(part)s once. Leave “order” out: the service writes it."
    ),
    FaultCode.CYCLE_IN_EQUIVALENCES: gettext_noop(
        "The equivalences go in a circle: %(circle)s. Let each course count only as something else than itself."
    ),
    FaultCode.CYCLE_IN_REPLACES: gettext_noop(
        "Roles replace each other in a circle: %(circle)s. Remove one of the steps."
    ),
    FaultCode.CYCLE_IN_AFTER: gettext_noop(
        "Requirements wait for each other in a circle: %(circle)s. Remove one “after”."
    ),
    FaultCode.CYCLE_IN_INCLUDES: gettext_noop(
        "Rights include each other in a circle: %(circle)s. Remove one “includes”."
    ),
    FaultCode.DATES_REVERSED: gettext_noop("It ends %(last)s, before it begins %(first)s. Correct one of the days."),
    FaultCode.CLOSES_BEFORE_INACTIVE: gettext_noop(
        "closing_months must be more than inactivity_months, which is %(months)s. Raise it, or leave it out."
    ),
    FaultCode.SAME_KEY_OVERLAPS: gettext_noop(
        "The requirement “%(key)s” stands twice for the same time, from %(first)s. End the earlier one the day before."
    ),
    FaultCode.GAP_IN_REQUIREMENT: gettext_noop(
        "From %(first)s until %(last)s nothing is said about “%(key)s”: nobody need meet it then. Is that meant?"
    ),
    FaultCode.CLOSES_FOR_NEW: gettext_noop(
        "From %(first)s no open way is left to meet “%(key)s”: whoever lacks it then can never get it. "
        "Add an alternative that can be taken, or end the requirement."
    ),
    FaultCode.CONTRADICTS: gettext_noop(
        "“%(key)s” and “%(other)s” ask the same of the same people at the same time, but differ in %(field)s. Keep one."
    ),
    FaultCode.NO_EFFECT: gettext_noop(
        "No right is carried by %(roles)s: the requirement stops nobody. Should the gate be report?"
    ),
    FaultCode.NOT_COMPILED: gettext_noop("The rules do not fit together: %(what)s."),
}

_WHY_NOT_MET = {
    "level": gettext_noop(
        "Nobody with the level “%(level)s” can meet “%(key)s”: its alternatives are for another level. Add one for it."
    ),
    "role": gettext_noop(
        "Nobody can meet “%(key)s”: its alternatives are for a level that is never decided for its roles. "
        "Add one without only_for_level, or let the role need a level decision."
    ),
    "closed": gettext_noop(
        "Nobody new can meet “%(key)s”: all its alternatives are closed for its whole period. "
        "Add one that can be taken, or an equivalence."
    ),
}
_WHY_NOBODY = {
    "professions": gettext_noop(
        "The requirement concerns nobody: all professions that it names are exempt. Correct one of the lists."
    ),
    "roles": gettext_noop(
        "The requirement concerns nobody: none of its roles is in use during its period. Correct the days."
    ),
    "principals": gettext_noop(
        "The requirement concerns nobody: no right of its roles is given to these principals. Correct the principals."
    ),
    "system": gettext_noop("The right is of no use: its system is never in use while the right is. Correct the days."),
}


def sentence(fault: Fault) -> str:
    """What is wrong, and what to do, in the active language."""
    if fault.code is FaultCode.GAP_IN_RIGHT:
        return _gap_in_right(fault)
    values = {name: _SHOWN.get(name, str)(value) for name, value in fault.values.items()}
    near = fault.values.get("nearest")
    values["hint"] = " " + _("Did you mean “%(nearest)s”?") % {"nearest": near} if near else ""
    if fault.code is FaultCode.CANNOT_BE_MET:
        why = "role" if fault.values["why"] == "level" and not fault.values["level"] else fault.values["why"]
        text = _WHY_NOT_MET[why]
        return _(text) % values
    if fault.code is FaultCode.CONCERNS_NOBODY:
        text = _WHY_NOBODY[fault.values["why"]]
        return _(text)
    kind = _KINDS.get(values.get("wanted", ""))
    if kind is not None:
        values["kind"] = _(kind)
    if "allowed" in fault.values:
        values["choices"] = ", ".join(fault.values["allowed"])
    text = _SENTENCES[fault.code]
    return _(text) % values


def severity_text(severity: Severity) -> str:
    """“Error” or “Warning”."""
    return _("Error") if severity is Severity.ERROR else _("Warning")


def place_words(fault: Fault) -> str:
    """Where it is: the line, if it is known, and the path."""
    if fault.line is None:
        return fault.path or _("the document")
    line = _("line %(line)d, column %(column)d") % {"line": fault.line, "column": fault.column or 1}
    return f"{line} ({fault.path})" if fault.path else line


def full_sentence(fault: Fault) -> str:
    """Place and sentence, for a list in a text."""
    return f"{place_words(fault)}: {sentence(fault)}"


def _joined(names: Any) -> str:
    return ", ".join(map(str, names))


_SHOWN: Mapping[str, Callable[[Any], str]] = {"circle": lambda names: " → ".join(names), "roles": _joined}


def _gap_in_right(fault: Fault) -> str:
    values = dict(fault.values)
    if values["first"] is None and values["last"] is None:
        text = _("No role carries the right “%(key)s” at any time. Name a role that is in use.")
    elif values["first"] is None:
        text = _(
            "Until %(last)s no role that carries “%(key)s” is in use. "
            "Give the right a first day, or the role an earlier one."
        )
    elif values["last"] is None:
        text = _(
            "From %(first)s no role that carries “%(key)s” is in use. Give the right a last day, or name another role."
        )
    else:
        text = _("From %(first)s until %(last)s no role that carries “%(key)s” is in use. Is that meant?")
    return text % values
