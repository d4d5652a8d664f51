"""The small changes that tools/mutate.py tries: one place of a module at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """A change, by its number within the module. `what` names it even when lines move."""

    module: str
    number: int
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line}  {self.what}"


@dataclass(frozen=True)
class _Change:
    """Replace `node`'s `field` (of a list: the entry at `index`) by `value`."""

    node: ast.AST
    field: str
    index: int | None
    value: Any

    def apply(self) -> None:
        if self.index is None:
            setattr(self.node, self.field, self.value)
        else:
            getattr(self.node, self.field)[self.index] = self.value


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """All changes of a module."""
    tree = ast.parse(source)
    seen: dict[str, int] = {}
    for number, (statement, change) in enumerate(_changes(tree)):
        before = ast.unparse(statement)
        after = ast.unparse(_statement_with(tree, statement, number))
        what = f"{_difference(before, after)}"
        seen[what] = seen.get(what, 0) + 1
        line = getattr(change.node, "lineno", getattr(statement, "lineno", 0))
        yield Mutant(module, number, line, what if seen[what] == 1 else f"{what} (again, {seen[what]})")


def tree_with(source: str, number: int) -> ast.Module:
    """The module with one change made."""
    tree = ast.parse(source)
    for index, (_statement, change) in enumerate(_changes(tree)):
        if index == number:
            change.apply()
            return ast.fix_missing_locations(tree)
    raise ValueError(f"there is no change {number}")


def _statement_with(tree: ast.Module, statement: ast.stmt, number: int) -> ast.AST:
    for index, (_statement, change) in enumerate(_changes(tree)):
        if index == number and isinstance(change.value, ast.stmt):
            return ast.fix_missing_locations(change.value)  # the whole statement
    place = list(ast.walk(tree)).index(statement)
    changed = copy.deepcopy(tree)
    twin = list(ast.walk(changed))[place]
    for index, (_statement, change) in enumerate(_changes(changed)):
        if index == number:
            change.apply()
            break
    return ast.fix_missing_locations(twin)


def _difference(before: str, after: str) -> str:
    """The lines that differ."""
    old, new = before.splitlines(), after.splitlines()
    pairs = [(a.strip(), b.strip()) for a, b in zip(old, new, strict=False) if a != b]
    if len(old) != len(new) or not pairs:
        return f"{old[0].strip()} -> {new[0].strip() if new else 'nothing'}"
    return f"{pairs[0][0]} -> {pairs[0][1]}"


def _changes(tree: ast.Module) -> Iterator[tuple[ast.stmt, _Change]]:
    for block in ast.walk(tree):
        for field in ("body", "orelse"):
            statements = getattr(block, field, None)
            if isinstance(statements, list):
                for index, statement in enumerate(statements):
                    if isinstance(statement, ast.stmt):
                        yield from _of_statement(block, field, index, statement)


def _of_statement(block: ast.AST, field: str, index: int, statement: ast.stmt) -> Iterator[tuple[ast.stmt, _Change]]:
    """Changes of the statement itself and of the expressions in it, but not of the statements in it."""

    def instead(value: ast.stmt) -> tuple[ast.stmt, _Change]:
        return statement, _Change(block, field, index, value)

    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return  # for readers and type checkers: nothing runs it
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
            yield instead(ast.Pass())
        case ast.Continue():
            yield instead(ast.Break())
        case ast.Break():
            yield instead(ast.Continue())
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield instead(ast.Return(ast.Constant(None)))
        case _:
            pass
    if isinstance(statement, ast.Raise):
        return  # what an error says is words
    for node, name, place, value in _expressions(statement):
        for changed in _instead_of(value, node, name):
            yield statement, _Change(node, name, place, changed)


def _expressions(statement: ast.stmt) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Each expression with where it stands, without annotations, decorators and bases."""
    skipped = {
        "annotation",
        "returns",
        "decorator_list",
        "bases",
        "keywords" if isinstance(statement, ast.ClassDef) else "",
    }
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        for name, value in ast.iter_fields(node):
            if name in skipped or isinstance(node, ast.JoinedStr):
                continue
            for place, part in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(part, ast.stmt):
                    continue
                if isinstance(part, ast.expr):
                    yield node, name, place, part
                if isinstance(part, ast.AST):
                    waiting.append(part)


def _instead_of(value: ast.expr, parent: ast.AST, name: str) -> Iterator[ast.expr]:
    """What may stand in the place of an expression."""
    match value:
        case ast.Compare(left=left, ops=[op], comparators=comparators) if type(op) in COMPARISONS:
            yield ast.Compare(left, [COMPARISONS[type(op)]()], comparators)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for index, op in enumerate(ops):
                if type(op) in COMPARISONS:
                    changed = [*ops[:index], COMPARISONS[type(op)](), *ops[index + 1 :]]
                    yield ast.Compare(left, changed, comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for index in range(len(values)):
                rest = [*values[:index], *values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.Constant(value=bool(was)):
            yield ast.Constant(not was)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)
        case ast.Constant(value=str(text)) if text:
            yield ast.Constant(f"{text}x")
        case ast.Call(func=ast.Name(id=called), args=args, keywords=keywords) if called in NAMES:
            yield ast.Call(ast.Name(NAMES[called], ast.Load()), args, keywords)
        case _:
            pass
    is_condition = (name == "test" and isinstance(parent, ast.If | ast.IfExp)) or name == "ifs"
    if is_condition:
        yield ast.UnaryOp(ast.Not(), value)


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (None, False)
