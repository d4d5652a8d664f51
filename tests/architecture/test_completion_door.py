"""A completion enters by one narrow door: `competence.actions`, reached through `competence.api.record_completion`."""

import ast

import pytest

from tests.architecture.sources import name_of, python_files, tree_of

MAKERS = {"create", "bulk_create", "get_or_create", "update_or_create", "acreate", "abulk_create"}
# Outside the door, with the reason.
ELSEWHERE = {
    "competence/generation.py": "an invented population for tests of scale, written set-wise as one numbered change",
}
RAW_WRITES = ("insert into competence_completion", "copy competence_completion", "update competence_completion")


def is_the_model(node: ast.AST, imported: bool) -> bool:
    """`Completion` of competence.models; the policy has a value of the same name, which is no row."""
    if isinstance(node, ast.Name):
        return node.id == "Completion" and imported
    return isinstance(node, ast.Attribute) and node.attr == "Completion" and ast.unparse(node.value).endswith("models")


def makes_a_completion(tree: ast.AST) -> list[int]:
    """The lines that make a `Completion` row: by the class, its manager, or SQL."""
    imported = any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("competence.models")
        and any(alias.name == "Completion" for alias in node.names)
        for node in ast.walk(tree)
    )
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            by_manager = isinstance(called, ast.Attribute) and called.attr in MAKERS
            parts = ast.walk(called.value) if by_manager and isinstance(called, ast.Attribute) else ()
            if is_the_model(called, imported) or any(
                is_the_model(part, imported) or getattr(part, "attr", "") == "completions" for part in parts
            ):
                lines.append(node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = " ".join(node.value.lower().replace('"', "").split())
            if any(write in text for write in RAW_WRITES):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "code",
    [
        "from competence.models import Completion\nCompletion.objects.create(a=1)",
        "from competence.models.completion import Completion\nCompletion(a=1).save()",
        "from competence import models\nmodels.Completion.objects.bulk_create([])",
        "course.completions.create(a=1)",
        "cursor.execute('INSERT INTO  competence_completion VALUES (1)')",
    ],
)
def test_each_way_of_making_one_is_found(code: str) -> None:
    assert makes_a_completion(ast.parse(code))


def test_only_competence_actions_make_completions() -> None:
    found = {
        name_of(path): lines
        for path in python_files()
        if not name_of(path).startswith("competence/actions/")
        and name_of(path) not in ELSEWHERE
        and (lines := makes_a_completion(tree_of(path)))
    }
    assert found == {}


def test_the_door_itself_is_found() -> None:
    doors = [path for path in python_files("competence/actions") if makes_a_completion(tree_of(path))]
    assert len(doors) == 1, "one action makes completions"
