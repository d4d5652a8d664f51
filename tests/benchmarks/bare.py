"""What the product is measured against, in the same server: an application of one line, and a Django view of one; and
each of them with one read by key from PostgreSQL.

The reads are of one prepared row of facts (its stamp) by the person's key (BARE_KEY), as an answer needs at least. The
write is of one row with a body of some kilobytes, as saving a commit needs at least.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"outcome": "denied", "allowed": false, "reasons": [], "missing": []}'
QUERY = "SELECT revision, stamp FROM competence_preparedfacts WHERE person_id = %s"
SAVE = "UPDATE bench SET body = %s, sequence = sequence + 1 WHERE id = %s"
_own = threading.local()


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return [BODY]


def _connection() -> Any:
    """A connection for each thread."""
    connection = getattr(_own, "connection", None)
    if connection is None:
        import psycopg

        connection = _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return connection


def wsgi_saving(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One durable update by key, by a statement that is prepared: what was sent, into the row in the query string."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
    saved = _connection().execute(SAVE, (body, int(environ["QUERY_STRING"])), prepare=True)
    assert saved.rowcount == 1
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return [BODY]


def wsgi_reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One read by key, by a statement that is prepared."""
    row = _connection().execute(QUERY, (int(os.environ["BARE_KEY"]),), prepare=True).fetchone()
    assert row is not None
    body = b'{"revision": %d, "stamp": %d}' % (row[0], row[1])
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _django_view(*, reads: bool) -> Any:
    """A Django application of its own, without middleware: a constant answer, or one with a read by key from a pool."""
    import dj_database_url
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(BODY, content_type="application/json")

    def reading_view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(QUERY, [int(os.environ["BARE_KEY"])])
            body = b'{"revision": %d, "stamp": %d}' % cursor.fetchone()
        return HttpResponse(body, content_type="application/json")

    if not settings.configured:

        class Routes:
            urlpatterns = (path("", reading_view if reads else view),)

        database = {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 0, "OPTIONS": {"pool": True}}
        settings.configure(
            ROOT_URLCONF=Routes,
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="bare",
            MIDDLEWARE=[],
            DATABASES={"default": database} if reads else {},
        )
        django.setup()
    return WSGIHandler()


def __getattr__(name: str) -> Any:
    """`django_view` and `django_reading`, made when granian asks: Django is configured once in a process."""
    if name in {"django_view", "django_reading"}:
        return _django_view(reads=name == "django_reading")
    raise AttributeError(name)
