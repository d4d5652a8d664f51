"""Reads what a manifest says of sequencing into the definition model. Pure: the manifest's nested data in, a tree out.

Defaults are those of the book *Sequencing and Navigation*. What is misspelt counts as not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from courses.scorm.durations import seconds_of
from courses.scorm.manifest import Item, Manifest
from courses.scorm.sequencing.definition import (
    EXIT,
    HIDEABLE,
    POST,
    PRE,
    Activity,
    Condition,
    Considerations,
    Objective,
    ObjectiveMap,
    RollupRule,
    Rule,
    Tree,
)

Raw = Mapping[str, Any]
_EMPTY: Raw = {"tag": "", "attributes": {}, "text": "", "children": []}
_READS = {
    "readSatisfiedStatus": "satisfied", "readNormalizedMeasure": "measure", "readRawScore": "raw",
    "readMinScore": "minimum", "readMaxScore": "maximum", "readCompletionStatus": "completed",
    "readProgressMeasure": "progress",
}  # fmt: skip
# What a map reads when it does not say: IMS's map these two, ADL's, which stands beside it, the others.
_IMS_READS = {"readSatisfiedStatus", "readNormalizedMeasure"}


def tree_of(manifest: Manifest) -> Tree:
    """The activities of the manifest's organisation, with all that it says of their sequencing."""
    shared = {raw["attributes"].get("ID", ""): raw for raw in manifest.sequencing_collection}
    root = _activity(
        Item(
            identifier=manifest.organisation or manifest.identifier,
            title=manifest.title,
            sequencing=manifest.sequencing,
            adl=manifest.adl,
            children=manifest.items,
        ),
        shared,
    )
    is_plain = not any(_is_particular(activity) for activity in root.walk())
    return Tree(root, objectives_are_global=manifest.objectives_are_global, keeps_work=is_plain)


def _is_particular(activity: Activity) -> bool:
    """Whether the package has thought of an order of its own, rather than a mere list of parts to go through."""
    return (
        bool(activity.pre_rules or activity.exit_rules or activity.post_rules or activity.rollup_rules)
        or any(objective.maps for objective in activity.objectives)
        or (bool(activity.children) and (not activity.choice or activity.forward_only))
        or activity.prevent_activation
        or activity.constrain_choice
        or not activity.choice_exit
        or activity.attempt_limit is not None
        or activity.select_count is not None
        or activity.reorder
        or not activity.tracked
    )


def _activity(item: Item, shared: Mapping[str, Raw]) -> Activity:
    own = item.sequencing or _EMPTY
    base = shared.get(own["attributes"].get("IDRef", ""), _EMPTY)

    def part(name: str) -> Raw:
        return _child(own, name) or _child(base, name) or _EMPTY

    control, limits, delivery = part("controlMode"), part("limitConditions"), part("deliveryControls")
    rules, rollup, draw = part("sequencingRules"), part("rollupRules"), part("randomizationControls")
    constrained, considered = part("constrainedChoiceConsiderations"), part("rollupConsiderations")
    threshold = _child(item.adl or _EMPTY, "completionThreshold") or _EMPTY
    older_threshold = _number(threshold["text"], None)
    hidden = {each["text"] for each in _all(item.adl or _EMPTY, "hideLMSUI")}
    select_count = _number(draw["attributes"].get("selectCount"), None)
    limit = _number(limits["attributes"].get("attemptLimit"), None)
    return Activity(
        identifier=item.identifier,
        title=item.title,
        path=item.path,
        is_sco=item.is_sco,
        is_visible=item.is_visible,
        choice=_flag(control, "choice", True),
        choice_exit=_flag(control, "choiceExit", True),
        flow=_flag(control, "flow", False),
        forward_only=_flag(control, "forwardOnly", False),
        use_current_objectives=_flag(control, "useCurrentAttemptObjectiveInfo", True),
        use_current_progress=_flag(control, "useCurrentAttemptProgressInfo", True),
        prevent_activation=_flag(constrained, "preventActivation", False),
        constrain_choice=_flag(constrained, "constrainChoice", False),
        pre_rules=_rules(rules, "preConditionRule", PRE),
        exit_rules=_rules(rules, "exitConditionRule", EXIT),
        post_rules=_rules(rules, "postConditionRule", POST),
        attempt_limit=None if limit is None else int(limit),
        attempt_duration_limit=seconds_of(limits["attributes"].get("attemptAbsoluteDurationLimit", "")),
        rollup_rules=tuple(_rollup_rules(rollup)),
        rollup_satisfied=_flag(rollup, "rollupObjectiveSatisfied", True),
        rollup_progress=_flag(rollup, "rollupProgressCompletion", True),
        measure_weight=_number(rollup["attributes"].get("objectiveMeasureWeight"), 1.0) or 0.0,
        considerations=Considerations(
            satisfied=considered["attributes"].get("requiredForSatisfied", "always"),
            not_satisfied=considered["attributes"].get("requiredForNotSatisfied", "always"),
            completed=considered["attributes"].get("requiredForCompleted", "always"),
            incomplete=considered["attributes"].get("requiredForIncomplete", "always"),
            measure_satisfaction_if_active=_flag(considered, "measureSatisfactionIfActive", True),
        ),
        objectives=_objectives(own, base),
        selection=_timing(draw, "selectionTiming"),
        select_count=None if select_count is None else int(select_count),
        randomisation=_timing(draw, "randomizationTiming"),
        reorder=_flag(draw, "reorderChildren", False),
        # An asset cannot tell how far it was seen; only the end of its attempt does.
        tracked=_flag(delivery, "tracked", True),
        completion_set_by_content=_flag(delivery, "completionSetByContent", False),
        objective_set_by_content=_flag(delivery, "objectiveSetByContent", False),
        completed_by_measure=_flag(threshold, "completedByMeasure", False) or older_threshold is not None,
        minimum_progress=_first(_number(threshold["attributes"].get("minProgressMeasure"), None), older_threshold, 1.0),
        progress_weight=_first(_number(threshold["attributes"].get("progressWeight"), None), 1.0),
        hidden_buttons=frozenset(hidden & HIDEABLE),
        children=tuple(_activity(child, shared) for child in item.children),
    )


def _rules(container: Raw, name: str, actions: frozenset[str]) -> tuple[Rule, ...]:
    rules = []
    for raw in _children(container, name):
        conditions = _child(raw, "ruleConditions") or _EMPTY
        action = (_child(raw, "ruleAction") or _EMPTY)["attributes"].get("action", "")
        if action in actions:
            combination = conditions["attributes"].get("conditionCombination", "all")
            rules.append(
                Rule(
                    action,
                    tuple(_condition(each) for each in _children(conditions, "ruleCondition")),
                    "any" if combination == "any" else "all",
                )
            )
    return tuple(rules)


def _condition(raw: Raw) -> Condition:
    attributes = raw["attributes"]
    return Condition(
        name=attributes.get("condition", ""),
        is_negated=attributes.get("operator") == "not",
        objective=_identifier(attributes, "referencedObjective"),
        threshold=_number(attributes.get("measureThreshold"), 0.0) or 0.0,
    )


def _rollup_rules(container: Raw) -> Iterator[RollupRule]:
    for raw in _children(container, "rollupRule"):
        attributes = raw["attributes"]
        conditions = _child(raw, "rollupConditions") or _EMPTY
        action = (_child(raw, "rollupAction") or _EMPTY)["attributes"].get("action", "")
        children = attributes.get("childActivitySet", "all")
        if action in {"satisfied", "notSatisfied", "completed", "incomplete"}:
            yield RollupRule(
                action=action,
                conditions=tuple(_condition(each) for each in _children(conditions, "rollupCondition")),
                combination="all" if conditions["attributes"].get("conditionCombination") == "all" else "any",
                children=children if children in {"any", "none", "atLeastCount", "atLeastPercent"} else "all",
                minimum_count=int(_number(attributes.get("minimumCount"), 0.0) or 0),
                minimum_percent=_number(attributes.get("minimumPercent"), 0.0) or 0.0,
            )


def _objectives(own: Raw, base: Raw) -> tuple[Objective, ...]:
    """The objectives of IMS's element, with the maps that ADL's element of the same name adds to them."""
    containers = [
        each for adl in (False, True) for each in (_containers(own, is_adl=adl) or _containers(base, is_adl=adl))
    ]
    found: dict[str, Objective] = {}
    maps: dict[str, list[ObjectiveMap]] = {}
    for container in containers:
        is_adl = container.get("is_adl", False)
        for raw in container["children"]:
            name = _identifier(raw["attributes"], "objectiveID")
            maps.setdefault(name, []).extend(_map(each["attributes"], is_adl) for each in _children(raw, "mapInfo"))
            if name not in found and not is_adl:
                minimum = _number((_child(raw, "minNormalizedMeasure") or _EMPTY)["text"], 1.0)
                found[name] = Objective(
                    identifier=name,
                    is_primary=raw["tag"] == "primaryObjective",
                    satisfied_by_measure=_flag(raw, "satisfiedByMeasure", False),
                    minimum_measure=1.0 if minimum is None else minimum,
                )
    if not any(objective.is_primary for objective in found.values()):
        found = {"": Objective(is_primary=True), **found}
    return tuple(replace(objective, maps=tuple(maps.get(name, ()))) for name, objective in found.items())


def _containers(raw: Raw, *, is_adl: bool) -> list[Raw]:
    return [each for each in _children(raw, "objectives") if each.get("is_adl", False) is is_adl]


def _map(attributes: Mapping[str, str], is_adl: bool) -> ObjectiveMap:
    raw = {"attributes": attributes}
    return ObjectiveMap(
        _identifier(attributes, "targetObjectiveID"),
        frozenset(what for name, what in _READS.items() if _flag(raw, name, (name in _IMS_READS) is not is_adl)),
        frozenset(what for name, what in _READS.items() if _flag(raw, name.replace("read", "write", 1), False)),
    )


def _children(raw: Raw, tag: str) -> list[Raw]:
    return [child for child in raw["children"] if child["tag"] == tag]


def _child(raw: Raw, tag: str) -> Raw | None:
    return next(iter(_children(raw, tag)), None)


def _all(raw: Raw, tag: str) -> Iterator[Raw]:
    for child in raw["children"]:
        if child["tag"] == tag:
            yield child
        yield from _all(child, tag)


def _identifier(attributes: Mapping[str, str], name: str) -> str:
    """An objective's identifier as the standard compares them: encoded spaces are spaces, several are one."""
    return " ".join(attributes.get(name, "").replace("%20", " ").split())


def _flag(raw: Raw, name: str, default: bool) -> bool:
    text = str(raw["attributes"].get(name, "")).strip().lower()
    return default if text not in {"true", "false", "1", "0"} else text in {"true", "1"}


def _number(text: str | None, default: float | None) -> float | None:
    try:
        return float(text) if text is not None and text.strip() else default
    except ValueError:
        return default


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _timing(raw: Raw, name: str) -> Any:
    timing = raw["attributes"].get(name, "never")
    return timing if timing in {"once", "onEachNewAttempt"} else "never"
