"""The facts of N people, for the policy, in a fixed number of queries.

As a rule one: the prepared rows. Who has none that can be believed is read from the tables of facts, in twelve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.completion import Completion
from competence.models.employment import Employment, Suspension
from competence.models.ending import ENDED_FACTS, Ending
from competence.models.fact import DatedFact
from competence.models.organisation_unit import OrganisationUnit
from competence.models.prepared import PreparedFacts
from competence.policy import facts
from competence.prepared_facts import decode_many
from competence.queries.merges import as_one, bonds_of
from lms.lib.clock import day_ends_at, day_starts_at

_IDENTITY = ("identity__folded_value", "identity__line")


# People whose facts this transaction has changed, and whose rows it will write anew before it ends.
_unsettled: ContextVar[set[int] | None] = ContextVar("unsettled", default=None)


def unsettled() -> set[int] | None:
    """The people whose prepared rows are behind this very transaction; None: there is no batch going on."""
    return _unsettled.get()


@contextmanager
def unsettled_people() -> Iterator[set[int]]:
    """Collect people whose rows are to be written later in this transaction; until then nobody here believes them."""
    people: set[int] = set()
    token = _unsettled.set(people)
    try:
        yield people
    finally:
        _unsettled.reset(token)


def facts_for(person_ids: Iterable[int], courses: frozenset[str] | None = None) -> dict[int, facts.PersonFacts]:
    """Everything recorded about each of the people, whenever it was recorded. The policy sorts out what counts when.

    A person without any fact is there, with empty facts. One query when all have a prepared row, thirteen otherwise.
    `courses`: completions of others than these may be left out.
    """
    ids = list(dict.fromkeys(person_ids))
    distrusted = unsettled() or set()
    rows = PreparedFacts.objects.filter(person_id__in=ids, stale_since__isnull=True).values_list("person_id", "facts")
    found = decode_many(((person, text) for person, text in rows if person not in distrusted), courses)
    unprepared = [person for person in ids if person not in found]
    if unprepared:
        found.update(recorded_facts_for(unprepared))
    return {person: found[person] for person in ids}


def recorded_facts_for(person_ids: Iterable[int]) -> dict[int, facts.PersonFacts]:
    """The same, read from the facts' own tables, in twelve queries: what the prepared rows are made from.

    Records that were merged share their facts for as long as they are one.
    """
    ids = list(person_ids)
    bonds = bonds_of(ids)
    others = {bond.person for several in bonds.values() for bond in several}
    own = own_facts_for(dict.fromkeys([*ids, *sorted(others)]))
    return {person: as_one(own[person], bonds[person], own) if person in bonds else own[person] for person in ids}


def own_facts_for(person_ids: Iterable[int]) -> dict[int, facts.PersonFacts]:
    """What is recorded about each record by itself, in eleven queries.

    Rows are read as values: making model objects of them would take most of the time.
    """
    ids = list(person_ids)
    endings = _endings(ids)

    def common(kind: str, pk: int, recorded_at: datetime) -> dict[str, Any]:
        return {"key": f"{kind}:{pk}", "recorded_at": recorded_at, "endings": endings.get((kind, pk), ())}

    def dated(kind: str, row: tuple[Any, ...]) -> dict[str, Any]:
        _person, pk, recorded_at, starts_on, ends_on, *_rest = row
        period = {"start": day_starts_at(starts_on), "end": None if ends_on is None else day_ends_at(ends_on)}
        return {**common(kind, pk, recorded_at), **period}

    found: dict[int, dict[str, list[Any]]] = {person: defaultdict(list) for person in ids}
    of_person, within = "person_id", "employment__person_id"
    employments = list(
        _rows(Employment, ids, of_person, "unit__principal_kind", "unit__path", "profession", *_IDENTITY)
    )
    units = units_at({row[6] for row in employments})
    for row in employments:
        principal, path, profession, identity, line = row[5:]
        found[row[0]]["employments"].append(
            facts.Employment(
                **dated("employment", row),
                principal=principal,
                units=units[path],
                profession=profession,
                identity=line or identity,
            )
        )
    for row in _rows(Appointment, ids, within, "employment_id", "role__key"):
        employment, role = row[5:]
        found[row[0]]["appointments"].append(
            facts.Appointment(**dated("appointment", row), employment=_employment(employment), role=role)
        )
    for row in _rows(LevelDecision, ids, within, "employment_id", "role__key", "level"):
        employment, role, level = row[5:]
        found[row[0]]["level_decisions"].append(
            facts.LevelDecision(
                **dated("level_decision", row),
                employment=_employment(employment),
                role=role,
                level=facts.Level(level),
            )
        )
    for row in _rows(Attestation, ids, of_person, "employment_id", "attestation"):
        employment, attestation = row[5:]
        found[row[0]]["attestations"].append(
            facts.Attestation(
                **dated("attestation", row),
                employment=_employment(employment) if employment else None,
                attestation=attestation,
            )
        )
    for row in _rows(Exemption, ids, of_person, "employment_id", "requirement"):
        employment, requirement = row[5:]
        found[row[0]]["exemptions"].append(
            facts.Exemption(
                **dated("exemption", row),
                employment=_employment(employment) if employment else None,
                requirement=requirement,
            )
        )
    for row in _rows(Suspension, ids, within, "employment_id"):
        found[row[0]]["suspensions"].append(
            facts.Suspension(**dated("suspension", row), employment=_employment(row[5]))
        )
    for row in _rows(Authorisation, ids, within, "employment_id", "right__key", "customer_number"):
        employment, right, customer_number = row[5:]
        found[row[0]]["authorisations"].append(
            facts.Authorisation(
                **dated("authorisation", row),
                employment=_employment(employment),
                right=right,
                customer_number=customer_number,
            )
        )
    for person, pk, recorded_at, at, system in (
        SystemLogin.objects.filter(person_id__in=ids)
        .order_by("pk")
        .values_list("person_id", "pk", "recorded_at", "logged_in_at", "system__key")
    ):
        found[person]["logins"].append(facts.Login(**common("login", pk, recorded_at), start=at, system=system))
    for person, pk, recorded_at, at, course in (
        Completion.objects.filter(person_id__in=ids)
        .order_by("pk")
        .values_list("person_id", "pk", "recorded_at", "completed_at", "course__key")
    ):
        found[person]["completions"].append(
            facts.Completion(**common("completion", pk, recorded_at), start=at, course=course)
        )
    return {person: _person_facts(rows) for person, rows in found.items()}


def units_at(paths: set[str]) -> dict[str, frozenset[str]]:
    """For each path the keys of the unit there and of all above it. One query: a path begins with those above."""
    step = OrganisationUnit.steplen
    above = {path: [path[:end] for end in range(step, len(path) + 1, step)] for path in paths}
    wanted = {path for several in above.values() for path in several}
    keys = dict(OrganisationUnit.objects.filter(path__in=wanted).values_list("path", "key")) if wanted else {}
    return {path: frozenset(keys[one] for one in several) for path, several in above.items()}


def _rows(model: type[DatedFact], ids: list[int], person: str, *fields: str) -> Iterable[tuple[Any, ...]]:
    """The dated facts of the people: person, key, when recorded, first day, last day, then `fields`."""
    rows = model._default_manager.filter(**{f"{person}__in": ids}).order_by("pk")
    return rows.values_list(person, "pk", "recorded_at", "starts_on", "ends_on", *fields)


def _person_facts(rows: dict[str, list[Any]]) -> facts.PersonFacts:
    by_name: dict[str, Any] = {name: tuple(found) for name, found in rows.items()}
    return facts.PersonFacts(**by_name)


def _endings(ids: list[int]) -> dict[tuple[str, int], tuple[facts.Ending, ...]]:
    """Endings by the fact that they end."""
    found: dict[tuple[str, int], list[facts.Ending]] = defaultdict(list)
    rows = Ending.objects.filter(person_id__in=ids).order_by("pk")
    for at, kind, recorded_at, *fact_ids in rows.values_list(
        "takes_effect_at", "kind", "recorded_at", *(f"{name}_id" for name in ENDED_FACTS)
    ):
        # A constraint of the database: exactly one of them is there.
        name, pk = next((name, pk) for name, pk in zip(ENDED_FACTS, fact_ids, strict=True) if pk is not None)
        found[name, pk].append(facts.Ending(at, facts.EndingKind(kind), recorded_at))
    return {key: tuple(endings) for key, endings in found.items()}


def _employment(pk: int) -> str:
    return f"employment:{pk}"
