"""The rules for anybody to read: what each role needs, always from the rules in force."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from competence.queries.published_rules import published_rules
from competence.views.common import needs_rules
from lms.lib.access import public
from lms.lib.keeping import say_how_long_to_keep


@public
@require_safe
@needs_rules
def rules(request: HttpRequest) -> HttpResponse:
    """All roles, with what is demanded of each in a line."""
    return _kept(request, render(request, "competence/rules/public.html", {"rules": published_rules()}))


@public
@require_safe
@needs_rules
def rules_of_role(request: HttpRequest, role: str) -> HttpResponse:
    """What one role needs: courses with link and time, for whom, and what will change."""
    found = published_rules(role)
    if not found.roles:
        raise Http404
    return _kept(
        request, render(request, "competence/rules/public_role.html", {"rules": found, "role": found.roles[0]})
    )


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    say_how_long_to_keep(request, response)
    return response
