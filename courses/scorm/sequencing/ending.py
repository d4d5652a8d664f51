"""Leaving activities: the end of an attempt (UP.3, UP.4), and of what was asked to end (TB.2). Pure."""

from __future__ import annotations

from courses.scorm.sequencing.choosing import prepare
from courses.scorm.sequencing.definition import POST, Activity
from courses.scorm.sequencing.requests import Refused
from courses.scorm.sequencing.rollup import roll_up
from courses.scorm.sequencing.rules import action_of
from courses.scorm.sequencing.tracking import Session


def end_attempt(session: Session, activity: Activity) -> None:
    """UP.4: what the content left unsaid gets its default, and all above is judged anew."""
    state = session.state(activity)
    if activity.children:
        state.is_suspended = any(session.state(child).is_suspended for child in session.available(activity))
        if not state.is_suspended:
            prepare(session, activity, {"onEachNewAttempt"})
    elif activity.tracked and not state.is_suspended:
        primary = activity.primary
        for what, is_decided_otherwise in (
            ("completed", activity.completion_set_by_content or activity.completed_by_measure),
            ("satisfied", activity.objective_set_by_content or primary.satisfied_by_measure),
        ):
            if is_decided_otherwise or what in state.said_unknown:
                continue
            if session.get(activity, primary, what) is None:
                session.put(activity, primary, what, True)
    state.is_active = False
    roll_up(session, activity)


def terminate_descendants(session: Session, activity: Activity) -> None:
    """UP.3: end the attempts on the clusters between the current activity and the one it shares with `activity`."""
    current = session.current_activity()
    if current is None:
        return
    common = session.tree.common_ancestor(current, activity)
    for one in session.tree.path(current)[1:]:
        if one is common:
            break
        end_attempt(session, one)


def terminate(session: Session, request: str) -> str | None:
    """TB.2.3: carry out a request to end something; returns the sequencing request that the rules ask for instead.

    Raises Refused.
    """
    current = session.current_activity()
    if current is None:
        raise Refused("nothing_open")
    if request in {"exit", "abandon"} and not session.state(current).is_active:
        raise Refused("already_ended")
    match request:
        case "exit":
            return _exit(session, current)
        case "exitAll":
            return _exit_all(session, current, None)
        case "suspendAll":
            return _suspend_all(session, current)
        case "abandon":
            _forget_result(session, current)
            session.state(current).is_active = False
            return None
        case _:
            _forget_result(session, current)
            for one in session.tree.path(current):
                session.state(one).is_active = False
            session.current = session.tree.root.identifier
            return "exit"


def _exit(session: Session, current: Activity) -> str | None:
    end_attempt(session, current)
    current = _follow_exit_rules(session, current)
    while True:
        termination, sequencing = _after(session, current)
        if termination == "exitAll":
            return _exit_all(session, current, sequencing)
        parent = session.tree.parent(current)
        if termination == "exitParent":
            if parent is None:
                raise Refused("nothing_above")
            session.current = parent.identifier
            end_attempt(session, parent)
            current = parent
            continue
        if parent is None and sequencing != "retry":
            return "exit"
        return sequencing


def _follow_exit_rules(session: Session, current: Activity) -> Activity:
    """TB.2.1: the topmost cluster whose exit rules apply ends, with all below it."""
    for activity in reversed(session.tree.path(current)[1:]):
        if action_of(session, activity, activity.exit_rules) is not None:
            terminate_descendants(session, activity)
            end_attempt(session, activity)
            session.current = activity.identifier
            return activity
    return current


def _after(session: Session, current: Activity) -> tuple[str | None, str | None]:
    """TB.2.2: what the rules after the activity ask for: to end more, and where to go then."""
    if session.state(current).is_suspended:
        return None, None
    action = action_of(session, current, current.post_rules, POST)
    if action == "retryAll":
        return "exitAll", "retry"
    if action in {"exitParent", "exitAll"}:
        return action, None
    return None, action


def _exit_all(session: Session, current: Activity, sequencing: str | None) -> str:
    root = session.tree.root
    if session.state(current).is_active:
        end_attempt(session, current)
    terminate_descendants(session, root)
    if current is not root or session.state(root).is_active:
        end_attempt(session, root)
    session.current = root.identifier
    return sequencing or "exit"


def _forget_result(session: Session, activity: Activity) -> None:
    """What was done in an attempt that is abandoned does not count."""
    for what in ("completed", "progress", "satisfied", "measure"):
        session.put(activity, activity.primary, what, None)
    session.changed.clear()


def _suspend_all(session: Session, current: Activity) -> str:
    state = session.state(current)
    if state.is_active or state.is_suspended:
        roll_up(session, current)
        session.suspended = current.identifier
    else:
        parent = session.tree.parent(current)
        if parent is None:
            raise Refused("nothing_to_suspend")
        session.suspended = parent.identifier
    for one in session.tree.path(session.tree.activities[session.suspended]):
        session.state(one).is_active = False
        session.state(one).is_suspended = True
    session.current = session.tree.root.identifier
    return "exit"
