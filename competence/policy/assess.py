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
from competence.policy.facts import Appointment, Employment, Level, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.requirements import Holder
from competence.policy.rules import Right, Role, RuleSet

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
    return best or _not_in_use(rules, right)


def _order(assessment: Assessment) -> tuple[int, int]:
    return _RANK[assessment.outcome], len(assessment.missing)


def _not_in_use(rules: RuleSet, right: str) -> Assessment:
    return Assessment(
        outcome=Outcome.DENIED,
        reasons=(),
        missing=(Missing(code=Code.RIGHT_NOT_IN_USE, right=right),),
        granting_right=right,
        policy_version=rules.version,
    )


def _ways(
    facts: PersonFacts, rules: RuleSet, right: str, context: Context, at: datetime
) -> Iterator[tuple[Employment | None, Right, Role]]:
    """Every way, in the order in which the first of equally good ones is taken. None when nothing is in use."""
    granting_rights = rules.rights_that_grant(right)
    if not granting_rights:
        raise UnanswerableQuestion("right", right)
    carriers = [
        (granting, rules.roles[role])
        for granting in granting_rights
        for role in granting.roles
        if _covers(rules.roles[role], context)
    ]
    if not carriers:
        what, value = ("product_group", context.product_group) if context.product_group else ("role", context.role)
        raise UnanswerableQuestion(what, value or "")
    if not granting_rights[0].period.holds(at):
        return
    in_use = [(granting, role) for granting, role in carriers if granting.period.holds(at) and role.period.holds(at)]
    current = [e for e in facts.employments if e.holds(at) and _is_asked_about(e, context)]
    employments: list[Employment | None] = list(current) or [None]
    for employment in employments:
        for granting, role in in_use:
            yield employment, granting, role


def _is_asked_about(employment: Employment, context: Context) -> bool:
    return (
        (context.identity is None or employment.identity in (None, context.identity))
        and (context.employment is None or employment.key == context.employment)
        and (context.principals is None or employment.principal in context.principals)
    )


def _covers(role: Role, context: Context) -> bool:
    if context.role is not None and role.key != context.role:
        return False
    groups = role.product_groups
    return context.product_group is None or not groups or context.product_group in groups


def _assess_way(
    facts: PersonFacts,
    rules: RuleSet,
    employment: Employment | None,
    granting: Right,
    role: Role,
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

    names = role.names(at)
    own = [a for a in facts.appointments if employment and a.employment == employment.key and a.role in names]
    note(*_employed(facts, employment, granting))
    note(None, _suspended(facts, employment, at))
    note(*_appointed(own, employment, role, at))
    level = _level(facts, employment, names, at)
    if role.needs_level_decision and level is None:
        note(None, Missing(code=Code.LEVEL_NOT_DECIDED, role=role.key))
    holder = Holder(
        employment=employment.key if employment else None,
        role=role.key,
        level=level,
        appointed_since=_appointed_since(own, employment, role, at),
    )
    workplace = employment or _last_workplace(facts, context)
    for requirement in rules.requirements:
        if requirement.is_in_force(at) and requirement.concerns(
            role=role.key,
            principal=workplace.principal if workplace else "",
            profession=workplace.profession if workplace else "",
            units=workplace.units if workplace else frozenset(),
        ):
            note(*requirements.judge(requirement, rules, facts, holder, at))
    note(*authorisations.judge(granting, facts, holder.employment, context, at))
    steps = _with_prerequisites(_without_implied(missing), rules, at)
    return Assessment(
        outcome=_outcome(steps),
        reasons=tuple(reasons),
        missing=tuple(steps),
        role=role.key,
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
    own: list[Appointment], employment: Employment | None, role: Role, at: datetime
) -> tuple[Reason | None, Missing | None]:
    """The appointment that holds. `own`: those within the employment that count for the role."""
    current = [a for a in own if a.holds(at)]
    if current:
        # The one that lasts longest; None is for ever.
        best = max(current, key=lambda a: (a.end is None, a.end or at, a.key))
        reason = Reason(code=Code.APPOINTED, role=role.key, fact=best.key, since=best.start, until=best.end)
        return reason, None
    if employment is not None and employment.profession in role.held_by_professions:
        reason = Reason(
            code=Code.HELD_BY_PROFESSION,
            role=role.key,
            fact=employment.key,
            since=employment.start,
            until=employment.end,
        )
        return reason, None
    past = [a for a in own if a.end is not None and a.end <= at]
    last = max(past, key=lambda a: (a.end or a.start, a.key)) if past else None
    if last is not None and last.revoked_at is not None:
        return None, Missing(code=Code.REVOKED, role=role.key, since=last.revoked_at)
    return None, Missing(code=Code.NOT_APPOINTED, role=role.key)


def _appointed_since(own: list[Appointment], employment: Employment | None, role: Role, at: datetime) -> datetime:
    """When the person first held the role. Somebody who does not would do so at `at`: the steps that are told must be
    right after that one, too."""
    since = min([at, *(a.start for a in own)])
    if employment is not None and employment.profession in role.held_by_professions:
        since = min(since, employment.start)
    return since


def _level(facts: PersonFacts, employment: Employment | None, names: frozenset[str], at: datetime) -> Level | None:
    """The latest level decision that holds; one for the very role before one for every role of the same day."""
    current = [
        d
        for d in facts.level_decisions
        if employment and d.employment == employment.key and (d.role is None or d.role in names) and d.holds(at)
    ]
    if not current:
        return None
    return max(current, key=lambda d: (d.start, d.role is not None, d.recorded_at, d.key)).level


def _last_workplace(facts: PersonFacts, context: Context) -> Employment | None:
    """The latest employment that the question is about, whose principal, profession and units the requirements are
    asked for when there is none now."""
    past = [e for e in facts.employments if _is_asked_about(e, context)]
    return max(past, key=lambda e: (e.start, e.key)) if past else None


def _with_prerequisites(steps: list[Missing], rules: RuleSet, at: datetime) -> list[Missing]:
    """The steps, each naming what is missing and comes before it."""
    of_step = [{step.requirement, *step.also_meets} for step in steps]
    found: list[Missing] = []
    for step, own in zip(steps, of_step, strict=True):
        requirement = rules.requirement(step.requirement, at) if step.requirement else None
        others = {key for other in of_step if other is not own for key in other}
        earlier = tuple(key for key in requirement.after if key in others) if requirement else ()
        found.append(replace(step, after=earlier) if earlier else step)
    return found


def _without_implied(missing: list[Missing]) -> list[Missing]:
    """The steps without those that another step takes care of.

    A step with a single alternative is taken in any case; a step that this also meets is no step of its own, but makes
    the other one blocking if it was so itself.
    """
    steps: list[Missing | None] = list(missing)
    for index, step in enumerate(steps):
        if step is None or step.requirement is None or len(step.alternatives) != 1:
            continue
        for other_index, other in enumerate(steps):
            if other is None or other_index == index or not _implies(step, other):
                continue
            step = replace(
                step,
                also_meets=(*step.also_meets, *([other.requirement] if other.requirement else []), *other.also_meets),
                is_blocking=step.is_blocking or other.is_blocking,
            )
            steps[other_index] = None
        steps[index] = step
    return [step for step in steps if step is not None]


def _implies(one: Missing, other: Missing) -> bool:
    """Whether whoever takes the single alternative of `one` has taken some alternative of `other`."""
    if other.requirement is None:
        return False
    return any(alternative.is_part_of(one.alternatives[0]) for alternative in other.alternatives)
