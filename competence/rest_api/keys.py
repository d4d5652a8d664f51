"""The published keys: the provider's own, and those that verify statements."""

from __future__ import annotations

import json

from allauth.idp.oidc import views as provider
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from competence.models.statement import StatementKey
from competence.rest_api.conditional import conditional
from lms.lib.access import public

# Well below the time for which a key is published before it signs (`actions.statement_keys.LEAD`).
KEEP_SECONDS = 3600


@public
@require_safe
def show_keys(request: HttpRequest) -> HttpResponse:
    """The key set (RFC 7517). Fetch it again for a `kid` that you do not have."""
    own = json.loads(provider.jwks(request).content)["keys"]
    keys = [*own, *StatementKey.objects.published().values_list("jwk", flat=True)]
    response = JsonResponse({"keys": keys})
    response["Access-Control-Allow-Origin"] = "*"
    return conditional(request, response, cache=f"public, max-age={KEEP_SECONDS}, must-revalidate")
