"""Answers as they are given: evaluated, written to the look-up log, and kept for the next one who asks the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import get_language

from competence.explain import Names
from competence.given_answers import constant_text, digest_of, whole_text
from competence.models.decision_log import DecisionLog, GivenAnswer
from competence.models.prepared_answer import PreparedAnswer
from competence.policy.facts import UNKNOWN_PERSON, PersonFacts
from competence.queries.facts import facts_for
from competence.rest_api import answers, prepared
from competence.rest_api.answers import State
from competence.rest_api.auth import Caller
from competence.rest_api.copying import copy_look_ups
from competence.rest_api.prepared import Stamp
from competence.rest_api.questions import Question
from lms.lib.uuid7 import uuid7

FEW = 20


class About(NamedTuple):
    """Whom a question is about: None for nobody here. `stamp`: of the facts, when the answer may be kept."""

    person: int | None
    facts: PersonFacts
    stamp: Stamp | None


@dataclass(frozen=True)
class Given:
    """An answer: its row of the log, its constant text, and what to keep of it, if it is one to be kept."""

    row: DecisionLog
    constant: str
    prepared: PreparedAnswer | None = None

    @property
    def text(self) -> str:
        """The answer as JSON text."""
        row = self.row
        return whole_text(
            self.constant,
            hsa_id=row.hsa_id,
            revision=row.revision,
            valid_at=row.valid_at,
            known_at=row.known_at,
            decision_id=row.decision_id,
        )


def about(people: Iterable[int | None], state: State) -> dict[int | None, About]:
    """What is needed to answer about each of the people, in two queries."""
    known = {person for person in people if person is not None}
    stamps = prepared.stamps_of(known, state.moment)  # before the facts
    found: dict[int | None, About] = {None: About(None, UNKNOWN_PERSON, None)}
    for person, facts in facts_for(known).items():
        found[person] = About(person, facts, stamps.get(person))
    return found


def evaluate(question: Question, about: About, caller: Caller, state: State, names: Names) -> Given:
    """Answer `question`, in the active language. Writes nothing. Raises Problem and NoRules."""
    moment = state.moment
    shown = answers.shown_facts(question, about.facts, moment)
    decision = answers.decide_question(question, shown, names, moment)
    decision_id = uuid7(moment.now)
    constant = constant_text(answers.answer_of(decision, question, moment, names, decision_id))
    row = DecisionLog(
        decision_id=decision_id,
        asked_at=moment.now,
        asked_by=caller.actor.name,
        purpose=caller.purpose,
        person_id=about.person,
        hsa_id=question.hsa_id,
        right=question.right,
        question=question.as_logged(),
        valid_at=decision.valid_at,
        known_at=decision.known_at,
        outcome=decision.outcome.value,
        policy_version=decision.policy_version,
        revision=moment.revision,
        given_id=digest_of(constant),
    )
    if about.person is None or about.stamp is None or not question.is_usual or prepared.moves_along(decision):
        return Given(row, constant)
    kept = prepared.prepared_answer(
        key=usual_key(question),
        person=about.person,
        known_as=question.known_as,
        stamp=about.stamp,
        rules_version=prepared.published_by(names.book, moment.known_at),
        names=state.names,
        stretch=prepared.stretch_around(shown, names.book, question.right, moment.now, moment.known_at),
        system=names.book.version(decision.policy_version).rights[question.right].system,
        outcome=row.outcome,
        policy_version=row.policy_version,
        digest=row.given_id,
    )
    return Given(row, constant, kept)


def usual_key(question: Question) -> UUID:
    """The key under which the answer to a usual question is kept, in the active language."""
    return prepared.key_of(
        question.identity,
        question.right,
        question.customer_number or "",
        get_language() or "",
        prepared.principals_key(question.principals),
    )


@transaction.atomic
def write_down(given: Sequence[Given]) -> None:
    """Log the answers and keep those that are to be kept, all or none. Before they are sent."""
    write_constants({one.row.given_id: one.constant for one in given})
    rows = [one.row for one in given]
    if len(rows) > FEW and connection.vendor == "postgresql":
        copy_look_ups(rows)
    elif len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        DecisionLog.objects.bulk_create(rows, batch_size=500)
    kept = {one.prepared.key: one.prepared for one in given if one.prepared is not None}
    if kept:
        prepared.keep(kept)


def write_constants(constants: dict[UUID, str]) -> None:
    """Keep the constant texts that are not kept yet."""
    # In order: two who write the same ones do not wait for each other in a circle.
    rows: Iterable[GivenAnswer] = [GivenAnswer(digest=digest, body=constants[digest]) for digest in sorted(constants)]
    GivenAnswer.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
