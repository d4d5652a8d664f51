"""Between a part's run-time data and the tracking model: what it has said, and what it is told. Pure.

After the run-time environment book: `cmi.objectives` go to the objectives of the same identifiers, the values of the
part as a whole to its primary objective.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from courses.scorm.sequencing.definition import Activity, Objective
from courses.scorm.sequencing.tracking import Session

_OBJECTIVE_ID = re.compile(r"cmi\.objectives\.(\d{1,4})\.id")
_NUMBERS = {
    "measure": "score.scaled",
    "raw": "score.raw",
    "minimum": "score.min",
    "maximum": "score.max",
    "progress": "progress_measure",
}
_COMPLETION = {"completed": True, "incomplete": False, "not attempted": False}
_SUCCESS = {"passed": True, "failed": False}


def take_in(session: Session, activity: Activity, data: Mapping[str, str]) -> None:
    """Put what a part has said into the session. Of an activity that is not tracked, nothing is kept."""
    session.state(activity).is_suspended = data.get("cmi.exit") == "suspend"
    if not activity.tracked:
        return
    primary = activity.primary
    for index, name in objective_ids(data).items():
        objective = next((one for one in activity.objectives if one.identifier == name), None)
        if objective is not None:
            _take_objective(session, activity, objective, data, f"cmi.objectives.{index}.")
    _take_objective(session, activity, primary, data, "cmi.")


def objective_ids(data: Mapping[str, str]) -> dict[int, str]:
    """The identifiers of the objectives in the run-time data, by their index."""
    found = {}
    for element, value in data.items():
        if match := _OBJECTIVE_ID.fullmatch(element):
            found[int(match[1])] = value
    return dict(sorted(found.items()))


def _take_objective(
    session: Session, activity: Activity, objective: Objective, data: Mapping[str, str], prefix: str
) -> None:
    for what, element in _NUMBERS.items():
        value = _number(data.get(prefix + element))
        if value is not None:
            session.put(activity, objective, what, value)
    for what, element, words in (
        ("completed", "completion_status", _COMPLETION),
        ("satisfied", "success_status", _SUCCESS),
    ):
        said = data.get(prefix + element)
        if said in words and not _follows_from_measure(activity, objective, what):
            session.put(activity, objective, what, words[said])
        elif said == "unknown" and not _follows_from_measure(activity, objective, what):
            unknown = session.state(activity).said_unknown
            if objective.is_primary and what not in unknown:
                unknown.append(what)
            session.put(activity, objective, what, None)


def _follows_from_measure(activity: Activity, objective: Objective, what: str) -> bool:
    if what == "satisfied":
        return objective.satisfied_by_measure
    return objective.is_primary and activity.completed_by_measure


def told(session: Session, activity: Activity) -> list[tuple[str, dict[str, str]]]:
    """The objectives that a part finds at its start, each with what is known of it, by element."""
    return [
        (objective.identifier, _known(session, activity, objective))
        for objective in activity.objectives
        if objective.identifier
    ]


def _known(session: Session, activity: Activity, objective: Objective) -> dict[str, str]:
    known = {}
    for what, element in _NUMBERS.items():
        value = session.get(activity, objective, what)
        if value is not None:
            known[element] = f"{value:g}" if abs(value) < 1e6 else str(value)
    completed = session.shared_value(objective, "completed")
    if completed is None:
        completed = session.get(activity, objective, "completed")
    satisfied = session.get(activity, objective, "satisfied")
    if completed is not None:
        known["completion_status"] = "completed" if completed else "incomplete"
    if satisfied is not None:
        known["success_status"] = "passed" if satisfied else "failed"
    return known


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
