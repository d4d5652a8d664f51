"""The feed of changes of eligibility, as a reader sees it: in order, without gaps, as far as it may see.

Independent of HTTP: the API's endpoint and whatever else tells others of changes read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from competence.feed.outcomes import before_and_after
from competence.models.feed import AnnouncedOutcomes, EligibilityChange
from competence.models.outbox import Revision
from competence.models.rebuild import StateRebuild
from competence.models.requirement import RuleSetVersion
from competence.outcomes import OUTCOMES
from competence.policy.decision import Outcome
from competence.policy.rules import RuleBook
from competence.queries.rules import current_rule_book

WINDOW = 20_000
"""So many events are looked at for one page, at most: a page that finds little in them is short, and goes on after."""
_CURSOR = re.compile(r"1\.([0-9a-f]{8})\.(0|[1-9][0-9]{0,17})\Z")


class UnknownCursor(ValueError):
    """The text is no cursor of this feed."""


class FeedNotReady(Exception):
    """Not everybody's outcomes have been told yet: see `Revision.feed_began_at`."""


@dataclass(frozen=True)
class Sight:
    """What a reader may see: rights of these ordering systems, and people of these principals (None: of all)."""

    systems: frozenset[str]
    principals: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class SeenChange:
    """From `at` on the answer about an HSA-ID, a right and a customer number is `outcome`, no longer `previous`.

    `customer_number` empty: there is none, or (for a right that is given per unit) any. `cause`: facts, time, rules or
    start. `person` is a primary key.
    """

    number: int
    person: int
    hsa_id: str
    right: str
    customer_number: str
    previous: Outcome
    outcome: Outcome
    at: datetime
    recorded_at: datetime
    revision: int
    policy_version: int
    cause: str


@dataclass(frozen=True)
class Changes:
    """A page of the feed. `last`: the number to go on after, whether or not a change with it is on the page.

    `revision`: the latest change of facts. All that it and those before it brought is in the feed now, unless
    `is_catching_up`.
    """

    changes: list[SeenChange]
    last: int
    has_more: bool
    revision: int
    feed: str

    def cursor(self, number: int | None = None) -> str:
        """What says `after this change` to `number_in`; None: after the page."""
        return cursor_at(self.feed, self.last if number is None else number)


def cursor_at(feed: str, number: int) -> str:
    """The place in `feed` after the change with that number; 0: the beginning."""
    return f"1.{feed}.{number}"


def number_in(cursor: str, row: Revision) -> int:
    """The number of the change after which `cursor` stands. Raises UnknownCursor for anything else than a cursor that
    this feed has given."""
    found = _CURSOR.match(cursor)
    if found is None or found[1] != row.feed or int(found[2]) > row.events:
        raise UnknownCursor(cursor)
    return int(found[2])


def feed_row() -> Revision:
    """The row that numbers everything, as committed now. Raises FeedNotReady."""
    row = Revision.objects.filter(pk=1).first() or Revision()
    if row.feed_began_at is None:
        raise FeedNotReady
    return row


def changes_after(number: int, sight: Sight, limit: int, *, row: Revision | None = None) -> Changes:
    """The changes after the one with that number, at most `limit`, that somebody with this `sight` is to hear of.

    Three queries, two with `row`; more only where much lies between that the reader may not see. Raises FeedNotReady.
    The same number again gives the same changes, and perhaps more.
    """
    row = row or feed_row()
    rights = rights_of(sight.systems, current_rule_book())
    upto = min(number + WINDOW, row.events)
    found: list[SeenChange] = []
    while number < upto:
        rows = EligibilityChange.objects.filter(number__gt=number, number__lte=upto, right__in=rights)
        batch = list(rows.order_by("number").values_list(*_COLUMNS)[: limit + 1])
        for one in batch:
            change = _seen(one, sight)
            if change is not None:
                found.append(change)
        number = batch[-1][0] if len(batch) > limit else upto
        if len(found) > limit:
            found = found[:limit]
            number = found[-1].number
            break
        if len(found) == limit:
            break
    return Changes(found, number, has_more=number < row.events, revision=row.number, feed=row.feed)


def is_catching_up() -> bool:
    """Whether there may be changes that the feed does not have yet: by rules that were published, for which not
    everybody has been gone through, or by facts that came in by the thousand. Two queries."""
    published = RuleSetVersion.objects.aggregate(latest=Max("version"))["latest"] or 0
    done = StateRebuild.objects.filter(rules_version=published, finished_at__isnull=False)
    behind = AnnouncedOutcomes.objects.filter(is_behind=True, next_at__isnull=False)
    return (published > 1 and not done.exists()) or behind.exists()


_COLUMNS = (
    "number",
    "person_id",
    "hsa_id",
    "right",
    "customer_number",
    "before",
    "after",
    "by_principal",
    "at",
    "recorded_at",
    "revision",
    "policy_version",
    "cause",
)


def _seen(row: tuple[Any, ...], sight: Sight) -> SeenChange | None:
    """The change as somebody sees it; None: nothing changes in their sight."""
    number, person, hsa_id, right, customer_number, before, after, by_principal, *rest = row
    if sight.principals is not None:
        before, after = before_and_after(by_principal, sight.principals)
    if before == after:
        return None
    return SeenChange(number, person, hsa_id, right, customer_number, OUTCOMES[before], OUTCOMES[after], *rest)


def rights_of(systems: Iterable[str], book: RuleBook) -> list[str]:
    """The rights of these ordering systems: by the rules that were published last, of those that have the right."""
    wanted = frozenset(systems)
    system_of = {
        right.key: right.system
        for publication in sorted(book.publications, key=lambda p: p.rule_set.version)
        for right in publication.rule_set.rights.values()
    }
    return sorted(right for right, system in system_of.items() if system in wanted)
