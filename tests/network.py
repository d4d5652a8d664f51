"""Tests reach no machine but this one: a connection elsewhere is an error, not a slow test."""

import ipaddress
import socket
from typing import Any

import pytest


class OutsideConnection(RuntimeError):
    """A test tried to reach another machine."""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}


def _check(address: Any) -> None:
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise OutsideConnection(f"tests may not connect to {address[0]}")


def block_outside(patch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here(name):
            raise OutsideConnection(f"tests may not look up {name}")
        return look_up(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
