"""How long others may keep a copy of a public page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers


def say_how_long_to_keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Without a session a page may be kept for a minute; by a shared cache too, when no form's token is in it.

    Nothing on it is anybody's own then, but language and colours follow cookies, and so does the copy that is kept.
    """
    patch_vary_headers(response, ("Cookie",))
    is_personal = settings.SESSION_COOKIE_NAME in request.COOKIES or CookieStorage.cookie_name in request.COOKIES
    if is_personal or getattr(request, "is_preview", False):
        patch_cache_control(response, private=True, no_cache=True)
    elif "CSRF_COOKIE" in request.META:
        patch_cache_control(response, private=True, max_age=60)
    else:
        patch_cache_control(response, public=True, max_age=60, stale_while_revalidate=300)
