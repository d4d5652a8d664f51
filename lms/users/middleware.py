"""Swedish first: the page's language is the person's own choice, never the browser's guess."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from lms.lib.languages import preferred_language

LANGUAGE_CODES = {code for code, _name in settings.LANGUAGES}
MACHINE_PREFIXES = ("/api/", "/identity/o/api/")
API_PAGES = {"/api/v1/docs"}


class LanguageMiddleware:
    """Activates the language from the language cookie, then the person's profile, then Swedish.

    For machines (`/api/`, and where they get their tokens) the `Accept-Language` header decides: they have neither
    cookie nor profile. On the API's own pages it decides for who has not chosen.
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
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if request.path_info.startswith(MACHINE_PREFIXES):
            if request.path_info in API_PAGES and chosen in LANGUAGE_CODES:
                return chosen
            offered = [code for code, _name in settings.LANGUAGES]  # Swedish first
            return preferred_language(request.headers.get("Accept-Language", ""), offered)
        if chosen in LANGUAGE_CODES:
            return chosen
        if request.user.is_authenticated and request.user.language in LANGUAGE_CODES:
            return request.user.language
        return settings.LANGUAGE_CODE
