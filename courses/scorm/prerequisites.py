"""SCORM 1.2's prerequisites: the script, from AICC's guidelines, that says when a part may be opened. Pure.

`A&B` both, `A|B` either, `~A` not, brackets, `2*{A,B,C}` at least so many, `A=passed` and `A<>"incomplete"` a status.
A name alone holds when the part is passed or completed. `AND`, `OR` and `NOT` are read as the signs that their authors
meant. What cannot be read bars nothing: better a part too many open than a course that nobody can finish (the editor is
told of it at the upload).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from courses.scorm.manifest import Item

_WORD = re.compile(r'\s*(<>|[&|~(){}=,]|\d+\s*\*|"[^"]*"|[^\s&|~(){}=,<>*"]+)')
_DONE = {"passed", "completed"}
_SHORT = {"p": "passed", "c": "completed", "f": "failed", "i": "incomplete", "b": "browsed", "n": "not attempted"}
_SPELT_OUT = re.compile(r"(?<![^\s&|~(){},])(and|or|not)(?![^\s&|~(){},])", re.IGNORECASE)
_SIGNS = {"and": "&", "or": "|", "not": "~"}
_MAX_LENGTH = 5_000


class UnreadableScript(ValueError):
    """The script is not what the guidelines describe."""


@dataclass
class _Reader:
    words: list[str]
    statuses: Mapping[str, str]
    at: int = 0

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, expected: str = "") -> str:
        word = self.peek()
        if not word or (expected and word != expected):
            raise UnreadableScript(f"expected {expected or 'more'} at {self.at}")
        self.at += 1
        return word

    def either(self) -> bool:
        result = self.both()
        while self.peek() == "|":
            self.take()
            other = self.both()
            result = result or other
        return result

    def both(self) -> bool:
        result = self.single()
        while self.peek() in {"&", ","}:
            self.take()
            other = self.single()
            result = result and other
        return result

    def single(self) -> bool:
        word = self.take()
        if word == "~":
            return not self.single()
        if word == "(":
            result = self.either()
            self.take(")")
            return result
        if word.endswith("*"):
            return self.several(int(word[:-1]))
        if not re.fullmatch(r'[^&|~(){}=,<>*"]+', word):
            raise UnreadableScript(f"{word!r} is no name")
        status = self.status(word)
        if self.peek() in {"=", "<>"}:
            is_equal = self.take() == "="
            wanted = self.take().strip('"').lower()
            return (status == _SHORT.get(wanted, wanted)) is is_equal
        return status in _DONE

    def several(self, number: int) -> bool:
        self.take("{")
        held = [self.single()]
        while self.peek() == ",":
            self.take()
            held.append(self.single())
        self.take("}")
        return sum(held) >= number

    def status(self, name: str) -> str:
        if name not in self.statuses:
            raise UnreadableScript(f"there is no part {name!r}")
        return self.statuses[name]


def in_signs(script: str) -> str:
    """The script with the words that some authors write in place of its signs put right."""
    return _SPELT_OUT.sub(lambda word: _SIGNS[word[1].lower()], script)


def holds(script: str, statuses: Mapping[str, str]) -> bool:
    """Whether the prerequisites are met, given every part's status by its identifier. Raises UnreadableScript."""
    script = in_signs(script.strip())
    if not script:
        return True
    if len(script) > _MAX_LENGTH or script.count("(") + script.count("~") > 200:
        raise UnreadableScript("too long")
    words, at = [], 0
    while at < len(script):
        match = _WORD.match(script, at)
        if match is None:
            if script[at:].isspace():
                break
            raise UnreadableScript(f"{script[at : at + 20]!r}")
        words.append("".join(match[1].split()) if match[1].endswith("*") else match[1])
        at = match.end()
    reader = _Reader(words, statuses)
    result = reader.either()
    if reader.peek():
        raise UnreadableScript(f"{reader.peek()!r} comes too late")
    return result


def is_open(item: Item, statuses: Mapping[str, str]) -> bool:
    """Whether a part may be opened as far as its own prerequisites go."""
    try:
        return holds(item.prerequisites, statuses)
    except UnreadableScript:
        return True


def statuses_of(items: tuple[Item, ...], parts: Mapping[str, str]) -> dict[str, str]:
    """Every item's status: a part's own (`parts`, by identifier), and of a heading what all below it come to."""
    found: dict[str, str] = {}

    def status(item: Item) -> str:
        below = [status(child) for child in item.children]
        if item.path is not None:
            below.append(parts.get(item.identifier, "not attempted"))
        if not below or all(one == "not attempted" for one in below):
            found[item.identifier] = "not attempted"
        elif "failed" in below:
            found[item.identifier] = "failed"
        elif all(one in _DONE for one in below):
            found[item.identifier] = "passed" if all(one == "passed" for one in below) else "completed"
        else:
            found[item.identifier] = "incomplete"
        return found[item.identifier]

    for item in items:
        status(item)
    return found
