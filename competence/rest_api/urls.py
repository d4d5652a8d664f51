"""The routes of the API: its operations, its documentation, and a problem document for every other address."""

from __future__ import annotations

from django.urls import path

from competence.rest_api.api import api
from competence.rest_api.docs import show_docs, show_no_such_address, show_openapi
from competence.rest_api.statements import show_statement_status

urlpatterns = [
    path("v1/docs", show_docs, name="api_docs"),
    path("v1/openapi.json", show_openapi, name="api_openapi"),
    path("v1/statements/<uuid:decision_id>", show_statement_status, name="statement_status"),
    path("v1/", api.urls),
    path("<path:address>", show_no_such_address),
]
