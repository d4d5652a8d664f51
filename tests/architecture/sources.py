"""The project's own files, for tests that read code."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from lms.env import BASE_DIR

PACKAGES = ("cms", "competence", "courses", "lms")


def python_files(*folders: str) -> list[Path]:
    """Our Python files in these folders, without migrations."""
    found = (path for folder in folders or PACKAGES for path in (BASE_DIR / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def templates() -> list[Path]:
    return sorted((BASE_DIR / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
