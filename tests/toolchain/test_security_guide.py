"""The security guide's table is true: its tests exist, and every attack and fault that has a test is in it."""

import re

import pytest

from lms.env import BASE_DIR

ROW = re.compile(r"^\| ([af]\d\d) \| .+ \| `(test_\w+)` \|$", re.M)
TEST = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.M)
pytestmark = pytest.mark.pure


def guide() -> str:
    return (BASE_DIR / "docs" / "security.md").read_text(encoding="utf-8")


def rows() -> list[tuple[str, str]]:
    return [(number, name) for number, name in ROW.findall(guide())]


def all_tests() -> set[str]:
    files = [*(BASE_DIR / "tests").rglob("test_*.py"), *(BASE_DIR / "clients").rglob("test_*.py")]
    return {name for path in files for name in TEST.findall(path.read_text(encoding="utf-8"))}


def numbers_of(name: str) -> set[str]:
    """The attacks and faults that a test names, at the beginning of its name: `test_f05_f06_…` has two."""
    head = re.match(r"test_((?:[afp]\d\d_)+)", name)
    return set(re.findall(r"[af]\d\d", head[1])) if head else set()


def test_every_test_that_the_guide_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z]\d\d_\w+[a-z])`", guide()))
    assert len(named) >= 60
    assert named - all_tests() == set()


def test_each_row_names_a_test_of_its_own_number() -> None:
    assert [number for number, name in rows() if number not in numbers_of(name)] == []


def test_every_attack_and_fault_that_has_a_test_is_in_the_guide_once() -> None:
    numbers = [number for number, _name in rows()]
    assert sorted(numbers) == sorted({number for name in all_tests() for number in numbers_of(name)})


def test_every_file_that_the_guide_names_exists() -> None:
    text = guide()
    paths = set(re.findall(r"`((?:lms|competence|courses|cms|tests)/[\w/.]+)`", text))
    assert len(paths) >= 15
    assert [path for path in sorted(paths) if not (BASE_DIR / path).exists()] == []
