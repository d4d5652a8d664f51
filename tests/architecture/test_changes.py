"""Announcing a change writes anew what is prepared for the people concerned: so it comes after the last fact."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, python_files, tree_of

ACTIONS = python_files("competence/actions")
RECORDING = {"record", "end_fact"}
# They record for a change that others announce: what begins one, and a part of two actions.
FOR_OTHERS = RECORDING | {"begin_change", "_end"}


def calls(function: ast.FunctionDef, names: set[str]) -> list[int]:
    """The lines on which the function calls something of such a name."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                found.append(node.lineno)
    return found


def faults(tree: ast.Module) -> list[str]:
    return [
        f"{node.name}, line {max(recorded)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name not in FOR_OTHERS
        and (recorded := calls(node, RECORDING))
        and max(recorded) > max(calls(node, {"announce"}), default=0)
    ]


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_every_fact_is_recorded_before_its_change_is_announced(path: Path) -> None:
    assert faults(tree_of(path)) == []


def test_a_fact_after_the_announcement_is_found() -> None:
    wrong = "def act():\n    change.announce('x')\n    change.record(fact)"
    assert faults(ast.parse(wrong)) == ["act, line 3"]
    assert faults(ast.parse("def act():\n    change.record(fact)\n    change.announce('x')")) == []
    assert faults(ast.parse("def act():\n    end_fact(fact, change)")) == ["act, line 2"]
