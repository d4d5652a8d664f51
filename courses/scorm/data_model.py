"""What a package may write: the run-time data models of SCORM 1.2 and SCORM 2004. Pure.

The runtime in the browser checks the same, but the browser belongs to the learner: what arrives here is checked anew.
An element that may not be written, or a value outside its vocabulary, range or length, is left out and named in the
answer; the rest is kept, so that one odd value does not cost the learner their place in the course.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from courses.scorm.durations import seconds_of
from courses.scorm.manifest import SCORM_12

Check = Callable[[str], bool]

MAX_ELEMENTS = 20_000
MAX_INDEX = 2_000
_NUMBER = re.compile(r"-?\d{1,10}(\.\d{1,10})?")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?")
_INSTANT = re.compile(
    r"(19[7-9]\d|20[0-3]\d)(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d(\.\d{1,6})?)?)?(Z|[+-][01]\d(:[0-5]\d)?)?)?)?)?"
)


def _text(length: int) -> Check:
    return lambda value: len(value) <= length


def _words(*words: str) -> Check:
    allowed = frozenset(words)
    return lambda value: value in allowed


def _number(low: float | None = None, high: float | None = None, *, empty: bool = False) -> Check:
    def check(value: str) -> bool:
        if empty and value == "":
            return True
        if not _NUMBER.fullmatch(value):
            return False
        number = float(value)
        return (low is None or number >= low) and (high is None or number <= high)

    return check


def _duration(value: str) -> bool:
    return seconds_of(value) is not None


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(value) is not None


_SCORE_12 = _number(0, 100, empty=True)
_STATUS_12 = _words("passed", "completed", "failed", "incomplete", "browsed", "not attempted")
_KIND_12 = _words(
    "true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric"
)  # fmt: skip

# `n` stands for an index. Suspend data and comments may be longer than the standard's least: real packages are.
WRITABLE_12: Mapping[str, Check] = {
    "cmi.core.lesson_location": _text(1_000),
    "cmi.core.lesson_status": _STATUS_12,
    "cmi.core.exit": _words("", "time-out", "suspend", "logout"),
    "cmi.core.session_time": _duration,
    "cmi.core.score.raw": _SCORE_12,
    "cmi.core.score.min": _SCORE_12,
    "cmi.core.score.max": _SCORE_12,
    "cmi.suspend_data": _text(65_536),
    "cmi.comments": _text(32_768),
    "cmi.objectives.n.id": _text(255),
    "cmi.objectives.n.status": _STATUS_12,
    "cmi.objectives.n.score.raw": _SCORE_12,
    "cmi.objectives.n.score.min": _SCORE_12,
    "cmi.objectives.n.score.max": _SCORE_12,
    "cmi.student_preference.audio": _number(-1, 100),
    "cmi.student_preference.language": _text(255),
    "cmi.student_preference.speed": _number(-100, 100),
    "cmi.student_preference.text": _number(-1, 1),
    "cmi.interactions.n.id": _text(255),
    "cmi.interactions.n.objectives.n.id": _text(255),
    "cmi.interactions.n.time": _matches(_TIME_OF_DAY),
    "cmi.interactions.n.type": _KIND_12,
    "cmi.interactions.n.correct_responses.n.pattern": _text(4_096),
    "cmi.interactions.n.weighting": _number(-100, 100),
    "cmi.interactions.n.student_response": _text(4_096),
    "cmi.interactions.n.result": lambda value: (
        value in {"correct", "wrong", "unanticipated", "neutral"} or _NUMBER.fullmatch(value) is not None
    ),
    "cmi.interactions.n.latency": _duration,
}

_COMPLETION = _words("completed", "incomplete", "not attempted", "unknown")
_SUCCESS = _words("passed", "failed", "unknown")
_REAL = _number()
_KIND_2004 = _words(
    "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric",
    "other",
)  # fmt: skip
_NAVIGATION = re.compile(
    r"_none_|continue|previous|exit|exitAll|abandon|abandonAll|suspendAll|\{target=[^{}]{1,250}\}(choice|jump)"
)

# The longest answer that the book speaks of: 250 steps of a performance, each with a name and an answer of 250 letters.
_ANSWER = _text(128_000)

WRITABLE_2004: Mapping[str, Check] = {
    "cmi.location": _text(1_000),
    "cmi.completion_status": _COMPLETION,
    "cmi.success_status": _SUCCESS,
    "cmi.exit": _words("", "time-out", "suspend", "logout", "normal"),
    "cmi.session_time": _duration,
    "cmi.score.scaled": _number(-1, 1),
    "cmi.score.raw": _REAL,
    "cmi.score.min": _REAL,
    "cmi.score.max": _REAL,
    "cmi.progress_measure": _number(0, 1),
    "cmi.suspend_data": _text(65_536),
    "cmi.learner_preference.audio_level": _number(0),
    "cmi.learner_preference.language": _text(250),
    "cmi.learner_preference.delivery_speed": _number(0),
    "cmi.learner_preference.audio_captioning": _words("-1", "0", "1"),
    "cmi.comments_from_learner.n.comment": _text(4_250),
    "cmi.comments_from_learner.n.location": _text(250),
    "cmi.comments_from_learner.n.timestamp": _matches(_INSTANT),
    "cmi.objectives.n.id": _text(4_000),
    "cmi.objectives.n.score.scaled": _number(-1, 1),
    "cmi.objectives.n.score.raw": _REAL,
    "cmi.objectives.n.score.min": _REAL,
    "cmi.objectives.n.score.max": _REAL,
    "cmi.objectives.n.success_status": _SUCCESS,
    "cmi.objectives.n.completion_status": _COMPLETION,
    "cmi.objectives.n.progress_measure": _number(0, 1),
    "cmi.objectives.n.description": _text(500),
    "cmi.interactions.n.id": _text(4_000),
    "cmi.interactions.n.type": _KIND_2004,
    "cmi.interactions.n.objectives.n.id": _text(4_000),
    "cmi.interactions.n.timestamp": _matches(_INSTANT),
    "cmi.interactions.n.correct_responses.n.pattern": _ANSWER,
    "cmi.interactions.n.weighting": _REAL,
    "cmi.interactions.n.learner_response": _ANSWER,
    "cmi.interactions.n.result": lambda value: (
        value in {"correct", "incorrect", "unanticipated", "neutral"} or _NUMBER.fullmatch(value) is not None
    ),
    "cmi.interactions.n.latency": _duration,
    "cmi.interactions.n.description": _text(500),
    "adl.nav.request": _matches(_NAVIGATION),
    "adl.data.n.store": _text(64_000),
}

_INDEX = re.compile(r"\.(\d{1,5})(?=\.)")


@lru_cache(maxsize=4096)
def _shape(element: str) -> str | None:
    """The element with its indices replaced by `n`; None when an index is out of all reason."""
    if any(int(index) >= MAX_INDEX for index in _INDEX.findall(element)):
        return None
    return _INDEX.sub(".n", element)


def refused_elements(version: str, changes: Mapping[str, str]) -> dict[str, str]:
    """The elements of `changes` that may not be kept, each with why: `read_only` or `value`.

    Elements that do not exist count as read-only: in neither case may a package write them.
    """
    writable = WRITABLE_12 if version == SCORM_12 else WRITABLE_2004
    refused = {}
    for element, value in changes.items():
        shape = _shape(element)
        check = writable.get(shape) if shape else None
        if check is None:
            refused[element] = "read_only"
        elif not check(value):
            refused[element] = "value"
    return refused


def has_the_right_form(changes: object) -> bool:
    """Whether `changes` is a mapping of element names to strings, of a reasonable number, as the player sends it."""
    return (
        isinstance(changes, dict)
        and len(changes) <= MAX_ELEMENTS
        and all(isinstance(key, str) and len(key) <= 250 and isinstance(value, str) for key, value in changes.items())
    )
