"""Prepared answers for many questions at once: one statement finds them all and adds their rows to the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import get_language
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from competence.explain import Names
from competence.given_answers import instant_text
from competence.rest_api.answers import State
from competence.rest_api.auth import Caller
from competence.rest_api.copying import COLUMNS
from competence.rest_api.edition import edition
from competence.rest_api.prepared import can_prepare, key_text, principals_key, published_by
from competence.rest_api.remembered import Known
from lms.lib.uuid7 import uuid7_texts

_HSA_ID = re.compile(r"SE\d{10}-[A-Z0-9]{1,18}\Z", re.ASCII | re.IGNORECASE)
# What must still be so is what the front path asks, but as of the batch's moment: facts written no later than it, the
# rules and names of it. Somebody whose facts have changed since is evaluated as of the moment, as everybody is.
# Finding and logging are one statement, so that nothing is found that is not logged, and the texts, which are most of
# it, go from their table to the caller and nowhere else on the way.
_SQL = f"""
WITH found AS MATERIALIZED (
  SELECT u.position, u.hsa_id, u.decision_id, u.right_number, u.question_number,
    a.person_id, a.outcome, a.policy_version, a.digest
  FROM unnest(%s::int[], %s::uuid[], %s::text[], %s::uuid[], %s::int[], %s::int[])
    AS u (position, key, hsa_id, decision_id, right_number, question_number)
  JOIN competence_preparedanswer a ON a.key = u.key
  JOIN users_employeeidentity i ON i.kind = 'hsa_id' AND i.folded_value = upper(u.hsa_id)
  JOIN competence_preparedfacts f ON f.person_id = a.person_id
  WHERE a.person_id = i.person_id AND a.known_as = CASE WHEN i.line = '' THEN i.folded_value ELSE i.line END
    AND a.system = ANY(%s) AND a.edition = %s AND a.rules_version = %s AND a.names = %s
    AND a.start <= %s AND (a.until IS NULL OR a.until > %s)
    AND f.stale_since IS NULL AND f.stamp = a.stamp AND f.revision = a.facts_revision AND f.revision <= %s
), logged AS (
  INSERT INTO competence_decisionlog ({", ".join(f'"{name}"' for name in COLUMNS)})
  SELECT decision_id, %s, %s, %s, person_id, hsa_id, (%s::text[])[right_number], (%s::jsonb[])[question_number],
    %s, %s, outcome, policy_version, %s, digest
  FROM found
)
SELECT found.position, g.body FROM found JOIN competence_givenanswer g ON g.digest = found.digest
"""  # noqa: S608  (the columns are a constant)


class _Bytes(Loader):
    """Texts as they come, in UTF-8: they go on as they are, and nobody reads them on the way."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class Usual(NamedTuple):
    """A question about now, as known now. `customer_number` "": none."""

    hsa_id: str
    right: str
    customer_number: str


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

    def answers(self, asked: Mapping[int, Usual]) -> dict[int, bytes]:
        """The answers that are prepared, by position, without the first brace, in UTF-8; they are logged as of now."""
        if not can_prepare():
            return {}
        language, principals = self.language, self.principals
        rights, questions = _Numbers(), _Numbers()
        positions, keys, hsa_ids, rights_asked, numbers = [], [], [], [], []
        for position, (hsa_id, right, number) in asked.items():
            if _HSA_ID.match(hsa_id):
                positions.append(position)
                hsa_ids.append(hsa_id)
                keys.append(key_text(hsa_id.upper(), right, number, language, principals))
                rights_asked.append(rights[right])
                numbers.append(questions[number])
        ids = uuid7_texts(self.now, len(positions))
        # Nothing in these has a sign of the array's own.
        columns = [f"{{{','.join(map(str, one))}}}" for one in (positions, keys, hsa_ids, ids, rights_asked, numbers)]
        constants = [list(rights), [self.question(number) for number in questions]]
        with connection.cursor() as cursor:
            cursor.adapters.register_loader("text", _Bytes)
            cursor.execute(_SQL, [*columns, *self.conditions, *self.asking, *constants, *self.moment])
            rows = cursor.fetchall()
        own = dict(zip(positions, zip(hsa_ids, ids, strict=True), strict=True))
        found, tail = {}, self.tail
        for position, body in rows:
            hsa_id, decision_id = own[position]
            found[position] = b'"hsa_id":"%b",%b%b%b"}' % (hsa_id.encode(), body[1:-1], tail, decision_id.encode())
        return found


class _Numbers(dict[str, int]):
    """Numbers texts from 1 in the order in which they are first asked for, as the places of an array."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self) + 1
        return number
