"""Keeping what is derived from a person's facts abreast of them, in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from competence.copying import NewRows, has_copy
from competence.feed.announcing import Audience, announce_changed
from competence.feed.walk import Cause, Rules
from competence.models.feed import AnnouncedOutcomes
from competence.models.outbox import Revision
from competence.models.prepared import OutcomesMade, PreparedFacts, new_stamp
from competence.outcome_rows import FEW, Row, rows_of, rows_to_store, write_outcomes
from competence.outcomes import latest_version
from competence.policy.facts import PersonFacts
from competence.prepared_facts import encode
from competence.queries.facts import recorded_facts_for, unsettled, unsettled_people
from competence.queries.merges import people_with_bonds
from competence.queries.rules import current_rule_book

CHUNK = 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def refresh(person_ids: Iterable[int]) -> None:
    """Write the prepared rows of the people anew. In a transaction, after the change of facts; whoever changes what is
    known about a person otherwise than by `Change.record` (an identity, say) must call it.

    Within `batched` it only notes whom it concerns. The caller holds the revision's lock (`begin_change`).
    """
    later = unsettled()
    concerned = people_with_bonds(person_ids)
    if later is not None:
        later.update(concerned)
        return
    ids = iter(sorted(concerned))
    while chunk := list(islice(ids, CHUNK)):
        _write(chunk)


@contextmanager
def batched() -> Iterator[None]:
    """Many changes, and one writing of the prepared rows at the end: for imports and whatever else goes set-wise.

    All or nothing: an exception that leaves the block takes back what was changed in it. Within the block, the facts
    of the people concerned are read from their tables. Nested blocks are one.
    """
    if unsettled() is not None:
        yield
        return
    with transaction.atomic():
        with unsettled_people() as people:
            yield
        refresh(people)


def announce_before(person_ids: Iterable[int]) -> None:
    """Announce what is late to be announced about the people, with the HSA-IDs that they have until now.

    To be called, with the revision's lock, before an HSA-ID of theirs is changed: facts say by themselves since when
    they are known, identities do not.
    """
    at, version = Revision.objects.get(pk=1).at, latest_version(current_rule_book())
    late = AnnouncedOutcomes.objects.filter(
        Q(is_behind=True) | Q(next_at__lte=at) | Q(rules_version__lt=version), person__in=people_with_bonds(person_ids)
    )
    ids = sorted(late.values_list("person_id", flat=True))
    if ids:
        _write(ids)


def mark_stale(person_ids: Iterable[int]) -> None:
    """From now on nobody believes what is prepared for the people; the next change, the announcer of the feed or
    `rebuild_state` makes it anew, and announces what has changed for them.

    For those who change facts of very many people at once, and leave the rest to the background. The caller holds the
    revision's lock (`begin_change`).
    """
    ids = list(people_with_bonds(person_ids))
    PreparedFacts.objects.filter(person_id__in=ids, stale_since__isnull=True).update(stale_since=Now())
    OutcomesMade.objects.filter(person_id__in=ids).delete()
    AnnouncedOutcomes.objects.bulk_create(
        [
            AnnouncedOutcomes(person_id=pk, outcomes="", through=EPOCH, next_at=EPOCH, rules_version=0, is_behind=True)
            for pk in ids
        ],
        ignore_conflicts=True,
    )
    AnnouncedOutcomes.objects.filter(person_id__in=ids).update(is_behind=True, next_at=EPOCH)


def prepare_anew(ids: list[int]) -> None:
    """Write everything that is prepared for the people, from the tables of facts. Holds the revision's lock, so that
    no change comes between the reading and the writing: for background work."""
    with transaction.atomic():
        Revision.objects.select_for_update().get_or_create(pk=1)
        _write(ids, Cause.START)


def _write(ids: list[int], cause: Cause = Cause.FACTS) -> None:
    """`cause` is told of those of whom the feed has told nothing yet."""
    revision = Revision.objects.get(pk=1)
    audience = Audience.of(ids).with_moved_identities()
    facts_by_person = recorded_facts_for(audience.told)
    rules = Rules.of(current_rule_book())
    rows = rows_of(facts_by_person, rules.book, revision.at)
    texts = {person: encode(facts) for person, facts in facts_by_person.items()}
    keep(facts_by_person, texts, rows, audience, rules, revision, cause)


def keep(
    facts_by_person: Mapping[int, PersonFacts],
    texts: Mapping[int, str],
    rows: Sequence[Row],
    audience: Audience,
    rules: Rules,
    revision: Revision,
    cause: Cause = Cause.FACTS,
) -> None:
    """Write what follows from the people's facts as they are now: prepared rows, events and stored outcomes.

    `texts`: the facts encoded. `rows`: as `outcome_rows.rows_of` made them, under `rules`. The caller holds the lock of
    `revision`, which has been read since, and answers for the facts being those recorded.
    """
    if len(texts) > FEW and has_copy():
        table = connection.ops.quote_name(PreparedFacts._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE person_id = ANY(%s)", [list(texts)])  # noqa: S608 - a table of ours
        prepared = NewRows(PreparedFacts, ("person_id", "facts", "stamp"))
        prepared.values = [(person, text, new_stamp()) for person, text in texts.items()]
        prepared.write(revision=revision.number)
    else:
        PreparedFacts.objects.bulk_create(
            [
                PreparedFacts(person_id=person, revision=revision.number, facts=text, stale_since=None)
                for person, text in texts.items()
            ],
            update_conflicts=True,
            unique_fields=["person"],
            update_fields=["revision", "facts", "stamp", "stale_since"],
        )
    announce_changed(facts_by_person, rows, audience, rules, revision, cause)
    revisions = dict.fromkeys(facts_by_person, revision.number)
    write_outcomes(rows_to_store(rows, facts_by_person), revisions, rules.latest)
