"""Addresses that allauth's provider has too; these come first. They are named there: `idp:oidc:token`."""

from __future__ import annotations

from django.urls import path

from competence.rest_api.token_endpoint import issue_token, revoke_token

urlpatterns = [
    path("identity/o/api/token", issue_token),
    path("identity/o/api/revoke", revoke_token),
]
