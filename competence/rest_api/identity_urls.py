"""Addresses that allauth's provider has too; these come first. They are named there: `idp:oidc:token`."""

from __future__ import annotations

from django.urls import path

from competence.rest_api.keys import show_keys
from competence.rest_api.token_endpoint import issue_token, revoke_token

urlpatterns = [
    path(".well-known/jwks.json", show_keys),
    path("identity/o/api/token", issue_token),
    path("identity/o/api/revoke", revoke_token),
]
