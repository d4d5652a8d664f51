"""House rules as system checks, run by `manage.py check`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def check_content_origin_is_apart(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Course packages are served from a host that is allowed, and that has no cookie of ours."""
    host = settings.CONTENT_ORIGIN.partition("://")[2].partition(":")[0]
    problems: list[CheckMessage] = []
    if host not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        problems.append(Error(f"CONTENT_ORIGIN's host {host} is not in ALLOWED_HOSTS.", id="lms.E001"))
    if settings.SESSION_COOKIE_DOMAIN is not None:
        problems.append(
            Error("SESSION_COOKIE_DOMAIN must be unset: course packages would get the cookie.", id="lms.E002")
        )
    return problems
