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
