"""That the parts of a rule document fit together: what is spoken of is there, and nothing goes in a circle."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from competence.policy.reading import RuleError
from competence.policy.rules import Period, Requirement, RuleSet
from competence.policy.ways import Circular, refuse_circles


def refuse_incoherence(rules: RuleSet) -> None:
    """Raises RuleError at the first thing in `rules` that speaks of what is not there, or comes after itself."""
    for key, role in rules.roles.items():
        _known(role.product_groups, rules.product_groups, f"roles.{key}.product_groups", "product group")
    for key, right in rules.rights.items():
        _known(right.includes, set(rules.rights) - {key}, f"rights.{key}.includes", "other right")
    refuse_circle("rights", {key: sorted(right.includes) for key, right in rules.rights.items()})
    keys = {requirement.key for requirement in rules.requirements}
    after: dict[str, list[str]] = {}
    for index, requirement in enumerate(rules.requirements):
        place = f"requirements[{index}]"
        _known(requirement.after, keys - {requirement.key}, f"{place}.after", "other requirement")
        if any(_overlap(earlier, requirement) for earlier in rules.requirements[:index]):
            raise RuleError(f"{place}.key", f"{requirement.key!r} is used twice for the same time")
        after.setdefault(requirement.key, []).extend(requirement.after)
    refuse_circle("requirements", after)


def refuse_circle(place: str, after: Mapping[str, Sequence[str]]) -> None:
    """Raises RuleError at `place` when something comes, by way of `after`, after itself."""
    try:
        refuse_circles(after)
    except Circular as circle:
        raise RuleError(place, f"go in a circle: {circle}") from circle


def _known(names: Iterable[str], there: Container[str], place: str, what: str) -> None:
    for name in sorted(names):
        if name not in there:
            raise RuleError(place, f"there is no {what} {name!r}")


def _overlap(one: Requirement, other: Requirement) -> bool:
    """Whether both stand for the same key at some time."""
    period = Period(start=one.start, end=one.end)
    return one.key == other.key and period.within(Period(start=other.start, end=other.end)) is not None
