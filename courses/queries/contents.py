"""The table of contents of an attempt's package: how far the learner has come, and what can be opened now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from courses.models import Attempt
from courses.queries.manifests import manifest_of
from courses.queries.parts import may_be_opened, part_statuses
from courses.queries.refusals import sentence_for
from courses.scorm.manifest import Item, Manifest
from courses.scorm.sequencing.availability import Availability, what_is_possible
from courses.scorm.sequencing.definition import Activity
from courses.scorm.sequencing.tracking import Session
from courses.scorm.sessions import load_session, take_in_current

_STATES = {"passed": "done", "completed": "done", "failed": "failed", "not attempted": "new"}
_UNSEEN = {"hidden", "not_selected"}


@dataclass(frozen=True)
class Part:
    """A line of the table of contents. `state`: heading, new, started, done or failed. `level` counts from 1.

    `refusal` says why it cannot be opened now; empty: it can. A heading has none.
    """

    identifier: str
    title: str
    level: int
    state: str
    is_current: bool
    can_be_opened: bool
    refusal: str = ""


@dataclass(frozen=True)
class Contents:
    """`parts` in order, headings included. `previous` and `following` say why there is no such step, empty: there is.

    `hidden` are the buttons that the package does not want to be seen. `all` and `done` count parts, not headings.
    `can_be_ended`: the package knows a difference between leaving for today and ending the run.
    """

    parts: Sequence[Part]
    all: int
    done: int
    previous: str = ""
    following: str = ""
    hidden: frozenset[str] = frozenset()
    can_be_ended: bool = False

    @property
    def is_single(self) -> bool:
        """Whether there is only one part, and no table of contents is worth showing."""
        return self.all <= 1

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The buttons that lead on and back, each with why it does not; without those that the package hides."""
        if self.is_single:
            return []
        steps = [("previous", self.previous), ("continue", self.following)]
        return [(name, refusal) for name, refusal in steps if name not in self.hidden]

    @property
    def can_be_chosen_from(self) -> bool:
        return any(part.can_be_opened for part in self.parts)


def contents_of(attempt: Attempt) -> Contents:
    """What the player shows of the attempt now. The manifest and its rules are read once in each process."""
    session = load_session(attempt)
    if session is None:
        return _without_rules(attempt, manifest_of(attempt.edition.scorm_package))
    take_in_current(session, attempt.runtimes.filter(item=session.current or ""))
    return _by_rules(session, what_is_possible(session))


def _by_rules(session: Session, possible: Availability) -> Contents:
    keeps_work = session.tree.keeps_work

    def lines(activity: Activity, level: int) -> Iterator[Part]:
        code = possible.choices[activity.identifier]
        is_shown = activity.is_visible and code not in _UNSEEN
        if activity is session.tree.root:
            # The whole as a line of its own: where a package has rules, and lets the learner choose at all.
            others = (each for name, each in possible.choices.items() if name != activity.identifier)
            is_shown = is_shown and not keeps_work and not code and "" in others
        if is_shown:
            is_heading = bool(activity.children)
            yield Part(
                identifier=activity.identifier,
                title=activity.title,
                level=level,
                state="heading" if is_heading else _state(session, activity),
                is_current=activity.identifier == session.current,
                can_be_opened=not code and not (is_heading and keeps_work),
                refusal="" if is_heading or not code else sentence_for(code),
            )
        for child in session.available(activity):
            yield from lines(child, level + 1 if is_shown else level)

    parts = tuple(lines(session.tree.root, 1))
    leaves = [activity for activity in session.tree.root.walk() if not activity.children]
    return Contents(
        parts=parts,
        all=len(leaves),
        done=sum(_state(session, leaf) == "done" for leaf in leaves),
        previous=_step(possible, "previous"),
        following=_step(possible, "continue"),
        hidden=possible.hidden,
        can_be_ended=True,
    )


def _step(possible: Availability, name: str) -> str:
    code = possible.steps[name]
    return sentence_for(code) if code else ""


def _state(session: Session, leaf: Activity) -> str:
    completed = session.get(leaf, leaf.primary, "completed")
    if session.get(leaf, leaf.primary, "satisfied") is False:
        return "failed"
    if completed:
        return "done"
    return "started" if session.state(leaf).attempts else "new"


def _without_rules(attempt: Attempt, manifest: Manifest) -> Contents:
    statuses = part_statuses(attempt, manifest)
    open_now = {item.identifier for item in manifest.launchable if may_be_opened(item, statuses)}
    begun = set(attempt.runtimes.values_list("item", flat=True))

    def lines(items: Sequence[Item], level: int) -> Iterator[Part]:
        for item in items:
            if item.is_visible or item.path:
                is_open = item.identifier in open_now
                state = _STATES.get(statuses[item.identifier], "started")
                yield Part(
                    identifier=item.identifier,
                    title=item.title,
                    level=level,
                    state="heading" if not item.path else "started" if state == "new" and item.identifier in begun
                    else state,
                    is_current=item.identifier == attempt.current_item,
                    can_be_opened=is_open,
                    refusal="" if is_open or not item.path else sentence_for("prerequisites"),
                )  # fmt: skip
            yield from lines(item.children, level + 1 if item.is_visible else level)

    names = [item.identifier for item in manifest.launchable]
    here = names.index(attempt.current_item) if attempt.current_item in names else 0
    parts = tuple(lines(manifest.items, 1))
    return Contents(
        parts=parts,
        all=len(names),
        done=sum(part.state == "done" for part in parts),
        previous=_neighbour(names, open_now, here - 1),
        following=_neighbour(names, open_now, here + 1),
    )


def _neighbour(names: Sequence[str], open_now: set[str], index: int) -> str:
    if not 0 <= index < len(names):
        return sentence_for("at_the_beginning" if index < 0 else "at_the_end")
    return "" if names[index] in open_now else sentence_for("prerequisites")
