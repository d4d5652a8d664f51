"""A simulation as plain data and back, so that its result can be kept beside the draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from competence.policy.decision import Outcome
from competence.simulation.compare import Change
from competence.simulation.run import Cell, Count, Row, Simulation


def as_data(found: Simulation) -> dict[str, Any]:
    """What JSON can hold of it."""
    return {
        "start": found.plan_start.isoformat(),
        "end": found.plan_end.isoformat(),
        "known_at": found.known_at.isoformat(),
        "rights": list(found.rights),
        "people": found.people,
        "affected": found.affected,
        "cells": [
            [
                cell.kind,
                cell.right,
                cell.role,
                cell.principal,
                cell.unit,
                cell.month,
                count.changes,
                sorted(count.people),
            ]
            for cell, count in found.counts.items()
        ],
        "rows": [
            [
                row.employment,
                row.person,
                row.unit,
                row.change.right,
                row.change.role,
                row.change.principal,
                row.change.at.isoformat(),
                None if row.change.until is None else row.change.until.isoformat(),
                row.change.before.value,
                row.change.after.value,
            ]
            for row in found.rows
        ],
    }


def from_data(data: dict[str, Any]) -> Simulation:
    """What `as_data` made."""
    return Simulation(
        plan_start=datetime.fromisoformat(data["start"]),
        plan_end=datetime.fromisoformat(data["end"]),
        known_at=datetime.fromisoformat(data["known_at"]),
        rights=tuple(data["rights"]),
        people=data["people"],
        affected=dict(data["affected"]),
        counts={Cell(*one[:6]): Count(one[6], set(one[7])) for one in data["cells"]},
        rows=[_row(one) for one in data["rows"]],
    )


def _row(one: list[Any]) -> Row:
    employment, person, unit, right, role, principal, at, until, before, after = one
    change = Change(
        employment=f"employment:{employment}",
        right=right,
        role=role,
        principal=principal,
        at=datetime.fromisoformat(at),
        until=None if until is None else datetime.fromisoformat(until),
        before=Outcome(before),
        after=Outcome(after),
    )
    return Row(employment, person, unit, change)
