"""Asking by both paths: in front of Django, as a process does that has let the caller in, and Django alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory

from competence.rest_api import counting, remembered
from competence.rest_api.front import Environ, Front
from tests.factories.machine_clients import ApiClient

RIGHT = "websesam.health-care"
# What two answers to the same question differ in.
OWN = {"revision", "valid_at", "known_at", "decision_id"}


@dataclass(frozen=True)
class Reply:
    """An answer as a server would send it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def essence(self) -> dict[str, Any]:
        """Without what differs each time."""
        return {name: value for name, value in self.json().items() if name not in OWN}


@dataclass
class FrontCaller:
    """A process with the front path, and one without."""

    token: str
    django: WSGIHandler = field(default_factory=WSGIHandler)
    passed_on: int = 0
    front: Front = field(init=False)

    def __post_init__(self) -> None:
        def counted(environ: Environ, start_response: Any) -> Any:
            self.passed_on += 1
            return self.django(environ, start_response)

        self.front = Front(counted)

    def environ(self, hsa_id: str, right: str = RIGHT, headers: dict[str, str] | None = None, **query: Any) -> Environ:
        address = f"/api/v1/eligibility?{urlencode({'hsa_id': hsa_id, 'right': right, **query})}"
        request = RequestFactory().get(address, headers={"Authorization": f"Bearer {self.token}", **(headers or {})})
        found: Environ = request.environ
        found.pop("HTTP_COOKIE", None)
        found["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        return found

    def ask(self, *args: Any, **query: Any) -> Reply:
        """The answer of the process with the front path."""
        return reply_of(self.front, self.environ(*args, **query))

    def ask_django(self, *args: Any, **query: Any) -> Reply:
        return reply_of(self.django, self.environ(*args, **query))

    def ask_front(self, *args: Any, **query: Any) -> Reply:
        """The answer, which Django must not have given."""
        before = self.passed_on
        reply = self.ask(*args, **query)
        assert self.passed_on == before, "the front path has left it to Django"
        return reply

    def goes_to_django(self, *args: Any, **query: Any) -> Reply:
        """The answer, which Django must have given."""
        before = self.passed_on
        reply = self.ask(*args, **query)
        assert self.passed_on == before + 1, "the front path has answered"
        return reply


def reply_of(application: Any, environ: Environ) -> Reply:
    seen: list[Any] = []
    parts = application(environ, lambda status, headers, *rest: seen.append((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        # Django would close its connections here, which are the test's.
        parts._resource_closers.clear() if hasattr(parts, "_resource_closers") else None
    status, headers = seen[0]
    return Reply(int(status.split()[0]), dict(headers), body)


@contextmanager
def front_caller(api: ApiClient) -> Iterator[FrontCaller]:
    """A process that has just been started. Its log is written, and its connections are closed, at the end."""
    assert connection.vendor == "postgresql"
    remembered.forget_all()
    counting.forget_all()
    caller = FrontCaller(api.token)
    try:
        yield caller
    finally:
        assert caller.front.look_ups.flush()
        caller.front.statements.close()
        caller.front.look_ups.close()
