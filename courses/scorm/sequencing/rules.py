"""Whether the rules of an activity apply, and whether it may be entered at all (UP.1, UP.2, UP.5). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from courses.scorm.sequencing.definition import Activity, Condition, Rule
from courses.scorm.sequencing.tracking import Session


def evaluate(session: Session, activity: Activity, condition: Condition, *, only_fresh: bool = False) -> bool | None:
    """Whether one condition holds; None when nothing is known of what it asks for. `only_fresh` is as in `Session`."""
    held = _held(session, activity, condition, only_fresh)
    return None if held is None else held is not condition.is_negated


def _held(session: Session, activity: Activity, condition: Condition, only_fresh: bool) -> bool | None:
    if condition.name == "always":
        return True
    if not activity.tracked:
        return None
    state = session.state(activity)
    objective = activity.objective(condition.objective)

    def about(what: str) -> bool | float | None:
        return None if objective is None else session.get(activity, objective, what, only_fresh=only_fresh)

    match condition.name:
        case "satisfied":
            satisfied = about("satisfied")
            return None if satisfied is None else bool(satisfied)
        case "objectiveStatusKnown":
            return about("satisfied") is not None
        case "objectiveMeasureKnown":
            return about("measure") is not None
        case "objectiveMeasureGreaterThan":
            measure = about("measure")
            return None if measure is None else measure > condition.threshold
        case "objectiveMeasureLessThan":
            measure = about("measure")
            return None if measure is None else measure < condition.threshold
        case "completed":
            completed = about("completed")
            return None if completed is None else bool(completed)
        case "activityProgressKnown":
            return about("completed") is not None
        case "attempted":
            return state.attempts > 0
        case "attemptLimitExceeded":
            return activity.attempt_limit is not None and state.attempts >= activity.attempt_limit
        case _:
            # timeLimitExceeded and outsideAvailableTimeRange: the standard leaves both out; content may not need them
            return False


def combined(values: Iterable[bool | None], combination: str) -> bool | None:
    """*any* or *all* of three-valued values; of none at all: unknown."""
    known = list(values)
    if not known:
        return None
    decisive = combination == "any"
    if decisive in known:
        return decisive
    return None if None in known else not decisive


def applies(session: Session, activity: Activity, rule: Rule) -> bool:
    """UP.2.1: unknown is no."""
    return combined((evaluate(session, activity, condition) for condition in rule.conditions), rule.combination) is True


def action_of(
    session: Session, activity: Activity, rules: Iterable[Rule], actions: Collection[str] | None = None
) -> str | None:
    """UP.2: the action of the first rule that applies, among `actions` when they are given."""
    for rule in rules:
        if (actions is None or rule.action in actions) and applies(session, activity, rule):
            return rule.action
    return None


def has_action(session: Session, activity: Activity, action: str) -> bool:
    """Whether a precondition rule with this action applies to the activity now."""
    return action_of(session, activity, activity.pre_rules, {action}) is not None


def exceeds_limits(session: Session, activity: Activity) -> bool:
    """UP.1: whether the activity has been attempted as often as it may be. Durations are kept in the run-time data."""
    if not activity.tracked:
        return False
    state = session.state(activity)
    if state.is_active or state.is_suspended:
        return False
    return activity.attempt_limit is not None and state.attempts >= activity.attempt_limit


def is_barred(session: Session, activity: Activity) -> bool:
    """UP.5: whether the activity may not be entered, because a rule disables it or its attempts are used up."""
    return has_action(session, activity, "disabled") or exceeds_limits(session, activity)
