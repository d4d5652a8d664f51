"""The text of an answer: what is constant of it, and what only this very answer has.

Most of an answer is the same for as long as nothing changes: its outcome, reasons, steps and bounds. That part is
kept once, under the digest of its text. Whose HSA-ID was asked about, the revision, the two instants and the decision's
id are each answer's own. The two together are the answer as it was given, to the letter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from lms.lib.clock import STOCKHOLM

OWN = ("hsa_id", "revision", "valid_at", "known_at", "decision_id")


def constant_text(answer: Mapping[str, Any]) -> str:
    """What of `answer` is the same until something changes, as a JSON object."""
    return as_json({name: value for name, value in answer.items() if name not in OWN})


def digest_of(text: str) -> UUID:
    """The name of a constant text: the first 128 bits of its SHA-256."""
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def whole_text(
    constant: str, *, hsa_id: str, revision: int, valid_at: datetime, known_at: datetime, decision_id: UUID
) -> str:
    """The answer as JSON text: the constant part between what is its own."""
    return (
        f'{{"hsa_id":{as_json(hsa_id)},{constant[1:-1]},"revision":{revision},"valid_at":"{instant_text(valid_at)}",'
        f'"known_at":"{instant_text(known_at)}","decision_id":"{decision_id}"}}'
    )


def instant_text(at: datetime) -> str:
    """An instant as answers give it: ISO 8601 with Stockholm's offset."""
    return at.astimezone(STOCKHOLM).isoformat()


def as_json(value: Any) -> str:
    """`value` in JSON's shortest form."""
    if type(value) is str:
        return encode_basestring(value)  # what dumps would do, at a tenth of the time
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
