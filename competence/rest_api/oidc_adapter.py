"""How machine clients get their tokens."""

from allauth.idp.oidc.adapter import DefaultOIDCAdapter


class MachineClientAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    pass
