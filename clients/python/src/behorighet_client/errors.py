"""What can go wrong, so that each is handled by what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class BehorighetError(Exception):
    """Anything that this package raises. None of it is ever a permit."""


class ApiProblem(BehorighetError):
    """The service refused, with a problem document (RFC 9457). Decide by `code`; `detail` is for people."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", ""))
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.errors: Sequence[Mapping[str, str]] = document.get("errors") or []
        self.document = document
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")


class Unavailable(BehorighetError):
    """No answer after all attempts: the service could not be reached, had too much to do, or said 503."""


class NoToken(BehorighetError):
    """The token endpoint gave no token: the id, the secret or the scope is wrong."""


class InvalidStatement(BehorighetError):
    """A signed statement that is not to be believed."""


class InvalidWebhook(BehorighetError):
    """A webhook that is not to be believed: throw it away, and answer 400."""
