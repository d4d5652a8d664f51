"""The answer at one instant.

A *way* to a right is an employment, a right that grants it (itself or one that includes it) and a competence role that
carries it. The answer is the best way: one that allows, else the one with the fewest steps left. Deny by default: a way
allows only when nothing blocking is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from competence.policy import authorisations, requirements
from competence.policy.decision import Assessment, Context, Outcome
from competence.policy.facts import Employment, Level, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.requirements import Holder
from competence.policy.rules import Right, RuleSet

_RANK = {Outcome.ALLOWED: 0, Outcome.ALLOWED_WITH_WARNING: 1, Outcome.DENIED: 2}


class UnanswerableQuestion(ValueError):
    """The question names a right, role or product group that the rules do not have. `what` says which."""

    def __init__(self, what: str, value: str) -> None:
        super().__init__(f"unknown {what}: {value}")
        self.what = what
        self.value = value


def assess(facts: PersonFacts, rules: RuleSet, right: str, context: Context, at: datetime) -> Assessment:
    """May the person use `right` at `at`? `facts` are as known (see `facts.as_known_at`).

    Raises UnanswerableQuestion for a right, role or product group that `rules` does not know.
    """
    best: Assessment | None = None
    for employment, granting, role in _ways(facts, rules, right, context, at):
        candidate = _assess_way(facts, rules, employment, granting, role, context, at)
        if best is None or _order(candidate) < _order(best):
            best = candidate
    if best is None:
        what, value = ("product_group", context.product_group) if context.product_group else ("role", context.role)
        raise UnanswerableQuestion(what, value or "")
    return best


def _order(assessment: Assessment) -> tuple[int, int]:
    return _RANK[assessment.outcome], len(assessment.missing)


def _ways(
    facts: PersonFacts, rules: RuleSet, right: str, context: Context, at: datetime
) -> Iterator[tuple[Employment | None, Right, str]]:
    granting_rights = rules.rights_that_grant(right)
    if not granting_rights:
        raise UnanswerableQuestion("right", right)
    current = [e for e in facts.employments if e.holds(at) and _is_asked_about(e, context)]
    employments: list[Employment | None] = list(current) or [None]
    for employment in employments:
        for granting in granting_rights:
            for role in granting.roles:
                if _covers(rules, role, context):
                    yield employment, granting, role


def _is_asked_about(employment: Employment, context: Context) -> bool:
    return (
        (context.identity is None or employment.identity in (None, context.identity))
        and (context.employment is None or employment.key == context.employment)
        and (context.principals is None or employment.principal in context.principals)
    )


def _covers(rules: RuleSet, role: str, context: Context) -> bool:
    if context.role is not None and role != context.role:
        return False
    groups = rules.roles[role].product_groups
    return context.product_group is None or not groups or context.product_group in groups


def _assess_way(
    facts: PersonFacts,
    rules: RuleSet,
    employment: Employment | None,
    granting: Right,
    role: str,
    context: Context,
    at: datetime,
) -> Assessment:
    reasons: list[Reason] = []
    missing: list[Missing] = []

    def note(reason: Reason | None, step: Missing | None) -> None:
        if reason is not None:
            reasons.append(reason)
        if step is not None:
            missing.append(step)

    note(*_employed(facts, employment, granting))
    note(None, _suspended(facts, employment, at))
    note(*_appointed(facts, employment, role, at))
    level = _level(facts, employment, role, at)
    if rules.roles[role].needs_level_decision and level is None:
        note(None, Missing(code=Code.LEVEL_NOT_DECIDED, role=role))
    holder = Holder(
        employment=employment.key if employment else None,
        role=role,
        level=level,
        appointed_since=_appointed_since(facts, employment, role, at),
    )
    principal, profession = _work(facts, employment, context)
    for requirement in rules.requirements:
        if requirement.applies(at=at, role=role, principal=principal, profession=profession):
            note(*requirements.judge(requirement, facts, holder, at))
    note(*authorisations.judge(granting, facts, holder.employment, context, at))
    steps = _without_implied(missing)
    return Assessment(
        outcome=_outcome(steps),
        reasons=tuple(reasons),
        missing=tuple(steps),
        role=role,
        employment=holder.employment,
        granting_right=granting.key,
        policy_version=rules.version,
    )


def _outcome(steps: list[Missing]) -> Outcome:
    if any(step.is_blocking for step in steps):
        return Outcome.DENIED
    return Outcome.ALLOWED_WITH_WARNING if steps else Outcome.ALLOWED


def _employed(
    facts: PersonFacts, employment: Employment | None, granting: Right
) -> tuple[Reason | None, Missing | None]:
    if employment is None:
        return None, Missing(code=Code.NOT_EMPLOYED if facts.is_known else Code.UNKNOWN_PERSON)
    if granting.principals is not None and employment.principal not in granting.principals:
        return None, Missing(code=Code.RIGHT_NOT_FOR_PRINCIPAL, right=granting.key)
    return (
        Reason(code=Code.EMPLOYED, fact=employment.key, since=employment.start, until=employment.end),
        None,
    )


def _suspended(facts: PersonFacts, employment: Employment | None, at: datetime) -> Missing | None:
    current = [s for s in facts.suspensions if employment and s.employment == employment.key and s.holds(at)]
    if not current:
        return None
    return Missing(code=Code.SUSPENDED, since=min(s.start for s in current))


def _appointed(
    facts: PersonFacts, employment: Employment | None, role: str, at: datetime
) -> tuple[Reason | None, Missing | None]:
    own = [a for a in facts.appointments if employment and a.employment == employment.key and a.role == role]
    current = [a for a in own if a.holds(at)]
    if current:
        # The one that lasts longest; None is for ever.
        best = max(current, key=lambda a: (a.end is None, a.end or a.start, a.key))
        reason = Reason(code=Code.APPOINTED, role=role, fact=best.key, since=best.start, until=best.end)
        return reason, None
    past = [a for a in own if a.end is not None and a.end <= at]
    last = max(past, key=lambda a: (a.end or a.start, a.key)) if past else None
    if last is not None and last.revoked_at is not None:
        return None, Missing(code=Code.REVOKED, role=role, since=last.revoked_at)
    return None, Missing(code=Code.NOT_APPOINTED, role=role)


def _appointed_since(facts: PersonFacts, employment: Employment | None, role: str, at: datetime) -> datetime:
    """When the person was first appointed to the role. Somebody who is not appointed would be so at `at`: the steps
    that are told must be right after that one, too."""
    own = [a for a in facts.appointments if employment and a.employment == employment.key and a.role == role]
    return min([at, *(a.start for a in own)])


def _level(facts: PersonFacts, employment: Employment | None, role: str, at: datetime) -> Level | None:
    """The latest level decision that holds; one for the very role before one for every role of the same day."""
    current = [
        d
        for d in facts.level_decisions
        if employment and d.employment == employment.key and d.role in (None, role) and d.holds(at)
    ]
    if not current:
        return None
    return max(current, key=lambda d: (d.start, d.role is not None, d.recorded_at, d.key)).level


def _work(facts: PersonFacts, employment: Employment | None, context: Context) -> tuple[str, str]:
    """Principal and profession to ask the requirements for.

    Without an employment: those of the latest one that the question is about, else unknown, which leaves no
    requirement out.
    """
    if employment is not None:
        return employment.principal, employment.profession
    past = [e for e in facts.employments if _is_asked_about(e, context)]
    if not past:
        return "", ""
    latest = max(past, key=lambda e: (e.start, e.key))
    return latest.principal, latest.profession


def _without_implied(missing: list[Missing]) -> list[Missing]:
    """The steps without those that another step takes care of.

    A step with a single alternative is taken in any case; a step that this also meets is no step of its own, but makes
    the other one blocking if it was so itself.
    """
    steps = list(missing)
    index = 0
    while index < len(steps):
        step = steps[index]
        for other_index, other in enumerate(steps):
            if other_index != index and _implies(other, step):
                steps[other_index] = replace(
                    other,
                    also_meets=(*other.also_meets, *([step.requirement] if step.requirement else []), *step.also_meets),
                    is_blocking=other.is_blocking or step.is_blocking,
                )
                del steps[index]
                break
        else:
            index += 1
    return steps


def _implies(one: Missing, other: Missing) -> bool:
    if one.requirement is None or other.requirement is None or len(one.alternatives) != 1:
        return False
    return any(alternative.is_part_of(one.alternatives[0]) for alternative in other.alternatives)
