"""Announcing a change writes anew what is prepared for the people concerned: so it comes after the last fact."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, python_files, tree_of

ACTIONS = python_files("competence/actions")
RECORDING = {"record", "end_fact"}
BEGINNING = {"begin_change"}  # a deputy's act is recorded at the beginning; the rest follows


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
    """Functions that record a fact and do not announce after it. One of the module's own, `_named` so, that records
    and does not announce is as good as a recording: whoever calls it must announce."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    recording = set(RECORDING)
    while (
        more := {
            node.name
            for node in functions
            if node.name.startswith("_") and calls(node, recording) and not calls(node, {"announce"})
        }
        - recording
    ):
        recording |= more
    return [
        f"{node.name}, line {max(recorded)}"
        for node in functions
        if node.name not in recording | BEGINNING
        and (recorded := calls(node, recording))
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
    helper = "def _end():\n    end_fact(fact, change)\ndef act():\n    _end()\n"
    assert faults(ast.parse(helper)) == ["act, line 4"]
    assert faults(ast.parse(f"{helper}    change.announce('x')")) == []
