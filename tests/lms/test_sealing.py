"""Small secrets in the database: they open here, for what they are, and nowhere else."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lms.lib.sealing import Unreadable, seal, unseal


def test_what_is_sealed_opens_again_and_is_not_readable() -> None:
    text = seal(b"secret", use="a", owner="1")
    assert unseal(text, use="a", owner="1") == b"secret"
    assert b"secret" not in base64.b64decode(text)
    assert seal(b"secret", use="a", owner="1") != text, "never the same twice"


@pytest.mark.parametrize(("use", "owner"), [("b", "1"), ("a", "2")])
def test_it_does_not_open_for_another_use_or_row(use: str, owner: str) -> None:
    with pytest.raises(Unreadable):
        unseal(seal(b"secret", use="a", owner="1"), use=use, owner=owner)


def test_it_does_not_open_under_another_secret_key_unless_the_old_is_kept(settings: Any) -> None:
    text = seal(b"secret", use="a", owner="1")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    with pytest.raises(Unreadable):
        unseal(text, use="a", owner="1")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(text, use="a", owner="1") == b"secret"


@pytest.mark.parametrize("text", ["", "x", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_sealed_secret_does_not_open(text: str) -> None:
    with pytest.raises(Unreadable):
        unseal(text, use="a", owner="1")


def test_one_that_was_changed_does_not_open() -> None:
    box = bytearray(base64.b64decode(seal(b"secret", use="a", owner="1")))
    box[-1] ^= 1
    with pytest.raises(Unreadable):
        unseal(base64.b64encode(bytes(box)).decode(), use="a", owner="1")
