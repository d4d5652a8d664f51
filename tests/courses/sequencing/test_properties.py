"""What holds for every package and every learner, however odd: found by trying many."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from courses.scorm.sequencing.availability import what_is_possible
from courses.scorm.sequencing.definition import (
    Activity,
    Condition,
    Considerations,
    Objective,
    ObjectiveMap,
    RollupRule,
    Rule,
    Tree,
)
from courses.scorm.sequencing.engine import navigate, open_session
from courses.scorm.sequencing.reported import take_in
from courses.scorm.sequencing.requests import Outcome, Request
from courses.scorm.sequencing.tracking import Session

CONDITIONS = ["always", "satisfied", "completed", "attempted", "objectiveStatusKnown", "objectiveMeasureKnown",
              "attemptLimitExceeded", "activityProgressKnown", "objectiveMeasureGreaterThan", "nonsense"]  # fmt: skip
SHARED = ["satisfied", "measure", "completed"]
KINDS = ["continue", "continue", "choice", "choice", "previous", "exit", "exitAll", "suspendAll", "abandon",
         "abandonAll", "jump", "open"]  # fmt: skip
SAID = {
    "cmi.completion_status": ["completed", "incomplete", "unknown", "not attempted"],
    "cmi.success_status": ["passed", "failed", "unknown"],
    "cmi.score.scaled": ["-1", "0", "0.5", "1"],
    "cmi.progress_measure": ["0", "0.5", "1"],
    "cmi.exit": ["suspend", "normal", ""],
}
Steps = list[tuple[str, str, dict[str, str]]]


class Chance:
    """Draws packages and learners from a seed: a whole tree is too much for Hypothesis to draw piece by piece."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.names = 0

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def any_of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def some(self, make: Any) -> tuple[Any, ...]:
        return tuple(make() for _each in range(self.any_of(0, 0, 0, 1, 1, 2)))

    def condition(self) -> Condition:
        return Condition(self.any_of(*CONDITIONS), self.one_in(3), self.any_of("", "", "o", "gone"))

    def rules(self, *actions: str) -> tuple[Rule, ...]:
        return self.some(lambda: Rule(self.any_of(*actions), self.some(self.condition), self.any_of("any", "all")))

    def rollup(self) -> RollupRule:
        return RollupRule(
            self.any_of("satisfied", "notSatisfied", "completed", "incomplete"),
            self.some(self.condition),
            self.any_of("any", "all"),
            self.any_of("all", "any", "none", "atLeastCount", "atLeastPercent"),
            self.any_of(0, 1, 3),
            self.random.random(),
        )

    def mapping(self) -> ObjectiveMap:
        def some() -> frozenset[str]:
            return frozenset(what for what in SHARED if self.one_in(2))

        return ObjectiveMap(self.any_of("g1", "g2"), some(), some())

    def activity(self, depth: int = 0) -> Activity:
        self.names += 1
        name = f"a{self.names}"
        count = self.any_of(1, 2, 3, 4) if depth == 0 else self.any_of(0, 0, 1, 2, 3) if depth < 3 else 0
        children = tuple(self.activity(depth + 1) for _each in range(count))
        demand = ["always", "always", "ifAttempted", "ifNotSkipped", "ifNotSuspended"]
        return Activity(
            name,
            path=None if children else f"{name}.html",
            choice=depth == 0 or not self.one_in(4),
            choice_exit=not self.one_in(5),
            flow=not self.one_in(5),
            forward_only=self.one_in(4),
            use_current_objectives=self.one_in(2),
            use_current_progress=self.one_in(2),
            prevent_activation=self.one_in(5),
            constrain_choice=self.one_in(5),
            pre_rules=self.rules("skip", "disabled", "hiddenFromChoice", "stopForwardTraversal"),
            exit_rules=self.rules("exit"),
            post_rules=self.rules("exitParent", "exitAll", "retry", "retryAll", "continue", "previous"),
            attempt_limit=self.any_of(None, None, 0, 1, 2),
            rollup_rules=self.some(self.rollup),
            considerations=Considerations(
                self.any_of(*demand), self.any_of(*demand), self.any_of(*demand), self.any_of(*demand), self.one_in(2)
            ),
            objectives=(
                Objective("", True, self.one_in(2), 0.5, self.some(self.mapping)),
                Objective("o", maps=self.some(self.mapping)),
            ),
            selection=self.any_of("never", "once", "onEachNewAttempt"),
            select_count=self.any_of(None, None, 0, 1, 2),
            randomisation=self.any_of("never", "once", "onEachNewAttempt"),
            reorder=self.one_in(2),
            tracked=not self.one_in(5),
            completed_by_measure=self.one_in(4),
            minimum_progress=0.5,
            children=children,
        )

    def tree(self) -> Tree:
        return Tree(self.activity(), objectives_are_global=self.one_in(2), keeps_work=self.one_in(5))

    def steps(self) -> Steps:
        return [
            (
                self.any_of(*KINDS),
                f"a{self.random.randint(1, max(1, self.names))}",
                {element: self.any_of(*values) for element, values in SAID.items() if self.one_in(2)},
            )
            for _each in range(self.random.randrange(15))
        ]


def drawn(seed: int) -> tuple[Tree, Steps]:
    chance = Chance(seed)
    return chance.tree(), chance.steps()


plays = st.integers(0, 2**64).map(drawn)


def play(of: Tree, steps: Steps, *, puts_away: bool = False) -> list[tuple[Session, Request, Outcome]]:
    session = Session(of, seed="x")
    outcome = open_session(session)
    seen = [(session, Request("open"), outcome)]
    for kind, target, data in steps:
        if puts_away:
            session = Session.from_json(of, json.loads(json.dumps(session.to_json())))
        current = session.current_activity()
        if current is not None and session.state(current).is_active:
            take_in(session, current, data)
        request = Request(kind, target)
        outcome = open_session(session) if kind == "open" else navigate(session, request)
        seen.append((session, request, outcome))
        if outcome.delivered is not None:
            check_delivered(session, request, outcome.delivered)
    return seen


def check_delivered(session: Session, request: Request, name: str) -> None:
    activity = session.tree.activities[name]
    assert not activity.children
    assert session.current == name
    assert session.suspended is None
    path = session.tree.path(activity)
    for one in path:
        assert session.state(one).is_active
        assert not any(rule == Rule("disabled", (Condition("always"),), rule.combination) for rule in one.pre_rules)
        if one.attempt_limit is not None and one.tracked:
            assert session.state(one).attempts <= one.attempt_limit
        parent = session.tree.parent(one)
        assert parent is None or one in session.available(parent)
    active = {key for key, state in session.states.items() if state.is_active}
    assert active == {one.identifier for one in path}


@given(plays)
@settings(max_examples=300, deadline=None)
def test_the_engine_always_ends_and_delivers_only_what_may_be_delivered(play_of: tuple[Tree, Steps]) -> None:
    play(*play_of)


@given(plays)
@settings(max_examples=150, deadline=None)
def test_the_same_steps_lead_to_the_same_places_also_when_put_away_between(
    play_of: tuple[Tree, Steps],
) -> None:
    first = [outcome for _session, _request, outcome in play(*play_of)]
    assert first == [outcome for _session, _request, outcome in play(*play_of, puts_away=True)]


@given(plays)
@settings(max_examples=150, deadline=None)
def test_what_is_offered_can_be_had_and_what_is_hidden_cannot(play_of: tuple[Tree, Steps]) -> None:
    of, _steps = play_of
    session = play(*play_of)[-1][0]
    possible = what_is_possible(session)
    for name, refusal in possible.choices.items():
        outcome = navigate(session.copy(), Request("choice", name))
        if refusal in {"hidden", "disabled", "no_choice", "not_selected"}:
            current = session.current_activity()
            diverted = current is not None and any(one.post_rules or one.exit_rules for one in of.path(current))
            assert outcome.delivered is None or diverted
        if not refusal and outcome.refusal:
            current = session.current_activity()
            assert current is not None
            assert any(one.post_rules or one.exit_rules for one in of.path(current))


@given(plays)
@settings(max_examples=150, deadline=None)
def test_what_is_known_keeps_within_its_bounds(play_of: tuple[Tree, Steps]) -> None:
    of, _steps = play_of
    session = play(*play_of)[-1][0]
    for activity in of.root.walk():
        measure = session.get(activity, activity.primary, "measure")
        progress = session.get(activity, activity.primary, "progress")
        assert measure is None or -1 <= measure <= 1
        assert progress is None or 0 <= progress <= 1
