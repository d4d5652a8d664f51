"""The API as a whole: its operations, its errors, its OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from competence.rest_api import batch, changes, completions, eligibility, holders, problems, statistics, webhooks
from competence.rest_api.auth import OAuth2
from competence.rest_api.openapi.document import complete


class OrderingApi(NinjaAPI):
    """With a document that says everything, in the reader's language."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        scopes = {
            str(operation.operation_id): callback.scope
            for _prefix, router in self._routers
            for view in router.path_operations.values()
            for operation in view.operations
            for callback in operation.auth_callbacks
            if isinstance(callback, OAuth2)
        }
        return complete(document, scopes)  # type: ignore[return-value]


api = OrderingApi(
    title="Hjälpmedel i Västra Götaland – behörighet",
    version="1",
    description=_("Who may order medical aids, why, and what remains to be done."),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-1",
)
api.add_router("", eligibility.router)
api.add_router("", batch.router)
api.add_router("", changes.router)
api.add_router("", holders.router)
api.add_router("", webhooks.router)
api.add_router("", completions.router)
api.add_router("", statistics.router)
for _kind in (Exception, Http404, HttpError, ValidationError):  # each has a handler of ninja's own
    api.add_exception_handler(_kind, problems.handle)
