"""Every kind of fault that a rule document can have is refused, with its place; and the last that is right is not."""

from __future__ import annotations

import copy
from datetime import date, datetime
from typing import Any

import pytest
import yaml

from competence.policy import reading
from competence.policy.document import RuleError, compile_rules, course_keys
from competence.policy.facts import EndingKind, Level
from competence.policy.rules import Option, Requirement, Right, Role, RuleSet
from lms.lib.clock import day_ends_at, day_starts_at
from tests.competence.policy.people import at

RULES = """
systems:
  shop: {title: Butiken, from: 2020-01-01, to: 2029-12-31}
attestations: {knows: Kan}
product_groups: {beds: Sängar}
professions: {nurse: Sjuksköterska}
roles:
  orderer: {title: Beställare}
  helper: {title: Hjälpare, replaces: [{role: orderer, from: 2025-01-01}]}
rights:
  small: {title: Liten, system: shop, roles: [orderer]}
  large: {title: Stor, system: shop, roles: [helper], includes: [small]}
equivalences:
  - {courses: [new, newer], counts_as: [course, other]}
requirements:
  - key: course
    title: Kurs
    scope: regional
    roles: [orderer]
    gate: block
    from: 2023-01-01
    alternatives: [{courses: [course]}]
  - key: then
    title: Sedan
    scope: local
    roles: [orderer]
    gate: warn
    from: 2023-01-01
    alternatives: [{attestations: [knows]}]
"""


def document(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The rules above, with a value put at each path, such as `rights.small.closing_months`."""
    made: dict[str, Any] = copy.deepcopy(yaml.safe_load(RULES))
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        target: Any = made
        for step in steps:
            target = target[step]
        target[last] = value
    return made


def refused_at(*changes: tuple[str, Any]) -> str:
    with pytest.raises(RuleError) as error:
        compile_rules(document(*changes), 1)
    assert str(error.value) == f"{error.value.place}: {error.value.what}"
    return error.value.place


def compiled(*changes: tuple[str, Any]) -> RuleSet:
    return compile_rules(document(*changes), 1)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        # A field that no document has, in each kind of part.
        ("colour", "blue", "colour"),
        ("systems/shop/colour", "blue", "systems.shop.colour"),
        ("roles/orderer/colour", "blue", "roles.orderer.colour"),
        ("roles/helper/replaces/0/colour", "blue", "roles.helper.replaces[0].colour"),
        ("rights/small/colour", "blue", "rights.small.colour"),
        ("equivalences/0/colour", "blue", "equivalences[0].colour"),
        ("requirements/0/colour", "blue", "requirements[0].colour"),
        ("requirements/0/alternatives/0/colour", "blue", "requirements[0].alternatives[0].colour"),
        ("order", {"colours": []}, "order.colours"),
        # A part of the wrong kind.
        ("systems", [], "systems"),
        ("attestations", [], "attestations"),
        ("product_groups", [], "product_groups"),
        ("professions", [], "professions"),
        ("equivalences", {}, "equivalences"),
        ("order", [], "order"),
        ("requirements", {}, "requirements"),
        ("roles/helper/replaces", {}, "roles.helper.replaces"),
        ("attestations", {5: "Fem"}, "attestations"),
        ("professions/nurse", 5, "professions.nurse"),
        # A value of the wrong kind.
        ("roles/orderer/title", 5, "roles.orderer.title"),
        ("requirements/0/gate", 5, "requirements[0].gate"),
        ("requirements/0/gate", ["block"], "requirements[0].gate"),
        ("requirements/0/scope", {}, "requirements[0].scope"),
        ("requirements/0/validity_months", "12", "requirements[0].validity_months"),
        ("requirements/0/validity_months", 12.5, "requirements[0].validity_months"),
        ("requirements/0/from", None, "requirements[0].from"),
        ("requirements/0/from", datetime(2023, 1, 1, 10), "requirements[0].from"),  # noqa: DTZ001  as YAML reads it
        ("requirements/0/units", [], "requirements[0].units"),
        ("requirements/0/principals", [], "requirements[0].principals"),
        # The same twice.
        ("requirements/0/roles", ["orderer", "orderer"], "requirements[0].roles[1]"),
        ("order", {"roles": ["orderer", "orderer"]}, "order.roles[1]"),
        # Something that is not there, or not all of it.
        ("order", {"roles": ["orderer"]}, "order.roles"),
        ("requirements/0/after", ["unheard-of"], "requirements[0].after"),
        ("requirements/0/after", ["course"], "requirements[0].after"),
        ("rights/small/includes", ["unheard-of"], "rights.small.includes"),
        ("roles/orderer/product_groups", ["unheard-of"], "roles.orderer.product_groups"),
        # A circle.
        ("rights/small/includes", ["large"], "rights"),
        ("roles/orderer/replaces", [{"role": "helper", "from": "2025-01-01"}], "roles"),
        (
            "equivalences",
            [{"courses": ["a"], "counts_as": ["b"]}, {"courses": ["b"], "counts_as": ["a"]}],
            "equivalences",
        ),
        # What cannot be at the same time.
        ("rights/small/closing_months", 12, "rights.small.closing_months"),
        ("rights/small/from", "2030-01-01", "rights.small"),
        ("requirements/0/to", "2022-12-31", "requirements[0].to"),
        # Beyond the calendar.
        ("requirements/0/from", "1899-12-31", "requirements[0].from"),
        ("requirements/0/to", "3000-01-01", "requirements[0].to"),
        ("requirements/0/validity_months", 1201, "requirements[0].validity_months"),
        ("requirements/0/grace_days", 0, "requirements[0].grace_days"),
    ],
)
def test_a_fault_is_refused_at_its_place(path: str, value: Any, place: str) -> None:
    assert refused_at((path, value)) == place


def test_requirements_that_wait_for_each_other_are_refused() -> None:
    assert refused_at(("requirements/0/after", ["then"]), ("requirements/1/after", ["course"])) == "requirements"


def test_a_right_that_closes_as_it_becomes_inactive_is_refused() -> None:
    months = ("rights/small/inactivity_months", 12)
    assert refused_at(months, ("rights/small/closing_months", 12)) == "rights.small.closing_months"
    assert compiled(months, ("rights/small/closing_months", 13)).rights["small"].closing_months == 13


def test_the_first_and_last_values_that_are_right_are_taken() -> None:
    rules = compiled(
        ("requirements/0/from", "1900-01-01"),
        ("requirements/0/to", "2999-12-31"),
        ("requirements/0/validity_months", 1200),
        ("requirements/0/grace_days", 1),
    )
    found = rules.requirements[0]
    assert (found.start, found.end) == (day_starts_at(date(1900, 1, 1)), day_ends_at(date(2999, 12, 31)))
    assert (found.validity_months, found.grace_days) == (1200, 1)
    assert compiled(("requirements/0/validity_months", 1)).requirements[0].validity_months == 1
    assert compiled().requirements[0].grace_days == 0
    one_day = reading.period({"from": "2025-03-01", "to": date(2025, 3, 1)}, "")
    assert (one_day.start, one_day.end) == (at(2025, 2, 28, 23), at(2025, 3, 1, 23))


def test_titles_and_courses_are_those_of_the_document() -> None:
    rules = compiled(("closed_courses", {"old": "2024-01-01"}))
    assert rules.professions == {"nurse": "Sjuksköterska"}
    assert rules.product_groups == {"beds": "Sängar"}
    assert rules.systems == {"shop": "Butiken"}
    # Those asked for, those that count as others or are counted, and those closed.
    assert course_keys(rules) == {"course", "new", "newer", "other", "old"}


def test_the_words_that_facts_are_kept_by_do_not_change() -> None:
    assert [kind.value for kind in EndingKind] == ["ended", "revoked", "corrected"]
    assert [level.value for level in Level] == ["full", "basic"]


def test_what_a_rule_leaves_out_is_not_demanded() -> None:
    option = Option(courses=("course",))
    assert not option.is_closed
    requirement = Requirement(
        key="course", title="Kurs", scope="local", roles=frozenset(), options=(option,), start=at(2025, 1, 1)
    )
    assert requirement.grace_days == 0
    assert not Role(key="orderer", title="Beställare").needs_level_decision
    right = Right(key="small", title="Liten", system="shop", roles=("orderer",))
    assert right.needs_application
    assert not right.needs_customer_number


def test_rule_sets_of_one_document_are_equal_whatever_has_been_worked_out_from_them() -> None:
    one, other = compiled(), compiled()
    one.plans["small"] = "worked out"
    object.__setattr__(one, "_of_role", {})
    object.__setattr__(one, "_granting", {})
    object.__setattr__(one, "_carriers", {})
    object.__setattr__(one, "has_order", True)
    assert one == other
    assert repr(one) == repr(other)
    assert one != compiled(("requirements/1/after", ["course"]))
