"""Small trees of activities, and a learner who goes through them."""

from __future__ import annotations

from typing import Any

from courses.scorm.sequencing.availability import Availability, what_is_possible
from courses.scorm.sequencing.definition import Activity, Condition, Objective, ObjectiveMap, Rule, Tree
from courses.scorm.sequencing.engine import navigate, open_session
from courses.scorm.sequencing.reported import take_in
from courses.scorm.sequencing.requests import Outcome, Request
from courses.scorm.sequencing.tracking import Session


def leaf(name: str, **what: Any) -> Activity:
    return Activity(name, title=name, path=f"{name}.html", **what)


def cluster(name: str, *children: Activity, flow: bool = True, **what: Any) -> Activity:
    return Activity(name, title=name, children=children, flow=flow, **what)


def tree(*children: Activity, objectives_are_global: bool = False, **what: Any) -> Tree:
    return Tree(cluster("root", *children, **what), objectives_are_global=objectives_are_global)


def rule(action: str, condition: str, *, negated: bool = False, objective: str = "", threshold: float = 0.0) -> Rule:
    return Rule(action, (Condition(condition, negated, objective, threshold),))


def primary(name: str = "", **what: Any) -> Objective:
    return Objective(name, is_primary=True, **what)


def reads(target: str, *what: str) -> ObjectiveMap:
    return ObjectiveMap(target, read=frozenset(what or {"satisfied", "measure"}))


def writes(target: str, *what: str) -> ObjectiveMap:
    return ObjectiveMap(target, read=frozenset(), write=frozenset(what or {"satisfied", "measure"}))


PASSED = {"cmi.success_status": "passed", "cmi.completion_status": "completed"}
FAILED = {"cmi.success_status": "failed", "cmi.completion_status": "completed"}
COMPLETED = {"cmi.completion_status": "completed"}
SUSPENDED = {"cmi.exit": "suspend", "cmi.completion_status": "incomplete"}


class Learner:
    """Goes through a tree. `at` is the activity that is open; `last` is what the last request came to."""

    def __init__(self, of: Tree, *, begins: bool = True) -> None:
        self.session = Session(of, seed="a learner")
        self.last = Outcome()
        if begins:
            self.opens()

    @property
    def at(self) -> str | None:
        return self.last.delivered

    def opens(self) -> str | None:
        self.last = open_session(self.session)
        return self.at

    def says(self, data: dict[str, str]) -> Learner:
        activity = self.session.current_activity()
        assert activity is not None
        take_in(self.session, activity, data)
        return self

    def asks(self, kind: str, target: str = "") -> str | None:
        self.last = navigate(self.session, Request(kind, target))
        return self.at

    def goes_on(self, data: dict[str, str] | None = None) -> str | None:
        """Says something and continues; tells where to."""
        return self.says(data or COMPLETED).asks("continue")

    def chooses(self, target: str, data: dict[str, str] | None = None) -> str | None:
        if data is not None:
            self.says(data)
        return self.asks("choice", target)

    @property
    def can(self) -> Availability:
        return what_is_possible(self.session)

    def known(self, name: str, what: str) -> Any:
        """What is known of an activity's primary objective."""
        activity = self.session.tree.activities[name]
        return self.session.get(activity, activity.primary, what)
