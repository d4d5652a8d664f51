"""The API as a whole: its operations, its errors, its OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from competence.rest_api import completions, eligibility, problems, statistics
from competence.rest_api.auth import OAuth2
from competence.rest_api.schemas import ProblemOut

# What every operation may answer beside its own.
_EVERYWHERE = (400, 401, 403, 406, 429, 500, 503)
_BY_OPERATION = {
    "report_completions": (409, 413, 415, 422),
    "check_eligibility_of_many": (413, 415),
    "show_decision": (404,),
}


class OrderingApi(NinjaAPI):
    """With a document that says everything: scopes, every status, problem documents, in the reader's language."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["servers"] = [{"url": settings.BASE_URL}]
        document["components"]["schemas"]["Problem"] = ProblemOut.model_json_schema()
        scopes = {
            operation.operation_id: callback.scope.value
            for _prefix, router in self._routers
            for view in router.path_operations.values()
            for operation in view.operations
            for callback in operation.auth_callbacks
            if isinstance(callback, OAuth2)
        }
        for methods in document["paths"].values():
            for operation in methods.values():
                name = operation["operationId"]
                operation["security"] = [{"OAuth2": [scopes[name]]}]
                for status in sorted({*_EVERYWHERE, *_BY_OPERATION.get(name, ())}):
                    operation["responses"][status] = _problem_response(status)
        return _translated(document)  # type: ignore[no-any-return]


def _problem_response(status: int) -> dict[str, Any]:
    titles = [title for known, title in problems.CODES.values() if known == status]
    response: dict[str, Any] = {
        "description": " / ".join(gettext(title) for title in titles),
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return response


def _translated(part: Any) -> Any:
    """The document with its texts in the active language."""
    if isinstance(part, dict):
        for name, value in part.items():
            is_text = name in {"summary", "description"} and isinstance(value, str) and value
            part[name] = gettext(value) if is_text else _translated(value)
        return part
    if isinstance(part, list):
        return [_translated(one) for one in part]
    return part


api = OrderingApi(
    title="Hjälpmedel i Västra Götaland – behörighet",
    version="1",
    description=_("Who may order medical aids, why, and what remains to be done."),
    docs_url=None,
    urls_namespace="api-1",
)
api.add_router("", eligibility.router)
api.add_router("", completions.router)
api.add_router("", statistics.router)
for _kind in (Exception, Http404, HttpError, ValidationError):  # each has a handler of ninja's own
    api.add_exception_handler(_kind, problems.handle)
