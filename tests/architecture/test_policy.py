"""The decision is pure: facts and rules in, decision out. No framework, no clock, no file, no chance."""

import ast
import sys
from pathlib import Path

import pytest

from lms.env import BASE_DIR
from tests.architecture.sources import imports_of, name_of, python_files, tree_of

POLICY = python_files("competence/policy")
CLOCK = BASE_DIR / "lms" / "lib" / "clock.py"
IMPURE_MODULES = {
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "sqlite3",
    "urllib",
    "http",
    "time",
    "pathlib",
    "io",
}
IMPURE_NAMES = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "uuid1", "uuid4", "getenv"}


def test_there_is_a_policy() -> None:
    assert len(POLICY) > 1


@pytest.mark.parametrize("path", [*POLICY, CLOCK], ids=name_of)
def test_it_imports_only_the_standard_library_and_itself(path: Path) -> None:
    for name in imports_of(path):
        top = name.split(".")[0]
        ours = name.startswith(("competence.policy.", "lms.lib.clock."))
        assert ours or (top in sys.stdlib_module_names and top not in IMPURE_MODULES), name


@pytest.mark.parametrize("path", [*POLICY, CLOCK], ids=name_of)
def test_it_asks_no_clock_and_no_chance_and_opens_nothing(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                assert called.attr not in IMPURE_NAMES, f"line {node.lineno}: {called.attr}"
            elif isinstance(called, ast.Name):
                assert called.id not in {"open", "print", "input", "eval", "exec"}, f"line {node.lineno}: {called.id}"


RULE_PARTS = {"Option", "Equivalence", "Requirement", "Predecessor", "with_equivalences", "predecessors", "in_order"}
# What looks at rule documents as they are written, and at files, compares words and not what somebody has done.
OUTSIDE = [path for path in python_files() if not {"policy", "rule_documents", "management"} & set(path.parts)]
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def judgements_in(tree: ast.Module) -> list[str]:
    """Where code makes a part of a rule, works rules out, asks whether one counts, or whether a set of courses is full.

    To name such a part in a type, or to read one out for a page, is no judgement.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in RULE_PARTS:
                found.append(f"line {node.lineno}: {called.id}")
            elif isinstance(called, ast.Attribute) and called.attr in {"counts", "issubset", "issuperset"}:
                found.append(f"line {node.lineno}: .{called.attr}")
        elif isinstance(node, ast.Compare) and any(isinstance(one, ORDERS) for one in node.ops):
            found += [f"line {node.lineno}: sets" for one in (node.left, *node.comparators) if _is_a_set(one)]
    return found


def _is_a_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Attribute) and called.attr == "keys") or (
        isinstance(called, ast.Name) and called.id in {"set", "frozenset"}
    )


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_no_rule_is_stated_outside_the_policy(path: Path) -> None:
    assert judgements_in(tree_of(path)) == []


@pytest.mark.parametrize(
    "rule",
    [
        "ways = with_equivalences([Option(courses=(key,))], equivalences)",
        "held = [way for way in ways if way.counts(None, now)]",
        "done = way <= completed.keys()",
        "done = set(needed).issubset(completed)",
        "done = completed >= {'a', 'b'}",
    ],
)
def test_a_rule_that_is_stated_elsewhere_is_seen(rule: str) -> None:
    assert judgements_in(ast.parse(rule))
