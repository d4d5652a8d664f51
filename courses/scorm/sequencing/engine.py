"""The overall sequencing process (OP.1): a request in, the activity to start out, the session changed. Pure.

`navigate` is the only thing that moves a session. It always ends, it gives the same answer for the same state, and it
never delivers an activity that a rule has disabled or whose attempts are used up.
"""

from __future__ import annotations

from courses.scorm.sequencing.choosing import prepare_all
from courses.scorm.sequencing.definition import Activity
from courses.scorm.sequencing.ending import end_attempt, terminate, terminate_descendants
from courses.scorm.sequencing.flow import Direction, Flow
from courses.scorm.sequencing.requests import Outcome, Refused, Request, SessionOver
from courses.scorm.sequencing.rules import has_action, is_barred
from courses.scorm.sequencing.tracking import Session


def navigate(session: Session, request: Request) -> Outcome:
    """Carry out a request. What the open activity's content has said must be in the session already."""
    try:
        termination, sequencing = _admit(session, request)
        if termination is not None:
            sequencing = terminate(session, termination) or sequencing
        target = _sequence(session, sequencing, request.target)
        if target is None:
            return _over(session) if session.current == session.tree.root.identifier else Outcome()
        check_delivery(session, target)
        _make_way(session, target)
        check_delivery(session, target)  # an attempt that was suspended may be over now, and a new one too many
    except SessionOver:
        return _over(session)
    except Refused as refusal:
        return Outcome(refusal=refusal.code)
    _deliver(session, target)
    return Outcome(delivered=target.identifier)


def _over(session: Session) -> Outcome:
    root = session.tree.root
    terminate_descendants(session, root)
    if session.state(root).is_active:
        end_attempt(session, root)
    session.current = None
    return Outcome(has_ended=True)


def _admit(session: Session, request: Request) -> tuple[str | None, str]:
    """NB.2.1: whether the request makes sense now; what is to end first, and what to look for then."""
    current = session.current_activity()
    if request.kind in {"start", "resumeAll"}:
        if current is not None:
            raise Refused("already_open")
        if request.kind == "resumeAll" and session.suspended is None:
            raise Refused("nothing_suspended")
        return None, request.kind
    if request.kind == "choice":
        admit_choice(session, current, request.target)
    elif current is None:
        raise Refused("nothing_open")
    elif request.kind in {"continue", "previous"}:
        parent = session.tree.parent(current)
        if parent is None or not parent.flow:
            raise Refused("no_flow")
        if request.kind == "previous" and parent.forward_only:
            raise Refused("forward_only")
    elif request.kind == "jump":
        target = session.tree.activities.get(request.target)
        if target is None or not _is_available(session, target):
            raise Refused("no_such_part")
    elif request.kind in {"exit", "abandon"} and not session.state(current).is_active:
        raise Refused("already_ended")
    if request.kind in {"exitAll", "suspendAll", "abandon", "abandonAll"}:
        return request.kind, "exit"
    is_active = current is not None and session.state(current).is_active
    return ("exit" if is_active else None), request.kind


def admit_choice(session: Session, current: Activity | None, name: str) -> None:
    target = session.tree.activities.get(name)
    if target is None:
        raise Refused("no_such_part")
    parent = session.tree.parent(target)
    if parent is not None and not parent.choice:
        raise Refused("no_choice")
    if current is None:
        return
    if session.state(current).is_active and not current.choice_exit:
        raise Refused("no_choice_exit")
    if parent is not None and parent is session.tree.parent(current):
        return
    common = session.tree.common_ancestor(current, target)
    for one in session.tree.path(current):
        if one is common:
            break
        if session.state(one).is_active and not one.choice_exit:
            raise Refused("no_choice_exit")


def _is_available(session: Session, target: Activity) -> bool:
    """Whether the activity and all above it have been selected among their siblings."""
    for one in session.tree.path(target):
        parent = session.tree.parent(one)
        if parent is not None and one not in session.available(parent):
            return False
    return True


def _sequence(session: Session, kind: str, target_name: str) -> Activity | None:
    """SB.2.12: the activity that is to be delivered; None when there is none to look for."""
    current = session.current_activity()
    root = session.tree.root
    if kind == "start":
        session.begin_root()
        return root if not root.children else Flow(session).find(root, "forward", enter=True)
    if kind == "resumeAll":
        return _resumed(session)
    if kind == "choice":
        return choose(session, session.tree.activities[target_name])
    if current is None:
        raise Refused("nothing_open")
    if kind in {"continue", "previous"}:
        parent = session.tree.parent(current)
        if parent is not None and not parent.flow:
            raise Refused("no_flow")
        direction: Direction = "forward" if kind == "continue" else "backward"
        return Flow(session).find(current, direction, enter=False)
    if kind == "retry":
        state = session.state(current)
        if state.is_active or state.is_suspended:
            raise Refused("already_open")
        if current is root:
            session.begin_root()
        return Flow(session).find(current, "forward", enter=True) if current.children else current
    if kind == "jump":
        return session.tree.activities[target_name]
    return None


def _resumed(session: Session) -> Activity:
    """SB.2.6. A cluster is suspended when the learner left between two parts: then on from its beginning."""
    activity = session.tree.activities[session.suspended or ""]
    return Flow(session).find(activity, "forward", enter=True) if activity.children else activity


def choose(session: Session, target: Activity, *, is_trial: bool = False) -> Activity:
    """SB.2.9: a choice, past all that may bar the way. A trial changes nothing."""
    tree, flow = session.tree, Flow(session)
    if not _is_available(session, target):
        raise Refused("not_selected")
    if any(has_action(session, one, "hiddenFromChoice") for one in tree.path(target)):
        raise Refused("hidden")
    parent = tree.parent(target)
    if parent is not None and not parent.choice:
        raise Refused("no_choice")
    current = session.current_activity()
    common = tree.root if current is None else tree.common_ancestor(current, target)
    if current is not None and current is not target:
        if parent is not None and tree.parent(current) is parent:
            siblings = session.available(parent)
            if current not in siblings:
                raise Refused("not_selected")
            start, end = siblings.index(current), siblings.index(target)
            between = siblings[start:end] if start < end else siblings[end + 1 : start + 1][::-1]
            for one in between:
                flow.check_step(one, "forward" if start < end else "backward")
        elif common is target:
            _leave(session, current, common)
        elif common is not current:
            constrained = _leave(session, current, common)
            if constrained is not None:
                _check_constraint(session, flow, constrained, target)
    if current is not target and common is not target and (current is None or tree.parent(current) is not parent):
        _check_way_down(session, flow, common, target, forward=current is None or _is_after(session, target, current))
    if not target.children:
        return target
    try:
        return flow.find(target, "forward", enter=True)
    except (Refused, SessionOver) as reason:
        if not is_trial:
            terminate_descendants(session, common)
            end_attempt(session, common)
            session.current = target.identifier
        raise Refused("nothing_there") from reason


def _leave(session: Session, current: Activity, common: Activity) -> Activity | None:
    """From `current` up to below `common`: each must let go; returns the first that constrains where to."""
    constrained = None
    for one in session.tree.path(current):
        if one is common:
            break
        if not one.choice_exit:
            raise Refused("no_choice_exit")
        if constrained is None and one.constrain_choice and one.children:
            constrained = one
    return constrained


def _check_constraint(session: Session, flow: Flow, constrained: Activity, target: Activity) -> None:
    direction: Direction = "forward" if _is_after(session, target, constrained) else "backward"
    allowed = flow.neighbour(constrained, direction)
    path = session.tree.path(target)
    if allowed not in path and constrained not in path:
        raise Refused("constrained")


def _check_way_down(session: Session, flow: Flow, common: Activity, target: Activity, *, forward: bool) -> None:
    way = session.tree.path(target)
    for one in reversed(way[1 : way.index(common) + 1]):
        if forward:
            flow.check_step(one, "forward")
        if one is not common and one.prevent_activation and not session.state(one).is_active:
            raise Refused("not_open_yet")


def _is_after(session: Session, one: Activity, other: Activity) -> bool:
    """Whether `one` comes after `other`, as the learner meets them."""
    common = session.tree.common_ancestor(one, other)
    if common is other:
        return True
    if common is one:
        return False
    siblings = session.available(common)
    paths = session.tree.path(one), session.tree.path(other)
    mine, theirs = (next((index for index, each in enumerate(siblings) if each in path), -1) for path in paths)
    return mine > theirs


def check_delivery(session: Session, target: Activity) -> None:
    """DB.1.1; and that no draw has left the activity out since it was found."""
    if target.children:
        raise Refused("nothing_there")
    if not _is_available(session, target):
        raise Refused("not_selected")
    if any(is_barred(session, one) for one in session.tree.path(target)):
        raise Refused("disabled")


def _make_way(session: Session, target: Activity) -> None:
    """DB.2, first half: end what is suspended or under way elsewhere."""
    _clear_suspended(session, target)
    terminate_descendants(session, target)


def _deliver(session: Session, target: Activity) -> None:
    """DB.2, second half: begin the attempts that are not under way, from the root down."""
    for one in reversed(session.tree.path(target)):
        state = session.state(one)
        if not state.is_active:
            if one.tracked:
                if state.is_suspended:
                    state.is_suspended = False
                elif not (session.tree.keeps_work and state.attempts):
                    session.begin_attempt(one)
            state.is_active = True
    session.current = target.identifier
    session.suspended = None


def _clear_suspended(session: Session, target: Activity) -> None:
    """DB.2.1: when another activity than the suspended one is delivered, the suspended one is over."""
    if session.suspended is None or session.suspended == target.identifier:
        return
    suspended = session.tree.activities[session.suspended]
    common = session.tree.common_ancestor(target, suspended)
    for one in session.tree.path(suspended):
        state = session.state(one)
        state.is_suspended = any(session.state(child).is_suspended for child in session.available(one))
        if one is common:
            break
    session.suspended = None


def open_session(session: Session) -> Outcome:
    """Sit down: begin, or go on where the learner left. A session that was never closed is closed first."""
    if not session.has_begun:
        prepare_all(session)
        session.has_begun = True
    if session.current is not None:
        navigate(session, Request("suspendAll"))
        session.current = None
    if session.suspended is not None:
        outcome = navigate(session, Request("resumeAll"))
        if outcome.delivered:
            return outcome
        session.suspended = None
    outcome = navigate(session, Request("start"))
    leaves = [activity for activity in session.tree.root.walk() if not activity.children]
    if outcome.refusal and (session.tree.keeps_work or len(leaves) == 1):
        # There is nothing to be gained by asking: the learner chooses from the contents anyhow.
        return navigate(session, Request("choice", leaves[0].identifier))
    return outcome
