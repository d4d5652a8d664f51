"""How far a learner has come in each activity: the tracking model, and the state of a whole session. Pure.

None stands for *unknown* everywhere. What an objective shares with others lies in `Session.shared`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from courses.scorm.sequencing.definition import Activity, Objective, Tree

_PROGRESS = frozenset({"completed", "progress"})
_NEVER_OWN = frozenset({"satisfied", "measure"})


@dataclass
class ObjectiveState:
    """One objective's progress. `measure` is from -1 to 1, `progress` from 0 to 1."""

    satisfied: bool | None = None
    measure: float | None = None
    raw: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    completed: bool | None = None
    progress: float | None = None


@dataclass
class ActivityState:
    """One activity's progress. The completion of the attempt is that of its primary objective.

    `available`: the children in the order in which the learner meets them; None is all, as in the manifest.
    `said_unknown`: the content itself said that it does not know (`completed`, `satisfied`), so no default is put in.
    `stale_*`: an activity above has begun a new attempt since; when that is judged, what is known here does not count.
    """

    is_active: bool = False
    is_suspended: bool = False
    attempts: int = 0
    stale_objectives: bool = False
    stale_progress: bool = False
    objectives: dict[str, ObjectiveState] = field(default_factory=dict)
    available: list[str] | None = None
    said_unknown: list[str] = field(default_factory=list)


class Session:
    """A learner's run through a tree: the state of every activity, of what is shared, and where the learner is."""

    def __init__(self, tree: Tree, *, seed: str = "") -> None:
        self.tree = tree
        self.seed = seed
        self.current: str | None = None
        self.suspended: str | None = None
        self.has_begun = False
        self.states: dict[str, ActivityState] = {}
        self.shared: dict[str, ObjectiveState] = {}
        self.changed: set[str] = set()

    def state(self, activity: Activity) -> ActivityState:
        return self.states.setdefault(activity.identifier, ActivityState())

    def available(self, activity: Activity) -> tuple[Activity, ...]:
        """The children of a cluster that take part, in order."""
        chosen = self.state(activity).available
        if chosen is None:
            return activity.children
        return tuple(self.tree.activities[identifier] for identifier in chosen)

    def current_activity(self) -> Activity | None:
        return self.tree.activities.get(self.current) if self.current else None

    def _own(self, activity: Activity, objective: Objective) -> ObjectiveState:
        return self.state(activity).objectives.setdefault(objective.identifier, ObjectiveState())

    def get(self, activity: Activity, objective: Objective, what: str, *, only_fresh: bool = False) -> Any:
        """A value of an objective: the shared one where the objective reads it, else its own.

        What is not known of the shared one is taken from its own only where ADL's later additions are concerned.

        `only_fresh`: as the activity's parent is judged, what stems from an earlier attempt of the parent is unknown.
        """
        if what == "satisfied" and objective.satisfied_by_measure:
            return self._by_measure(activity, objective, only_fresh)
        if what == "completed" and objective.is_primary and activity.completed_by_measure:
            progress = self.get(activity, objective, "progress", only_fresh=only_fresh)
            return None if progress is None else progress >= activity.minimum_progress
        for mapping in objective.maps:
            if what in mapping.read:
                value = getattr(self.shared.get(mapping.target), what, None)
                if value is not None or what in _NEVER_OWN:
                    return value
        state = self.state(activity)
        if only_fresh and (state.stale_progress if what in _PROGRESS else state.stale_objectives):
            return None
        return getattr(self._own(activity, objective), what)

    def shared_value(self, objective: Objective, what: str) -> Any:
        """What others have shared with the objective, as it stands; None when nothing is shared or known."""
        for mapping in objective.maps:
            if what in mapping.read:
                return getattr(self.shared.get(mapping.target), what, None)
        return None

    def _by_measure(self, activity: Activity, objective: Objective, only_fresh: bool) -> bool | None:
        measure = self.get(activity, objective, "measure", only_fresh=only_fresh)
        if measure is None:
            return None
        state = self.state(activity)
        if state.is_active and activity.children and not activity.considerations.measure_satisfaction_if_active:
            return self._own(activity, objective).satisfied
        return bool(measure >= objective.minimum_measure)

    def put(self, activity: Activity, objective: Objective, what: str, value: Any) -> None:
        """Set a value of an objective, and share it where the objective writes."""
        self._freshen(activity, what)
        own = self._own(activity, objective)
        setattr(own, what, value)
        self._share(objective, what, value)
        if what == "measure" and objective.satisfied_by_measure:
            own.satisfied = self.get(activity, objective, "satisfied")
            self._share(objective, "satisfied", own.satisfied)
        if what == "progress" and objective.is_primary and activity.completed_by_measure:
            own.completed = self.get(activity, objective, "completed")
            self._share(objective, "completed", own.completed)

    def _freshen(self, activity: Activity, what: str) -> None:
        """What is put now belongs to the attempt under way; what is left from an earlier one goes."""
        state = self.state(activity)
        if what in _PROGRESS and state.stale_progress:
            state.stale_progress = False
            for own in state.objectives.values():
                own.completed = own.progress = None
        elif what not in _PROGRESS and state.stale_objectives:
            state.stale_objectives = False
            for own in state.objectives.values():
                own.satisfied = own.measure = own.raw = own.minimum = own.maximum = None

    def _share(self, objective: Objective, what: str, value: Any) -> None:
        for mapping in objective.maps:
            if what in mapping.write:
                shared = self.shared.setdefault(mapping.target, ObjectiveState())
                if getattr(shared, what) != value:
                    setattr(shared, what, value)
                    self.changed.add(mapping.target)

    def begin_attempt(self, activity: Activity) -> None:
        """A new attempt on the activity: nothing is known of it, nor, where the package says so, of its children."""
        state = self.state(activity)
        state.attempts += 1
        state.objectives, state.said_unknown, state.is_suspended = {}, [], False
        state.stale_objectives = state.stale_progress = False
        self._set_children_aside(activity)

    def begin_root(self) -> None:
        """Before a new attempt on the whole: what is not to outlive it goes. Not when the last one is suspended."""
        if not self.tree.objectives_are_global and not self.state(self.tree.root).is_suspended:
            self.shared.clear()

    def _set_children_aside(self, activity: Activity) -> None:
        for child in activity.children:
            state = self.state(child)
            state.stale_objectives |= activity.use_current_objectives
            state.stale_progress |= activity.use_current_progress
            self._set_children_aside(child)

    def to_json(self) -> dict[str, Any]:
        """The state as plain data; `from_json` makes a session of it again, on the same tree."""
        return {
            "seed": self.seed,
            "current": self.current,
            "suspended": self.suspended,
            "has_begun": self.has_begun,
            "states": {key: asdict(state) for key, state in self.states.items()},
            "shared": {key: asdict(state) for key, state in self.shared.items()},
        }

    @classmethod
    def from_json(cls, tree: Tree, data: dict[str, Any]) -> Session:
        session = cls(tree, seed=data.get("seed", ""))
        session.current = data.get("current")
        session.suspended = data.get("suspended")
        session.has_begun = bool(data.get("has_begun"))
        for key, raw in data.get("states", {}).items():
            objectives = {name: ObjectiveState(**own) for name, own in raw["objectives"].items()}
            session.states[key] = ActivityState(**{**raw, "objectives": objectives})
        session.shared = {key: ObjectiveState(**raw) for key, raw in data.get("shared", {}).items()}
        return session

    def copy(self) -> Session:
        """A session to try things on."""
        return Session.from_json(self.tree, self.to_json())
