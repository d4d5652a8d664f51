"""Reading the YAML of a rule document: plain data, and where each part of it stands.

Only what a rule document needs is read: mappings, lists, texts, whole numbers, true and false, days. Aliases, tags,
merge keys and keys that stand twice are refused, and so is what is too large or too deep: it comes from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from competence.rule_documents.faults import Fault, FaultCode, Place

MOST_BYTES = 512 * 1024
MOST_NODES = 50_000
DEEPEST = 12
_WHOLE_NUMBER = re.compile(r"\A[-+]?(0|[1-9][0-9]{0,17})\Z")
_TAG = "tag:yaml.org,2002:"
Mark = tuple[int, int]


@dataclass
class Reading:
    """What was read. `data` None: nothing, the faults say why. `marks`: line and column of each place, from one."""

    text: str
    data: Any = None
    marks: dict[Place, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def mark_of(self, place: Place) -> Mark | None:
        """Where `place` stands, or the nearest that contains it."""
        for end in range(len(place), -1, -1):
            found = self.marks.get(place[:end])
            if found is not None:
                return found
        return None

    def placed(self, fault: Fault) -> Fault:
        """`fault` with its line and column."""
        mark = self.mark_of(fault.place)
        if fault.line is not None or mark is None:
            return fault
        return Fault(fault.code, fault.place, fault.values, fault.severity, *mark)


class _Refused(Exception):
    def __init__(self, code: FaultCode, place: Place, mark: Mark | None, **values: Any) -> None:
        super().__init__(code)
        self.fault = Fault(code, place, values, line=mark[0] if mark else None, column=mark[1] if mark else None)


def read_rules(text: str) -> Reading:
    """Read `text`. Never raises: what is wrong is among the faults."""
    reading = Reading(text)
    try:
        if len(text.encode("utf-8", "replace")) > MOST_BYTES:
            raise _Refused(FaultCode.TOO_LARGE, (), (1, 1), most=MOST_BYTES // 1024)
        node = _compose(text)
        if node is None:
            raise _Refused(FaultCode.NOT_PLAIN, (), (1, 1), found="")
        data = _Builder(reading).build(node, (), 0)
    except _Refused as refused:
        reading.faults.append(refused.fault)
        return reading
    reading.data = data
    return reading


class _Loader(yaml.SafeLoader):
    """Composes nodes without aliases, and gives up when there are too many or they go too deep."""

    nodes = 0
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(FaultCode.ALIAS, (), mark)
        self.nodes += 1
        self.depth += 1
        if self.nodes > MOST_NODES:
            raise _Refused(FaultCode.TOO_LARGE, (), mark, most=MOST_BYTES // 1024)
        if self.depth > DEEPEST:
            raise _Refused(FaultCode.TOO_DEEP, (), mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str) -> Any:
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise _Refused(
            FaultCode.NOT_YAML, (), (mark.line + 1, mark.column + 1) if mark else None, problem=what
        ) from error
    except RecursionError as error:
        raise _Refused(FaultCode.TOO_DEEP, (), None) from error


class _Builder:
    """Plain data from nodes, noting where each place stands."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def build(self, node: Any, place: Place, depth: int) -> Any:
        mark = _mark(node)
        self.reading.marks.setdefault(place, mark)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            if node.tag != f"{_TAG}seq":
                raise _Refused(FaultCode.NOT_PLAIN, place, mark, found=node.tag)
            return [self.build(part, (*place, index), depth + 1) for index, part in enumerate(node.value)]
        return _scalar(node, place)

    def _mapping(self, node: Any, place: Place, depth: int) -> dict[str, Any]:
        if node.tag != f"{_TAG}map":
            raise _Refused(FaultCode.NOT_PLAIN, place, _mark(node), found=node.tag)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == f"{_TAG}merge":
                raise _Refused(FaultCode.NOT_PLAIN, place, _mark(key_node), found="<<")
            key = str(key_node.value)
            here = (*place, key)
            if key in found:
                mark = _mark(key_node)
                self.reading.faults.append(Fault(FaultCode.KEY_TWICE, here, {"key": key}, line=mark[0], column=mark[1]))
                continue
            self.reading.marks[here] = _mark(key_node)
            found[key] = self.build(value_node, here, depth + 1)
        return found


def _mark(node: Any) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: Any, place: Place) -> Any:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "str":
            return text
        case "bool":
            # YAML 1.1 also takes yes, no, on and off for these; a rule must not depend on that.
            if text.lower() not in {"true", "false"}:
                return text
            return text.lower() == "true"
        case "null":
            return None
        case "int" if _WHOLE_NUMBER.match(text):
            return int(text)
        case "int" | "float":
            return text
        case "timestamp":
            return text
        case _:
            raise _Refused(FaultCode.NOT_PLAIN, place, _mark(node), found=node.tag)
