"""Runs a case against the engine alone, in the process: no browser, no database, a fraction of a second each.

What the run-time API itself must answer (error codes, formats) is left to the run in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses.scorm.manifest import Manifest
from courses.scorm.manifest_reader import read_manifest
from courses.scorm.sequencing.availability import Availability, what_is_possible
from courses.scorm.sequencing.definition import Activity, Tree
from courses.scorm.sequencing.definition_reader import tree_of
from courses.scorm.sequencing.engine import navigate, open_session
from courses.scorm.sequencing.reported import objective_ids, take_in, told
from courses.scorm.sequencing.requests import Outcome, Request, from_content
from courses.scorm.sequencing.tracking import ObjectiveState, Session
from tests.adl.cases import Case, Command, Step, Suite


class AnyFile(list[str]):
    """Stands for the files of a package that is not at hand whole: every file is there."""

    def __contains__(self, name: object) -> bool:
        return True


class EngineRun:
    """One case played on the engine. `problems` says what did not come as expected.

    `lasting`: the learner's objectives that outlive a package; some cases build on those of the case before.
    """

    def __init__(self, suite: Suite, case: Case, lasting: dict[str, ObjectiveState]) -> None:
        self.suite, self.case, self.lasting = suite, case, lasting
        self.problems: list[str] = []
        self.sessions: dict[str, Session] = {}
        self.manifests: dict[str, Manifest] = {}
        self.data: dict[tuple[str, str], dict[str, str]] = {}
        self.attempts: dict[tuple[str, str], int] = {}
        self.outcome = Outcome()

    def run(self) -> list[str]:
        self._open(self.case.package)
        if self.case.start not in {".", "DDMa", ""}:
            self._ask(Request("choice", self._by_title(self.case.start)))
        for number, step in enumerate(self.case.steps):
            if not self._play(step, number == len(self.case.steps) - 1):
                break
        if self.case.must_end and not self.problems and not self.outcome.has_ended:
            self.problems.append("the session should have ended")
        return self.problems

    def _open(self, package: str) -> None:
        self.package = package
        if package not in self.sessions:
            self.manifests[package] = read_manifest(self.suite.manifest(package), AnyFile())
            self.sessions[package] = Session(tree_of(self.manifests[package]), seed=package)
        self.session = self.sessions[package]
        if self.tree.objectives_are_global:
            self.session.shared = self.lasting
        self.outcome = open_session(self.session)
        self._deliver()

    @property
    def tree(self) -> Tree:
        return self.session.tree

    def _ask(self, request: Request) -> None:
        self.outcome = navigate(self.session, request)
        self._deliver()

    def _deliver(self) -> None:
        if self.outcome.delivered is None:
            return
        activity = self.tree.activities[self.outcome.delivered]
        key = (self.package, activity.identifier)
        attempts = self.session.state(activity).attempts
        if self.attempts.get(key) != attempts:
            self.data[key] = {}
        self.attempts[key] = attempts
        data = self.data[key]
        known = objective_ids(data)
        for name, values in told(self.session, activity):
            index = next((index for index, each in known.items() if each == name), len(known))
            known[index] = name
            data[f"cmi.objectives.{index}.id"] = name
            data.update({f"cmi.objectives.{index}.{element}": value for element, value in values.items()})
        data.pop("cmi.exit", None)
        data.pop("adl.nav.request", None)

    def _play(self, step: Step, is_last: bool) -> bool:
        at = self.session.current_activity()
        if self.outcome.delivered is None or at is None or _number(self, at) != step.activity:
            found = _number(self, at) if at is not None and self.outcome.delivered else self.outcome
            self.problems.append(f"expected {step.activity}, got {found}")
            return False
        data = self.data[(self.package, at.identifier)]
        if step.questions:
            self._inspect(step, at, data)
        for command in step.commands:
            self._call(command, data, step)
        if not data.get("adl.nav.request", "").startswith("abandon"):
            take_in(self.session, at, data)
        if is_last and step.instruction in {"Exit", "OKEnd", ""} and not self.case.must_end:
            return True
        self._move(step, at, data)
        return True

    def _move(self, step: Step, at: Activity, data: dict[str, str]) -> None:
        kind, *arguments = step.instruction.split("~")
        asked = from_content(data.get("adl.nav.request", ""))
        learners = {
            "Continue": Request("continue"), "Previous": Request("previous"), "TRIGExitAll": Request("exitAll"),
            "SuspendCM09ca": Request("suspendAll"), "RootSX4b": Request("choice", self.tree.root.identifier),
        }  # fmt: skip
        if asked is not None and asked.kind.startswith("abandon"):
            self._ask(asked)
            asked = None
        if kind in {"Choice", "ChoiceExit", "launch"}:
            self._ask(Request("choice", self._by_title(arguments[0])))
        elif kind in learners:
            self._ask(learners[kind])
        elif kind in _LAUNCHES:
            self._ask(Request("choice", self._by_title(_LAUNCHES[kind])))
        elif asked is not None and kind != "ExitCM09ba":
            self._ask(asked)
        elif data.get("cmi.exit") in {"time-out", "logout"} or kind.lower().startswith(_LEAVING):
            self._ask(Request("exitAll"))
        if "launch" in kind.lower() or kind in {"ExitCM09ba", "SuspendCM09ca", "DMBx", "DMBxAct"}:
            self._relaunch(kind, arguments)

    def _relaunch(self, kind: str, arguments: list[str]) -> None:
        if kind in _LAUNCHES or kind == "launch":
            return
        package = arguments[0] if arguments else {"LaunchDDMb": "DDMb", "ReLaunchDDMb": "DDMb"}.get(kind, self.package)
        package = {"ReLaunchDDMa": "DDMa"}.get(kind, package)
        self._open(package)
        if kind == "RelaunchCM10":
            self._ask(Request("choice", self._by_title("Activity 4")))
        if kind == "DMBxAct":
            self._ask(Request("choice", self._by_title("Data Model Behavior Test 1")))
        if len(arguments) > 1:
            self._ask(Request("choice", self._by_title(arguments[1])))

    def _by_title(self, title: str) -> str:
        if title.startswith("the activity that corresponds to the root"):
            return self.tree.root.identifier
        for activity in self.tree.root.walk():
            if activity.title == title:
                return activity.identifier
        return title

    def _inspect(self, step: Step, at: Activity, data: dict[str, str]) -> None:
        trial = self.session.copy()
        trial.shared = {key: ObjectiveState(**vars(value)) for key, value in self.session.shared.items()}
        take_in(trial, at, data)
        possible = what_is_possible(trial)
        for question, expected in zip(step.questions, step.answers, strict=True):
            name, _at, subject = question.partition("@")
            answer = self._answer(name, subject, possible)
            if answer is not None and answer != (expected == "Y"):
                self.problems.append(f"Act{step.activity}: {question} should be {expected}")

    def _answer(self, name: str, subject: str, possible: Availability) -> bool | None:
        what, _dot, state = name.partition(".")
        subject, _dot, _state = subject.partition(".") if "CM-" not in subject else (subject, "", "")
        match what:
            case "continue" | "previous":
                enabled = possible.can(what) and what not in possible.hidden
                return enabled if state == "enabled" else not enabled
            case "toc":
                if not subject:
                    leaves = [one for one in self.tree.root.walk() if not one.children]
                    return len(leaves) > 1 and "" in possible.choices.values()
                identifier = self._by_title(subject)
                if state == "visible":
                    return self.tree.activities[identifier].is_visible and possible.choices[identifier] != "hidden"
                return possible.choices.get(identifier, "gone") == ""
            case "ui":
                return subject not in possible.hidden
            case _:
                return None

    def _call(self, command: Command, data: dict[str, str], step: Step) -> None:
        element = self._resolved(command.element, data)
        if command.kind == "set" and command.expected == "true":
            data[element] = command.value
        elif (
            command.kind == "get"
            and command.expected
            and re.search(r"objectives\.\d+\.(score|success|completion|progress)", element)
        ):
            found = data.get(element, "unknown" if element.endswith("_status") else "")
            if command.error == "0" and not _same(found, command.expected):
                self.problems.append(f"Act{step.activity}: {command.element} is {found!r}, not {command.expected!r}")

    @staticmethod
    def _resolved(element: str, data: dict[str, str]) -> str:
        if (match := re.search(r"&(.*?)&", element)) is None:
            return element
        index = next((str(index) for index, name in objective_ids(data).items() if name == match[1]), "none")
        return element.replace(match[0], index)


def _same(found: str, expected: str) -> bool:
    try:
        return abs(float(found) - float(expected)) < 1e-6
    except ValueError:
        return found == expected or {found, expected} <= {"incomplete", "not attempted"}


_LEAVING = ("exit", "relaunch", "launchnchoose")
_LAUNCHES = {
    **{f"DMIt{number}": f"Data Model Implementation Test {number}" for number in range(1, 5)},
    **{f"APIt{number}": f"API Implementation Test {number}" for number in range(1, 3)},
}


def _number(run: EngineRun, activity: Activity) -> str:
    item = run.manifests[run.package].item(activity.identifier)
    match = re.search(r"act=([^&#]+)", item.suffix if item else "")
    return match[1] if match else activity.identifier


def run_all(suite: Suite, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    lasting: dict[str, ObjectiveState] = {}
    for name in names:
        yield name, EngineRun(suite, suite.case(name), lasting).run()
