"""Signed words that stand in for a log-in on the content origin, each for one purpose and a limited time.

A *launch* token opens the launcher page for one sitting of one attempt; a *commit* token writes to one part in that
sitting; a *content* token reads the files of one package. None of them opens anything else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

LAUNCH_SECONDS = 12 * 60 * 60
RENEW_AFTER_SECONDS = 60 * 60
_DAY = 24 * 60 * 60
_CONTENT_DAYS = 2


class InvalidToken(Exception):
    """The token was not signed here, or for something else."""


class ExpiredToken(InvalidToken):
    """The token was good once."""


@dataclass(frozen=True)
class Sitting:
    """What a launch or commit token is bound to: the attempt, the sitting, and the part of the package."""

    attempt: UUID
    launch: UUID
    item: str


Purpose = Literal["launch", "commit"]


def sign(purpose: Purpose, sitting: Sitting) -> str:
    return signing.TimestampSigner(salt=f"courses.{purpose}").sign_object(
        [sitting.attempt.hex, sitting.launch.hex, sitting.item]
    )


def read(purpose: Purpose, token: str) -> Sitting:
    """The sitting that `token` is for. Raises ExpiredToken or InvalidToken."""
    sitting = _signed(purpose, token, settings.SECRET_KEY)
    if time.time() - _signed_at(token) > LAUNCH_SECONDS:
        raise ExpiredToken
    return sitting


@lru_cache(maxsize=2_000)  # a package saves all the time, with the same token for an hour
def _signed(purpose: Purpose, token: str, _key: str) -> Sitting:
    """The sitting in a token that was signed here, however long ago. What raises is not kept."""
    try:
        attempt, launch, item = signing.TimestampSigner(salt=f"courses.{purpose}").unsign_object(token)
        return Sitting(UUID(attempt), UUID(launch), str(item))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidToken from error


def _signed_at(token: str) -> int:
    """When the token says that it was signed, in Unix time."""
    return signing.b62_decode(token.rsplit(":", 2)[1])


def is_old(token: str) -> bool:
    """Whether a good token has come so far that the player should get a new one."""
    try:
        return time.time() - _signed_at(token) > RENEW_AFTER_SECONDS
    except (IndexError, ValueError):
        return True


def sign_content(package: UUID) -> str:
    """A prefix for the addresses of a package's files: the same all day long, so that browsers can keep the files."""
    day = int(time.time()) // _DAY
    return f"{package.hex}.{day:x}.{_content_seal(package.hex, f'{day:x}')}"


def read_content(token: str) -> UUID:
    """The package that `token` opens. Raises InvalidToken or ExpiredToken."""
    try:
        package, day, seal = token.split(".")
        if not constant_time_compare(seal, _content_seal(package, day)):
            raise InvalidToken
        age = int(time.time()) // _DAY - int(day, 16)
        public_id = UUID(package)
    except ValueError as error:
        raise InvalidToken from error
    if not 0 <= age <= _CONTENT_DAYS:
        raise ExpiredToken
    return public_id


def _content_seal(package: str, day: str) -> str:
    return salted_hmac("courses.content", f"{package}.{day}", algorithm="sha256").hexdigest()[:40]
