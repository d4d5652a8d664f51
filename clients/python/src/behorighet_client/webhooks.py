"""Webhooks after the Standard Webhooks specification: who sent it, and when."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from behorighet_client.errors import InvalidWebhook

TOLERANCE = 300.0


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> dict[str, Any]:
    """The event in `body`, as it came, when it is signed with `secret` (whsec_…) and no older than `tolerance` seconds.

    Raises InvalidWebhook. An event may come more than once: `webhook-id` names it.
    """
    given = {name.lower(): value for name, value in headers.items()}
    identifier, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signatures = [word.split(",", 1) for word in given.get("webhook-signature", "").split()]
    if not identifier or not sent_at.isdigit():
        raise InvalidWebhook("the headers webhook-id and webhook-timestamp are needed")
    if abs((time.time() if now is None else now) - int(sent_at)) > tolerance:
        raise InvalidWebhook("it was sent too long ago, or is dated ahead")
    signed = b".".join((identifier.encode(), sent_at.encode(), body))
    expected = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
    matches = [hmac.compare_digest(one[1], expected) for one in signatures if len(one) == 2 and one[0] == "v1"]
    if not any(matches):
        raise InvalidWebhook("no signature is right")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise InvalidWebhook("it is signed, but no JSON") from error
    if not isinstance(event, dict):
        raise InvalidWebhook("it is signed, but no event")
    return event


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise InvalidWebhook("the secret is not one of Standard Webhooks") from error
