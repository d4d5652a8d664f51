"""Thousands of rows at once: by COPY where the database has it, by Django's own means where not.

For rows that are known to be right: nothing is validated but what the database's own constraints see.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import AutoField, Max, Model

BATCH = 5_000


def has_copy() -> bool:
    """Whether the database takes rows by COPY."""
    return connection.vendor == "postgresql"


def copy_text(model: type[Model], columns: Iterable[str], text: str) -> None:
    """Put rows, written in the text form of COPY, into the table of `model`."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    # What goes wrong is raised as Django's own error, as with any other statement.
    statement = f"COPY {table} ({names}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text)


def escaped(text: str) -> str:
    """A text as the text form of COPY has it."""
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text


_CELLS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: r"\N",
    str: escaped,
    int: str,
    bool: lambda value: "t" if value else "f",
    UUID: lambda value: value.hex,
    Decimal: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    list: lambda value: escaped(json.dumps(value)) if value else "[]",
}


def line(values: Iterable[object]) -> str:
    """`values` in the text form of COPY, without the end of the line. Raises KeyError for a type that it cannot say."""
    return "\t".join([_CELLS[type(value)](value) for value in values])


@dataclass
class NewRows:
    """Rows to come of one table: `values` for `columns` (names of the fields' attributes, such as `person_id`).

    `lines`: the same in the form of COPY, if that has been made ready: before a lock is taken, say.
    """

    model: type[Model]
    columns: tuple[str, ...]
    values: list[tuple[object, ...]] = field(default_factory=list)
    lines: list[str] | None = None

    def make_ready(self) -> None:
        """Do now what can be done before writing."""
        if has_copy():
            self.lines = [line(row) for row in self.values]

    def made_ready_to_be_sent(self) -> NewRows:
        """The same for another process that is to write it: no more than writing takes."""
        self.make_ready()
        return self if self.lines is None else NewRows(self.model, self.columns, [], self.lines)

    def write(self, **common: object) -> None:
        """Insert the rows; `common` is what all have alike. Other fields have their default, which must be a constant.

        Keys are given, or the database numbers the rows and nobody asks how, so nothing comes back.
        """
        if not self.values and not self.lines:
            return
        common = self._with_defaults(common)
        if not has_copy():
            made = [self.model(**dict(zip(self.columns, row, strict=True)), **common) for row in self.values]
            self.model._base_manager.bulk_create(made, batch_size=BATCH)
            return
        if self.lines is None:
            self.make_ready()
        names = {field.attname: str(field.column) for field in self.model._meta.concrete_fields}
        end = f"\t{line(common.values())}\n" if common else "\n"
        columns = [names[name] for name in (*self.columns, *common)]
        copy_text(self.model, columns, end.join(self.lines or ()) + end)

    def _with_defaults(self, common: Mapping[str, object]) -> dict[str, object]:
        found = dict(common)
        for one in self.model._meta.concrete_fields:
            if one.attname in self.columns or one.attname in found or isinstance(one, AutoField):
                continue
            if one.has_default() and callable(one.default):
                raise TypeError(f"{self.model.__name__}.{one.attname} is another for each row: give its values")
            found[one.attname] = one.get_default()
        return found


def new_keys(model: type[Model], count: int) -> Sequence[int]:
    """So many primary keys that nobody else will use. In a transaction; rising."""
    if not count:
        return ()
    table, column = model._meta.db_table, model._meta.pk.column
    if not has_copy():
        last = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        return range(last + 1, last + count + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(n ORDER BY n) FROM (SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) "
            "AS n FROM generate_series(1, %s)) AS keys",
            [connection.ops.quote_name(table), column, count],
        )
        row = cursor.fetchone()
    return list(row[0])
