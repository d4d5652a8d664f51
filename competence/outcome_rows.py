"""Writing stored outcomes: few by Django's own means, many by COPY where the database has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Model

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
    carriers, since = Carriers.of(book), at - READERS_LAG
    own = employments_of(facts_by_person)
    return [
        (person, stretch)
        for person, facts in facts_by_person.items()
        for stretch in stretches_of(facts, book, carriers, since)
        if (person, stretch.employment) in own
    ]


def write_outcomes(rows: Sequence[Row], revisions: Mapping[int, int], rules_version: int) -> None:
    """Put `rows` in the place of what is stored for the people in `revisions` (theirs by person). In a transaction."""
    people = list(revisions)
    if len(people) > FEW and connection.vendor == "postgresql":
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
    _copy(StoredOutcome, _COLUMNS, _lines(rows))
    marks = [f"{person}\t{rules_version}\t{revision}\n" for person, revision in revisions.items()]
    _copy(OutcomesMade, ("person_id", "rules_version", "revision"), marks)


def _lines(rows: Iterable[Row]) -> list[str]:
    return [
        f"{person}\t{s.employment}\t{_text(s.right)}\t{_text(s.customer_number)}\t{_instant(s.start)}\t"
        f"{_instant(s.end)}\t{POSITION[s.outcome]}\t{_text(s.missing)}\t"
        f"{_instant(s.concerns_until)}\n"
        for person, s in rows
    ]


def _copy(model: type[Model], names: Iterable[str], lines: Iterable[str]) -> None:
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _instant(at: datetime | None) -> str:
    return r"\N" if at is None else at.isoformat()


def _text(text: str) -> str:
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text
