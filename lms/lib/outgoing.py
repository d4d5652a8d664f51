"""Sending to an address that somebody else wrote: only to public hosts, in bounded time, and nowhere else after that.

A host is resolved by us, every address that it has must be public, and the connection goes to an address that was
checked: a name that means another host a moment later leads nowhere. No redirect is followed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

MOST_BYTES = 16 * 1024  # of an answer; nobody reads what it says
# Addresses that carry an IPv4 address within them, which a gateway would take for the destination.
_CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class Forbidden(Exception):
    """Nothing may be sent to this address. `reason`: a word that says why: see `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = ("form", "https", "credentials", "unknown-host", "not-public")


class NotSent(Exception):
    """The other side could not be reached, did not answer in time, or answered in no form that HTTP knows."""


@dataclass(frozen=True)
class Target:
    """An address in parts. `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as it stands in the header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None


def read_url(url: str, *, allow_loopback: bool) -> Target:
    """The address in parts. Raises Forbidden. Without `allow_loopback` it must begin with https://."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Forbidden("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("form") from error
    if parts.username is not None or parts.password is not None:
        raise Forbidden("credentials")
    if parts.scheme != "https" and not (allow_loopback and parts.scheme == "http"):
        raise Forbidden("https")
    if not parts.hostname or parts.fragment or port == 0:
        raise Forbidden("form")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path)


def resolve(target: Target, *, allow_loopback: bool, seconds: float) -> list[str]:
    """The addresses of the host, each of which may be sent to. Raises Forbidden."""
    # The system's resolver knows no deadline: another thread waits for it, and is left to itself when it takes long.
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM).result(seconds)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise Forbidden("unknown-host") from error
    finally:
        pool.shutdown(wait=False)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        raise Forbidden("unknown-host")
    for address in addresses:
        if not may_send_to(address, allow_loopback=allow_loopback):
            raise Forbidden("not-public")
    if target.scheme == "http" and not all(_plain(address).is_loopback for address in addresses):
        raise Forbidden("https")
    return addresses


def may_send_to(address: str, *, allow_loopback: bool) -> bool:
    """Whether the IP address is one of the open internet (or, if allowed, of this machine)."""
    try:
        ip = _plain(address)
    except ValueError:
        return False
    if allow_loopback and ip.is_loopback:
        return True
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id or any(ip in net for net in _CARRIERS)):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_private or ip.is_unspecified)


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address)
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


class Sender:
    """A connection to one address, opened when first used and kept while the other side keeps it. A context manager.

    `seconds` bound each request in all: resolving, connecting, sending, and waiting for an answer, whether that comes
    at once or byte by byte.
    """

    def __init__(self, url: str, *, allow_loopback: bool, seconds: float) -> None:
        self.target = read_url(url, allow_loopback=allow_loopback)
        self.allow_loopback = allow_loopback
        self.seconds = seconds
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body`, and say what was answered. Raises Forbidden and NotSent."""
        is_kept = self._connection is not None
        try:
            return self._post(body, headers)
        except NotSent:
            # A connection that was kept may have been closed by the other side meanwhile: no fault of either.
            if not is_kept:
                raise
            return self._post(body, headers)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        deadline = time.monotonic() + self.seconds
        try:
            connection = self._connection or self._open(deadline)
            self._connection = connection
            with _cut_off(connection.sock, deadline):
                connection.request("POST", self.target.path, body, {"Host": self.target.authority, **headers})
                response = connection.getresponse()
                _left(deadline)  # cut off among the headers, it would pass for an answer
                response.read(MOST_BYTES)
            if not response.isclosed() or response.will_close:  # what is left of it would be taken for the next
                self.close()
            return Answer(response.status, response.headers.get("Retry-After"))
        except Forbidden:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            is_late = time.monotonic() >= deadline
            raise NotSent("no answer in time" if is_late else type(error).__name__) from error

    def _open(self, deadline: float) -> http.client.HTTPConnection:
        addresses = resolve(self.target, allow_loopback=self.allow_loopback, seconds=_left(deadline))
        error: OSError = OSError("no address")
        for address in addresses:
            try:
                sock = socket.create_connection((address, self.target.port), timeout=_left(deadline))
            except OSError as failed:
                error = failed
                continue
            if self.target.scheme == "https":
                try:
                    sock = self._secured(sock, deadline)
                except BaseException:
                    sock.close()
                    raise
            connection = http.client.HTTPConnection(self.target.host, self.target.port)
            connection.sock = sock
            connection.auto_open = 0  # never by itself, to an address that nobody checked
            return connection
        raise error

    def _secured(self, sock: socket.socket, deadline: float) -> ssl.SSLSocket:
        """The connection under TLS, with a certificate for the host's name: which address it has does not matter."""
        secured = ssl.create_default_context().wrap_socket(
            sock, server_hostname=self.target.host, do_handshake_on_connect=False
        )
        try:
            with _cut_off(secured, deadline):
                secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured


def _left(deadline: float) -> float:
    """The seconds that are left. Raises TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextlib.contextmanager
def _cut_off(sock: socket.socket, deadline: float) -> Iterator[None]:
    """End the connection at `deadline`: a socket's own timeout begins anew with every byte."""
    sock.settimeout(_left(deadline))

    def cut() -> None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(_left(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
