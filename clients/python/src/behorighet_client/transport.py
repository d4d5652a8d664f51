"""Requests that get their answer: a token that is kept and renewed, and patience with 503 and 429."""

from __future__ import annotations

import contextlib
import email.utils
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from behorighet_client.errors import ApiProblem, NoToken, Unavailable

TOKEN_PATH = "/identity/o/api/token"  # noqa: S105
PATIENT_WITH = {429, 502, 503, 504}
LONGEST_WAIT = 60.0


class Transport:
    """Sends requests with the client's token. One for all threads; every request may be sent again.

    A token is renewed when a tenth of its life is left, and at once when it is refused. After `attempts` it raises
    Unavailable: the caller decides what that means where it works, but it never means yes.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str = "",
        language: str = "sv",
        timeout: float = 10.0,
        attempts: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.client_id = client_id
        self._secret = client_secret
        self._scope = scope
        self._attempts = attempts
        self._sleep, self._clock = sleep, clock
        self._http = httpx.Client(
            base_url=self.base_url, timeout=timeout, headers={"Accept-Language": language}, transport=transport
        )
        self._lock = threading.Lock()
        self._token, self._renew_at = "", 0.0

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, **words: Any) -> httpx.Response:
        """The answer, read whole. Raises ApiProblem, NoToken and Unavailable."""
        with self.stream(method, path, **words) as response:
            response.read()
            return response

    @contextlib.contextmanager
    def stream(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, is_public: bool = False, **words: Any
    ) -> Iterator[httpx.Response]:
        """The answer, to be read in parts. Raises as `request` does; once it has begun it is not asked for again."""
        with contextlib.ExitStack() as stack:
            response, refused, why = None, False, "no attempt was made"
            for attempt in range(self._attempts):
                sent = dict(headers or {})
                try:
                    if not is_public:
                        sent["Authorization"] = f"Bearer {self._current_token()}"
                    asked = self._http.stream(method, path, headers=sent, **words)
                    with contextlib.ExitStack() as one:
                        response = one.enter_context(asked)
                        if response.status_code == 401 and not refused and not is_public:
                            refused = True
                            self._forget_token(sent["Authorization"])
                            continue
                        if response.status_code not in PATIENT_WITH:
                            stack.push(one.pop_all())
                            break
                        response.read()
                        why = f"{response.status_code} {_document(response).get('code', '')}"
                        wait = _retry_after(response)
                except httpx.TransportError as error:
                    why, wait = repr(error), None
                response = None
                if attempt + 1 < self._attempts:
                    self._sleep(min(LONGEST_WAIT, wait if wait is not None else 0.25 * 2**attempt))
            if response is None:
                raise Unavailable(f"no answer from {self.base_url}{path} after {self._attempts} attempts: {why}")
            if response.status_code >= 400:
                response.read()
                raise ApiProblem(response.status_code, _document(response))
            yield response

    def _current_token(self) -> str:
        with self._lock:
            if not self._token or self._clock() >= self._renew_at:
                self._renew()
            return self._token

    def _forget_token(self, header: str) -> None:
        with self._lock:
            if header == f"Bearer {self._token}":
                self._token = ""

    def _renew(self) -> None:
        form = {"grant_type": "client_credentials", **({"scope": self._scope} if self._scope else {})}
        response = self._http.post(TOKEN_PATH, data=form, auth=(self.client_id, self._secret))
        if response.status_code in PATIENT_WITH:
            raise httpx.ConnectError(f"the token endpoint says {response.status_code}")
        if response.status_code != 200:
            raise NoToken(f"{response.status_code}: {_document(response).get('error', response.text[:200])}")
        given = response.json()
        self._token = given["access_token"]
        self._renew_at = self._clock() + 0.9 * float(given.get("expires_in", 3600))


def _document(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    when = email.utils.parsedate_to_datetime(value) if value else None
    return max(0.0, when.timestamp() - time.time()) if when else None
