"""Reads the cases as ADL writes them: what each activity of a package does in turn, and what must come of it.

The test suite itself is not part of this project: the folder `TestSuite` of a copy of it is given to the command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """One call of the run-time API: `get`, `set`, and so on; `expected` and `error` are what it must answer."""

    kind: str
    element: str = ""
    value: str = ""
    expected: str = ""
    error: str = ""


@dataclass
class Step:
    """One activity's turn: the questions about the player with their answers, its calls, and what the tester does."""

    activity: str
    questions: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    instruction: str = ""


@dataclass
class Case:
    """A case: a package, where to begin in it, and its steps."""

    name: str
    start: str
    steps: list[Step]
    must_end: bool

    @property
    def package(self) -> str:
        return "DDMa" if self.name == "DDM" else self.name


class Suite:
    """A copy of ADL's test suite on disk."""

    def __init__(self, folder: Path) -> None:
        self.courses = folder / "LMSRTE" / "Courses"
        self.resources = folder.parent / "resources" / "org" / "adl" / "testsuite" / "rte" / "lms" / "util"

    @cached_property
    def words(self) -> dict[str, str]:
        """ADL's abbreviations, by what they stand for."""
        return _properties((self.resources / "resources" / "Commands.properties").read_text(encoding="latin-1"))

    def names(self) -> list[str]:
        return sorted(path.stem for path in (self.courses / "TestCases").glob("*.properties"))

    def manifest(self, package: str) -> bytes:
        return (self.courses / f"LMSTestPackage_{package}" / "imsmanifest.xml").read_bytes()

    def case(self, name: str) -> Case:
        text = (self.courses / "TestCases" / f"{name}.properties").read_text(encoding="latin-1")
        steps: list[Step] = []
        head: dict[str, str] = {}
        seen = ""
        for key, value in _lines(text):
            turn, _dot, what = key.partition(".")
            if not _dot:
                head[key] = value
                continue
            if turn != seen:
                seen = turn
                steps.append(Step(turn[3:].partition("V")[0]))
            step = steps[-1]
            if what == "UIQ":
                step.questions = value.split("~")
            elif what == "UIA":
                step.answers = value.split("~")
            elif what == "CUI":
                step.instruction = value
            elif what.startswith("commands"):
                command = self._command(value)
                if command is not None:
                    step.commands.append(command)
        return Case(name, head.get("start", "."), steps, must_end=head.get("end") == "endUserInter")

    def _word(self, text: str, argument: str = "") -> str:
        word = self.words.get(text, text)
        return word.replace("%s", argument) if argument else word

    def _command(self, text: str) -> Command | None:
        parts = _unescaped(text).split("->")
        kind, rest = parts[0], [*parts[1:], "", "", ""]
        match kind:
            case "SET":
                element, value = self._assignment(rest[0])
                # A value may hold an arrow itself. ADL's program cuts it off there, and takes the last word but one.
                return Command("set", element, value, self._word(parts[-2]), parts[-1])
            case "GET":
                return Command("get", self._element(rest[0]), "", self._word(rest[1]), parts[-1])
            case "I":
                return Command("initialize", rest[0], "", self._word(rest[1]), parts[-1])
            case "C":
                return Command("commit", rest[0], "", self._word(rest[1]), parts[-1])
            case "T":
                return Command("terminate", rest[0])
            case "GES":
                return Command("error_string", rest[0], "", rest[1], parts[-1])
            case "GeDi":
                return Command("diagnostic", rest[0], "", rest[1], parts[-1])
            case "GLE":
                return Command("last_error", "", "", rest[1], parts[-1])
            case "COI":
                return Command("compare_objectives", rest[0])
            case _:
                return None  # some lines have lost their verb; ADL's own program passes them by, too

    def _element(self, key: str) -> str:
        parts = key.split("~")
        if len(parts) > 2 and parts[1] == "INTR":
            parts = [part.partition("!")[0] for part in parts]
        if key.startswith("a~n~r") and len(parts) == 6:
            return ".".join([*map(self._word, parts[:4]), self._word(parts[4], parts[5])])
        if len(parts) == 1:
            return key
        return ".".join(map(self._word, parts))

    def _assignment(self, key: str) -> tuple[str, str]:
        parts = key.split("~")
        if len(parts) == 5 and "a~n~r" in key:
            name, _mark, value = parts[2].partition("!")
            return (
                ".".join([self._word(parts[0]), self._word(parts[1]), self._word(name)]),
                self._word(value, parts[3]) + self._word(parts[4]),
            )
        last, _mark, value = parts[-1].partition("!")
        if len(parts) == 1:
            return last, value
        return ".".join([*map(self._word, parts[:-1]), self._word(last)]), self._word(value)


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def _lines(text: str) -> list[tuple[str, str]]:
    found, held = [], ""
    for line in text.splitlines():
        line = held + line
        if line.endswith("\\"):
            held = line[:-1]
            continue
        held = ""
        if "####" not in line and "=" in line:
            key, _sign, value = line.partition("=")
            found.append((key, value))
    return found


def _properties(text: str) -> dict[str, str]:
    pairs = {}
    for key, value in _lines(text.replace("\r", "")):
        if not key.lstrip().startswith("#"):
            pairs[key.strip()] = value.lstrip().removesuffix("\\")
    return pairs
