"""What the missing steps of one way mean for each other."""

from __future__ import annotations

from datetime import datetime

from competence.policy.reasons import Missing
from competence.policy.rules import RuleSet


def with_prerequisites(steps: list[Missing], rules: RuleSet, at: datetime) -> list[Missing]:
    """The steps, each naming what is missing and comes before it."""
    if not rules.has_order:
        return steps
    of_step = [{step.requirement, *step.also_meets} for step in steps]
    found: list[Missing] = []
    for step, own in zip(steps, of_step, strict=True):
        requirement = rules.requirement(step.requirement, at) if step.requirement else None
        others = {key for other in of_step if other is not own for key in other}
        earlier = tuple(key for key in requirement.after if key in others) if requirement else ()
        found.append(step._replace(after=earlier) if earlier else step)
    return found


def without_implied(missing: list[Missing]) -> list[Missing]:
    """The steps without those that another step takes care of.

    A step with a single alternative is taken in any case; a step that this also meets is no step of its own, but makes
    the other one blocking if it was so itself.
    """
    if sum(step.requirement is not None for step in missing) < 2:  # noqa: PLR2004  one alone implies nothing
        return missing
    steps: list[Missing | None] = list(missing)
    for index, step in enumerate(steps):
        if step is None or step.requirement is None or len(step.alternatives) != 1:
            continue
        for other_index, other in enumerate(steps):
            if other is None or other_index == index or not _implies(step, other):
                continue
            step = step._replace(
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
