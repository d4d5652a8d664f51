import socket

import pytest

from tests.network import OutsideConnection


def test_tests_cannot_connect_outside() -> None:
    with socket.socket() as caller, pytest.raises(OutsideConnection):
        caller.connect(("192.0.2.1", 80))


def test_tests_cannot_look_up_names_outside() -> None:
    with pytest.raises(OutsideConnection):
        socket.getaddrinfo("example.org", 80)


def test_tests_can_reach_this_machine() -> None:
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        caller.connect(listener.getsockname())
