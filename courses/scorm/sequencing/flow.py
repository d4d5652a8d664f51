"""Finding the next activity by going through the tree (SB.2.1 to SB.2.4, SB.2.9.1, SB.2.9.2). Pure."""

from __future__ import annotations

from typing import Literal

from courses.scorm.sequencing.definition import Activity
from courses.scorm.sequencing.requests import Refused, SessionOver
from courses.scorm.sequencing.rules import has_action, is_barred
from courses.scorm.sequencing.tracking import Session

Direction = Literal["forward", "backward"]


class Flow:
    """One walk through the tree of a session. It takes a limited number of steps, whatever a package has thought up."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tree = session.tree
        self.steps_left = 20 * len(session.tree.activities) + 100

    def find(self, start: Activity, direction: Direction, *, enter: bool) -> Activity:
        """SB.2.3: the activity that can be delivered, going from `start`. Raises Refused or SessionOver."""
        found, _direction = self._next(start, direction, enter=enter, before=None)
        return self._deliverable(found, direction, None)

    def _next(
        self, at: Activity, direction: Direction, *, enter: bool, before: Direction | None
    ) -> tuple[Activity, Direction]:
        """SB.2.1: one step. `before`: the way we came, when it was turned round in a cluster that goes forward only."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise Refused("goes_in_circles")
        parent = self.tree.parent(at)
        siblings = self.session.available(parent) if parent is not None else ()
        if siblings and at not in siblings:
            raise Refused("not_selected")  # a new draw has left it out while the learner was there
        was_turned = False
        if before == "backward" and siblings and at is siblings[-1]:
            direction, at, was_turned = "backward", siblings[0], True
        enters = enter and bool(at.children)
        if direction == "forward":
            if at is self._last() or (parent is None and not enters):
                raise SessionOver
            if not enters:
                if parent is None or at is siblings[-1]:
                    assert parent is not None
                    return self._next(parent, "forward", enter=False, before=None)
                return siblings[siblings.index(at) + 1], direction
            return self._child(at, 0), direction
        if parent is None:
            raise Refused("at_the_beginning")
        if not enters:
            if not was_turned and parent.forward_only:
                raise Refused("forward_only")
            if at is siblings[0]:
                return self._next(parent, "backward", enter=False, before=None)
            return siblings[siblings.index(at) - 1], direction
        if at.forward_only:
            return self._child(at, 0), "forward"
        return self._child(at, -1), "backward"

    def _child(self, cluster: Activity, index: int) -> Activity:
        children = self.session.available(cluster)
        if not children:
            raise Refused("nothing_there")
        return children[index]

    def _last(self) -> Activity:
        """The last activity of the whole tree, in order."""
        at = self.tree.root
        while children := self.session.available(at):
            at = children[-1]
        return at

    def _deliverable(self, at: Activity, direction: Direction, before: Direction | None) -> Activity:
        """SB.2.2: `at` itself, or what is beneath or beyond it."""
        while True:
            parent = self.tree.parent(at)
            if parent is None or not parent.flow:
                raise Refused("no_flow")
            if has_action(self.session, at, "skip"):
                at, turned = self._next(at, direction, enter=False, before=before)
                if before == "backward" and turned == "backward":
                    direction, before = "backward", None
                continue
            if is_barred(self.session, at):
                raise Refused("disabled")
            if not at.children:
                return at
            at, turned = self._next(at, direction, enter=True, before=None)
            if direction == "backward" and turned == "forward":
                direction, before = "forward", "backward"
            else:
                before = None

    def check_step(self, at: Activity, direction: Direction) -> None:
        """SB.2.4: whether a choice may pass `at`. Raises Refused."""
        if direction == "forward":
            if has_action(self.session, at, "stopForwardTraversal"):
                raise Refused("stop_forward")
            return
        parent = self.tree.parent(at)
        if parent is None:
            raise Refused("at_the_beginning")
        if parent.forward_only:
            raise Refused("forward_only")

    def neighbour(self, at: Activity, direction: Direction) -> Activity:
        """SB.2.9.1, SB.2.9.2: the activity beside `at` or beside one above it; `at` itself at either end."""
        here = at
        while (parent := self.tree.parent(here)) is not None:
            siblings = self.session.available(parent)
            if here not in siblings:
                return at
            index = siblings.index(here) + (1 if direction == "forward" else -1)
            if 0 <= index < len(siblings):
                return siblings[index]
            here = parent
        return at
