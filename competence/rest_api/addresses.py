"""From where somebody calls: for limits on what anybody may do."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def address_of_caller(request: HttpRequest) -> str:
    """The caller's address, behind as many proxies as the settings say."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a server that listens on a socket in the file system tells no address
        return "unknown"
