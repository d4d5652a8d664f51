"""What holds for every answer below /api/, whoever gives it: problem documents, headers, a bounded wait."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from competence.rest_api.deadline import database_deadline
from competence.rest_api.problems import MEDIA_TYPE, Problem, problem_of_status, response_for

PREFIX = "/api/"
CSV_PREFIX = "/api/v1/statistics/"
READ_SECONDS = 1.8
WRITE_SECONDS = 60.0


class ApiMiddleware:
    """Place it within the one that activates the language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
        usages = getattr(request, "api_usages", [])
        if usages:
            response.headers.setdefault("RateLimit-Policy", ", ".join(usage.policy_header for usage in usages))
            response.headers.setdefault("RateLimit", ", ".join(usage.header for usage in usages))
        return response


def _problem_with(request: HttpRequest) -> Problem | None:
    if request.method == "POST" and request.content_type != "application/json":
        return Problem("unsupported_media_type")
    is_page = request.path_info.endswith("/docs")
    gives_csv = request.path_info.startswith(CSV_PREFIX) and request.accepts("text/csv")
    if not is_page and not gives_csv and not request.accepts("application/json"):
        return Problem("not_acceptable")
    return None


def _as_problem(response: HttpResponse) -> HttpResponse:
    problem = problem_of_status(response.status_code)
    problem.status = response.status_code
    answer = response_for(problem)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer
