"""Prepared answers for many questions at once: one statement for all of them, and their rows of the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import get_language

from competence.copying import copy_text, escaped
from competence.explain import Names
from competence.given_answers import instant_text
from competence.models.decision_log import DecisionLog
from competence.rest_api.answers import State
from competence.rest_api.auth import Caller
from competence.rest_api.copying import COLUMNS
from competence.rest_api.edition import edition
from competence.rest_api.prepared import can_prepare, key_of, principals_key, published_by
from competence.rest_api.remembered import Known
from lms.lib.uuid7 import uuid7

_HSA_ID = re.compile(r"SE\d{10}-[A-Z0-9]{1,18}\Z", re.ASCII)
# What must still be so is what the front path asks, but as of the batch's moment: facts written no later than it, the
# rules and names of it. Somebody whose facts have changed since is evaluated as of the moment, as everybody is.
_SQL = """
SELECT u.position, a.person_id, a.outcome, a.policy_version, a.digest::text, g.body, a.system
FROM unnest(%s::int[], %s::uuid[], %s::text[]) AS u (position, key, identity)
JOIN competence_preparedanswer a ON a.key = u.key
JOIN users_employeeidentity i ON i.kind = 'hsa_id' AND i.folded_value = u.identity
JOIN competence_preparedfacts f ON f.person_id = a.person_id
JOIN competence_givenanswer g ON g.digest = a.digest
WHERE a.person_id = i.person_id AND a.known_as = CASE WHEN i.line = '' THEN i.folded_value ELSE i.line END
  AND a.edition = %s AND a.rules_version = %s AND a.names = %s
  AND a.start <= %s AND (a.until IS NULL OR a.until > %s)
  AND f.stale_since IS NULL AND f.stamp = a.stamp AND f.revision = a.facts_revision AND f.revision <= %s
"""


class Usual(NamedTuple):
    """A question about now, as known now. `customer_number` "": none."""

    hsa_id: str
    right: str
    customer_number: str


class PreparedBatch:
    """Answers from prepared ones, for one caller and one state."""

    def __init__(self, caller: Caller, state: State, names: Names) -> None:
        moment = state.moment
        self.caller = Known(caller, 0)
        self.moment = moment
        self.language = get_language() or ""
        self.principals = principals_key(caller.principals)
        self.conditions: list[Any] = [
            edition(),
            published_by(names.book, moment.known_at),
            state.names,
            moment.now,
            moment.now,
            moment.revision,
        ]
        self.now, self.at = (one.astimezone(UTC).isoformat() for one in (moment.now, moment.known_at))
        self.tail = (
            f',"revision":{moment.revision},"valid_at":"{instant_text(moment.now)}",'
            f'"known_at":"{instant_text(moment.known_at)}","decision_id":"'
        )
        self.lines: list[str] = []

    def answers(self, asked: Mapping[int, Usual]) -> dict[int, str]:
        """The answers that are prepared, by position, as JSON texts; `lines` are then to be logged."""
        if not can_prepare():
            return {}
        keys, identities, positions = [], [], []
        for position, (hsa_id, right, number) in asked.items():
            identity = hsa_id.upper()
            if _HSA_ID.match(identity):
                positions.append(str(position))
                identities.append(identity)
                keys.append(key_of(identity, right, number, self.language, self.principals).hex)
        arrays = [f"{{{','.join(one)}}}" for one in (positions, keys, identities)]
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [*arrays, *self.conditions])
            rows = cursor.fetchall()
        found, systems, now, end = {}, self.caller.caller.systems, self.moment.now, f'{self.tail}%s"}}'
        purpose = self.caller.caller.purpose
        actor, revision = escaped(self.caller.actor), self.moment.revision
        questions: dict[str, str] = {}
        for position, person, outcome, version, digest, body, system in rows:
            if system not in systems:
                continue
            hsa_id, right, number = asked[position]
            question = questions.get(number)
            if question is None:
                question = questions[number] = escaped(self.caller.question(number))
            decision_id = str(uuid7(now))
            self.lines.append(
                f"{decision_id}\t{self.now}\t{actor}\t{purpose}\t{person}\t{hsa_id}\t{right}\t{question}\t{self.now}\t{self.at}\t"
                f"{outcome}\t{version}\t{revision}\t{digest}\n"
            )
            found[position] = f'{{"hsa_id":"{hsa_id}",{body[1:-1]}{end % decision_id}'
        return found

    def log(self) -> None:
        """Write the rows of the answers that were found since, in the transaction that is going on."""
        if self.lines:
            copy_text(DecisionLog, COLUMNS, "".join(self.lines))
            self.lines.clear()
