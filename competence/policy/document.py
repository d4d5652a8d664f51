"""From a rule document (plain data, as read from YAML or JSON) to a compiled rule set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from competence.policy.facts import Level
from competence.policy.rules import Gate, Option, Requirement, Right, Role, RuleSet
from lms.lib.clock import day_ends_at, day_starts_at

SCOPES = ("national", "regional", "local", "supplier")


class RuleError(ValueError):
    """The document is wrong. `place` is the path to the fault, such as `requirements[2].gate`."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place
        self.what = what


_ORDERED = ("roles", "rights")


def compile_rules(document: Mapping[str, Any], version: int) -> RuleSet:
    """The rule set that `document` says.

    `from` is the first day of a requirement and `to` its last, both local days. Raises RuleError with the place of the
    first fault: a missing or unknown field, a wrong kind of value, a reference to a role or right that is not there.
    Roles and rights keep their order: people see it, and it decides between ways to a right that are equally good. A
    database may lose it, which is why a published document says it again (`with_order`).
    """
    _only(
        document,
        "",
        required={"roles", "rights", "requirements"},
        optional={"name", "description", "attestations", "product_groups", "order"},
    )
    attestations = _titles(document.get("attestations", {}), "attestations")
    product_groups = _titles(document.get("product_groups", {}), "product_groups")
    roles = {key: _role(key, value, f"roles.{key}") for key, value in _in_order(document, "roles")}
    rights = {key: _right(key, value, f"rights.{key}", roles) for key, value in _in_order(document, "rights")}
    for key, right in rights.items():
        for included in sorted(right.includes):
            if included not in rights or included == key:
                raise RuleError(f"rights.{key}.includes", f"there is no other right {included!r}")
    requirements = tuple(
        _requirement(value, f"requirements[{index}]", roles)
        for index, value in enumerate(_sequence(document["requirements"], "requirements"))
    )
    _check_names(roles, requirements, attestations, product_groups)
    keys = [requirement.key for requirement in requirements]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise RuleError(f"requirements[{index}].key", f"{key!r} is used twice")
    return RuleSet(
        version=version,
        roles=roles,
        rights=rights,
        requirements=requirements,
        attestations=attestations,
        product_groups=product_groups,
    )


def with_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document`, saying in which order its roles and rights stand."""
    return {**document, "order": {part: list(_mapping(document[part], part)) for part in _ORDERED}}


def _in_order(document: Mapping[str, Any], part: str) -> list[tuple[str, Any]]:
    """The entries of `part`, in the order that the document says, else as they stand."""
    entries = _mapping(document[part], part)
    order = _mapping(document.get("order", {}), "order")
    _only(order, "order", required=set(), optional=set(_ORDERED))
    keys = _texts(order.get(part, list(entries)), f"order.{part}")
    if sorted(keys) != sorted(entries):
        raise RuleError(f"order.{part}", f"must name each of {part} once")
    return [(key, entries[key]) for key in keys]


def course_keys(rules: RuleSet) -> frozenset[str]:
    """Every course that some requirement names."""
    return frozenset(
        course for requirement in rules.requirements for option in requirement.options for course in option.courses
    )


def _check_names(
    roles: Mapping[str, Role],
    requirements: Sequence[Requirement],
    attestations: Mapping[str, str],
    product_groups: Mapping[str, str],
) -> None:
    """Everything that is spoken of has a title."""
    for key, role in roles.items():
        for group in sorted(role.product_groups - set(product_groups)):
            raise RuleError(f"roles.{key}.product_groups", f"there is no product group {group!r}")
    for index, requirement in enumerate(requirements):
        for number, option in enumerate(requirement.options):
            for name in option.attestations:
                if name not in attestations:
                    place = f"requirements[{index}].alternatives[{number}].attestations"
                    raise RuleError(place, f"there is no attestation {name!r}")


def _titles(value: Any, place: str) -> dict[str, str]:
    return {key: _text(title, f"{place}.{key}") for key, title in _mapping(value, place).items()}


def _role(key: str, value: Any, place: str) -> Role:
    data = _mapping(value, place)
    _only(data, place, required={"title"}, optional={"needs_level_decision", "product_groups"})
    return Role(
        key=key,
        title=_text(data["title"], f"{place}.title"),
        needs_level_decision=_boolean(data.get("needs_level_decision", False), f"{place}.needs_level_decision"),
        product_groups=frozenset(_texts(data.get("product_groups", []), f"{place}.product_groups")),
    )


def _right(key: str, value: Any, place: str, roles: Mapping[str, Role]) -> Right:
    data = _mapping(value, place)
    _only(
        data,
        place,
        required={"title", "system", "roles"},
        optional={"includes", "needs_customer_number", "principals", "inactivity_months"},
    )
    return Right(
        key=key,
        title=_text(data["title"], f"{place}.title"),
        system=_text(data["system"], f"{place}.system"),
        roles=_known_roles(data["roles"], f"{place}.roles", roles),
        includes=frozenset(_texts(data.get("includes", []), f"{place}.includes")),
        needs_customer_number=_boolean(data.get("needs_customer_number", False), f"{place}.needs_customer_number"),
        principals=_optional_set(data.get("principals"), f"{place}.principals"),
        inactivity_months=_optional_count(data.get("inactivity_months"), f"{place}.inactivity_months"),
    )


def _requirement(value: Any, place: str, roles: Mapping[str, Role]) -> Requirement:
    data = _mapping(value, place)
    _only(
        data,
        place,
        required={"key", "title", "scope", "roles", "gate", "from", "alternatives"},
        optional={"to", "principals", "professions", "validity_months", "grace_days", "grandfathered_before"},
    )
    scope = _text(data["scope"], f"{place}.scope")
    if scope not in SCOPES:
        raise RuleError(f"{place}.scope", f"{scope!r} is none of {', '.join(SCOPES)}")
    try:
        gate = Gate(data["gate"])
    except ValueError:
        raise RuleError(f"{place}.gate", f"{data['gate']!r} is none of block, warn, report") from None
    start = day_starts_at(_day(data["from"], f"{place}.from"))
    end = None if data.get("to") is None else day_ends_at(_day(data["to"], f"{place}.to"))
    if end is not None and end <= start:
        raise RuleError(f"{place}.to", "is before `from`")
    before = data.get("grandfathered_before")
    options = tuple(
        _option(option, f"{place}.alternatives[{index}]")
        for index, option in enumerate(_sequence(data["alternatives"], f"{place}.alternatives"))
    )
    if not options:
        raise RuleError(f"{place}.alternatives", "is empty: nobody could meet this requirement")
    return Requirement(
        key=_text(data["key"], f"{place}.key"),
        title=_text(data["title"], f"{place}.title"),
        scope=scope,
        roles=frozenset(_known_roles(data["roles"], f"{place}.roles", roles)),
        options=options,
        start=start,
        end=end,
        gate=gate,
        principals=_optional_set(data.get("principals"), f"{place}.principals"),
        professions=_optional_set(data.get("professions"), f"{place}.professions"),
        validity_months=_optional_count(data.get("validity_months"), f"{place}.validity_months"),
        grace_days=_optional_count(data.get("grace_days"), f"{place}.grace_days") or 0,
        grandfathered_before=None if before is None else day_starts_at(_day(before, f"{place}.grandfathered_before")),
    )


def _option(value: Any, place: str) -> Option:
    data = _mapping(value, place)
    _only(data, place, required=set(), optional={"courses", "attestations", "only_for_level", "is_closed"})
    courses = tuple(_texts(data.get("courses", []), f"{place}.courses"))
    attestations = tuple(_texts(data.get("attestations", []), f"{place}.attestations"))
    if not courses and not attestations:
        raise RuleError(place, "names neither a course nor an attestation")
    level = data.get("only_for_level")
    if level is not None and level not in {one.value for one in Level}:
        raise RuleError(f"{place}.only_for_level", f"{level!r} is none of full, basic")
    return Option(
        courses=courses,
        attestations=attestations,
        only_for_level=None if level is None else Level(level),
        is_closed=_boolean(data.get("is_closed", False), f"{place}.is_closed"),
    )


def _only(data: Mapping[str, Any], place: str, *, required: set[str], optional: set[str]) -> None:
    for name in sorted(required - set(data)):
        raise RuleError(f"{place}.{name}".lstrip("."), "is missing")
    for name in data:
        if name not in required | optional:
            raise RuleError(f"{place}.{name}".lstrip("."), "is no field of a rule document")


def _known_roles(value: Any, place: str, roles: Mapping[str, Role]) -> tuple[str, ...]:
    names = _texts(value, place)
    if not names:
        raise RuleError(place, "is empty")
    for name in names:
        if name not in roles:
            raise RuleError(place, f"there is no role {name!r}")
    return tuple(names)


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RuleError(place, "must be a mapping")
    return value


def _sequence(value: Any, place: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise RuleError(place, "must be a list")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RuleError(place, "must be a text")
    return value


def _texts(value: Any, place: str) -> list[str]:
    return [_text(item, f"{place}[{index}]") for index, item in enumerate(_sequence(value, place))]


def _optional_set(value: Any, place: str) -> frozenset[str] | None:
    return None if value is None else frozenset(_texts(value, place))


def _boolean(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise RuleError(place, "must be true or false")
    return value


def _optional_count(value: Any, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RuleError(place, "must be a whole number of at least 1")
    return value


def _day(value: Any, place: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RuleError(place, f"{value!r} is no day; write it as 2025-01-22") from None
