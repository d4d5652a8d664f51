"""A rule document is checked, and says where it is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from competence.policy.document import RuleError, compile_rules, course_keys, with_order
from competence.policy.rules import Gate
from tests.competence.policy.people import RULES_FILE, at


def document() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(RULES_FILE.read_text(encoding="utf-8")))


def test_the_rules_of_the_region_compile() -> None:
    rules = compile_rules(document(), 7)
    assert rules.version == 7
    assert "regional-forskrivare" in course_keys(rules)
    mobility = rules.requirement("regional-mobility")
    assert mobility is not None
    assert mobility.gate is Gate.BLOCK
    assert mobility.start == at(2022, 12, 31, 23)  # 1 January 2023, Stockholm
    # The earlier course, which can no longer be taken, and the common one that counts as it.
    assert [option.courses for option in mobility.options] == [("regional-rorelse",), ("regional-forskrivare",)]
    assert rules.is_closed("regional-rorelse", at(2025, 1, 21, 23))
    assert not rules.is_closed("regional-forskrivare", at(2026, 1, 1))


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("requirements", 0, "gate"), "forbid", "requirements[0].gate"),
        (("requirements", 0, "from"), "last year", "requirements[0].from"),
        (("requirements", 0, "to"), "2020-01-01", "requirements[0].to"),
        (("requirements", 0, "roles"), ["nobody"], "requirements[0].roles"),
        (("requirements", 0, "roles"), [], "requirements[0].roles"),
        (("requirements", 0, "alternatives"), [], "requirements[0].alternatives"),
        (("requirements", 0, "alternatives"), [{}], "requirements[0].alternatives[0]"),
        (
            ("requirements", 0, "alternatives"),
            [{"attestations": ["unheard-of"]}],
            "requirements[0].alternatives[0].attestations",
        ),
        (("requirements", 0, "validity_months"), 0, "requirements[0].validity_months"),
        (("requirements", 0, "validity_months"), True, "requirements[0].validity_months"),
        (("requirements", 0, "scope"), "galactic", "requirements[0].scope"),
        (("requirements", 0, "title"), " ", "requirements[0].title"),
        (("requirements", 0, "colour"), "blue", "requirements[0].colour"),
        (("requirements", 1, "key"), "national-hjalpmedel", "requirements[1].key"),
        (("rights", "websesam.unit", "roles"), ["nobody"], "rights.websesam.unit.roles"),
        (("rights", "websesam.unit", "includes"), ["websesam.unit"], "rights.websesam.unit.includes"),
        (("rights", "websesam.unit"), [], "rights.websesam.unit"),
        (("roles", "orderer", "needs_level_decision"), "yes", "roles.orderer.needs_level_decision"),
        (("roles", "orderer", "product_groups"), ["unheard-of"], "roles.orderer.product_groups"),
        (("requirements",), {}, "requirements"),
    ],
)
def test_a_fault_is_named_with_its_place(path: tuple[Any, ...], value: Any, place: str) -> None:
    faulty = document()
    target: Any = faulty
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(RuleError) as error:
        compile_rules(faulty, 1)
    assert error.value.place == place


def test_a_missing_part_is_named() -> None:
    faulty = document()
    del faulty["rights"]
    with pytest.raises(RuleError) as error:
        compile_rules(faulty, 1)
    assert error.value.place == "rights"


def test_an_order_that_a_document_says_already_is_kept() -> None:
    published = with_order(document())
    # A database may give the parts back in another order.
    stored = {**published, "roles": dict(reversed(published["roles"].items()))}
    assert with_order(stored) == published
    assert list(compile_rules(stored, 1).roles) == published["order"]["roles"]
