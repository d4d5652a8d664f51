"""What saving a commit comes to for the part's own data. Pure, and the same whichever way the commit comes in.

Most commits say where the learner is and nothing that could change a result. `alters_no_result` tells them apart: only
those may be saved without judging anew (`courses.scorm.commit_front`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime

from courses.scorm.durations import seconds_of

# Clocks differ and networks delay: so much more than the wall clock may a package claim before it is noted.
SLACK_SECONDS = 120
# What a part says of its time in this sitting.
TIMES = ("cmi.core.session_time", "cmi.session_time")
# So many of a part's last commits are kept for whoever looks into what went wrong.
_LAST_COMMITS = 40
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LETTERS = {"autosave": "a", "commit": "c", "terminate": "t"}

# What a package remembers for itself, or tells of what the learner did. No result follows from any of it.
_BESIDE_THE_RESULT = re.compile(
    r"cmi\.(core\.(lesson_location|session_time)|location|session_time|suspend_data|comments|comments_from_learner\..+"
    r"|student_preference\..+|learner_preference\..+|interactions\..+)"
)


def alters_no_result(stored: Mapping[str, str], changes: Mapping[str, str]) -> bool:
    """Whether the part's result after `changes` is surely the one it had: all else that they say was said before."""
    return all(
        _BESIDE_THE_RESULT.fullmatch(element) is not None or stored.get(element) == value
        for element, value in changes.items()
    )


# What these elements may say without the part being finished, or failed, by it.
_UNDECIDED: Mapping[str, set[str | None]] = {
    "cmi.core.lesson_status": {None, "", "incomplete", "not attempted", "browsed"},
    "cmi.completion_status": {None, "incomplete", "not attempted", "unknown"},
    "cmi.success_status": {None, "unknown"},
    "cmi.progress_measure": {None},
}


def waits_for_judgement(stored: Mapping[str, str]) -> bool:
    """Whether what is stored may amount to more than the part's result: saving on our own initiative holds back what
    comes with a finish or a failure, until the package itself commits (`courses.scorm.commit`)."""
    return any(stored.get(element) not in harmless for element, harmless in _UNDECIDED.items())


def dumped(data: dict[str, str]) -> str:
    """The data as they are kept: in UTF-8, but for a letter that a package has cut in two, which has none there."""
    text = _ENCODER.encode(data)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":"))
    return text


def session_time(changes: Mapping[str, str], launched_at: datetime | None, now: datetime) -> tuple[float | None, bool]:
    """How many seconds of this sitting to count, None where the package said nothing, and whether it claims more than
    have passed by our clock."""
    claimed = seconds_of(next((changes[name] for name in TIMES if changes.get(name)), ""))
    if claimed is None or launched_at is None:
        return None, False
    most = max(0.0, (now - launched_at).total_seconds()) + SLACK_SECONDS
    return min(claimed, most), claimed > most


def noted(recent: str, now: datetime, trigger: str, elements: int) -> str:
    """`recent` with one more commit: the second (Unix time), its trigger's first letter, how many elements it had."""
    return " ".join(
        [*recent.split(" ")[-_LAST_COMMITS + 1 :], f"{int(now.timestamp())}{_LETTERS[trigger]}{elements}"]
    ).strip()
