"""A change that a deputy makes is known to be one: who asks `require_decider` passes its answer on."""

import ast

import pytest

from tests.architecture.sources import name_of, python_files, tree_of

ACTIONS = python_files("competence/actions")


def called(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", getattr(node.func, "attr", ""))
    return ""


def forgetful(tree: ast.AST) -> list[str]:
    """Functions that ask who decides, and then begin a change without saying so."""
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        changes = [node for node in calls if called(node) == "begin_change"]
        asks = any(called(node) == "require_decider" for node in calls)
        if asks and any("as_deputy" not in {word.arg for word in change.keywords} for change in changes):
            found.append(function.name)
    return found


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_a_change_by_a_deputy_says_so(path: object) -> None:
    assert forgetful(tree_of(path)) == []


def test_a_forgetful_action_is_found() -> None:
    tree = ast.parse("def decide(by):\n    require_decider(by, 1)\n    change = begin_change(by=by)\n")
    assert forgetful(tree) == ["decide"]
