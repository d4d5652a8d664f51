"""Moving through a package: from one part to the next, or out of it. The server decides where to.

The player asks with one word (`Move`): to open the course, to follow what a part has asked for when it ended, or what
the learner pressed. What the part that is left has said is taken in first; then the engine answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.actions.attempts import locked_attempt, may_be_written, take_seat
from courses.models import Attempt, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.queries.parts import may_be_opened, part_statuses
from courses.queries.refusals import sentence_for
from courses.scorm.launch import with_objectives
from courses.scorm.ordinary import dumped
from courses.scorm.results import Completion
from courses.scorm.sequencing.definition import Activity
from courses.scorm.sequencing.engine import navigate, open_session
from courses.scorm.sequencing.reported import told
from courses.scorm.sequencing.requests import Outcome, Request, from_content
from courses.scorm.sequencing.tracking import Session
from courses.scorm.sessions import load_session, result_of, save_session, take_in_current
from courses.scorm.settling import course_result, settle
from courses.scorm.stores import empty_stores, keep_shared_data
from courses.scorm.tokens import Sitting
from lms.lib.errors import Refusal
from lms.users.models import User

Verb = Literal["open", "follow", "continue", "previous", "choice", "exit", "exitAll", "suspendAll"]
VERBS = ("open", "follow", "continue", "previous", "choice", "exit", "exitAll", "suspendAll")


@dataclass(frozen=True)
class Move:
    """What the player asks for. `launch` is the sitting that it has open, if any; `item` is what to open."""

    verb: Verb
    item: str = ""
    launch: UUID | None = None


@dataclass(frozen=True)
class Moved:
    """What came of it: a sitting to put into the frame, the end of the run, or neither: the part that was open stays,
    or, when `is_left`, has been left with nothing in its place. `message` says why, in the learner's language."""

    sitting: Sitting | None = None
    has_ended: bool = False
    is_left: bool = False
    message: str = ""


class Fenced(Refusal):
    """The course is open somewhere else: what is asked for here would move it there."""


@transaction.atomic
def move(*, attempt: Attempt, asked: Move, by: User) -> Moved:
    """Carry out what the player asks. Raises Fenced when another sitting has the course, Refusal with a sentence."""
    if by != attempt.person:
        raise PermissionDenied("an attempt belongs to one person")
    attempt = locked_attempt(attempt)
    if not may_be_written(attempt):
        raise Refusal(_("The course cannot be taken at present."))
    if asked.verb != "open" and asked.launch != attempt.launch_id:
        raise Fenced(_("You have opened the course in another tab or on another device. Go on there."))
    session = load_session(attempt)
    return _move_freely(attempt, asked) if session is None else _move_by_rules(attempt, session, asked)


def _move_by_rules(attempt: Attempt, session: Session, asked: Move) -> Moved:
    runtimes = list(attempt.runtimes.select_for_update())
    open_part = next((one for one in runtimes if one.item == session.current), None)
    request = _request(asked, open_part)
    if request is None:
        return Moved()
    if request.kind == "suspendAll":
        _suspend(open_part)
    if request.kind not in {"abandon", "abandonAll"}:
        take_in_current(session, runtimes)
    keep_shared_data(attempt, runtimes)
    before = {key: state.attempts for key, state in session.states.items()}
    outcome = _carry_out(session, request, asked)
    save_session(attempt, session)
    root = session.tree.root.identifier
    if root in session.states and session.states[root].attempts != before.get(root, 0):
        empty_stores(attempt, runtimes)
    if not session.tree.keeps_work:
        fields = settle(attempt, result_of(session), timezone.now())
        attempt.save(update_fields=fields)
    if outcome.delivered is None:
        is_left = outcome.has_ended or _is_closed(session)
        if is_left:
            attempt.current_item = ""
            attempt.save(update_fields=["current_item"])
        return Moved(has_ended=outcome.has_ended, is_left=is_left, message=_sentence(outcome))
    is_new = session.states[outcome.delivered].attempts != before.get(outcome.delivered, 0)
    sitting = take_seat(attempt, outcome.delivered, afresh=None if session.tree.keeps_work else is_new)
    _tell_objectives(attempt, session, session.tree.activities[outcome.delivered])
    if session.tree.keeps_work:
        _note_asset(attempt, outcome.delivered)
    return Moved(sitting=sitting)


def _suspend(open_part: ScoRuntime | None) -> None:
    """The run-time book: a part that is left by suspending everything is suspended, whatever else it said as it ended.
    One that only asked for it, and was left another way, is not."""
    if open_part is not None and open_part.has_ended:
        open_part.data = dumped({**json.loads(open_part.data), "cmi.exit": "suspend"})
        open_part.save(update_fields=["data"])


def _tell_objectives(attempt: Attempt, session: Session, activity: Activity) -> None:
    """What the part is told of its objectives stands with its data: it writes to them by number, so which is which must
    be known; and what others have shared since it was suspended must not be taken for its own older word."""
    known = told(session, activity)
    if known:
        runtime = attempt.runtimes.get(item=activity.identifier)
        runtime.data = dumped(with_objectives(json.loads(runtime.data), known))
        runtime.save(update_fields=["data"])


def _note_asset(attempt: Attempt, name: str) -> None:
    """A part that cannot tell how far it was seen counts as seen once it is opened."""
    manifest = manifest_of(attempt.edition.scorm_package)
    item = manifest.item(name)
    runtime = attempt.runtimes.get(item=name)
    if item is None or item.is_sco or runtime.completion == Completion.COMPLETED:
        return
    runtime.completion = Completion.COMPLETED
    runtime.save(update_fields=["completion"])
    fields = settle(attempt, course_result(attempt, manifest, runtime), timezone.now())
    attempt.save(update_fields=fields)


def _carry_out(session: Session, request: Request, asked: Move) -> Outcome:
    if asked.verb != "open":
        return navigate(session, request)
    if request.kind != "open":  # the part asked for something when it ended, and the page was gone before it was done
        outcome = navigate(session, request)
        if outcome.delivered is not None:
            return outcome
    return open_session(session)


def _request(asked: Move, open_part: ScoRuntime | None) -> Request | None:
    """What is to be done; None for nothing, because the part that has ended asked for nothing."""
    if asked.verb not in {"open", "follow"}:
        return Request(asked.verb, asked.item)
    wish = _wish(open_part)
    if asked.verb == "follow":
        return wish
    return wish or Request("open")


def _wish(open_part: ScoRuntime | None) -> Request | None:
    """What the open part asked for when it ended; what it did not ask for may follow from how it ended."""
    if open_part is None or not open_part.has_ended:
        return None
    data = json.loads(open_part.data)
    wish = from_content(data.get("adl.nav.request", ""))
    if wish is None and data.get("cmi.exit") in {"time-out", "logout"}:
        return Request("exitAll")
    return wish


def _is_closed(session: Session) -> bool:
    current = session.current_activity()
    return current is None or not session.state(current).is_active


def _sentence(outcome: Outcome) -> str:
    return sentence_for(outcome.refusal) if outcome.refusal else ""


def _move_freely(attempt: Attempt, asked: Move) -> Moved:
    """Without rules: any part, as long as its prerequisites are met (SCORM 1.2)."""
    manifest = manifest_of(attempt.edition.scorm_package)
    keep_shared_data(attempt, attempt.runtimes.select_for_update())
    names = [item.identifier for item in manifest.launchable]
    here = names.index(attempt.current_item) if attempt.current_item in names else 0
    _follow_suspension(attempt, asked, names[here])
    match asked.verb:
        case "exit" | "exitAll" | "suspendAll":
            return Moved(has_ended=asked.verb != "exit" or len(names) == 1, is_left=True)
        case "follow":
            return _followed(attempt, names, here)
        case "continue" | "previous":
            there = here + (1 if asked.verb == "continue" else -1)
            if not 0 <= there < len(names):
                raise Refusal(sentence_for("at_the_beginning" if there < 0 else "at_the_end"))
            chosen = names[there]
        case _:
            chosen = asked.item or names[here]
    item = manifest.item(chosen)
    if item is None:
        raise Refusal(sentence_for("no_such_part"))
    statuses = part_statuses(attempt, manifest)
    if not may_be_opened(item, statuses):
        first = next((one.identifier for one in manifest.launchable if may_be_opened(one, statuses)), None)
        if asked.verb != "open" or first is None:
            raise Refusal(sentence_for("prerequisites"))
        chosen = first
    sitting = take_seat(attempt, chosen, afresh=None)
    _note_asset(attempt, chosen)
    return Moved(sitting=sitting)


def _follow_suspension(attempt: Attempt, asked: Move, here: str) -> None:
    if asked.verb in {"open", "follow", "suspendAll"}:
        open_part = attempt.runtimes.filter(item=here).first()
        wish = _wish(open_part)
        if asked.verb == "suspendAll" or (wish is not None and wish.kind == "suspendAll"):
            _suspend(open_part)


def _followed(attempt: Attempt, names: list[str], here: int) -> Moved:
    """A package with one part and no rules may still ask to leave; and one of SCORM 1.2 that logs out wants to."""
    open_part = attempt.runtimes.filter(item=names[here]).first()
    wish = _wish(open_part)
    if wish is not None and wish.kind in {"exit", "exitAll", "suspendAll", "abandonAll", "abandon"}:
        return Moved(has_ended=True, is_left=True)
    if open_part is None or not open_part.has_ended:
        return Moved()
    is_logged_out = json.loads(open_part.data).get("cmi.core.exit") in {"logout", "time-out"}
    return Moved(has_ended=is_logged_out, is_left=is_logged_out)
