"""The token endpoint and the revocation endpoint: allauth's, with secrets that rotate and a limit on tries.

allauth compares what a client shows with one hash on its own model. Ours are rows that begin and end (`ClientSecret`);
the hash over there is unusable. Both views find out beforehand who is asking (the slow hash stays outside the
transaction) and hand allauth a client that answers for it. Should a later allauth not look there, it meets the
unusable hash and gives nobody a token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc import views as provider
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from competence.actions.epoch import bump_clients
from competence.models.machine_client import ClientSecret, MachineClient
from competence.rest_api.problems import Problem
from competence.rest_api.quotas import Quota, Usage, take
from lms.lib.access import public
from lms.lib.pace import address_of_caller

GRANT = "client_credentials"


@dataclass
class Credentials:
    """What a caller shows, and the row that it is right by (None: it is wrong)."""

    client_id: str
    secret: str
    row: ClientSecret | None = None

    def stand_for(self, client: Client, secret: str) -> bool:
        """Whether `client` has shown `secret`, which still holds. Called in the transaction that makes the token.

        The client's row is held until then: whoever revokes comes either before, and is seen here, or after, and finds
        the token.
        """
        if self.row is None or not constant_time_compare(secret, self.secret):
            return False
        owner = MachineClient.objects.select_for_update().filter(pk=self.row.client_id, is_active=True)
        if not owner.exists() or not ClientSecret.objects.valid().filter(pk=self.row.pk).update(last_used_at=Now()):
            return False
        client.refresh_from_db(fields=["scopes", "default_scopes"])
        return True


@public
@csrf_exempt
def issue_token(request: HttpRequest) -> HttpResponse:
    """RFC 6749, 4.4: a token for the client's own secret, by basic authentication or in the form.

    No other grant has anything to give here; a person's password least of all, whatever else it may open.
    """
    if request.POST.get("grant_type", GRANT) != GRANT:
        sentence = gettext("Here is only the grant %(grant)s.") % {"grant": GRANT}
        return _refused("unsupported_grant_type", sentence, status=400)
    return _for_client(request, provider.token)


@public
@csrf_exempt
def revoke_token(request: HttpRequest) -> HttpResponse:
    """RFC 7009: a client gives a token back. Copies of it in any process are worth nothing from then on."""
    response = _for_client(request, provider.revoke)
    if response.status_code == 200:
        bump_clients()
    return response


def _for_client(request: HttpRequest, view: Any) -> HttpResponse:
    credentials = _credentials_in(request) if request.method == "POST" else None
    usages: list[Usage] = []
    if credentials:
        try:
            usages = _count_the_try(request, credentials)
        except Problem as problem:
            return _too_many(problem)
        _look_into(credentials)
        client = Client.objects.filter(pk=credentials.client_id).first()
        if client is not None:
            client.check_secret = lambda secret: credentials.stand_for(client, secret)
        get_validator_context().clients[credentials.client_id] = client
    response: HttpResponse = view(request)
    response.headers.setdefault("Cache-Control", "no-store")
    if usages:
        response.headers["RateLimit-Policy"] = ", ".join(usage.policy_header for usage in usages)
        response.headers["RateLimit"] = ", ".join(usage.header for usage in usages)
    return response


def _credentials_in(request: HttpRequest) -> Credentials | None:
    """As allauth reads them: the header first, and the form only without it."""
    client_id, secret = extract_basic_auth(request.headers)
    if not client_id and not secret:
        client_id, secret = request.POST.get("client_id"), request.POST.get("client_secret")
    return Credentials(client_id, secret) if client_id and secret else None


def _look_into(credentials: Credentials) -> None:
    """Compare with every valid secret of the client, also after a match; an unknown client costs as much as a known."""
    rows = list(ClientSecret.objects.valid().filter(client__client_id=credentials.client_id, client__is_active=True))
    if not rows:
        make_password(credentials.secret)
    for row in rows:
        if check_password(credentials.secret, row.hash):
            credentials.row = row


def _count_the_try(request: HttpRequest, credentials: Credentials) -> list[Usage]:
    """Each try costs a slow hash. Counted by address, and by client at that address: a stranger who knows the id of a
    client cannot use up its tries. Raises Problem (429)."""
    address = address_of_caller(request)
    by_address = Quota("token-requests", settings.TOKEN_REQUESTS_PER_MINUTE, 60)
    by_client = Quota("tokens", settings.TOKENS_PER_MINUTE, 60)
    return [take(by_address, address), take(by_client, f"{credentials.client_id[:100]}@{address}")]


def _too_many(problem: Problem) -> HttpResponse:
    return _refused("temporarily_unavailable", problem.detail, status=problem.status, headers=problem.headers)


def _refused(
    error: str, sentence: str, *, status: int, headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    """An OAuth error (RFC 6749, 5.2), which is what a caller of this endpoint reads."""
    return HttpResponse(
        json.dumps({"error": error, "error_description": sentence}, ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
        headers={**headers, "Cache-Control": "no-store"},
    )
