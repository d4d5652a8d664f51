"""An ordering system outside: it has its credentials, and talks HTTP with the product like any other."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from tests.live import LiveProduct


@dataclass
class OrderingSystem:
    """A machine client. It fetches a token once, and keeps it."""

    product: LiveProduct
    client_id: str
    client_secret: str
    scope: str = "eligibility:read"
    token: str = field(default="", init=False)

    def authorise(self) -> None:
        """Exchange the credentials for a token, at the address that the discovery document gives."""
        discovery = self._fetch(urllib.request.Request(f"{self.product.base_url}/.well-known/openid-configuration"))
        credentials = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        request = urllib.request.Request(
            discovery["token_endpoint"],
            data=urllib.parse.urlencode({"grant_type": "client_credentials", "scope": self.scope}).encode(),
            headers={"Authorization": f"Basic {credentials}"},
        )
        self.token = self._fetch(request)["access_token"]

    def ask(self, hsa_id: str, right: str, **more: str) -> dict[str, Any]:
        """May this person use this right, here and now?"""
        if not self.token:
            self.authorise()
        query = urllib.parse.urlencode({"hsa_id": hsa_id, "right": right, **more})
        request = urllib.request.Request(
            f"{self.product.base_url}/api/v1/eligibility?{query}", headers={"Authorization": f"Bearer {self.token}"}
        )
        return self._fetch(request)

    def _fetch(self, request: urllib.request.Request) -> dict[str, Any]:
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of the steps that remain, in order."""
    return sorted(step["code"] for step in answer["missing"])
