"""The frame of a course's pages for those who keep it: four tabs, and on each the sections that its kind of course has.

To add something to a tab, write a template and a function that gathers what it shows, and name both in
`courses.views.editor_sections`. A tab without a section that the reader may see is not shown to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Course

CONTENT, PARTICIPANTS, RESULTS, SETTINGS = "content", "participants", "results", "settings"
TABS: Mapping[str, tuple[Promise | str, str]] = {
    CONTENT: (_("Content"), "courses:editor_course"),
    PARTICIPANTS: (_("Participants"), "courses:editor_participants"),
    RESULTS: (_("Results"), "courses:editor_results"),
    SETTINGS: (_("Settings"), "courses:editor_settings"),
}
EVERY_KIND = frozenset(Course.Kind.values)


@dataclass(frozen=True)
class Section:
    """A part of a tab, for courses of some kinds.

    `gather` returns what the template finds as `part`. `permission`, where there is one, is needed besides the tab's
    own: others do not see the section.
    """

    tab: str
    template: str
    gather: Callable[[HttpRequest, Course], Mapping[str, Any]]
    kinds: frozenset[str] = EVERY_KIND
    permission: str = ""

    def is_for(self, request: HttpRequest, course: Course) -> bool:
        """Whether this course has the section, and the reader may see it."""
        return course.kind in self.kinds and (not self.permission or request.user.has_perm(self.permission))


def render_tab(request: HttpRequest, key: str, tab: str, sections: Sequence[Section]) -> HttpResponse:
    """The tab of the course with this key. 404 where there is no such course, or nothing on the tab for its kind."""
    course = get_object_or_404(Course, key=key)
    mine = [section for section in sections if section.is_for(request, course)]
    shown = [{"template": one.template, "part": one.gather(request, course)} for one in mine if one.tab == tab]
    if not shown:
        raise Http404
    there = {section.tab for section in mine}
    context = {
        "course": course,
        "tabs": [
            {"label": label, "url": reverse(name, args=[key]), "current": "page" if one == tab else ""}
            for one, (label, name) in TABS.items()
            if one in there
        ],
        "tab_name": TABS[tab][0],
        "here": course.title if tab == CONTENT else TABS[tab][0],
        "sections": shown,
    }
    return render(request, "courses/editor/course.html", context)
