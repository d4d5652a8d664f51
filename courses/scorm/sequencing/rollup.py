"""What the children of a cluster come to, and so on up to the root: the rollup processes (RB.1). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from courses.scorm.sequencing.definition import Activity, Condition, RollupRule
from courses.scorm.sequencing.rules import combined, evaluate, has_action
from courses.scorm.sequencing.tracking import Session

_ALL_SATISFIED = RollupRule("satisfied", (Condition("satisfied"),))
_ALL_KNOWN = RollupRule("notSatisfied", (Condition("objectiveStatusKnown"),))
_ALL_COMPLETED = RollupRule("completed", (Condition("completed"),))
_ALL_PROGRESSED = RollupRule("incomplete", (Condition("activityProgressKnown"),))


def roll_up(session: Session, activity: Activity) -> None:
    """RB.1.5: judge the clusters above `activity`, and those above the readers of what has been shared on the way.

    Two clusters may write what the other reads; so each is judged twice at the most.
    """
    if not activity.children:
        _settle_leaf(session, activity)
    judged: Counter[str] = Counter()
    waiting = {one.identifier for one in session.tree.path(activity) if one.children}
    while True:
        for target in session.changed:
            for reader in session.tree.readers.get(target, ()):
                above = session.tree.path(session.tree.activities[reader])[1:]
                waiting |= {one.identifier for one in above if judged[one.identifier] < 2}
        session.changed.clear()
        if not waiting:
            return
        deepest = max(waiting, key=lambda one: (session.tree.depths[one], one))
        waiting.discard(deepest)
        judged[deepest] += 1
        _judge(session, session.tree.activities[deepest])


def _settle_leaf(session: Session, leaf: Activity) -> None:
    """Let what follows from the measures of a leaf be seen by those that share it."""
    if not leaf.tracked:
        return
    for objective in leaf.objectives:
        if objective.satisfied_by_measure:
            session.put(leaf, objective, "satisfied", session.get(leaf, objective, "satisfied"))


def _judge(session: Session, cluster: Activity) -> None:
    _roll_up_measures(session, cluster)
    primary = cluster.primary
    if primary.satisfied_by_measure:
        session.put(cluster, primary, "satisfied", session.get(cluster, primary, "satisfied"))
    else:
        _apply(session, cluster, ("notSatisfied", "satisfied"), "satisfied", (_ALL_KNOWN, _ALL_SATISFIED))
    if cluster.completed_by_measure:
        session.put(cluster, primary, "completed", session.get(cluster, primary, "completed"))
    else:
        _apply(session, cluster, ("incomplete", "completed"), "completed", (_ALL_PROGRESSED, _ALL_COMPLETED))


def _roll_up_measures(session: Session, cluster: Activity) -> None:
    """RB.1.1: the weighted mean of the children's measures, and of how far they have come."""
    children = [child for child in session.available(cluster) if child.tracked]
    measures = [(child.measure_weight, session.get(child, child.primary, "measure")) for child in children]
    progress = [(child.progress_weight, session.get(child, child.primary, "progress")) for child in children]
    session.put(cluster, cluster.primary, "measure", _mean(measures))
    session.put(cluster, cluster.primary, "progress", _mean(progress))


def _mean(weighed: Iterable[tuple[float, float | None]]) -> float | None:
    pairs = [(weight, value) for weight, value in weighed if weight > 0]
    total = sum(weight for weight, _value in pairs)
    if not total or all(value is None for _weight, value in pairs):
        return None
    return sum(weight * value for weight, value in pairs if value is not None) / total


def _apply(
    session: Session, cluster: Activity, actions: tuple[str, str], what: str, default: tuple[RollupRule, RollupRule]
) -> None:
    """RB.1.2, RB.1.3: the rules that deny, then those that grant; the default ones where the package has none."""
    rules = [rule for rule in cluster.rollup_rules if rule.action in actions] or list(default)
    verdict: bool | None = None
    for action, value in zip(actions, (False, True), strict=True):
        if any(_holds(session, cluster, rule) for rule in rules if rule.action == action):
            verdict = value
    if verdict is not None:
        session.put(cluster, cluster.primary, what, verdict)


def _holds(session: Session, cluster: Activity, rule: RollupRule) -> bool:
    """RB.1.4: whether enough of the children that count meet the rule's conditions."""
    values = [
        combined(
            (evaluate(session, child, condition, only_fresh=True) for condition in rule.conditions), rule.combination
        )
        for child in session.available(cluster)
        if child.tracked and counts(session, child, rule.action)
    ]
    match rule.children:
        case "all":
            return all(value is True for value in values)
        case "any":
            return True in values
        case "none":
            return all(value is False for value in values)
        case "atLeastCount":
            return values.count(True) >= rule.minimum_count
        case _:
            return bool(values) and values.count(True) / len(values) >= rule.minimum_percent


def counts(session: Session, child: Activity, action: str) -> bool:
    """RB.1.4.2: whether a child has a say as its parent is judged for `action`."""
    considerations = child.considerations
    demand, takes_part = {
        "satisfied": (considerations.satisfied, child.rollup_satisfied),
        "notSatisfied": (considerations.not_satisfied, child.rollup_satisfied),
        "completed": (considerations.completed, child.rollup_progress),
        "incomplete": (considerations.incomplete, child.rollup_progress),
    }[action]
    if not takes_part:
        return False
    state = session.state(child)
    match demand:
        case "ifNotSuspended":
            return state.attempts > 0 and not state.is_suspended
        case "ifAttempted":
            return state.attempts > 0
        case "ifNotSkipped":
            return not has_action(session, child, "skip")
        case _:
            return True
