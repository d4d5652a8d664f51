"""Machine clients with a token, admitted and logged in as the product does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.test import Client

from competence.actions.machine_clients import create_machine_client
from competence.models.machine_client import MachineClient, Scope
from tests.factories.competence import BUILDER

Response = Any  # the test client's, which has no public type


class ApiClient:
    """An ordering system that calls the API with a token of its own."""

    def __init__(self, client: MachineClient, secret: str, token: str) -> None:
        self.client = client
        self.secret = secret
        self.token = token
        self.headers: dict[str, str] = {"Authorization": f"Bearer {token}"}
        self._http = Client()

    def get(self, path: str, query: Mapping[str, Any] | None = None, **headers: str) -> Response:
        return self._http.get(f"/api/v1/{path}", query or {}, headers={**self.headers, **headers})

    def post(self, path: str, body: Any, **headers: str) -> Response:
        return self._http.post(
            f"/api/v1/{path}", body, content_type="application/json", headers={**self.headers, **headers}
        )

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Any method; `body` None: without one."""
        words = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self._http, method)(f"/api/v1/{path}", headers={**self.headers, **headers}, **words)

    def check(self, hsa_id: str, right: str = "websesam.health-care", **query: Any) -> dict[str, Any]:
        """The answer to one check, which must be an answer."""
        response = self.get("eligibility", {"hsa_id": hsa_id, "right": right, **query})
        assert response.status_code == 200, response.content.decode()
        answer: dict[str, Any] = response.json()
        return answer


def make_api_client(
    *,
    systems: Iterable[str] = ("websesam", "sesamlmn"),
    scopes: Iterable[str] = (Scope.ELIGIBILITY_READ, Scope.COMPLETIONS_WRITE),
    principal_kinds: Iterable[str] = (),
    client_id: str | None = None,
    name: str = "webSesam",
) -> ApiClient:
    """A client with a token for all its scopes. The ordering systems must be there (see `world`)."""
    made = create_machine_client(
        name=name, systems=systems, scopes=scopes, principal_kinds=principal_kinds, by=BUILDER, client_id=client_id
    )
    answer = ask_for_token(made.client.client_id, made.secret)
    return ApiClient(made.client, made.secret, answer.json()["access_token"])


def ask_for_token(client_id: str, secret: str, **fields: str) -> Response:
    """The token endpoint's answer."""
    return Client().post(
        "/identity/o/api/token",
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, **fields},
    )
