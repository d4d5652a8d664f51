"""The door to the audit record."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from lms.audit.models import AuditEvent
from lms.lib.actors import Actor, name_of, person_or_none
from lms.users.models import User

__all__ = [
    "listed_since",
    "record_look_up",
    "record_look_ups",
    "record_look_ups_by_id",
    "record_write",
    "record_writes_by_id",
]


def record_write(
    action: str, *, by: Actor, subject: str = "", person: User | None = None, **details: Any
) -> AuditEvent:
    """Note that `by` did `action` (an action's name) to `subject` (`model:key`). Call it inside the transaction."""
    return _record(AuditEvent.Kind.WRITE, action, by, subject, person, "", details)


def record_look_up(
    action: str, *, by: Actor, person: User | None, subject: str = "", purpose: str = "", **details: Any
) -> AuditEvent:
    """Note that `by` looked at `person`'s data, and for what purpose."""
    return _record(AuditEvent.Kind.LOOK_UP, action, by, subject, person, purpose, details)


def record_look_ups(
    action: str, *, by: Actor, people: Iterable[User], subject: str = "", purpose: str = "", **details: Any
) -> None:
    """Note that `by` looked at the data of each of `people`, in one query."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            kind=AuditEvent.Kind.LOOK_UP,
            action=action,
            actor=person_or_none(by),
            actor_name=name_of(by),
            person=person,
            subject=subject,
            purpose=purpose,
            details=details,
        )
        for person in people
    )


def record_look_ups_by_id(action: str, *, by: Actor, people: Iterable[int], subject: str = "", **details: Any) -> None:
    """The same for people by their primary keys: for thousands at a time, so the rows are made in the database."""
    _record_by_id(AuditEvent.Kind.LOOK_UP, action, by, people, subject, details)


def record_writes_by_id(action: str, *, by: Actor, people: Iterable[int], subject: str = "", **details: Any) -> None:
    """Note that `by` did `action`, and that it concerns each of `people` (by primary key). Inside the transaction."""
    _record_by_id(AuditEvent.Kind.WRITE, action, by, people, subject, details)


def listed_since(actions: Iterable[str], since: datetime) -> Iterator[tuple[str, datetime, str, dict[str, Any]]]:
    """Who looked up lists by these actions from `since` on: action, instant, the actor's name, details; in order."""
    rows = AuditEvent.objects.filter(kind=AuditEvent.Kind.LOOK_UP, action__in=list(actions), at__gte=since)
    return rows.order_by("at", "pk").values_list("action", "at", "actor_name", "details").iterator()


def _record_by_id(
    kind: AuditEvent.Kind, action: str, by: Actor, people: Iterable[int], subject: str, details: dict[str, Any]
) -> None:
    actor = person_or_none(by)
    fixed = {
        "kind": kind.value,
        "action": action,
        "actor_id": actor.pk if actor else None,
        "actor_name": name_of(by),
        "subject": subject,
        "purpose": "",
        "details": json.dumps(details),
    }
    values = ["%s"] * len(fixed)
    those: Any = list(people)
    if connection.vendor == "postgresql":
        values[-1], person, source = "CAST(%s AS jsonb)", "unnest(CAST(%s AS bigint[]))", ""
        arguments = [*fixed.values(), those]
    else:
        person, source = "value", " FROM json_each(%s)"
        arguments = [*fixed.values(), json.dumps(those)]
    table = connection.ops.quote_name(AuditEvent._meta.db_table)
    # Nothing but names of columns and places for values goes into the statement.
    statement = f"INSERT INTO {table} ({', '.join(fixed)}, person_id) SELECT {', '.join(values)}, {person}{source}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def _record(
    kind: str,
    action: str,
    by: Actor,
    subject: str,
    person: User | None,
    purpose: str,
    details: dict[str, Any],
) -> AuditEvent:
    return AuditEvent.objects.create(
        kind=kind,
        action=action,
        actor=person_or_none(by),
        actor_name=name_of(by),
        person=person,
        subject=subject,
        purpose=purpose,
        details=details,
    )
