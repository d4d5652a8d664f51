"""How machine clients get their tokens."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings

from competence.models.machine_client import Scope

# Only machines log in here: what the library offers for people is not advertised.
_FOR_PEOPLE = (
    "authorization_endpoint",
    "code_challenge_methods_supported",
    "device_authorization_endpoint",
    "end_session_endpoint",
    "id_token_signing_alg_values_supported",
    "subject_types_supported",
    "userinfo_endpoint",
)


class MachineClientAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    scope_display = dict(Scope.choices)

    def get_issuer(self) -> str:
        issuer: str = settings.BASE_URL
        return issuer

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Authorization server metadata (RFC 8414) of a server for client credentials."""
        for name in _FOR_PEOPLE:
            data.pop(name, None)
        data["grant_types_supported"] = ["client_credentials"]
        data["response_types_supported"] = []
        data["scopes_supported"] = list(Scope.values)
        data["token_endpoint_auth_methods_supported"] = ["client_secret_basic", "client_secret_post"]
        data["service_documentation"] = f"{settings.BASE_URL}/api/v1/docs"
