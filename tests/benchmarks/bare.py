"""What the product is measured against, in the same server: an application of one line, and a Django view of one."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"outcome": "denied", "allowed": false, "reasons": [], "missing": []}'


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return [BODY]


def _django_view() -> Any:
    """A Django application of its own: a constant answer, no middleware, no database."""
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(BODY, content_type="application/json")

    if not settings.configured:

        class Routes:
            urlpatterns = (path("", view),)

        settings.configure(ROOT_URLCONF=Routes, ALLOWED_HOSTS=["*"], SECRET_KEY="bare", MIDDLEWARE=[])
        django.setup()
    return WSGIHandler()


def __getattr__(name: str) -> Any:
    """`django_view`, made when granian asks for it: Django is configured once in a process."""
    if name == "django_view":
        return _django_view()
    raise AttributeError(name)
