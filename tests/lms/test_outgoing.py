"""Sending to an address that somebody wrote (attack 46): public hosts only, in bounded time, no further."""

from __future__ import annotations

import _socket
import contextlib
import http.client
import socket
import ssl
import threading
import time
from typing import Any

import pytest

from lms.lib.outgoing import Forbidden, NotSent, Sender, may_send_to, read_url, resolve
from tests.receiver import hanging, receiving

INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "nonsense",
]


def pretend(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Every name resolves to these addresses, a further list each time (the last one for ever)."""
    asked: list[str] = []

    def look_up(host: str, port: int, **kwargs: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", INSIDE)
def test_a46_addresses_within_are_not_sent_to(address: str) -> None:
    assert not may_send_to(address, allow_loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2a00:1450:400f:80d::200e", "::ffff:8.8.8.8"])
def test_those_of_the_internet_are(address: str) -> None:
    assert may_send_to(address, allow_loopback=False)


@pytest.mark.parametrize(
    ("address", "may"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("fe80::1", False)]
)
def test_the_demo_sends_to_its_own_machine_and_no_further(address: str, may: bool) -> None:
    assert may_send_to(address, allow_loopback=True) is may


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "https"),
        ("ftp://example.org/", "https"),
        ("file:///etc/passwd", "https"),
        ("gopher://example.org/", "https"),
        ("//example.org/", "https"),
        ("", "https"),
        ("https://", "form"),
        ("https:///x", "form"),
        ("https://user@example.org/", "credentials"),
        ("https://user:pass@example.org/", "credentials"),
        ("https://@example.org/", "credentials"),
        ("https://example.org:0/", "form"),
        ("https://example.org:99999/", "form"),
        ("https://example.org\\@127.0.0.1/", "form"),
        ("https://example.org/a b", "form"),
        ("https://example.org/\r\nX: y", "form"),
        ("https://exämple.org/", "form"),
        ("https://example.org/#x", "form"),
        ("https://[::1/", "form"),
    ],
)
def test_a46_an_address_of_the_wrong_form_is_refused(url: str, reason: str) -> None:
    with pytest.raises(Forbidden) as refused:
        read_url(url, allow_loopback=False)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/"],
)
def test_a46_this_machine_is_refused_however_it_is_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)  # these are numbers: nobody is asked
    with pytest.raises(Forbidden):
        resolve(read_url(url, allow_loopback=False), allow_loopback=False, seconds=30)


def test_a46_one_address_within_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Forbidden, match="not-public"):
        resolve(read_url("https://mixed.example/", allow_loopback=False), allow_loopback=False, seconds=30)


def test_a_host_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Forbidden, match="unknown-host"):
        resolve(read_url("https://nobody.example/", allow_loopback=False), allow_loopback=False, seconds=30)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()

    def slow(*args: Any, **kwargs: Any) -> list[Any]:
        is_over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    begun = time.monotonic()
    with pytest.raises(Forbidden, match="unknown-host"):
        resolve(read_url("https://slow.example/", allow_loopback=False), allow_loopback=False, seconds=0.1)
    is_over.set()
    assert time.monotonic() - begun < 20


def test_a46_a_name_that_means_another_host_when_it_is_used_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: public when it was registered, this machine when it is sent to."""
    pretend(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    target = read_url("https://rebinding.example/", allow_loopback=False)
    assert resolve(target, allow_loopback=False, seconds=30) == ["8.8.8.8"]

    with Sender("https://rebinding.example/", allow_loopback=False, seconds=30) as sender, pytest.raises(Forbidden):
        sender.post(b"{}", {})


def test_a46_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pretend(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected: list[Any] = []

    def connect(address: Any, **kwargs: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with Sender("https://once.example/", allow_loopback=False, seconds=30) as sender, pytest.raises(NotSent):
        sender.post(b"{}", {})
    assert connected == [("8.8.8.8", 443)], "an address, no name that is looked up again"
    assert asked == ["once.example"]


def test_a46_a_redirect_is_an_answer_and_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as second, receiving(lambda got: (302, {"Location": second.url})) as first:
        with Sender(first.url, allow_loopback=True, seconds=30) as sender:
            assert sender.post(b"{}", {}).status == 302
        assert len(first.got) == 1
        assert second.got == []


def test_plain_http_goes_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, ["8.8.8.8"])
    with pytest.raises(Forbidden, match="https"):
        resolve(read_url("http://example.org/", allow_loopback=True), allow_loopback=True, seconds=30)


def test_a_connection_is_kept_and_opened_anew_when_the_other_side_closed_it() -> None:
    with receiving() as receiver, Sender(receiver.url, allow_loopback=True, seconds=30) as sender:
        for _number in range(3):
            assert sender.post(b"{}", {}).status == 200
        connection = sender._connection
        assert connection is not None
        connection.sock.shutdown(socket.SHUT_RDWR)
        assert sender.post(b"{}", {"X-Last": "1"}).status == 200
        assert len(receiver.got) == 4
        assert receiver.got[0].headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_who_hangs_or_drips_is_cut_off_in_time(first: bytes, drip: bytes) -> None:
    with hanging(first, drip) as url:
        begun = time.monotonic()
        with Sender(url, allow_loopback=True, seconds=0.5) as sender, pytest.raises(NotSent):
            sender.post(b"{}", {})
        assert time.monotonic() - begun < 20, "it drips for ever"


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_an_answer_whose_body_drips_is_not_waited_for_any_longer(first: bytes, drip: bytes) -> None:
    with hanging(first, drip) as url:
        begun = time.monotonic()
        with Sender(url, allow_loopback=True, seconds=0.5) as sender:
            with contextlib.suppress(NotSent):
                assert sender.post(b"{}", {}).status == 200
            assert sender._connection is None
        assert time.monotonic() - begun < 20, "it drips for ever"


def test_a_handshake_that_drips_is_cut_off_in_time() -> None:
    with hanging(b"", b"\x16") as url:
        begun = time.monotonic()
        https = url.replace("http://", "https://")
        with Sender(https, allow_loopback=True, seconds=0.5) as sender, pytest.raises(NotSent):
            sender.post(b"{}", {})
        assert time.monotonic() - begun < 20, "it drips for ever"


def test_a_long_answer_is_not_read() -> None:
    body = b"x" * 10_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
    with hanging(head + body) as url, Sender(url, allow_loopback=True, seconds=30) as sender:
        assert sender.post(b"{}", {}).status == 200
        assert sender._connection is None


def test_what_is_no_http_is_a_failure_and_no_exception_of_the_librarys() -> None:
    with (
        hanging(b"220 mail.example ESMTP\r\n") as url,
        Sender(url, allow_loopback=True, seconds=30) as sender,
        pytest.raises(NotSent),
    ):
        sender.post(b"{}", {})


def test_tls_asks_for_the_name_and_believes_no_certificate_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    named: list[Any] = []

    class Recording(ssl.SSLContext):
        def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
            named.append(kwargs["server_hostname"])
            raise ssl.SSLError

    monkeypatch.setattr(ssl, "create_default_context", lambda: Recording(ssl.PROTOCOL_TLS_CLIENT))
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        with Sender(f"https://localhost:{port}/", allow_loopback=True, seconds=30) as sender, pytest.raises(NotSent):
            sender.post(b"{}", {})
    assert named == ["localhost"]


def test_a_kept_connection_never_opens_by_itself() -> None:
    with receiving() as receiver, Sender(receiver.url, allow_loopback=True, seconds=30) as sender:
        sender.post(b"{}", {})
        connection = sender._connection
        assert connection is not None
        connection.sock.close()
        connection.sock = None
        with pytest.raises(http.client.NotConnected):
            connection.request("POST", "/", b"")
