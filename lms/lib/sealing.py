"""Small secrets kept in the database: encrypted with a key derived from SECRET_KEY, each bound to what it belongs to.

AES-256-GCM; the key by HKDF-SHA256 (RFC 5869). A secret of another row, or of another use, does not open here.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


class Unreadable(Exception):
    """The secret was sealed under another SECRET_KEY, or is not what it was."""


def seal(secret: bytes, *, use: str, owner: str) -> str:
    """`secret` as text that only this installation opens, for this `use` (a constant) and `owner` (a row's key)."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key(settings.SECRET_KEY, use)).encrypt(nonce, secret, owner.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(text: str, *, use: str, owner: str) -> bytes:
    """What `seal` was given. Keys of before, in SECRET_KEY_FALLBACKS, open too. Raises Unreadable."""
    try:
        box = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable(use) from error
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(secret_key, use)).decrypt(box[:_NONCE], box[_NONCE:], owner.encode())
        except (InvalidTag, ValueError):
            continue
    raise Unreadable(use)


def _key(secret_key: str, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lms.sealing.1:{use}".encode()).derive(
        secret_key.encode()
    )
