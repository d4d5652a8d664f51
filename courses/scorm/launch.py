"""What a part of a package is told when it starts: the run-time data as its last sitting left it. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from courses.scorm.durations import as_scorm_12, as_scorm_2004, seconds_of
from courses.scorm.manifest import SCORM_12, Item, Manifest

_OBJECTIVE_ID = re.compile(r"cmi\.objectives\.\d{1,4}\.id")
# Said anew in each sitting, never carried over from the last.
_NOT_KEPT = {"cmi.core.exit", "cmi.core.session_time", "cmi.exit", "cmi.session_time", "adl.nav.request"}
_TOTAL = {"cmi.core.total_time", "cmi.total_time"}
# Longer than anybody takes a part; a package may claim what it likes.
_MOST_SECONDS = 10.0 * 365 * 86400


@dataclass(frozen=True)
class Learner:
    """Whom the package may know of: an identifier that means nothing elsewhere, and the name as a register has it."""

    identifier: str
    name: str
    language: str = "sv"


def starting_data(
    version: str,
    item: Item,
    learner: Learner,
    *,
    stored: Mapping[str, str],
    total_seconds: float,
    has_been_here: bool,
    has_ended: bool,
    is_review: bool,
) -> dict[str, str]:
    """The data model's elements to be put in place before the part starts, by name.

    `has_ended`: the last sitting said goodbye. A part that did not, because the browser was closed or the net went,
    is resumed as if it had suspended.
    """
    if version == SCORM_12:
        return _for_12(item, learner, stored, total_seconds, has_been_here, has_ended, is_review)
    return _for_2004(item, learner, stored, total_seconds, has_been_here, has_ended, is_review)


def _for_12(
    item: Item,
    learner: Learner,
    stored: Mapping[str, str],
    total_seconds: float,
    has_been_here: bool,
    has_ended: bool,
    is_review: bool,
) -> dict[str, str]:
    suspended = not has_ended or stored.get("cmi.core.exit") == "suspend"
    given = {
        "cmi.core.student_id": learner.identifier,
        "cmi.core.student_name": learner.name,
        "cmi.core.credit": "no-credit" if is_review else "credit",
        "cmi.core.lesson_mode": "review" if is_review else "normal",
        "cmi.core.entry": ("resume" if suspended else "") if has_been_here else "ab-initio",
        "cmi.core.total_time": as_scorm_12(total_seconds),
        "cmi.core.lesson_status": "not attempted",
        "cmi.launch_data": item.data_from_lms,
        "cmi.student_data.mastery_score": "" if item.mastery_score is None else f"{item.mastery_score:g}",
        "cmi.student_data.max_time_allowed": item.max_time_allowed,
        "cmi.student_data.time_limit_action": item.time_limit_action,
    }
    return (
        {key: value for key, value in given.items() if value}
        | _kept(stored)
        | {"cmi.core.entry": given["cmi.core.entry"]}
    )


def _for_2004(
    item: Item,
    learner: Learner,
    stored: Mapping[str, str],
    total_seconds: float,
    has_been_here: bool,
    has_ended: bool,
    is_review: bool,
) -> dict[str, str]:
    suspended = not has_ended or stored.get("cmi.exit") in {"suspend", "logout"}
    given = {
        "cmi.learner_id": learner.identifier,
        "cmi.learner_name": learner.name,
        "cmi.learner_preference.language": learner.language,
        "cmi.credit": "no-credit" if is_review else "credit",
        "cmi.mode": "review" if is_review else "normal",
        "cmi.entry": ("resume" if suspended else "") if has_been_here else "ab-initio",
        "cmi.total_time": as_scorm_2004(total_seconds),
        "cmi.launch_data": item.data_from_lms,
        "cmi.scaled_passing_score": "" if item.passing_measure is None else f"{item.passing_measure:g}",
        "cmi.completion_threshold": "" if item.completion_measure is None else f"{item.completion_measure:g}",
        "cmi.max_time_allowed": item.max_time_allowed,
        "cmi.time_limit_action": item.time_limit_action,
    }
    # The run-time book: the manifest's objectives are there from the start. A part may never have written their names.
    kept = with_objectives(_kept(stored), ((name, {}) for name in item.objectives))
    return {key: value for key, value in given.items() if value} | kept | {"cmi.entry": given["cmi.entry"]}


def with_objectives(data: Mapping[str, str], told: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, str]:
    """`data` with the objectives that a part finds at its start, each where its identifier stands already or in the
    first place that has none."""
    result = dict(data)
    places = {value: int(key.split(".")[2]) for key, value in data.items() if _OBJECTIVE_ID.fullmatch(key)}
    for name, values in told:
        taken = set(places.values())
        place = places.setdefault(name, next(number for number in itertools.count() if number not in taken))
        result[f"cmi.objectives.{place}.id"] = name
        result.update({f"cmi.objectives.{place}.{element}": value for element, value in values.items()})
    return result


def begins_afresh(version: str, stored: Mapping[str, str], *, has_ended: bool, is_review: bool) -> bool:
    """Whether what a part wrote is put aside at its next start. SCORM 2004's run-time book: after a normal exit the
    next start is a new attempt on the part. Only a package that says so in its own words (*normal*, *time-out*, or the
    empty one) gets that; one that says nothing keeps the learner's place, if it has left any."""
    if version == SCORM_12 or not has_ended or is_review:
        return False
    if "cmi.exit" in stored:
        return stored["cmi.exit"] in {"normal", "time-out", ""}
    return all(key in _TOTAL or key.startswith("adl.data.") for key in stored)


def as_left(version: str, stored: Mapping[str, str], counted_before: float) -> dict[str, str]:
    """What a part left, as its next sitting begins: the wish it left with has been carried out, and its time is added
    up. The total is the part's own account of its time, and told to nobody else: what we count is held against our
    clock (`counted_before`: that of the sittings before the last one)."""
    left = {key: value for key, value in stored.items() if key != "adl.nav.request"}
    element, core = ("cmi.core.total_time", "core.") if version == SCORM_12 else ("cmi.total_time", "")
    said = seconds_of(left.pop(f"cmi.{core}session_time", ""))
    if said is not None:
        total = min((seconds_of(left.get(element, "")) or counted_before) + said, _MOST_SECONDS)
        left[element] = as_scorm_12(total) if version == SCORM_12 else as_scorm_2004(total)
    return left


def of_new_sitting(stored: Mapping[str, str]) -> dict[str, str]:
    """What is stored, once the next sitting has begun to write: how the last one ended says nothing of this one."""
    return {key: value for key, value in stored.items() if key not in _NOT_KEPT}


def _kept(stored: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in stored.items() if key not in _NOT_KEPT and not key.startswith("adl.data.")}


def shared_data(manifest: Manifest, parts: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, str]:
    """What the parts of an attempt have put into the data that they share (`adl.data`), by its global name.

    `parts`: identifier and stored data of each part, the one written last at the end.
    """
    shared = {}
    for identifier, stored in parts:
        item = manifest.item(identifier)
        for number, name in enumerate(item.shared_data if item else ()):
            value = stored.get(f"adl.data.{number}.store")
            if value is not None:
                shared[name] = value
    return shared
