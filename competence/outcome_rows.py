"""Writing stored outcomes: few by Django's own means, many by COPY where the database has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection

from competence.copying import copy_text, escaped, has_copy
from competence.models.prepared import OutcomesMade, StoredOutcome
from competence.outcomes import POSITION, Carriers, Stretch, stretches_of
from competence.policy.facts import PersonFacts
from competence.policy.rules import RuleBook
from competence.queries.merges import employments_of

BATCH = 5_000
FEW = 100
READERS_LAG = timedelta(minutes=10)
"""A reader whose moment lies a little before the writing finds its stretch, too."""

Row = tuple[int, Stretch]


def outcome_rows(facts_by_person: Mapping[int, PersonFacts], book: RuleBook, at: datetime) -> list[Row]:
    """The outcomes to store for these people, by person: those that end after `at`, and a little before."""
    return rows_to_store(rows_of(facts_by_person, book, at), facts_by_person)


def rows_of(facts_by_person: Mapping[int, PersonFacts], book: RuleBook, at: datetime) -> list[Row]:
    """The same, with those of merged records' employments among them: where there are none, that is all."""
    carriers, since = Carriers.of(book), at - READERS_LAG
    return [
        (person, stretch)
        for person, facts in facts_by_person.items()
        for stretch in stretches_of(facts, book, carriers, since)
    ]


def rows_to_store(rows: Iterable[Row], people: Iterable[int]) -> list[Row]:
    """Those of `rows` that are about an employment of the person's own record. One query."""
    own = employments_of(people)
    return [row for row in rows if (row[0], row[1].employment) in own]


def by_person(rows: Iterable[Row]) -> dict[int, list[Stretch]]:
    """The stretches of `rows`, by person."""
    found: dict[int, list[Stretch]] = {}
    for person, stretch in rows:
        found.setdefault(person, []).append(stretch)
    return found


def write_outcomes(rows: Sequence[Row], revisions: Mapping[int, int], rules_version: int) -> None:
    """Put `rows` in the place of what is stored for the people in `revisions` (theirs by person). In a transaction."""
    people = list(revisions)
    if len(people) > FEW and has_copy():
        _copy_all(rows, revisions, rules_version)
        return
    StoredOutcome.objects.filter(person_id__in=people).delete()
    StoredOutcome.objects.bulk_create([_model(person, stretch) for person, stretch in rows], batch_size=BATCH)
    OutcomesMade.objects.bulk_create(
        [OutcomesMade(person_id=p, rules_version=rules_version, revision=r) for p, r in revisions.items()],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["rules_version", "revision"],
    )


def _model(person: int, stretch: Stretch) -> StoredOutcome:
    return StoredOutcome(
        person_id=person,
        employment_id=stretch.employment,
        right=stretch.right,
        customer_number=stretch.customer_number,
        start=stretch.start,
        end=stretch.end,
        outcome=POSITION[stretch.outcome],
        missing=stretch.missing,
        concerns_until=stretch.concerns_until,
    )


_COLUMNS = (
    "person_id",
    "employment_id",
    "right",
    "customer_number",
    "start",
    "end",
    "outcome",
    "missing",
    "concerns_until",
)


def _copy_all(rows: Iterable[Row], revisions: Mapping[int, int], rules_version: int) -> None:
    """The same by COPY. No column holds what its text form would have to escape but keys of the rules: see `_text`."""
    with connection.cursor() as cursor:
        for model in (StoredOutcome, OutcomesMade):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"DELETE FROM {table} WHERE person_id = ANY(%s)", [list(revisions)])  # noqa: S608 - a table of ours
    copy_text(StoredOutcome, _COLUMNS, "".join(_lines(rows)))
    marks = [f"{person}\t{rules_version}\t{revision}\n" for person, revision in revisions.items()]
    copy_text(OutcomesMade, ("person_id", "rules_version", "revision"), "".join(marks))


def _lines(rows: Iterable[Row]) -> list[str]:
    return [
        f"{person}\t{s.employment}\t{escaped(s.right)}\t{escaped(s.customer_number)}\t{_instant(s.start)}\t"
        f"{_instant(s.end)}\t{POSITION[s.outcome]}\t{escaped(s.missing)}\t"
        f"{_instant(s.concerns_until)}\n"
        for person, s in rows
    ]


def _instant(at: datetime | None) -> str:
    return r"\N" if at is None else at.isoformat()
