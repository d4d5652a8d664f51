"""The published schema of rule documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from competence.queries.rule_documents import schema_url
from competence.rule_documents.structure import schema
from lms.lib.access import public


@public
@require_safe
def rules_schema(request: HttpRequest) -> HttpResponse:
    """JSON Schema (draft 2020-12) of a rule document, for editors and for other programs."""
    response = JsonResponse(
        {**schema(), "$id": schema_url()},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/schema+json",
    )
    response["Access-Control-Allow-Origin"] = "*"  # public, and an editor in a browser may ask for it
    patch_cache_control(response, public=True, max_age=3600)
    return response
