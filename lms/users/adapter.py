"""What allauth may do here: nobody signs up; people come from personnel data, and are known by HSA-ID."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lms.audit.api import record_write
from lms.users.claims import hsa_ids_in, person_with


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Log-in through an identity provider.

    The provider's subject decides who somebody is; the first time, their HSA-ID does. An e-mail address never does:
    whoever controls one at a provider must not get somebody else's account.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse too weak a log-in, and tie an unknown subject to the person with its HSA-ID."""
        claims = sociallogin.account.extra_data.get("id_token") or {}
        accepted = settings.OIDC_REQUIRED_ACR
        # The token itself is asked: a visitor can change what the request for it said.
        if accepted and claims.get("acr") not in accepted:
            self._refuse(request, _("A stronger log-in is needed. Use your SITHS card or SITHS eID."))
        if sociallogin.is_existing:
            if sociallogin.user.merged_into is not None:  # the record is part of another now: so is who logs in
                sociallogin.user = sociallogin.user.merged_into
            return
        person = person_with(hsa_ids_in(claims))
        if person is None:
            self._refuse(
                request,
                _("Nobody with your HSA-ID is registered here. Ask your manager to have you registered."),
            )
        sociallogin.connect(request, person)
        record_write(
            "connect_identity_provider",
            by=person,
            person=person,
            subject=f"subject:{sociallogin.account.provider}",
        )

    def _refuse(self, request: HttpRequest, sentence: str) -> NoReturn:
        messages.error(request, sentence)
        raise ImmediateHttpResponse(redirect("account_login"))
