"""Runs a case in a browser, in the product's own player: what the tester would press is pressed, what they would look
at is looked at, and every call of the run-time API is made from within the package's frame."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Frame, Page, Request

from courses.models import Course
from courses.scorm.durations import seconds_of
from tests.adl.cases import Case, Command, Step, Suite
from tests.courses.packages import zip_of

SCO = r"""<!doctype html><title>SCO</title><script>
let at = window; while (!at.API_1484_11 && at.parent !== at) at = at.parent;
const api = at.API_1484_11;
const find = (list, id) => { const count = Number(api.GetValue(`${list}._count`));
  for (let n = 0; n < count; n++) if (api.GetValue(`${list}.${n}.id`) === id) return n; return -1; };
window.runAll = (commands) => commands.map(({ kind, element, value }) => {
  const match = /^(.*?)\.&(.*?)&/.exec(element);
  if (match) element = element.replace(`&${match[2]}&`, find(match[1], match[2]));
  const result = { get: () => api.GetValue(element), set: () => api.SetValue(element, value),
    initialize: () => api.Initialize(element), commit: () => api.Commit(element),
    terminate: () => api.Terminate(element),
    error_string: () => api.GetErrorString(element), diagnostic: () => api.GetDiagnostic(element),
    last_error: () => api.GetLastError(), compare_objectives: () =>
      Array.from({ length: Number(api.GetValue("cmi.objectives._count")) },
      (_, n) => api.GetValue(`cmi.objectives.${n}.id`)).join(",") }[kind]();
  return [String(result), String(api.GetLastError())];
});
window.finish = () => { api.Terminate(""); };
%s
</script>"""
FAREWELLS = {
    "suspendAllOnUnload": 'api.SetValue("adl.nav.request", "suspendAll"); api.Terminate("")',
    "exitAllOnUnload": 'api.SetValue("adl.nav.request", "exitAll"); api.Terminate("")',
    "tarAct4OnUnload": 'api.SetValue("adl.nav.request", "{target=activity_4}choice"); api.Terminate("")',
    "SequencingTestSingleDoTerminate": 'api.Terminate("")',
}
WAIT = 20.0
_LAUNCHED_AGAIN = {"ExitCM09ba", "SuspendCM09ca", "ContinueExitCM8", "DMBx", "DMBxAct"}
_LAUNCHES = {
    **{f"DMIt{number}": f"Data Model Implementation Test {number}" for number in range(1, 5)},
    **{f"APIt{number}": f"API Implementation Test {number}" for number in range(1, 3)},
}


class Failed(Exception):
    """Something did not come as the case expects; the case cannot go on."""


def package_of(suite: Suite, name: str) -> bytes:
    """The case's package: its own manifest, and in place of ADL's Java, pages that do what they are told."""
    manifest = suite.manifest(name)
    text = manifest.decode("utf-8-sig", "replace")
    files: dict[str, bytes | str] = {"imsmanifest.xml": manifest}
    for tag in re.findall(r"<resource\b[^>]*>", text):
        base = re.search(r'xml:base\s*=\s*"([^"]*)"', tag)
        href = re.search(r'href\s*=\s*"([^"]*)"', tag)
        if href is not None:
            stem = href[1].rpartition("/")[2].partition(".")[0]
            farewell = FAREWELLS.get(stem, "")
            unload = f'window.addEventListener("pagehide", () => {{ {farewell} }});' if farewell else ""
            files[((base[1] if base else "") + href[1]).split("?")[0].strip()] = SCO % unload
    return zip_of(files)


class BrowserRun:
    """One case played by one learner. `problems` says what did not come as expected."""

    def __init__(self, suite: Suite, case: Case, page: Page, make: Callable[[bytes, str], Course]) -> None:
        self.suite, self.case, self.page, self.make = suite, case, page, make
        self.problems: list[str] = []
        self.under_way: set[Request] = set()
        page.on("request", lambda request: self.under_way.add(request))
        page.on("requestfinished", lambda request: self.under_way.discard(request))
        page.on("requestfailed", lambda request: self.under_way.discard(request))
        self.courses: dict[str, Course] = {}
        self.seen_launch = ""

    def run(self) -> list[str]:
        try:
            self._open(self.case.package)
            if self.case.start not in {".", "DDMa", ""}:
                self._choose(self.case.start)
            for number, step in enumerate(self.case.steps):
                self._play(step, is_last=number == len(self.case.steps) - 1)
            if self.case.must_end:
                self._until(lambda: self.page.locator("[data-notice=over]:visible").count() > 0, "the session's end")
        except (Failed, Error) as error:
            self.problems.append(str(error).splitlines()[0][:200])
        return self.problems

    def _open(self, package: str) -> None:
        if package not in self.courses:
            course = self.courses[package] = self.make(package_of(self.suite, package), package)
            self.page.goto(f"/mina-kurser/{course.key}/")
            self.page.get_by_role("button", name="Starta kursen").click()
        else:
            self.page.goto(f"/mina-kurser/{self.courses[package].key}/spela/")

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if holds():
                return
            self.page.wait_for_timeout(60)
        raise Failed(f"waited in vain for {what}")

    def _frame(self, activity: str) -> Frame:
        """The part's own frame, once it is the one that is expected."""
        found: list[Frame] = []

        def is_there() -> bool:
            found[:] = [frame for frame in self.page.frames if re.search(rf"act={activity}(?:$|[&#])", frame.url)]
            if not found:
                return False
            launch = next((frame.url for frame in self.page.frames if "/launch/" in frame.url), "")
            if launch == self.seen_launch or found[0].parent_frame is None or found[0].parent_frame.url != launch:
                return False
            try:
                return bool(found[0].evaluate("typeof window.runAll === 'function'"))
            except Error:  # it is just being replaced
                return False

        try:
            self._until(is_there, f"activity {activity}")
        except Failed as error:
            at = next(
                (re.search(r"act=([^&#]+)", frame.url) for frame in self.page.frames if "act=" in frame.url), None
            )
            raise Failed(f"{error}; open is {at[1] if at else 'nothing'}") from error
        self.seen_launch = next(frame.url for frame in self.page.frames if "/launch/" in frame.url)
        return found[0]

    def _play(self, step: Step, *, is_last: bool) -> None:
        frame = self._frame(step.activity)
        if step.questions:
            self.page.wait_for_timeout(600)
            for question, expected in zip(step.questions, step.answers, strict=True):
                answer = self._answer(question)
                if answer is not None and answer != (expected == "Y"):
                    self.problems.append(f"Act{step.activity}: {question} should be {expected}")
        for start in range(0, len(step.commands), 150):
            chunk = step.commands[start : start + 150]
            calls = [{"kind": one.kind, "element": one.element, "value": one.value} for one in chunk]
            for command, (value, error) in zip(chunk, frame.evaluate("calls => runAll(calls)", calls), strict=True):
                if not is_right(command, value, error):
                    self.problems.append(
                        f"Act{step.activity}: {command.kind} {command.element[:80]} {command.value[:60]} "
                        f"({len(command.value)}) gave "
                        f"{value[:40]!r}/{error}, not {command.expected[:40]!r}/{command.error}"
                    )
        href = frame.url
        if not any(f"{stem}.htm" in href for stem in FAREWELLS):
            frame.evaluate("finish()")
        self._follow(step, is_last)

    def _follow(self, step: Step, is_last: bool) -> None:
        kind, *arguments = step.instruction.split("~")
        if is_last and not self.case.must_end:
            return
        asks = any(
            one.kind == "set" and one.element == "adl.nav.request" and one.value != "_none_" for one in step.commands
        )
        if kind in {"Continue", "Previous", "ContinueExitCM8"}:
            self._rest()
            self.page.locator(f"[data-step={kind.removesuffix('ExitCM8').lower()}]").click()
        elif kind in {"Choice", "ChoiceExit", "launch"}:
            self._rest()
            self._choose(arguments[0])
        elif kind in _LAUNCHES:
            self._rest()
            self._choose(_LAUNCHES[kind])
        elif kind == "RootSX4b":
            self._rest()
            self._choose("the activity that corresponds to the root")
        elif kind == "SuspendCM09ca":
            self.page.locator("#leave").click()
            self.page.wait_for_url(re.compile(r"/mina-kurser/[^/]+/$"))
        elif kind in {"TRIGExitAll", "ExitCM09ba"} or (
            not asks and kind.lower().startswith(("exit", "relaunch", "launchn"))
        ):
            self._rest()
            self._end()
        if "launch" in kind.lower() or kind in _LAUNCHED_AGAIN:
            self._relaunch(kind, arguments)

    def _rest(self) -> None:
        """Until the part's farewell has been told and answered, and the page has come to rest: a tester looks first."""
        quiet = 0
        for _moment in range(200):
            self.page.wait_for_timeout(100)
            quiet = 0 if self.under_way else quiet + 1
            if quiet >= 6:
                return

    def _end(self) -> None:
        if self.page.locator("[data-notice=over]:visible").count():
            return
        self.page.locator("#end").click()
        self.page.locator("#end-now").click()
        self._until(lambda: self.page.locator("[data-notice=over]:visible").count() > 0, "the end")

    def _relaunch(self, kind: str, arguments: list[str]) -> None:
        if kind in _LAUNCHES or kind == "launch":
            return
        self._rest()
        package = arguments[0] if arguments else {"LaunchDDMb": "DDMb", "ReLaunchDDMb": "DDMb"}.get(kind, "")
        self._open({"ReLaunchDDMa": "DDMa"}.get(kind, package) or self._current_package())
        choices = {"RelaunchCM10": "Activity 4", "DMBxAct": "Data Model Behavior Test 1"}
        if kind in choices or len(arguments) > 1:
            self._choose(choices.get(kind) or arguments[1])

    def _current_package(self) -> str:
        return next(
            (name for name, course in self.courses.items() if f"/{course.key}/" in self.page.url), self.case.package
        )

    def _button(self, title: str) -> Any:
        buttons = self.page.locator("#status [data-item]")
        if title.startswith("the activity that corresponds to the root"):
            return buttons.filter(has_text=re.compile(r"^\s*LMS Test Content Package"))
        return buttons.filter(
            has=self.page.locator("span:not(.visually-hidden)", has_text=re.compile(rf"^\s*{re.escape(title)}\s*$"))
        )

    def _choose(self, title: str) -> None:
        self._until(lambda: self._button(title).count() > 0, f"{title} in the contents")
        self._button(title).first.click()

    def _answer(self, question: str) -> bool | None:
        name, _at, subject = question.partition("@")
        what, _dot, state = name.partition(".")
        match what:
            case "continue" | "previous":
                button = self.page.locator(f"[data-step={what}]:visible:not([aria-disabled])")
                return (button.count() > 0) is (state == "enabled")
            case "toc" if not subject:
                return self.page.locator("#status [data-item]:not([aria-disabled])").count() > 0
            case "toc":
                subject = subject if subject.startswith("the activity") else subject.partition(".")[0]
                button = self._button(subject)
                if state == "visible":
                    return bool(button.count())
                return bool(button.count()) and button.first.get_attribute("aria-disabled") is None
            case "ui":
                place = {"continue": "[data-step=continue]", "previous": "[data-step=previous]", "exitAll": "#end"}
                subject = subject.partition(".")[0]
                if subject == "suspendAll":
                    return self.page.locator("#leave[data-suspends]").count() > 0
                return subject in place and self.page.locator(f"{place[subject]}:visible").count() > 0
            case _:
                return None


def is_right(command: Command, value: str, error: str) -> bool:
    """Whether a call's answer is what ADL's own program would take for right."""
    match command.kind:
        case "terminate":
            return True
        case "compare_objectives":
            return sorted(filter(None, value.split(","))) == sorted(filter(None, command.element.split(",")))
        case "error_string" | "diagnostic":
            wanted = (
                value == "" if command.expected == "emptyCS" and command.kind == "error_string" else len(value) < 255
            )
            return wanted and error == command.error
        case "get" if "learner_name" in command.element or "learner_id" in command.element:
            return error == command.error
        case "get" if "request_valid." in command.element and command.expected in {"true", "false"}:
            return value in {"true", "false", "unknown"}
        case "get" if "comments_from_lms" in command.element and "_children" not in command.element:
            return error in {"0", "301", "122", "403", "401"}
        case "get" if "&" in command.element and command.element.endswith(".id") and not command.expected:
            return error == command.error and value == command.element.split("&")[1]
        case "get" if "_children" in command.element:
            return error == command.error and set(value.split(",")) == set(command.expected.split(","))
        case _:
            return error == command.error and is_same(value, command.expected)


def _answer(text: str) -> tuple[list[str], str]:
    """An answer as ADL's program compares it: what its marks say, unless it is what goes without saying, and the rest
    without regard to capitals."""
    marks = re.match(r"(\{(lang|case_matters|order_matters)=[^{}]*\})*", text)
    assert marks
    said = re.findall(r"\{[^{}]*\}", marks[0])
    unsaid = {"{lang=en}", "{case_matters=false}", "{order_matters=true}"}
    return sorted(one for one in said if one not in unsaid), text[marks.end() :].lower()


def is_same(value: str, expected: str) -> bool:
    """Whether two values are the same thing: durations and numbers may be spelt in several ways, and what an answer or
    a text is marked with may go without saying."""
    if value == expected:
        return True
    if value.startswith("P") and expected.startswith("P"):
        spelt, wanted = seconds_of(value), seconds_of(expected)
        return spelt is not None and spelt == wanted
    try:
        return abs(float(value) - float(expected)) < 1e-6
    except ValueError:
        return "{" in value + expected and _answer(value) == _answer(expected)
