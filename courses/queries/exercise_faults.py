"""Exercises in lessons that learners cannot take, and why: for whoever writes the lessons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from courses.models import Course, CourseEdition, EditionLesson


def faults_of_packages(keys: Collection[str]) -> dict[str, str]:
    """By key of a package: why a learner cannot take it. What can be taken is left out. One query."""
    if not keys:
        return {}
    editions = CourseEdition.objects.filter(course=OuterRef("pk"))
    rows = Course.objects.filter(key__in=keys, kind=Course.Kind.PACKAGE).annotate(
        is_live=Exists(editions.filter(published_at__isnull=False, withdrawn_at=None)),
        was_withdrawn=Exists(editions.filter(withdrawn_at__isnull=False)),
    )
    faults = dict.fromkeys(keys, _("the package is no longer there"))
    for row in rows:
        del faults[row.key]
        if not row.is_live:
            was_withdrawn = row.was_withdrawn
            faults[row.key] = _("its edition is withdrawn") if was_withdrawn else _("no edition of it is published")
        elif not row.is_published:
            faults[row.key] = _("the package is hidden from learners")
        elif not row.is_open:
            faults[row.key] = _("only those who have been given a place on it can take it")
    return faults


def titles_to_choose() -> list[tuple[str, str]]:
    """The packages that a lesson may have as exercises, by key: their titles, and why they cannot be taken."""
    titles = dict(Course.objects.filter(kind=Course.Kind.PACKAGE).values_list("key", "title"))
    faults = faults_of_packages(titles.keys())
    return [(key, f"{title} – {faults[key]}" if key in faults else title) for key, title in titles.items()]


def faults_in(lessons: Iterable[tuple[str, Any]]) -> list[str]:
    """Sentences about the exercises in lessons, given by title and body, that cannot be taken. Two queries at most."""
    return _sentences([(0, title, body) for title, body in lessons])[0]


def faults_in_use(courses: Collection[Course]) -> Mapping[int, list[str]]:
    """The same by course, for the editions that learners begin with now. Four queries at most, however many courses."""
    live = CourseEdition.objects.filter(
        course__in=courses, course__kind=Course.Kind.LESSONS, published_at__isnull=False, withdrawn_at=None
    )
    newest = {course: pk for pk, course in live.order_by("number").values_list("pk", "course")}
    rows = EditionLesson.objects.filter(edition__in=newest.values()).order_by("edition", "position")
    return _sentences(list(rows.values_list("edition__course", "title", "body")))


def _sentences(lessons: Sequence[tuple[int, str, Any]]) -> Mapping[int, list[str]]:
    """By whatever the lessons are told apart by."""
    placed = [(course, title, key) for course, title, body in lessons for key in _exercises_in(body)]
    faults = faults_of_packages({key for *_lesson, key in placed})
    titles = dict(Course.objects.filter(key__in=faults).values_list("key", "title")) if faults else {}
    text = _(
        "Learners cannot take the exercise “%(exercise)s” in the lesson “%(lesson)s”: %(why)s. "
        "They go on with the lesson without it."
    )
    found = defaultdict[int, list[str]](list)
    for course, title, key in placed:
        if key in faults:
            found[course].append(text % {"exercise": titles.get(key, key), "lesson": title, "why": faults[key]})
    return found


def _exercises_in(body: Any) -> list[str]:
    """The keys of the packages in a lesson's body, without drawing anything else of it."""
    return [block["value"]["course"] for block in body.raw_data if block["type"] == "package"]
