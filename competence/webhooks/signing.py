"""Messages as the Standard Webhooks specification (1.0) has them: headers, and a signature by each valid secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from competence.models.webhook import WebhookSecret
from lms.lib.sealing import seal, unseal

USE = "webhook secret"
PREFIX = "whsec_"


@dataclass(frozen=True)
class Message:
    """What is sent: `id` stays the same however often it is tried, so that the receiver knows it again."""

    id: str
    body: bytes


def message(message_id: str, kind: str, at: datetime, data: dict[str, Any]) -> Message:
    """The payload: type, timestamp (when it happened) and data."""
    payload = {"type": kind, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return Message(message_id, json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())


def headers_of(message: Message, keys: Iterable[bytes], now: datetime) -> dict[str, str]:
    """The headers of one attempt: the time of the attempt, and a signature by each key."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Hjalpmedel-Webhooks/1.0",
        "webhook-id": message.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signature(message, timestamp, key) for key in keys),
    }


def signature(message: Message, timestamp: str, key: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, time and body with points between."""
    signed = b".".join((message.id.encode(), timestamp.encode(), message.body))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def new_secret() -> str:
    """A secret as receivers' libraries take it: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sealed(secret: str, row: WebhookSecret) -> str:
    """The secret as it is kept in `row`."""
    return seal(secret.encode(), use=USE, owner=str(row.public_id))


def key_in(row: WebhookSecret) -> bytes:
    """The key of a secret. Raises lms.lib.sealing.Unreadable."""
    secret = unseal(row.sealed, use=USE, owner=str(row.public_id)).decode()
    return base64.b64decode(secret.removeprefix(PREFIX))
