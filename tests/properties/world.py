"""A small world in the real database, and beside it what everybody was told had been done.

Everything is done by the product's own actions. What they acknowledged is kept here a second time, as plain facts and
plain rule documents, from which the reference answers. The clock is ours: the row that numbers changes is set ahead.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from competence.actions.employments import start_employment
from competence.actions.people import give_identity, register_person
from competence.actions.rules import publish_rules, register_course_reference
from competence.models.competence_role import CompetenceRole
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.models.outbox import Revision
from competence.policy import facts
from competence.policy.decision import Context
from competence.policy.evaluate import NoRules, UnanswerableQuestion
from competence.queries import rules as published_rules
from competence.queries.eligibility import current_moment, decide_for
from competence.queries.facts import facts_for, recorded_facts_for
from competence.queries.standing import standings_of
from competence.rule_documents.check import check_document
from competence.rule_documents.checks.references import Known
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User
from tests.reference.comparison import NO_ANSWER, Said, said_by_reference, said_in
from tests.reference.days import ONE_DAY, first_instant, local_day
from tests.reference.documents import Published
from tests.reference.histories import History, Question
from tests.reference.rule_documents import COURSES, FORMER_ROLES, PROFESSIONS, RIGHTS, UNITS, Entry

BY = Machine("test:machine")
BEGINNING = datetime(2030, 1, 1, 11, tzinfo=UTC)
RULES_BEGIN = datetime(2029, 1, 1, tzinfo=UTC)
ABOVE = {"ward": {"ward", "clinic", "hospital", "region", "all"}, "home-care": {"home-care", "municipality", "all"}}
PRINCIPAL = {"ward": "vgr", "home-care": "municipality"}


def hsa_id_of(name: str) -> str:
    """What person-0 is known as: SE2321000131-T00000000."""
    return f"SE2321000131-T{int(name.partition('-')[2]):08d}"


def as_json(document: Entry) -> dict[str, Any]:
    """The document as the database keeps it."""
    written: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return written


def is_publishable(document: Entry) -> bool:
    """Whether the check of rule documents lets it pass."""
    known = Known(
        courses=frozenset(COURSES),
        units=frozenset(UNITS),
        professions=frozenset(PROFESSIONS),
        principals=frozenset(PrincipalKind.values),
    )
    return check_document(as_json(document), known).rules is not None


class Crash(Exception):
    """The process dies."""


@contextmanager
def crash_at_write(number: int) -> Iterator[None]:
    """Die before the write with that number; if there are fewer, before the commit."""
    writes = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal writes
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            writes += 1
            if writes == number:
                raise Crash
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(count):
        yield
        raise Crash


def forget_everything() -> None:
    """What a new process does not know: every cache of ours is empty."""
    for name, module in list(sys.modules.items()):
        if name.startswith("competence."):
            for found in vars(module).values():
                if type(found) is functools._lru_cache_wrapper:
                    found.cache_clear()
    published_rules._compiled.clear()


class World:
    """Two people, an organisation, and rules."""

    def __init__(self, document: Entry) -> None:
        forget_everything()
        self.set_clock(BEGINNING)
        kinds = OrganisationUnit.Kind
        root = OrganisationUnit.add_root(key="all", name="all", kind=kinds.ROOT)
        self.units: dict[str, OrganisationUnit] = {}
        trees = (("region", "vgr", UNITS[::-1]), ("municipality", "municipality", ("home-care",)))
        for principal, kind, below in trees:
            parent = OrganisationUnit.objects.get(pk=root.pk)
            for key in (principal, *below):
                level = kinds.PRINCIPAL if key == principal else kinds.UNIT
                parent = parent.add_child(key=key, name=key, kind=level, principal_kind=kind)
                self.units[key] = parent
                parent = OrganisationUnit.objects.get(pk=parent.pk)
        for key in COURSES:
            register_course_reference(key=key, title=key, level="regional", by=BY)
        self.people = [self._person(f"person-{number}") for number in range(3)]
        self.facts = [facts.PersonFacts(), facts.PersonFacts(), facts.PersonFacts()]
        # The rules may speak only of professions that somebody has: the third person's, of whom nothing is asked.
        for profession in PROFESSIONS:
            start_employment(
                person=self.people[2], unit=self.units["ward"], starts_on=date(2029, 1, 1), profession=profession, by=BY
            )
        self.versions: list[Published] = []
        self.refusals = 0
        self.publish(document, RULES_BEGIN)
        assert self.versions

    def _person(self, name: str) -> User:
        person = register_person(username=name, first_name="Test", last_name=name, by=BY)
        kind = EmployeeIdentity.Kind.HSA_ID
        give_identity(person=person, kind=kind, value=hsa_id_of(name), by=BY)
        return person

    # --- The clock --------------------------------------------------------------------------------------------------
    def set_clock(self, instant: datetime) -> None:
        """The next change is made just after `instant`. It never goes back."""
        Revision.objects.get_or_create(pk=1)
        Revision.objects.update(at=instant)

    @property
    def now(self) -> datetime:
        return Revision.objects.get().at

    @property
    def today(self) -> date:
        return local_day(self.now)

    def wait(self, time: timedelta) -> None:
        self.set_clock(self.now + time)

    # --- Doing things -----------------------------------------------------------------------------------------------
    def act(self, number: int, action: Callable[[], Any], remember: Callable[[Any], None]) -> Any:
        """Let an action be done about a person. What it acknowledges is remembered, and is there at once; of the others
        nothing changes."""
        others = {other: facts_for([self.people[other].pk]) for other in range(len(self.people)) if other != number}
        try:
            done = action()
        except Refusal:
            self.refusals += 1
            return None
        # No answer is older than what was acknowledged.
        assert current_moment().known_at >= done.recorded_at
        remember(done)
        for other, known in others.items():
            assert facts_for([self.people[other].pk]) == known, "facts about one touch another"
        return done

    def add(self, number: int, name: str, fact: facts.Fact) -> None:
        rows: dict[str, Any] = {name: (*getattr(self.facts[number], name), fact)}
        self.facts[number] = replace(self.facts[number], **rows)

    def end(self, number: int, name: str, key: str, ending: facts.Ending) -> None:
        rows = getattr(self.facts[number], name)
        ended = tuple(replace(f, endings=(*f.endings, ending)) if f.key == key else f for f in rows)
        changes: dict[str, Any] = {name: ended}
        self.facts[number] = replace(self.facts[number], **changes)

    def publish(self, document: Entry, in_force_from: datetime | None = None) -> None:
        """Publish rules. The reference gets the document as it is, the product as JSON."""
        try:
            version = publish_rules(document=as_json(document), by=BY, in_force_from=in_force_from, reason="a test's")
        except Refusal:
            self.refusals += 1
            return
        starts = version.in_force_from if in_force_from is None else in_force_from
        self.versions.append(Published(version.version, document, starts, version.recorded_at))
        for key in FORMER_ROLES:
            CompetenceRole.objects.get_or_create(key=key, defaults={"title": key, "position": 100})

    # --- What must hold ---------------------------------------------------------------------------------------------
    def product_says(self, number: int, question: Question) -> Said:
        """What the database's facts and rules answer."""
        try:
            decision = decide_for(
                self.people[number],
                question.right,
                moment=current_moment(),
                valid_at=question.valid_at,
                known_at=question.known_at,
                context=question.context,
            )
        except (NoRules, UnanswerableQuestion):
            return NO_ANSWER
        return said_in(decision)

    def reference_says(self, number: int, question: Question) -> Said:
        """What the reference answers from what was acknowledged."""
        history = History(tuple(self.versions), self.facts[number], (question,))
        return said_by_reference(history, question) if self.versions else NO_ANSWER

    def check_answer(self, number: int, question: Question) -> Said:
        said, expected = self.product_says(number, question), self.reference_says(number, question)
        other = {name: (said.get(name), expected.get(name)) for name in expected if said.get(name) != expected[name]}
        assert not other, f"product and reference say of {question}: {other}"
        return said

    def check_facts(self) -> None:
        """What is prepared, what is recorded and what was acknowledged are the same."""
        for number in (0, 1):
            person = self.people[number].pk
            prepared, recorded = facts_for([person])[person], recorded_facts_for([person])[person]
            assert prepared == recorded, "prepared facts are not those recorded"
            assert recorded == self.facts[number], "recorded facts are not those acknowledged"

    def check_stored_outcomes(self) -> None:
        """What is stored for lists is what the decision says, one question at a time."""
        moment = current_moment()
        for number in (0, 1):
            by_employment = {int(e.key.partition(":")[2]): e.key for e in self.facts[number].employments}
            for pk, standings in standings_of(by_employment, moment).items():
                for standing in standings:
                    context = Context(employment=by_employment[pk], customer_number=standing.customer_number or None)
                    question = Question(standing.right, context, moment.now, moment.known_at)
                    assert self.product_says(number, question)["outcome"] == standing.outcome, standing

    def questions(self) -> list[Question]:
        """Everything at once: every right, now."""
        moment = current_moment()
        context = Context(customer_number="111111")
        return [Question(right, context, moment.now, moment.known_at) for right in RIGHTS]

    def starts(self, day: date, last_day: date | None) -> dict[str, Any]:
        """A period of days as instants."""
        return {"start": first_instant(day), "end": None if last_day is None else first_instant(last_day + ONE_DAY)}
