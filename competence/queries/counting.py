"""Whether somebody has completed a course, or others that count as it: for whoever demands a course before something.

What counts as what is the published rules' word alone, as they are in force now (`competence.policy.counting`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import structlog
from django.db.models import Exists, OuterRef, Q

from competence.models.completion import Completion
from competence.models.ending import Ending
from competence.policy.counting import Way, completed_since, only_itself, ways_to_complete
from competence.policy.rules import NoRules
from competence.policy.ways import TooManyWays
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from lms.users.models import User

log = structlog.get_logger(__name__)
Ways = Mapping[str, tuple[Way, ...]]


def completions_counting_as(
    course_keys: Collection[str], people: Collection[int]
) -> Mapping[int, Mapping[str, datetime]]:
    """By person and course: when they came to count as having completed it; who does not is left out.

    By the course itself, or by all the courses of an equivalence in force now: then from when the last of them was
    completed. Completions that were withdrawn do not count, and those of a record that was merged with the person's
    do. Five queries at most, whatever the number of people and courses; none without courses or people.
    """
    if not course_keys or not people:
        return {}
    ways = _ways_now(course_keys)
    owners = dict(User.objects.filter(pk__in=people).values_list("pk", "merged_into"))
    one = {pk: merged or pk for pk, merged in owners.items()}
    wanted = {key for found in ways.values() for way in found for key in way}
    ended = Ending.objects.filter(completion=OuterRef("pk"))
    rows = (
        Completion.objects.filter(course__key__in=wanted)
        .filter(Q(person__in=one.values()) | Q(person__merged_into__in=one.values()))
        .exclude(Exists(ended))
        .values_list("person", "person__merged_into", "course__key", "completed_at")
    )
    completed: dict[int, dict[str, datetime]] = {}
    for person, merged, key, at in rows:
        mine = completed.setdefault(merged or person, {})
        mine[key] = max(at, mine.get(key, at))
    counted = {pk: _counted(ways, completed.get(owner, {})) for pk, owner in one.items()}
    return {pk: found for pk, found in counted.items() if found}


def _ways_now(course_keys: Collection[str]) -> Ways:
    """The sets of courses that make up for each of `course_keys`, itself among them."""
    moment = current_moment()
    try:
        equivalences = current_rule_book().in_force(moment.now, moment.known_at).equivalences
        return {key: ways_to_complete(key, equivalences, moment.now) for key in course_keys}
    except NoRules:
        pass
    except TooManyWays:
        log.warning("equivalences.too_many_ways", courses=sorted(course_keys))
    return {key: only_itself(key) for key in course_keys}


def _counted(ways: Ways, completed: Mapping[str, datetime]) -> dict[str, datetime]:
    found = {key: completed_since(key, sets, completed) for key, sets in ways.items()}
    return {key: since for key, since in found.items() if since is not None}
