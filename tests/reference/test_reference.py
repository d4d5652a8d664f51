"""The decision and its plain reference, asked the same about random histories. `make differential` asks for longer."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import fields
from typing import Any

import pytest

from competence.policy.decision import Outcome
from competence.policy.reasons import Code
from tests.reference.comparison import compiled, differences, made_of, minimised, said_by_reference
from tests.reference.histories import make_history
from tests.reference.rule_documents import PRINCIPALS
from tools.differential import shown

SEED = 1
pytestmark = [pytest.mark.properties, pytest.mark.pure]


def agree_on(seed: int, numbers: range) -> None:
    for number in numbers:
        history = make_history(seed, number)
        if differences(history):
            pytest.fail(f"seed {seed}, history {number}\n{shown(minimised(history))}")


@pytest.mark.parametrize("start", range(0, 4_000, 500))
def test_the_decision_is_that_of_the_page(start: int) -> None:
    agree_on(SEED, range(start, start + 500))


@pytest.mark.long
@pytest.mark.parametrize("_chunk", range(20))
def test_the_decision_is_that_of_the_page_in_many_new_histories(_chunk: int) -> None:
    agree_on(secrets.randbelow(10**9), range(5_000))


def test_the_histories_meet_every_code_and_every_turn() -> None:
    mix: Counter[str] = Counter()
    for number in range(3_000):
        history = make_history(SEED, number, questions=1)
        mix.update(made_of(said_by_reference(history, history.questions[0])))
    wanted = {str(code) for code in Code} | {str(outcome) for outcome in Outcome}
    wanted |= {"no answer", "REVOKED appointment", "REVOKED right", "blocks", "does not block", "alternatives 0"}
    wanted |= {f"{name} {many}" for name in ("also_meets", "after") for many in (0, 1, 2)}
    wanted |= {f"{name} {there}" for name in ("valid_until", "next", "employment") for there in ("none", "given")}
    assert wanted - set(mix) == set()
    assert mix["allowed"] > 300
    assert mix["allowed_with_warning"] > 30


def test_a_history_is_the_same_again() -> None:
    assert make_history(7, 41) == make_history(7, 41)
    assert make_history(7, 41) != make_history(7, 42)
    assert make_history(7, 41) != make_history(8, 41)


def test_the_histories_say_everything_that_the_rules_can_say() -> None:
    """Otherwise a field would go untried: whoever adds one to the compiled rules adds it to the generator."""
    untried = {("Requirement", "title"), ("Role", "title"), ("Right", "title"), ("Option", "period")}
    seen: dict[tuple[str, str], set[str]] = {}
    for number in range(300):
        for publication in compiled(make_history(SEED, number)).publications:
            rules = publication.rule_set
            things: list[Any] = [
                *rules.roles.values(),
                *rules.rights.values(),
                *rules.requirements,
                *rules.equivalences,
            ]
            for thing in [*things, *(option for one in rules.requirements for option in one.options)]:
                for field in fields(thing):
                    seen.setdefault((type(thing).__name__, field.name), set()).add(repr(getattr(thing, field.name)))
    assert {name for name, values in seen.items() if len(values) < 2} <= untried
    assert len(PRINCIPALS) > 1
