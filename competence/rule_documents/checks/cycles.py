"""That nothing goes in a circle: equivalences, replaced roles, the order of requirements, included rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from competence.rule_documents.faults import Fault, FaultCode, Place, error

Edges = dict[str, dict[str, Place]]
"""From a name to each name that it leads to, with the place that says so."""


def check_cycles(document: dict[str, Any]) -> Iterator[Fault]:
    """Each circle once, at the place where it closes."""
    equivalences: Edges = {}
    for index, one in enumerate(document.get("equivalences", [])):
        for course in one["courses"]:
            for counted in one["counts_as"]:
                equivalences.setdefault(course, {}).setdefault(counted, ("equivalences", index, "counts_as"))
    replaces: Edges = {
        key: {
            one["role"]: ("roles", key, "replaces", number, "role")
            for number, one in enumerate(role.get("replaces", []))
        }
        for key, role in document["roles"].items()
    }
    after: Edges = {}
    for index, requirement in enumerate(document["requirements"]):
        for number, name in enumerate(requirement.get("after", [])):
            after.setdefault(requirement["key"], {}).setdefault(name, ("requirements", index, "after", number))
    includes: Edges = {
        key: {name: ("rights", key, "includes", number) for number, name in enumerate(right.get("includes", []))}
        for key, right in document["rights"].items()
    }
    for code, edges in (
        (FaultCode.CYCLE_IN_EQUIVALENCES, equivalences),
        (FaultCode.CYCLE_IN_REPLACES, replaces),
        (FaultCode.CYCLE_IN_AFTER, after),
        (FaultCode.CYCLE_IN_INCLUDES, includes),
    ):
        yield from _circles(code, edges)


def _circles(code: FaultCode, edges: Edges) -> Iterator[Fault]:
    done: set[str] = set()
    for start in edges:
        # Depth first, by hand: a document may be deeper than Python's own stack.
        trail: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []

        def enter(name: str) -> None:
            trail.append(name)  # noqa: B023
            stack.append((name, iter(edges.get(name, {}))))  # noqa: B023

        if start not in done:
            enter(start)
        while stack:
            name, following = stack[-1]
            step = next(following, None)
            if step is None:
                stack.pop()
                trail.pop()
                done.add(name)
            elif step in trail:
                circle = [*trail[trail.index(step) :], step]
                yield error(code, edges[name][step], circle=circle)
            elif step not in done:
                enter(step)
