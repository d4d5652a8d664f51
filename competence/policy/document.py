"""From a rule document (plain data, as read from YAML or JSON) to a compiled rule set.

`docs/rules.md` says what each field means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from competence.policy import reading
from competence.policy.coherence import refuse_circle, refuse_incoherence
from competence.policy.reading import RuleError
from competence.policy.requirement_document import known_roles, read_requirement
from competence.policy.rules import Equivalence, Predecessor, Right, Role, RuleSet
from competence.policy.ways import in_order, predecessors
from lms.lib.clock import day_starts_at

__all__ = ["RuleError", "compile_rules", "course_keys", "with_order"]

_ORDERED = ("roles", "rights")


def compile_rules(document: Mapping[str, Any], version: int) -> RuleSet:
    """The rule set that `document` says.

    Raises RuleError with the place of the first fault: a missing or unknown field, a wrong kind of value, a reference
    to something that is not there, a circle. Roles and rights keep their order: people see it, and it decides between
    ways to a right that are equally good. A database may lose it, which is why a published document says it again
    (`with_order`).
    """
    reading.only(
        reading.mapping(document, ""),
        "",
        required={"roles", "rights", "requirements"},
        optional={
            "name",
            "description",
            "systems",
            "attestations",
            "product_groups",
            "professions",
            "closed_courses",
            "equivalences",
            "order",
        },
    )
    systems = {key: _system(value, f"systems.{key}") for key, value in _mapping_of(document, "systems").items()}
    replaces = {key: _replaces(value, f"roles.{key}") for key, value in _in_order(document, "roles")}
    refuse_circle("roles", {key: [p.role for p in found] for key, found in replaces.items()})
    roles = {key: _role(key, value, f"roles.{key}", replaces) for key, value in _in_order(document, "roles")}
    rights = {key: _right(key, value, f"rights.{key}", roles, systems) for key, value in _in_order(document, "rights")}
    equivalences = tuple(
        _equivalence(value, f"equivalences[{index}]")
        for index, value in enumerate(reading.sequence(document.get("equivalences", []), "equivalences"))
    )
    refuse_circle("equivalences", _counted(equivalences))
    attestations = reading.titles(document.get("attestations", {}), "attestations")
    requirements = tuple(
        read_requirement(value, f"requirements[{index}]", roles, equivalences, attestations)
        for index, value in enumerate(reading.sequence(document["requirements"], "requirements"))
    )
    rules = RuleSet(
        version=version,
        roles=roles,
        rights=rights,
        requirements=requirements,
        attestations=attestations,
        product_groups=reading.titles(document.get("product_groups", {}), "product_groups"),
        professions=reading.titles(document.get("professions", {}), "professions"),
        systems={key: title for key, (title, _period) in systems.items()},
        closed_courses={
            course: day_starts_at(reading.day(value, f"closed_courses.{course}"))
            for course, value in _mapping_of(document, "closed_courses").items()
        },
        equivalences=equivalences,
    )
    refuse_incoherence(rules)
    return replace(rules, requirements=in_order(rules.requirements))


def with_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document`, saying in which order its roles and rights stand; an order that it says already is kept."""
    return {**document, "order": {part: [key for key, _value in _in_order(document, part)] for part in _ORDERED}}


def course_keys(rules: RuleSet) -> frozenset[str]:
    """Every course that `rules` name."""
    asked = {course for one in rules.requirements for option in one.options for course in option.courses}
    counted = {course for one in rules.equivalences for course in (*one.courses, *one.counts_as)}
    return frozenset(asked | counted | set(rules.closed_courses))


def _mapping_of(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    return reading.mapping(document.get(part, {}), part)


def _in_order(document: Mapping[str, Any], part: str) -> list[tuple[str, Any]]:
    """The entries of `part`, in the order that the document says, else as they stand."""
    entries = reading.mapping(document[part], part)
    order = reading.mapping(document.get("order", {}), "order")
    reading.only(order, "order", required=set(), optional=set(_ORDERED))
    keys = reading.texts(order.get(part, list(entries)), f"order.{part}")
    if sorted(keys) != sorted(entries):
        raise RuleError(f"order.{part}", f"must name each of {part} once")
    return [(key, reading.mapping(entries[key], f"{part}.{key}")) for key in keys]


def _counted(equivalences: Sequence[Equivalence]) -> dict[str, list[str]]:
    """Which courses each course counts as."""
    found: dict[str, list[str]] = {}
    for one in equivalences:
        for course in one.courses:
            found.setdefault(course, []).extend(one.counts_as)
    return found


def _system(value: Any, place: str) -> tuple[str, Any]:
    data = reading.mapping(value, place)
    reading.only(data, place, required={"title"}, optional={"from", "to"})
    return reading.text(data["title"], f"{place}.title"), reading.period(data, place)


def _replaces(value: Any, place: str) -> tuple[Predecessor, ...]:
    found = []
    for index, entry in enumerate(reading.sequence(value.get("replaces", []), f"{place}.replaces")):
        here = f"{place}.replaces[{index}]"
        data = reading.mapping(entry, here)
        reading.only(data, here, required={"role", "from"}, optional=set())
        since = day_starts_at(reading.day(data["from"], f"{here}.from"))
        found.append(Predecessor(reading.text(data["role"], f"{here}.role"), since))
    return tuple(found)


def _role(key: str, value: Any, place: str, replaces: Mapping[str, Sequence[Predecessor]]) -> Role:
    reading.only(
        value,
        place,
        required={"title"},
        optional={"from", "to", "replaces", "needs_level_decision", "product_groups", "held_by_professions"},
    )
    return Role(
        key=key,
        title=reading.text(value["title"], f"{place}.title"),
        needs_level_decision=reading.boolean(value.get("needs_level_decision", False), f"{place}.needs_level_decision"),
        product_groups=frozenset(reading.texts(value.get("product_groups", []), f"{place}.product_groups")),
        replaces=predecessors(key, replaces),
        held_by_professions=frozenset(
            reading.texts(value.get("held_by_professions", []), f"{place}.held_by_professions")
        ),
        period=reading.period(value, place),
    )


def _right(
    key: str, value: Any, place: str, roles: Mapping[str, Role], systems: Mapping[str, tuple[str, Any]]
) -> Right:
    reading.only(
        value,
        place,
        required={"title", "system", "roles"},
        optional={
            "from",
            "to",
            "includes",
            "needs_customer_number",
            "needs_application",
            "principals",
            "inactivity_months",
            "closing_months",
        },
    )
    system = reading.text(value["system"], f"{place}.system")
    period = reading.period(value, place)
    if system in systems:
        within = period.within(systems[system][1])
        if within is None:
            raise RuleError(place, f"the system {system!r} is never in use while the right is")
        period = within
    inactive = reading.optional_count(value.get("inactivity_months"), f"{place}.inactivity_months")
    closing = reading.optional_count(value.get("closing_months"), f"{place}.closing_months")
    if closing is not None and (inactive is None or closing <= inactive):
        raise RuleError(f"{place}.closing_months", "must be more than `inactivity_months`")
    return Right(
        key=key,
        title=reading.text(value["title"], f"{place}.title"),
        system=system,
        roles=known_roles(value["roles"], f"{place}.roles", roles),
        includes=frozenset(reading.texts(value.get("includes", []), f"{place}.includes")),
        needs_customer_number=reading.boolean(
            value.get("needs_customer_number", False), f"{place}.needs_customer_number"
        ),
        needs_application=reading.boolean(value.get("needs_application", True), f"{place}.needs_application"),
        principals=reading.optional_set(value.get("principals"), f"{place}.principals"),
        inactivity_months=inactive,
        closing_months=closing,
        period=period,
    )


def _equivalence(value: Any, place: str) -> Equivalence:
    data = reading.mapping(value, place)
    reading.only(data, place, required={"courses", "counts_as"}, optional={"from", "to"})
    return Equivalence(
        courses=tuple(reading.some_texts(data["courses"], f"{place}.courses")),
        counts_as=tuple(reading.some_texts(data["counts_as"], f"{place}.counts_as")),
        period=reading.period(data, place),
    )
