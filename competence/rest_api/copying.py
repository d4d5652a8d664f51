"""Writing the look-up log by COPY: for many answers at a time. PostgreSQL only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

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
TABLE = DecisionLog._meta.db_table
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
COPY = f'COPY "{TABLE}" ({_NAMES}) FROM STDIN'
INSERT = f'INSERT INTO "{TABLE}" ({_NAMES}) VALUES ({", ".join(["%s"] * len(COLUMNS))}) ON CONFLICT DO NOTHING'  # noqa: S608 - names of ours


def copy_look_ups(rows: Iterable[DecisionLog]) -> None:
    """Add the rows, in the transaction that is going on."""
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(values_of(row))


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
