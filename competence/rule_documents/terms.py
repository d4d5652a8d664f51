"""The words for what a rule document says, in the active language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from competence.rule_documents.difference import Difference, FieldChange, Kind

_PARTS = {
    "name": gettext_noop("Name"),
    "description": gettext_noop("Description"),
    "roles": gettext_noop("Role"),
    "rights": gettext_noop("Ordering right"),
    "requirements": gettext_noop("Requirement"),
    "equivalences": gettext_noop("Equivalence"),
    "closed_courses": gettext_noop("Closed course"),
    "systems": gettext_noop("Ordering system"),
    "product_groups": gettext_noop("Product group"),
    "attestations": gettext_noop("Attestation"),
    "professions": gettext_noop("Profession"),
}
_FIELDS = {
    "": gettext_noop("Value"),
    "order": gettext_noop("Order"),
    "key": gettext_noop("Key"),
    "title": gettext_noop("Title"),
    "from": gettext_noop("First day"),
    "to": gettext_noop("Last day"),
    "scope": gettext_noop("Level"),
    "roles": gettext_noop("Roles"),
    "gate": gettext_noop("Effect"),
    "alternatives": gettext_noop("Ways to meet it"),
    "after": gettext_noop("Comes after"),
    "principals": gettext_noop("Only for principals"),
    "professions": gettext_noop("Only for professions"),
    "exempt_professions": gettext_noop("Exempt professions"),
    "units": gettext_noop("Only for units"),
    "validity_months": gettext_noop("Counts for, months"),
    "grace_days": gettext_noop("Grace, days"),
    "grandfathered_before": gettext_noop("Not for those appointed before"),
    "system": gettext_noop("Ordering system"),
    "includes": gettext_noop("Includes"),
    "needs_customer_number": gettext_noop("Per customer number"),
    "needs_application": gettext_noop("Needs an application"),
    "inactivity_months": gettext_noop("Inactive without a log-in for, months"),
    "closing_months": gettext_noop("Closed without a log-in for, months"),
    "needs_level_decision": gettext_noop("The manager decides the level"),
    "product_groups": gettext_noop("Product groups"),
    "held_by_professions": gettext_noop("Held by professions"),
    "replaces": gettext_noop("Replaces"),
    "courses": gettext_noop("Courses"),
    "counts_as": gettext_noop("Count as"),
}
_GATES = {
    "block": gettext_noop("required"),
    "warn": gettext_noop("recommended"),
    "report": gettext_noop("counted in figures only"),
}
_SCOPES = {
    "national": gettext_noop("national"),
    "regional": gettext_noop("regional"),
    "local": gettext_noop("local"),
    "supplier": gettext_noop("supplier"),
}
_KINDS = {
    Kind.ADDED: gettext_noop("Added"),
    Kind.REMOVED: gettext_noop("Removed"),
    Kind.CHANGED: gettext_noop("Changed"),
}
_LEVELS = {"full": gettext_noop("the whole course"), "basic": gettext_noop("basic level")}


def _said(words: Mapping[Any, str], key: Any) -> str:
    text = words.get(key)
    return str(key) if text is None else _(text)


def part_text(part: str) -> str:
    """What a part of a document is called, in the singular."""
    return _said(_PARTS, part)


def kind_text(kind: Kind) -> str:
    """Added, removed or changed."""
    return _said(_KINDS, kind)


def gate_text(gate: str) -> str:
    """What an unmet requirement is: required, recommended, or counted only."""
    return _said(_GATES, gate)


def scope_text(scope: str) -> str:
    """Whose requirement it is."""
    return _said(_SCOPES, scope)


def months_text(months: int) -> str:
    """“2 years” or “18 months”."""
    if months % 12 == 0:
        return ngettext("%(years)d year", "%(years)d years", months // 12) % {"years": months // 12}
    return ngettext("%(months)d month", "%(months)d months", months) % {"months": months}


class Titles:
    """Names for the keys that two documents, and the courses registered here, use."""

    def __init__(self, *documents: Mapping[str, Any], courses: Mapping[str, str]) -> None:
        self.documents = documents
        self.courses = courses

    def of(self, part: str, key: str) -> str:
        """The title of `key` in the last document that has it."""
        for document in reversed(self.documents):
            value = document.get(part)
            if isinstance(value, Mapping) and key in value:
                one = value[key]
                return str(one["title"]) if isinstance(one, Mapping) else str(one)
        return key

    def requirement(self, key: str) -> str:
        """The title of the requirement `key`."""
        for document in reversed(self.documents):
            for one in document.get("requirements", []):
                if one["key"] == key:
                    return str(one["title"])
        return key

    def course(self, key: str) -> str:
        """A course in quotes."""
        return _("“%(title)s”") % {"title": self.courses.get(key, key)}


def heading(one: Difference, titles: Titles) -> str:
    """What the thing is called."""
    if one.part == "equivalences":
        return value_text("equivalence", one.data, titles)
    if one.part == "closed_courses":
        return titles.course(one.key)
    if not one.key:
        return ""
    title = one.data.get("title") if isinstance(one.data, Mapping) else titles.of(one.part, one.key)
    return str(title)


def field_text(name: str) -> str:
    """What a field is called."""
    return _said(_FIELDS, name)


def changed_text(change: FieldChange, titles: Titles) -> str:
    """“Effect: from recommended to required”."""
    return _("%(field)s: from %(before)s to %(after)s") % {
        "field": field_text(change.name),
        "before": value_text(change.name, change.before, titles),
        "after": value_text(change.name, change.after, titles),
    }


def value_text(name: str, value: Any, titles: Titles) -> str:
    """A value of a field in words."""
    if value is None or value == []:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    match name:
        case "gate":
            return gate_text(value)
        case "scope":
            return scope_text(value)
        case "roles":
            return _joined(titles.of("roles", key) for key in value)
        case "includes":
            return _joined(titles.of("rights", key) for key in value)
        case "professions" | "exempt_professions" | "held_by_professions":
            return _joined(titles.of("professions", key) for key in value)
        case "product_groups":
            return _joined(titles.of("product_groups", key) for key in value)
        case "courses" | "counts_as":
            return _(" and ").join(titles.course(key) for key in value)
        case "after":
            return _joined(titles.requirement(key) for key in value)
        case "alternatives":
            return _(" or ").join(alternative_text(one, titles) for one in value)
        case "replaces":
            return _joined(f"{titles.of('roles', one['role'])} ({one['from']})" for one in value)
        case "equivalence":
            words = {
                "courses": value_text("courses", value["courses"], titles),
                "counts_as": value_text("counts_as", value["counts_as"], titles),
            }
            return _("%(courses)s counts as %(counts_as)s") % words
    if isinstance(value, list | tuple):
        return _joined(map(str, value))
    return str(value)


def alternative_text(one: Mapping[str, Any], titles: Titles) -> str:
    """One way to meet a requirement."""
    names = [titles.course(key) for key in one.get("courses", [])]
    names += [titles.of("attestations", key) for key in one.get("attestations", [])]
    text = _(" and ").join(names)
    if one.get("only_for_level"):
        text = _("%(way)s (when the manager has decided %(level)s)") % {
            "way": text,
            "level": _said(_LEVELS, one["only_for_level"]),
        }
    if one.get("is_closed"):
        text = _("%(way)s (can no longer be taken)") % {"way": text}
    return text


def facts_of(one: Difference, titles: Titles) -> list[tuple[str, str]]:
    """The fields of a thing that was added or removed, each with its value in words."""
    if not isinstance(one.data, Mapping):
        return [(field_text(""), value_text("", one.data, titles))]
    return [
        (field_text(name), value_text(name, value, titles))
        for name, value in one.data.items()
        if name not in ("key", "title", "courses" if one.part == "equivalences" else "", "counts_as")
    ]


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(texts)
