"""Swedish first: the page's language is the person's own choice, never the browser's guess."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

LANGUAGE_CODES = {code for code, _name in settings.LANGUAGES}


class LanguageMiddleware:
    """Activates the language from the language cookie, then the person's profile, then Swedish.

    For `/api/` the `Accept-Language` header decides, since a machine has neither cookie nor profile.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.language_for(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    @staticmethod
    def language_for(request: HttpRequest) -> str:
        if request.path_info.startswith("/api/"):
            return translation.get_language_from_request(request) if "Accept-Language" in request.headers else "sv"
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen in LANGUAGE_CODES:
            return chosen
        if request.user.is_authenticated and request.user.language in LANGUAGE_CODES:
            return request.user.language
        return settings.LANGUAGE_CODE
