"""What a compiled rule set answers about itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml

from competence.policy.document import compile_rules
from competence.policy.rules import ALWAYS, NoRules, Option, Period, RuleSet
from competence.policy.ways import MOST_WAYS, TooManyWays, with_equivalences
from lms.lib.clock import day_ends_at, day_starts_at
from tests.competence.policy.people import at, book_of

DAYS = {
    "closed": date(2024, 1, 1),
    "role_from": date(2024, 2, 1),
    "role_to": date(2024, 3, 1),
    "replaced": date(2024, 4, 1),
    "right_from": date(2024, 5, 1),
    "right_to": date(2024, 6, 1),
    "rule_from": date(2024, 7, 1),
    "rule_to": date(2024, 8, 1),
    "equal_from": date(2024, 7, 15),
    "equal_to": date(2024, 7, 20),
}
RULES = """
attestations: {{knows: Kan}}
closed_courses: {{old: {closed}}}
roles:
  orderer: {{title: Beställare, from: {role_from}, to: {role_to}}}
  helper: {{title: Hjälpare, replaces: [{{role: orderer, from: {replaced}}}]}}
rights:
  small: {{title: Liten, system: shop, roles: [orderer], from: {right_from}, to: {right_to}}}
equivalences:
  - {{courses: [new], counts_as: [course], from: {equal_from}, to: {equal_to}}}
requirements:
  - key: course
    title: Kurs
    scope: regional
    roles: [orderer]
    gate: block
    from: {rule_from}
    to: {rule_to}
    alternatives: [{{courses: [course]}}]
""".format(**DAYS)


def rules_of(text: str = RULES, version: int = 1) -> RuleSet:
    return compile_rules(yaml.safe_load(text), version)


def test_its_instants_are_all_that_it_says_of_when() -> None:
    ends = {name for name in DAYS if name.endswith("_to")}
    expected = {day_ends_at(day) if name in ends else day_starts_at(day) for name, day in DAYS.items()}
    assert rules_of().instants() == tuple(sorted(expected))
    without_end = rules_of(RULES.replace(f"    to: {DAYS['rule_to']}\n", ""))
    assert set(rules_of().instants()) - set(without_end.instants()) == {day_ends_at(DAYS["rule_to"])}


def test_of_requirements_with_one_key_the_one_in_force_is_found_else_the_latest() -> None:
    rules = rules_of()
    first = replace(rules.requirements[0], title="Första", start=at(2020, 1, 1), end=at(2021, 1, 1))
    second = replace(first, title="Andra", start=at(2021, 1, 1), end=at(2022, 1, 1))
    third = replace(first, title="Tredje", start=at(2023, 1, 1), end=None)
    for order in ((first, second, third), (third, first, second)):
        rules = replace(rules, requirements=order)

        def title(when: Any, rules: RuleSet = rules) -> str | None:
            found = rules.requirement("course", when)
            return found.title if found else None

        assert title(at(2020, 6, 1)) == "Första"
        assert title(at(2021, 1, 1)) == "Andra"
        assert title(at(2022, 6, 1)) == "Tredje"
        assert title(None) == "Tredje"
    assert rules.requirement("unheard-of") is None


def test_a_requirement_concerns_the_roles_that_it_names_and_nobody_it_exempts() -> None:
    one = replace(rules_of().requirements[0], exempt_professions=frozenset({"nurse"}))
    assert one.concerns(role="orderer", principal="vgr", profession="")
    assert not one.concerns(role="helper", principal="vgr", profession="")
    assert not one.concerns(role="orderer", principal="vgr", profession="nurse")


def test_a_book_gives_the_version_asked_for_and_none_that_is_not_there() -> None:
    book = book_of(rules_of(version=1), rules_of(version=2))
    assert [book.version(number).version for number in (1, 2)] == [1, 2]
    with pytest.raises(NoRules, match="3"):
        book.version(3)


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        (ALWAYS, Period(start=at(2024, 1, 1)), True),
        (Period(start=at(2024, 1, 1)), ALWAYS, False),
        (Period(start=at(2024, 1, 1), end=at(2025, 1, 1)), Period(start=at(2024, 1, 1), end=at(2025, 1, 1)), True),
        (Period(start=at(2024, 1, 1), end=at(2025, 1, 1)), Period(start=at(2024, 6, 1), end=at(2025, 6, 1)), False),
        (Period(end=at(2024, 1, 1)), Period(start=at(2024, 1, 1)), False),
    ],
)
def test_a_period_covers_what_lies_wholly_within_it(wide: Period, narrow: Period, covers: bool) -> None:
    assert wide.covers(narrow) is covers


def test_a_way_that_is_no_other_way_is_not_found_twice() -> None:
    equal = rules_of().equivalences[0]
    again = replace(equal, period=Period(start=at(2024, 7, 16), end=at(2024, 7, 18)))
    longer = replace(equal, period=Period(start=at(2024, 7, 1)))
    own = Option(courses=("course",))
    assert len(with_equivalences([own], [equal, again])) == 2
    # The longer one first: the shorter adds nothing; the shorter first: both stand.
    assert len(with_equivalences([own], [longer, equal])) == 2
    assert len(with_equivalences([own], [equal, longer])) == 3
    assert with_equivalences([own], [equal])[1] == Option(courses=("new",), period=equal.period)


def test_as_many_ways_as_anybody_could_survey_and_not_one_more() -> None:
    equal = rules_of().equivalences[0]
    many = [replace(equal, courses=(f"new-{number}",)) for number in range(MOST_WAYS - 1)]
    own = Option(courses=("course",))
    assert len(with_equivalences([own], many)) == MOST_WAYS
    with pytest.raises(TooManyWays):
        with_equivalences([own], [*many, replace(equal, courses=("one-more",))])
    # Those of an alternative before count, too.
    with pytest.raises(TooManyWays):
        with_equivalences([Option(attestations=("knows",)), own], many)
