"""Which completed courses count as which others, by the rules in force: for whoever looks after a course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from competence.models.course_reference import CourseReference
from competence.policy.rules import NoRules
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from lms.lib.clock import local_day


@dataclass(frozen=True)
class CourseEquivalence:
    """Whoever completed all of `courses` counts as having completed each of `counts_as`, from `from_on` until the day
    before `until_on` (None: without bound). Titles; the key of a course that has none."""

    courses: tuple[str, ...]
    counts_as: tuple[str, ...]
    from_on: date | None
    until_on: date | None


def course_equivalences(key: str) -> list[CourseEquivalence]:
    """Those that name the course with this key, on either side. Empty while no rules are published."""
    moment = current_moment()
    try:
        rules = current_rule_book().in_force(moment.now, moment.known_at)
    except NoRules:
        return []
    found = [one for one in rules.equivalences if key in one.courses or key in one.counts_as]
    keys = {name for one in found for name in (*one.courses, *one.counts_as)}
    titles = dict(CourseReference.objects.filter(key__in=keys).values_list("key", "title")) if found else {}
    return [
        CourseEquivalence(
            courses=tuple(titles.get(name, name) for name in one.courses),
            counts_as=tuple(titles.get(name, name) for name in one.counts_as),
            from_on=local_day(one.period.start) if one.period.start else None,
            until_on=local_day(one.period.end) if one.period.end else None,
        )
        for one in found
    ]
