"""Writing stored outcomes: few by Django's own means, many by COPY where the database has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection

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
    StoredOutcome.objects.filter(person_id__in=people).delete()
    if len(rows) > FEW and connection.vendor == "postgresql":
        _copy(rows)
    else:
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
        since=stretch.since,
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
    "since",
    "outcome",
    "missing",
    "concerns_until",
)


def _copy(rows: Iterable[Row]) -> None:
    """The same by COPY. No column holds what its text form would have to escape but keys of the rules: see `_text`."""
    lines = [
        f"{person}\t{s.employment}\t{_text(s.right)}\t{_text(s.customer_number)}\t{_instant(s.start)}\t"
        f"{_instant(s.end)}\t{_instant(s.since)}\t{POSITION[s.outcome]}\t{_text(s.missing)}\t"
        f"{_instant(s.concerns_until)}\n"
        for person, s in rows
    ]
    columns = ", ".join(connection.ops.quote_name(name) for name in _COLUMNS)
    table = connection.ops.quote_name(StoredOutcome._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _instant(at: datetime | None) -> str:
    return r"\N" if at is None else at.isoformat()


def _text(text: str) -> str:
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text
