"""The tabs of a course's pages for those who keep it. What is on them is in `courses.views.editor_sections`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from courses.views import editor_frame as frame
from courses.views.editor_sections import SECTIONS
from lms.lib.access import requires


@require_GET
@requires("courses.edit_courses")
def content(request: HttpRequest, key: str) -> HttpResponse:
    return frame.render_tab(request, key, frame.CONTENT, SECTIONS)


@require_GET
@requires("courses.view_participants")
def participants(request: HttpRequest, key: str) -> HttpResponse:
    return frame.render_tab(request, key, frame.PARTICIPANTS, SECTIONS)


@require_GET
@requires("courses.edit_courses")
def results(request: HttpRequest, key: str) -> HttpResponse:
    return frame.render_tab(request, key, frame.RESULTS, SECTIONS)


@require_GET
@requires("courses.edit_courses")
def settings(request: HttpRequest, key: str) -> HttpResponse:
    return frame.render_tab(request, key, frame.SETTINGS, SECTIONS)
