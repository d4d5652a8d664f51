"""Prepared answers for many questions at once: one statement finds them all and adds their rows to the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import get_language

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
from competence.rest_api.texts import texts
from lms.lib.at_one_go import PreparedStatement
from lms.lib.uuid7 import uuid7_texts

_HSA_ID = re.compile(r"SE\d{10}-[A-Z0-9]{1,18}\Z", re.ASCII | re.IGNORECASE)
# What must still be so is what the front path asks, but as of the batch's moment: facts written no later than it, the
# rules and names of it. Somebody whose facts have changed since is evaluated as of the moment, as everybody is.
# Finding and logging are one statement, so that nothing is found that is not logged. The texts, which are most of an
# answer, are fetched where this process does not remember them.
# Each question is looked up by itself (OFFSET 0 keeps the look-ups apart): a plan that goes through everybody, which
# the database takes for cheaper while they are few, takes a third longer.
# $1 keys, $2 HSA-IDs, $3 ids of the decisions, $4 kinds: which right and customer number of $14 and $15.
_SQL = f"""
INSERT INTO competence_decisionlog ({", ".join(f'"{name}"' for name in COLUMNS)})
SELECT u.decision_id, $9::timestamptz, $11::text, $12::text, a.person_id, u.hsa_id, ($14::text[])[u.kind],
  ($15::jsonb[])[u.kind], $9::timestamptz, $13::timestamptz, a.outcome, a.policy_version, $10::bigint, a.digest
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[]) AS u (key, hsa_id, decision_id, kind)
CROSS JOIN LATERAL (
  SELECT * FROM competence_preparedanswer
  WHERE key = u.key AND system = ANY($5::text[]) AND edition = $6::text AND rules_version = $7::int
    AND names = $8::bigint AND start <= $9::timestamptz AND (until IS NULL OR until > $9::timestamptz)
  OFFSET 0
) a
CROSS JOIN LATERAL (
  SELECT FROM users_employeeidentity
  WHERE kind = 'hsa_id' AND folded_value = upper(u.hsa_id) AND person_id = a.person_id
    AND a.known_as = CASE WHEN line = '' THEN folded_value ELSE line END
  OFFSET 0
) i
CROSS JOIN LATERAL (
  SELECT FROM competence_preparedfacts
  WHERE person_id = a.person_id AND stale_since IS NULL AND stamp = a.stamp AND revision = a.facts_revision
    AND revision <= $10::bigint
  OFFSET 0
) f
RETURNING decision_id, digest
"""  # noqa: S608  (the columns are a constant)
_STATEMENT = PreparedStatement("find_and_log", _SQL)


class PreparedBatch:
    """Answers from prepared ones, for one caller and one state."""

    def __init__(self, caller: Caller, state: State, names: Names) -> None:
        moment = state.moment
        known = Known(caller, 0)
        self.question = known.question
        self.language = get_language() or ""
        self.principals = principals_key(caller.principals)
        self.now = moment.now
        self.conditions = [
            _array(sorted(caller.systems)),
            edition().encode(),
            str(published_by(names.book, moment.known_at)).encode(),
            str(state.names).encode(),
            moment.now.isoformat().encode(),
            str(moment.revision).encode(),
            known.actor.encode(),
            caller.purpose.encode(),
            moment.known_at.isoformat().encode(),
        ]
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
        columns = [f"{{{','.join(one)}}}".encode() for one in (keys, hsa_ids, ids, asked)]
        constants = [
            _array(right for right, _number in kinds),
            _array(self.question(number) for _right, number in kinds),
        ]
        found = _STATEMENT.run([*columns, *self.conditions, *constants])
        value, tail = found.get_value, self.tail
        # The ids were made one after the other: their last four digits are the place.
        rows = [(int(value(row, 0)[-4:], 16), value(row, 1)) for row in range(found.ntuples)]
        constant = texts.of({digest for _place, digest in rows})
        for place, digest in rows:
            text = constant.get(digest)
            if text is not None:
                position = positions[place]
                results[position] = b'{"id":%b,"hsa_id":"%b",%b%b%b"}' % (
                    as_json(checks[position].id).encode(),
                    hsa_ids[place].encode(),
                    text,
                    tail,
                    ids[place].encode(),
                )
        return results


def is_usual(check: Check) -> bool:
    """Whether its answer may be prepared, in a batch about now: it asks about now, too, and about any product."""
    return check.product_group is None and check.valid_at is None and check.customer_number != ""


def _array(texts: Iterable[str]) -> bytes:
    """Texts as PostgreSQL writes an array of them."""
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{{{}}}".format(",".join(f'"{text}"' for text in quoted)).encode()


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
