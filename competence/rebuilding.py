"""Bringing what is prepared and stored for everybody to the latest rules, in ranges of people, in the background.

Nobody waits for it: until a person's turn has come, their row is stale, and readers evaluate them anew. Whose row is
stale is told by the rows alone. So a range can be done twice, by two workers, in any order, or be broken off anywhere;
`StateRebuild` only tells how far it has come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from competence.actions.prepared import prepare_anew
from competence.feed.announcing import Audience, covered_versions, differences_by_now
from competence.feed.background import announce_walked, begin_feed, prepared_facts_of
from competence.feed.walk import Rules
from competence.models.feed import AnnouncedOutcomes
from competence.models.prepared import OutcomesMade, PreparedFacts
from competence.models.rebuild import RebuildRange, StateRebuild
from competence.models.requirement import RuleSetVersion
from competence.outcome_rows import READERS_LAG, by_person, rows_of, rows_to_store, write_outcomes
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from competence.unconcerned import leave_as_they_are
from lms.lib.garbage import no_search_for_circles
from lms.users.models import User

CHUNK = 1_000
RANGE = 5_000
CLAIM = timedelta(minutes=5)


def stale_people(version: int | None = None) -> QuerySet[User]:
    """The people for whom not everything is prepared, stored and announced, under the rules up to `version` (None: the
    latest)."""
    wanted = _published() if version is None else version
    made = OutcomesMade.objects.filter(person=OuterRef("pk"), rules_version=wanted)
    prepared = PreparedFacts.objects.filter(person=OuterRef("pk"), stale_since__isnull=True)
    announced = AnnouncedOutcomes.objects.filter(person=OuterRef("pk"), is_behind=False)
    return User.objects.filter(~(Exists(made) & Exists(prepared) & Exists(announced)))


def start_rebuild() -> StateRebuild:
    """The unfinished rebuild to the latest rules, which is started if there is none. Goes on if it was stopped.

    Unfinished ones to earlier rules are done with: their people are in this one.
    """
    version = _published()
    with transaction.atomic():
        StateRebuild.objects.filter(finished_at__isnull=True, rules_version__lt=version).update(
            finished_at=timezone.now()
        )
        rebuild, created = StateRebuild.objects.get_or_create(rules_version=version, finished_at=None)
        if created:
            bounds = User.objects.aggregate(first=Min("pk"), last=Max("pk"))
            first, last = bounds["first"] or 1, bounds["last"] or 0
            RebuildRange.objects.bulk_create(
                RebuildRange(rebuild=rebuild, first=start, last=min(start + RANGE - 1, last))
                for start in range(first, last + 1, RANGE)
            )
        elif rebuild.stopped_at is not None:
            StateRebuild.objects.filter(pk=rebuild.pk).update(stopped_at=None)
            rebuild.stopped_at = None
    _finish_if_done(rebuild.pk)
    return rebuild


def stop_rebuilds() -> int:
    """Stop those that go on, after the chunk that each worker is at; returns how many."""
    going_on = StateRebuild.objects.filter(finished_at__isnull=True, stopped_at__isnull=True)
    return going_on.update(stopped_at=timezone.now())


def open_ranges(rebuild: StateRebuild | None = None) -> list[int]:
    """The ranges that nobody is at and that are not done; None: of every rebuild that goes on."""
    ranges = RebuildRange.objects.filter(_free(), rebuild__finished_at__isnull=True, rebuild__stopped_at__isnull=True)
    if rebuild is not None:
        ranges = ranges.filter(rebuild=rebuild)
    return list(ranges.order_by("first").values_list("pk", flat=True))


def work_on(range_id: int) -> Iterator[int]:
    """Bring the people of a range up to date, chunk by chunk; yields how many were written after each. First, all at
    once, those whom the new rules do not concern.

    Nothing when somebody else is at it, when it is done, or when the rebuild has been stopped.
    """
    claimed = RebuildRange.objects.filter(_free(), pk=range_id).update(claimed_until=timezone.now() + CLAIM)
    if not claimed:
        return
    mine = RebuildRange.objects.get(pk=range_id)
    after = mine.first - 1
    unconcerned = leave_as_they_are(mine.first, mine.last, current_rule_book(), current_moment().now)
    if unconcerned:
        mine.people += unconcerned
        yield unconcerned
    while True:
        if StateRebuild.objects.filter(pk=mine.rebuild_id, stopped_at__isnull=False).exists():
            RebuildRange.objects.filter(pk=range_id).update(claimed_until=None)
            return
        stale = stale_people().filter(pk__gt=after, pk__lte=mine.last).order_by("pk")
        people = list(stale.values_list("pk", flat=True)[:CHUNK])
        if not people:
            break
        with no_search_for_circles():
            bring_up_to_date(people)
        after = people[-1]
        mine.people += len(people)
        RebuildRange.objects.filter(pk=range_id).update(people=mine.people, claimed_until=timezone.now() + CLAIM)
        yield len(people)
    RebuildRange.objects.filter(pk=range_id).update(done_at=timezone.now(), claimed_until=None, people=mine.people)
    _finish_if_done(mine.rebuild_id)


def bring_up_to_date(people: list[int]) -> None:
    """Make the stored outcomes of these people anew, under the latest rules, and their prepared facts where needed;
    and announce what is another answer by that.

    Reads and evaluates without a lock. A person whose facts have changed meanwhile is left alone when it comes to
    writing: the change has written them itself. So are those whom somebody else has brought to later rules. It is
    announced before it is stored: whoever is broken off in between finds nothing more to announce the next time.
    """
    rules = Rules.of(current_rule_book())
    now = current_moment().now
    facts, revisions = prepared_facts_of(people)
    audience, covered = Audience.of(people), covered_versions(people)
    as_of = min([now, *(at + READERS_LAG for at in _published_since(audience, covered, rules)[-1:])])
    rows = rows_of(facts, rules.book, as_of)
    since = as_of - READERS_LAG
    walked = differences_by_now(facts, audience, covered, rules, now, rows=by_person(rows), since=since)
    overtaken = announce_walked(walked, audience, revisions)
    stored = rows_to_store((row for row in rows if row[1].end is None or row[1].end > now - READERS_LAG), facts)
    with transaction.atomic():
        locked = PreparedFacts.objects.select_for_update().filter(person_id__in=list(facts), stale_since__isnull=True)
        still = dict(locked.order_by("person_id").values_list("person_id", "revision"))
        ahead = OutcomesMade.objects.filter(person_id__in=list(facts), rules_version__gt=rules.latest)
        kept = {person: revision for person, revision in revisions.items() if still.get(person) == revision}
        for person in (*ahead.values_list("person_id", flat=True), *overtaken):
            kept.pop(person, None)
        write_outcomes([row for row in stored if row[0] in kept], kept, rules.latest)
    unprepared = [person for person in people if person not in facts or person in overtaken]
    if unprepared:
        prepare_anew(unprepared)


def _published_since(audience: Audience, covered: Mapping[int, int], rules: Rules) -> list[datetime]:
    """When rules were published of which not all these people have been told."""
    versions = [
        max(told.rules_version, covered.get(person, 0)) for person, told in audience.told.items() if told.through
    ]
    return [p.published_at for p in rules.published_after(min(versions, default=rules.latest))]


def _free() -> Q:
    nobody = Q(claimed_until__isnull=True) | Q(claimed_until__lt=timezone.now())
    return nobody & Q(done_at__isnull=True)


def _published() -> int:
    return RuleSetVersion.objects.aggregate(latest=Max("version"))["latest"] or 0


def _finish_if_done(rebuild_id: int) -> None:
    left = RebuildRange.objects.filter(rebuild=OuterRef("pk"), done_at__isnull=True)
    finished = StateRebuild.objects.filter(~Exists(left), pk=rebuild_id, finished_at__isnull=True)
    if finished.update(finished_at=timezone.now()):
        begin_feed()
