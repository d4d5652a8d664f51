"""What a package says of one activity's sequencing: the sequencing definition model. Pure data, never changed.

An *activity* is the organisation itself (the root), or an item of it; a *cluster* is one with children.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Combination = Literal["any", "all"]
Timing = Literal["never", "once", "onEachNewAttempt"]

# The actions of the rules that are looked at before an activity, when it exits, and after it.
PRE = frozenset({"skip", "disabled", "hiddenFromChoice", "stopForwardTraversal"})
POST = frozenset({"exitParent", "exitAll", "retry", "retryAll", "continue", "previous"})
EXIT = frozenset({"exit"})

# What the learner's buttons are called in a package that hides some of them.
HIDEABLE = frozenset({"previous", "continue", "exit", "exitAll", "abandon", "abandonAll", "suspendAll"})


@dataclass(frozen=True)
class Condition:
    """One condition of a rule. `objective` names one of the activity's; empty: the primary one."""

    name: str
    is_negated: bool = False
    objective: str = ""
    threshold: float = 0.0


@dataclass(frozen=True)
class Rule:
    """When the conditions hold, `action` is to be taken."""

    action: str
    conditions: tuple[Condition, ...]
    combination: Combination = "all"


@dataclass(frozen=True)
class RollupRule:
    """When enough of the children meet the conditions, the cluster becomes what `action` says."""

    action: Literal["satisfied", "notSatisfied", "completed", "incomplete"]
    conditions: tuple[Condition, ...]
    combination: Combination = "any"
    children: Literal["all", "any", "none", "atLeastCount", "atLeastPercent"] = "all"
    minimum_count: int = 0
    minimum_percent: float = 0.0


@dataclass(frozen=True)
class ObjectiveMap:
    """How an objective shares its state with a global one: what it takes from there, and what it puts there."""

    target: str
    read: frozenset[str] = frozenset({"satisfied", "measure"})
    write: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Objective:
    """An objective of an activity. The primary one is what rolls up; its identifier may be empty."""

    identifier: str = ""
    is_primary: bool = False
    satisfied_by_measure: bool = False
    minimum_measure: float = 1.0
    maps: tuple[ObjectiveMap, ...] = ()


@dataclass(frozen=True)
class Considerations:
    """When a child is left out as its parent is judged: always, ifAttempted, ifNotSkipped, ifNotSuspended."""

    satisfied: str = "always"
    not_satisfied: str = "always"
    completed: str = "always"
    incomplete: str = "always"
    measure_satisfaction_if_active: bool = True


@dataclass(frozen=True)
class Activity:
    """An activity with all that its package says of it. `path` is the file that starts a leaf.

    Durations are in seconds. `select_count` None: all children.
    """

    identifier: str
    title: str = ""
    path: str | None = None
    is_sco: bool = True
    is_visible: bool = True
    choice: bool = True
    choice_exit: bool = True
    flow: bool = False
    forward_only: bool = False
    use_current_objectives: bool = True
    use_current_progress: bool = True
    prevent_activation: bool = False
    constrain_choice: bool = False
    pre_rules: tuple[Rule, ...] = ()
    exit_rules: tuple[Rule, ...] = ()
    post_rules: tuple[Rule, ...] = ()
    attempt_limit: int | None = None
    attempt_duration_limit: float | None = None
    rollup_rules: tuple[RollupRule, ...] = ()
    rollup_satisfied: bool = True
    rollup_progress: bool = True
    measure_weight: float = 1.0
    considerations: Considerations = field(default_factory=Considerations)
    objectives: tuple[Objective, ...] = (Objective(is_primary=True),)
    selection: Timing = "never"
    select_count: int | None = None
    randomisation: Timing = "never"
    reorder: bool = False
    tracked: bool = True
    completion_set_by_content: bool = False
    objective_set_by_content: bool = False
    completed_by_measure: bool = False
    minimum_progress: float = 1.0
    progress_weight: float = 1.0
    hidden_buttons: frozenset[str] = frozenset()
    children: tuple[Activity, ...] = ()

    @cached_property
    def primary(self) -> Objective:
        return next(objective for objective in self.objectives if objective.is_primary)

    def objective(self, identifier: str) -> Objective | None:
        """The objective with this identifier; an empty one means the primary objective."""
        if not identifier:
            return self.primary
        return next((one for one in self.objectives if one.identifier == identifier), None)

    def walk(self) -> Iterator[Activity]:
        """This activity, then all below it, as they stand in the manifest."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """The activities of a package, with where each stands. `objectives_are_global`: they outlive the course."""

    def __init__(self, root: Activity, *, objectives_are_global: bool = True, keeps_work: bool = False) -> None:
        self.root = root
        self.objectives_are_global = objectives_are_global
        self.keeps_work = keeps_work
        self.activities = {activity.identifier: activity for activity in root.walk()}
        self.parents: dict[str, Activity] = {}
        self.depths = {root.identifier: 0}
        for activity in root.walk():
            for child in activity.children:
                self.parents[child.identifier] = activity
                self.depths[child.identifier] = self.depths[activity.identifier] + 1
        self.readers: dict[str, list[str]] = {}
        for activity in root.walk():
            for objective in activity.objectives:
                for mapping in objective.maps:
                    if mapping.read:
                        self.readers.setdefault(mapping.target, []).append(activity.identifier)

    def parent(self, activity: Activity) -> Activity | None:
        return self.parents.get(activity.identifier)

    def path(self, activity: Activity) -> list[Activity]:
        """The activity, its parent, and so on up to the root."""
        path, at = [], self.activities.get(activity.identifier)
        while at is not None:
            path.append(at)
            at = self.parents.get(at.identifier)
        return path

    def common_ancestor(self, one: Activity, other: Activity) -> Activity:
        """The lowest activity that has both in its path; it may be one of them."""
        theirs = {activity.identifier for activity in self.path(other)}
        return next(activity for activity in self.path(one) if activity.identifier in theirs)
