"""Prepared answers for many questions at once: one statement finds them all and adds their rows to the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import get_language
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from competence.explain import Names
from competence.given_answers import as_json, instant_text
from competence.rest_api.answers import State
from competence.rest_api.auth import Caller
from competence.rest_api.copying import COLUMNS
from competence.rest_api.edition import edition
from competence.rest_api.prepared import (
    beside_the_person,
    can_prepare,
    key_of_person,
    principals_key,
    published_by,
)
from competence.rest_api.remembered import Known
from competence.rest_api.schemas import Check
from lms.lib.uuid7 import uuid7_texts

_HSA_ID = re.compile(r"SE\d{10}-[A-Z0-9]{1,18}\Z", re.ASCII | re.IGNORECASE)
# What must still be so is what the front path asks, but as of the batch's moment: facts written no later than it, the
# rules and names of it. Somebody whose facts have changed since is evaluated as of the moment, as everybody is.
# Finding and logging are one statement, so that nothing is found that is not logged, and the texts, which are most of
# it, go from their table to the caller and nowhere else on the way. `kind`: which right and customer number.
_SQL = f"""
WITH found AS MATERIALIZED (
  SELECT u.place, u.hsa_id, u.decision_id, u.kind, a.person_id, a.outcome, a.policy_version, a.digest
  FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int[]) WITH ORDINALITY
    AS u (key, hsa_id, decision_id, kind, place)
  JOIN competence_preparedanswer a ON a.key = u.key
  JOIN users_employeeidentity i ON i.kind = 'hsa_id' AND i.folded_value = upper(u.hsa_id)
  JOIN competence_preparedfacts f ON f.person_id = a.person_id
  WHERE a.person_id = i.person_id AND a.known_as = CASE WHEN i.line = '' THEN i.folded_value ELSE i.line END
    AND a.system = ANY(%s) AND a.edition = %s AND a.rules_version = %s AND a.names = %s
    AND a.start <= %s AND (a.until IS NULL OR a.until > %s)
    AND f.stale_since IS NULL AND f.stamp = a.stamp AND f.revision = a.facts_revision AND f.revision <= %s
), logged AS (
  INSERT INTO competence_decisionlog ({", ".join(f'"{name}"' for name in COLUMNS)})
  SELECT decision_id, %s, %s, %s, person_id, hsa_id, (%s::text[])[kind], (%s::jsonb[])[kind],
    %s, %s, outcome, policy_version, %s, digest
  FROM found
)
SELECT found.place, g.body FROM found JOIN competence_givenanswer g ON g.digest = found.digest
"""  # noqa: S608  (the columns are a constant)
# What is asked about is in memory, or nearly: by the database's own measure, which is that of a turning disk, it would
# rather go through all people for each chunk while they are few, and take a fifth longer. No kind of plan is forbidden:
# where the figures of a table are old, the one that is left could be a bad one.
_SETTINGS = "SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off"


class _Bytes(Loader):
    """Texts as they come, in UTF-8: they go on as they are, and nobody reads them on the way."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class PreparedBatch:
    """Answers from prepared ones, for one caller and one state."""

    def __init__(self, caller: Caller, state: State, names: Names) -> None:
        moment = state.moment
        known = Known(caller, 0)
        self.question = known.question
        self.language = get_language() or ""
        self.principals = principals_key(caller.principals)
        self.now = moment.now
        self.conditions: list[Any] = [
            sorted(caller.systems),
            edition(),
            published_by(names.book, moment.known_at),
            state.names,
            moment.now,
            moment.now,
            moment.revision,
        ]
        self.asking: list[Any] = [moment.now, known.actor, caller.purpose]
        self.moment: list[Any] = [moment.now, moment.known_at, moment.revision]
        self.tail = (
            f',"revision":{moment.revision},"valid_at":"{instant_text(moment.now)}",'
            f'"known_at":"{instant_text(moment.known_at)}","decision_id":"'
        ).encode()

    def results(self, checks: Sequence[Check]) -> list[bytes]:
        """The results that are prepared, each in the place of its check, as JSON in UTF-8; b"" for the others. They are
        logged as of now."""
        results = [b""] * len(checks)
        if not can_prepare():
            return results
        kinds = _Kinds(self.language, self.principals)
        positions, keys, hsa_ids, asked = [], [], [], []
        for position, check in enumerate(checks):
            hsa_id = check.hsa_id
            if _HSA_ID.match(hsa_id) and is_usual(check):
                kind, beside = kinds[check.right, check.customer_number or ""]
                positions.append(position)
                hsa_ids.append(hsa_id)
                keys.append(key_of_person(hsa_id.upper(), beside))
                asked.append(kind)
        ids = uuid7_texts(self.now, len(positions))
        # Nothing in these has a sign of the array's own.
        columns = [f"{{{','.join(one)}}}" for one in (keys, hsa_ids, ids, asked)]
        constants = [[right for right, _number in kinds], [self.question(number) for _right, number in kinds]]
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
            cursor.adapters.register_loader("text", _Bytes)
            cursor.execute(_SQL, [*columns, *self.conditions, *self.asking, *constants, *self.moment])
            rows = cursor.fetchall()
        tail = self.tail
        for place, body in rows:
            position = positions[place - 1]
            results[position] = b'{"id":%b,"hsa_id":"%b",%b%b%b"}' % (
                as_json(checks[position].id).encode(),
                hsa_ids[place - 1].encode(),
                body[1:-1],
                tail,
                ids[place - 1].encode(),
            )
        return results


def is_usual(check: Check) -> bool:
    """Whether its answer may be prepared, in a batch about now: it asks about now, too, and about any product."""
    return check.product_group is None and check.valid_at is None and check.customer_number != ""


class _Kinds(dict[tuple[str, str], tuple[str, str]]):
    """By right and customer number ("": none): the place in an array, from 1 in the order in which they are first asked
    for, and what the question's name has of them."""

    def __init__(self, language: str, principals: str) -> None:
        super().__init__()
        self.language = language
        self.principals = principals

    def __missing__(self, asked: tuple[str, str]) -> tuple[str, str]:
        kind = self[asked] = str(len(self) + 1), beside_the_person(*asked, self.language, self.principals)
        return kind
