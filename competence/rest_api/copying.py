"""Writing the look-up log by COPY: for many answers at a time. PostgreSQL only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from competence.copying import copy_text, line
from competence.given_answers import as_json
from competence.models.decision_log import DecisionLog

COLUMNS = (
    "decision_id",
    "asked_at",
    "asked_by",
    "purpose",
    "person_id",
    "hsa_id",
    "right",
    "question",
    "valid_at",
    "known_at",
    "outcome",
    "policy_version",
    "revision",
    "digest",
)


def copy_look_ups(rows: Iterable[DecisionLog]) -> None:
    """Add the rows, in the transaction that is going on."""
    copy_text(DecisionLog, COLUMNS, "".join(f"{line(values_of(row))}\n" for row in rows))


def values_of(row: DecisionLog) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    return (
        row.decision_id,
        row.asked_at,
        row.asked_by,
        row.purpose,
        row.person_id,
        row.hsa_id,
        row.right,
        as_json(row.question),
        row.valid_at,
        row.known_at,
        row.outcome,
        row.policy_version,
        row.revision,
        row.given_id,
    )
