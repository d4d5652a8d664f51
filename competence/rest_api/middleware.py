"""What holds for every answer below /api/, whoever gives it: problem documents, headers, a bounded wait."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from competence.rest_api.media import media_types_of, wanted_media_type
from competence.rest_api.problems import MEDIA_TYPE, Problem, problem_of_status, response_for
from lms.lib.deadline import database_deadline
from lms.users.middleware import API_PAGES

PREFIX = "/api/"
# Beside the token endpoint, whose own errors are those of OAuth 2 (RFC 6749).
TOKEN_PREFIX = "/identity/o/api/"  # noqa: S105
READ_SECONDS = 1.8
# Set in the request's environment by who has already waited for the database in vain (`front`).
DATABASE_HANGS = "competence.database_hangs"
WRITE_SECONDS = 60.0


class ApiMiddleware:
    """Place it within the one that activates the language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(TOKEN_PREFIX):
            response = self.get_response(request)
            kind = response.headers.get("Content-Type", "")
            if response.status_code >= 400 and not kind.startswith("application/"):
                response, kind = _as_problem(response), MEDIA_TYPE
            if kind == MEDIA_TYPE:
                patch_vary_headers(response, ["Accept-Language"])
            return response
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        problem = _problem_with(request)
        if problem is not None:
            response = response_for(problem)
        else:
            with database_deadline(READ_SECONDS if request.method in {"GET", "HEAD"} else WRITE_SECONDS):
                response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
            response = _as_problem(response)
        response.headers.setdefault("Cache-Control", "no-store")
        _tell_what_it_varies_by(request, response)
        usages = getattr(request, "api_usages", [])
        if usages:
            response.headers.setdefault("RateLimit-Policy", ", ".join(usage.policy_header for usage in usages))
            response.headers.setdefault("RateLimit", ", ".join(usage.header for usage in usages))
        return response


def _problem_with(request: HttpRequest) -> Problem | None:
    if wanted_media_type(request) is None:
        sentence = gettext("Here are: %(types)s.") % {"types": ", ".join(media_types_of(request.path_info))}
        return Problem("not_acceptable", sentence)
    if request.META.get(DATABASE_HANGS):
        return Problem("unavailable", gettext("The state cannot be read just now. Ask again in a moment."))
    return None


def _as_problem(response: HttpResponse) -> HttpResponse:
    problem = problem_of_status(response.status_code)
    problem.status = response.status_code
    answer = response_for(problem)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer


def _tell_what_it_varies_by(request: HttpRequest, response: HttpResponse) -> None:
    names = ["Accept-Language"]
    if len(media_types_of(request.path_info)) > 1:
        names.append("Accept")
    if request.path_info in API_PAGES:
        names.append("Cookie")
    patch_vary_headers(response, names)
