"""What a learner can do now: which buttons lead somewhere, which parts can be chosen, and why not the others. Pure.

It is found out by trying: on a copy of the session in which the open activity has ended with what it has said so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courses.scorm.sequencing.ending import terminate
from courses.scorm.sequencing.engine import admit_choice, check_delivery, choose, navigate
from courses.scorm.sequencing.requests import Refused, Request, SessionOver
from courses.scorm.sequencing.tracking import Session


@dataclass(frozen=True)
class Availability:
    """`refusals` by request or by activity: an empty word where it is allowed. `hidden`: buttons the package hides."""

    steps: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def can(self, step: str) -> bool:
        return self.steps.get(step) == ""


def what_is_possible(session: Session) -> Availability:
    """The session must hold what the open activity has said so far (see `reported.take_in`); it is not changed."""
    current = session.current_activity()
    steps = {"previous": _try(session, Request("previous")), "continue": _try(session, Request("continue"))}
    parent = None if current is None else session.tree.parent(current)
    if steps["continue"] and parent is not None and parent.flow:
        # The standard wants the button wherever a cluster flows, even when the way on turns out to be barred.
        steps["continue"] = ""
    return Availability(
        steps=steps,
        choices=_choices(session),
        hidden=frozenset() if current is None else current.hidden_buttons,
    )


def _try(session: Session, request: Request) -> str:
    return navigate(session.copy(), request).refusal


def _choices(session: Session) -> dict[str, str]:
    if session.current is None:
        return {name: _try(session, Request("choice", name)) for name in session.tree.activities}
    trial = session.copy()
    current = trial.current_activity()
    diverted = None
    if current is not None and trial.state(current).is_active:
        try:
            diverted = terminate(trial, "exit")
        except Refused:
            diverted = "exit"
    return {
        name: _try_choice(session, trial, name, is_diverted=diverted is not None) for name in session.tree.activities
    }


def _try_choice(session: Session, trial: Session, name: str, *, is_diverted: bool) -> str:
    try:
        admit_choice(session, session.current_activity(), name)
        if not is_diverted:
            check_delivery(trial, choose(trial, trial.tree.activities[name], is_trial=True))
    except Refused as refusal:
        return refusal.code
    except SessionOver:
        return "nothing_there"
    return ""
