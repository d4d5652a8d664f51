"""Looking for thousands of values at once: `person_id__among=keys`, which is `__in` with one parameter for them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:
    AnyLookup = Lookup


@ForeignObject.register_lookup
@Field.register_lookup
class Among(AnyLookup):
    """Whether the column's value is one of some whole numbers or texts.

    Django's own `__in` prepares each value by itself and writes a statement as long as all of them, which takes longer
    than PostgreSQL needs to find the rows.
    """

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[int | str]) -> None:
        super().__init__(lhs, list(rhs))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        return f"{column} = ANY(%s::{field.rel_db_type(connection)}[])", [*parameters, self.rhs]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        statement = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - the column is Django's
        return statement, [*parameters, json.dumps(self.rhs)]
