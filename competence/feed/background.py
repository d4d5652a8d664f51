"""The feed beside the changes of facts: what time and published rules bring, and its beginning.

Nobody depends on a scheduler: whoever reads the feed first has announced what is due, as far as that is little.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from competence.actions.prepared import prepare_anew
from competence.feed.announcing import Audience, covered_versions, differences_by_now, write_walked
from competence.feed.walk import Rules, Walked
from competence.models.feed import AnnouncedOutcomes
from competence.models.outbox import Revision
from competence.models.prepared import PreparedFacts
from competence.policy.facts import PersonFacts
from competence.prepared_facts import decode
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from lms.users.models import EmployeeIdentity

CHUNK = 500
READERS_SHARE = 200
"""Of so many people a reader announces what is due before it reads: some tens of milliseconds."""
READERS_PATIENCE = "200ms"
_ONE_AT_A_TIME = 7_205_759  # an advisory lock's number: any that nobody else uses


def announce_due(limit: int = CHUNK, *, is_reader: bool = False) -> int:
    """Announce what time has brought to at most `limit` people, those first who have waited longest; returns of how
    many. A reader does not wait for others who are announcing, nor long for those who change facts.
    """
    now = current_moment().now
    due = AnnouncedOutcomes.objects.filter(next_at__lte=now).order_by("next_at", "person_id")
    people = list(due.values_list("person_id", flat=True)[:limit])
    if not people:
        return 0
    try:
        with transaction.atomic():
            if not _has_the_turn(is_reader=is_reader):
                return 0
            return _announce(people)
    except OperationalError:
        if is_reader and connection.vendor == "postgresql":
            return 0  # others are writing: what is due comes with the next reading
        raise


def _announce(people: list[int]) -> int:
    facts, revisions = prepared_facts_of(people)
    audience = Audience.of(people)
    walked = differences_by_now(
        facts, audience, covered_versions(people), Rules.of(current_rule_book()), current_moment().now
    )
    behind = {person for person in people if person not in facts or audience.told[person].is_behind}
    for person in behind:
        walked.pop(person, None)
    overtaken = announce_walked(walked, audience, revisions)
    if behind:
        prepare_anew(sorted(behind))
    return len(people) - len(overtaken)


def _has_the_turn(*, is_reader: bool) -> bool:
    """Whether nobody else is announcing. Within a transaction, to the end of it."""
    if connection.vendor != "postgresql":
        return True  # one writer at a time there
    with connection.cursor() as cursor:
        if is_reader:
            cursor.execute(f"SET LOCAL lock_timeout = '{READERS_PATIENCE}'")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def prepared_facts_of(people: Collection[int]) -> tuple[dict[int, PersonFacts], dict[int, int]]:
    """The facts of those of the people whose prepared rows are to be believed, and the revision of each row."""
    facts: dict[int, PersonFacts] = {}
    revisions: dict[int, int] = {}
    rows = PreparedFacts.objects.filter(person_id__in=people, stale_since__isnull=True)
    for person, revision, text in rows.values_list("person_id", "revision", "facts"):
        decoded = decode(text)
        if decoded is not None:
            facts[person], revisions[person] = decoded, revision
    return facts, revisions


def announce_walked(walked: Mapping[int, Walked], audience: Audience, revisions: Mapping[int, int]) -> set[int]:
    """Write what was found without a lock; returns those left alone, for something has come in between: a change of
    their facts, of which `revisions` tells the latest that was seen, or an announcement by somebody else.
    """
    if not walked:
        return set()
    with transaction.atomic():
        revision = Revision.objects.select_for_update().annotate(now=Now()).get(pk=1)
        rows = PreparedFacts.objects.filter(person_id__in=list(walked), stale_since__isnull=True)
        still = dict(rows.values_list("person_id", "revision"))
        told = Audience.of(list(walked))
        kept = {
            person: one
            for person, one in walked.items()
            if still.get(person) == revisions.get(person)
            and told.told[person] == audience.told[person]
            and told.identities.get(person) == audience.identities.get(person)
        }
        write_walked(kept, audience, revision, max(revision.now, revision.at))
    return walked.keys() - kept.keys()


def begin_feed() -> bool:
    """Let the feed be read as soon as it has told of everybody; whether it may be read now.

    Those of whom nothing has been told are told of here, as long as they are few.
    """
    if Revision.objects.filter(pk=1, feed_began_at__isnull=False).exists():
        return True
    left = untold_people()[:CHUNK]
    if left:
        if len(left) == CHUNK:
            return False
        prepare_anew(left)
    with transaction.atomic():
        Revision.objects.select_for_update().filter(pk=1).first()
        if untold_people()[:1]:
            return False
        Revision.objects.filter(pk=1).update(feed_began_at=Now())
    return True


def untold_people() -> list[int]:
    """At most CHUNK people with an HSA-ID of whom the feed has told nothing."""
    told = AnnouncedOutcomes.objects.filter(person=OuterRef("person"))
    rows = EmployeeIdentity.objects.filter(~Exists(told), kind=EmployeeIdentity.Kind.HSA_ID)
    return list(rows.order_by("person").values_list("person", flat=True).distinct()[:CHUNK])
