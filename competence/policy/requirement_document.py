"""From one requirement of a rule document to a compiled one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from competence.policy import reading
from competence.policy.facts import Level
from competence.policy.reading import RuleError
from competence.policy.rules import Equivalence, Gate, Option, Requirement
from competence.policy.ways import MOST_WAYS, TooManyWays, with_equivalences
from lms.lib.clock import day_starts_at

SCOPES = ("national", "regional", "local", "supplier")


def read_requirement(
    value: Any,
    place: str,
    roles: Container[str],
    equivalences: Sequence[Equivalence],
    attestations: Container[str],
) -> Requirement:
    """The requirement at `place`, which may name `roles` and `attestations`. Raises RuleError."""
    data = reading.mapping(value, place)
    reading.only(
        data,
        place,
        required={"key", "title", "scope", "roles", "gate", "from", "alternatives"},
        optional={
            "to",
            "principals",
            "professions",
            "exempt_professions",
            "units",
            "after",
            "validity_months",
            "grace_days",
            "grandfathered_before",
        },
    )
    period = reading.period(data, place)
    if period.start is None:
        raise RuleError(f"{place}.from", "must be a day")
    before = data.get("grandfathered_before")
    options = tuple(
        _option(option, f"{place}.alternatives[{index}]", attestations)
        for index, option in enumerate(reading.sequence(data["alternatives"], f"{place}.alternatives"))
    )
    if not options:
        raise RuleError(f"{place}.alternatives", "is empty: nobody could meet this requirement")
    try:
        ways = with_equivalences(options, equivalences)
    except TooManyWays as error:
        raise RuleError(f"{place}.alternatives", f"the equivalences give more than {MOST_WAYS} ways") from error
    return Requirement(
        key=reading.text(data["key"], f"{place}.key"),
        title=reading.text(data["title"], f"{place}.title"),
        scope=_one_of(data["scope"], f"{place}.scope", SCOPES),
        roles=frozenset(known_roles(data["roles"], f"{place}.roles", roles)),
        options=ways,
        start=period.start,
        end=period.end,
        gate=Gate(_one_of(data["gate"], f"{place}.gate", [gate.value for gate in Gate])),
        principals=reading.optional_set(data.get("principals"), f"{place}.principals"),
        professions=reading.optional_set(data.get("professions"), f"{place}.professions"),
        exempt_professions=frozenset(reading.texts(data.get("exempt_professions", []), f"{place}.exempt_professions")),
        units=reading.optional_set(data.get("units"), f"{place}.units"),
        after=tuple(reading.texts(data.get("after", []), f"{place}.after")),
        validity_months=reading.optional_count(data.get("validity_months"), f"{place}.validity_months"),
        grace_days=reading.optional_count(data.get("grace_days"), f"{place}.grace_days") or 0,
        grandfathered_before=None
        if before is None
        else day_starts_at(reading.day(before, f"{place}.grandfathered_before")),
    )


def _option(value: Any, place: str, known: Container[str]) -> Option:
    data = reading.mapping(value, place)
    reading.only(data, place, required=set(), optional={"courses", "attestations", "only_for_level", "is_closed"})
    courses = tuple(reading.texts(data.get("courses", []), f"{place}.courses"))
    attestations = tuple(reading.texts(data.get("attestations", []), f"{place}.attestations"))
    for name in attestations:
        if name not in known:
            raise RuleError(f"{place}.attestations", f"there is no attestation {name!r}")
    if not courses and not attestations:
        raise RuleError(place, "names neither a course nor an attestation")
    level = data.get("only_for_level")
    return Option(
        courses=courses,
        attestations=attestations,
        only_for_level=None
        if level is None
        else Level(_one_of(level, f"{place}.only_for_level", [one.value for one in Level])),
        is_closed=reading.boolean(data.get("is_closed", False), f"{place}.is_closed"),
    )


def _one_of(value: Any, place: str, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise RuleError(place, f"{value!r} is none of {', '.join(choices)}")
    return value


def known_roles(value: Any, place: str, roles: Container[str]) -> tuple[str, ...]:
    """A list of at least one role, all of them among `roles`."""
    names = reading.some_texts(value, place)
    for name in names:
        if name not in roles:
            raise RuleError(place, f"there is no role {name!r}")
    return tuple(names)
