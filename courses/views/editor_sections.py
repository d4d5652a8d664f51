"""What is on the tabs of a course's pages for those who keep it, by kind of course; one entry a section, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from competence import api as competence
from courses.forms import ParticipantFilter
from courses.models import Course, EditionDecision
from courses.queries.discretion import about, stuck_without_small_groups, without_small_groups
from courses.queries.editor import editions_with_figures
from courses.queries.figures import Funnel, StuckLine
from courses.queries.funnel import funnel_of
from courses.queries.learners import participants_of, shown_people
from courses.queries.lesson_funnel import lesson_funnel_of
from courses.queries.lesson_stuck import stuck_lessons_by_cause
from courses.queries.occasion_funnel import occasion_funnel_of, stuck_places
from courses.queries.occasions import shown, with_seats
from courses.queries.stuck import stuck_by_cause
from courses.queries.trust import decision_in_force
from courses.views.editor_frame import CONTENT, PARTICIPANTS, RESULTS, SETTINGS, Section
from courses.views.lesson_editor import reasons_for, warnings_for
from lms.audit.api import record_look_ups
from lms.users.models import User

PACKAGE = frozenset({Course.Kind.PACKAGE.value})
LESSONS = frozenset({Course.Kind.LESSONS.value})
OCCASIONS = frozenset({Course.Kind.OCCASION.value})
PEOPLE_A_PAGE = 50
SEES_PERSONS = "courses.view_participants"


def _editions(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    rows = list(editions_with_figures(course))
    follows = course.kind == Course.Kind.PACKAGE and any(edition.published_at for edition in rows)
    for edition in rows:
        is_new = edition.published_at is None and not edition.decisions.all()
        vars(edition)["needs_decision"] = follows and is_new
        if not request.user.has_perm(SEES_PERSONS):
            for figure in ("running", "finished"):
                vars(edition)[figure] = about(vars(edition)[figure]) or _("fewer than five")
    return {"editions": rows, "current": next((edition for edition in rows if edition.is_live), None)}


def _lessons(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    return {"reasons": [*reasons_for(course), *warnings_for(course)]}


def _nothing(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    return {}


def _participants(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    form = ParticipantFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    people = participants_of(course, state=chosen.get("state", ""), search=chosen.get("search", ""))
    page = Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    record_look_ups(
        "list_participants", by=cast(User, request.user), people=shown_people(page), subject=f"course:{course.key}"
    )
    query = request.GET.copy()
    query.pop("page", None)
    return {"form": form, "page": page, "query": query.urlencode(), "is_filtered": any(chosen.values())}


def _occasions(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    coming = course.occasions.filter(ends_at__gte=timezone.now()).select_related("course", "commissioned_by")
    return {"rows": shown(with_seats(coming.order_by("starts_at", "pk")), cast(User, request.user))}


def _funnel(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    funnel = FUNNELS[Course.Kind(course.kind)](course)
    return {"funnel": funnel if request.user.has_perm(SEES_PERSONS) else without_small_groups(funnel)}


def _stuck(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    lines = STUCK[Course.Kind(course.kind)](course)
    return {"lines": lines if request.user.has_perm(SEES_PERSONS) else stuck_without_small_groups(lines)}


FUNNELS: Mapping[Course.Kind, Callable[[Course], Funnel]] = {
    Course.Kind.PACKAGE: funnel_of,
    Course.Kind.LESSONS: lesson_funnel_of,
    Course.Kind.OCCASION: occasion_funnel_of,
}
STUCK: Mapping[Course.Kind, Callable[[Course], list[StuckLine]]] = {
    Course.Kind.PACKAGE: lambda course: stuck_by_cause(course, timezone.now()),
    Course.Kind.LESSONS: lambda course: stuck_lessons_by_cause(course, timezone.now()),
    Course.Kind.OCCASION: stuck_places,
}


def _sameness(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    decisions = EditionDecision.objects.filter(edition__course=course).select_related("edition", "decided_by")
    return {"decisions": decisions, "equivalences": competence.course_equivalences(course.key)}


def _trust(request: HttpRequest, course: Course) -> Mapping[str, Any]:
    decisions = course.trust_decisions.select_related("decided_by")
    return {"trust": decision_in_force(course, timezone.now()), "decisions": decisions}


SECTIONS = (
    Section(CONTENT, "courses/editor/_lessons.html", _lessons, LESSONS),
    Section(CONTENT, "courses/editor/_occasions.html", _occasions, OCCASIONS),
    Section(CONTENT, "courses/editor/_editions.html", _editions, PACKAGE | LESSONS),
    Section(
        PARTICIPANTS,
        "courses/editor/_participants.html",
        _participants,
        PACKAGE | LESSONS,
        permission=SEES_PERSONS,
    ),
    Section(RESULTS, "courses/editor/_funnel.html", _funnel),
    Section(RESULTS, "courses/editor/_stuck.html", _stuck),
    Section(SETTINGS, "courses/editor/_about.html", _nothing),
    Section(SETTINGS, "courses/editor/_sameness.html", _sameness, PACKAGE),
    Section(SETTINGS, "courses/editor/_trust.html", _trust, PACKAGE),
    Section(RESULTS, "courses/editor/_evaluation_way.html", _nothing),
    Section(SETTINGS, "courses/editor/_assign_way.html", _nothing),
)
