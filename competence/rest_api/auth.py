"""Who calls: a machine client with an access token, bound to ordering systems and principals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from allauth.idp.oidc.internal.resources import is_resources_subset
from allauth.idp.oidc.models import Token
from django.db.models import Q, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase

from competence.models.decision_log import ORDERING_CHECK
from competence.models.epoch import Epoch
from competence.models.machine_client import MachineClient, Scope
from competence.rest_api.nul import refuse_nul
from competence.rest_api.problems import Problem
from competence.rest_api.purposes import stated_purpose
from competence.rest_api.quotas import Usage, people_quota, requests_quota, take
from competence.rest_api.remembered import remember
from lms.lib.actors import Machine

TOKEN_PATH = "/identity/o/api/token"  # noqa: S105


@dataclass(frozen=True)
class Caller:
    """The calling client. `principals` None: it may see people of all principals. `purpose`: what it asks for."""

    client_id: str
    name: str
    systems: frozenset[str]
    principals: frozenset[str] | None
    purpose: str = ORDERING_CHECK

    @property
    def actor(self) -> Machine:
        """The client as the one who does something."""
        return Machine(f"client:{self.client_id}")


class OAuth2(AuthBase):
    """A bearer token from the client credentials grant, with `scope`. No cookie counts, and no person's token.

    Also refuses query parameters that the operation (`parameters`) does not have, bodies that are not JSON, and what
    exceeds the client's quota.
    """

    openapi_type = "oauth2"
    openapi_flows = {  # noqa: RUF012
        "clientCredentials": {
            "tokenUrl": TOKEN_PATH,
            "scopes": {scope.value: str(scope.label) for scope in Scope},
        }
    }

    def __init__(self, scope: Scope, parameters: Iterable[str] = ()) -> None:
        self.scope = scope
        self.parameters = frozenset(parameters)
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        value = _bearer_token(request)
        if value is None:
            return None
        token = _valid_token(value)
        caller = None if token is None else _caller(token.client_id)
        if token is None or caller is None:
            raise Problem(
                "unauthenticated",
                _("The access token is unknown, or no longer valid. Get a new one."),
                headers={"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'},
            )
        if not is_resources_subset([request.build_absolute_uri(request.path)], token.get_resources()):
            raise Problem("forbidden", _("The access token was asked for another resource."))
        if self.scope.value not in token.get_scopes():
            raise Problem(
                "insufficient_scope",
                _("The scope %(scope)s is needed.") % {"scope": self.scope.value},
                headers={
                    "WWW-Authenticate": f'Bearer realm="api", error="insufficient_scope", scope="{self.scope.value}"'
                },
            )
        if self.scope is Scope.ELIGIBILITY_READ and not token.get_resources():
            remember(token.hash, caller, token.clients)
        note_usage(request, take(requests_quota(), caller.client_id))
        self._refuse_unknown_parameters(request)
        if request.method in {"POST", "PUT", "PATCH"} and not _is_json_or_nothing(request):
            raise Problem("unsupported_media_type", headers={"Accept": "application/json"})
        refuse_nul(request)
        return replace(caller, purpose=stated_purpose(request))

    def _refuse_unknown_parameters(self, request: HttpRequest) -> None:
        unknown = sorted(set(request.GET) - self.parameters)
        if unknown:
            sentence = _("There is no parameter %(names)s.") % {"names": ", ".join(unknown)}
            raise Problem(
                "unknown_parameter",
                sentence,
                errors=[{"name": name, "detail": _("is unknown.")} for name in unknown],
                parameters=sorted(self.parameters),
            )
        for name, values in request.GET.lists():
            if len(values) > 1:
                sentence = _("%(name)s is given more than once.") % {"name": name}
                raise Problem("invalid_parameter", sentence, errors=[{"name": name, "detail": sentence}])


def caller_of(request: HttpRequest) -> Caller:
    """The authenticated client."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined]


def count_answers(request: HttpRequest, amount: int) -> None:
    """Count `amount` answers about people against the client's quota. Raises Problem (429)."""
    note_usage(request, take(people_quota(), caller_of(request).client_id, amount))


def note_usage(request: HttpRequest, usage: Usage) -> None:
    """Have `usage` told in the answer's headers."""
    state = cast("Any", request)
    state.api_usages = [*getattr(state, "api_usages", []), usage]


def _is_json_or_nothing(request: HttpRequest) -> bool:
    """Some operations need no body: who sends none need not say of what kind it is."""
    return request.content_type == "application/json" or not (request.content_type or request.body)


def _bearer_token(request: HttpRequest) -> str | None:
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value.strip() else None


def _valid_token(value: str) -> Any:
    """The token, if it is a machine's and has not run out by the database's clock: the process's own may be wrong.

    `clients` is the counter of what is remembered of clients, read before anything of the client is.
    """
    return (
        Token.objects.by_value(value)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
        .filter(type=Token.Type.ACCESS_TOKEN, user__isnull=True, client__isnull=False)
        .annotate(clients=Subquery(Epoch.objects.filter(pk=1).values("clients")))
        .first()
    )


def _caller(client_id: str) -> Caller | None:
    """The binding of an active client, in one query."""
    rows = list(
        MachineClient.objects.filter(client_id=client_id, is_active=True).values_list(
            "name", "principal_kinds", "systems__key"
        )
    )
    if not rows:
        return None
    name, kinds, _system = rows[0]
    return Caller(
        client_id=client_id,
        name=name,
        systems=frozenset(key for _name, _kinds, key in rows if key is not None),
        principals=frozenset(kinds) if kinds else None,
    )
