"""Whether what is prepared and stored says the same as the facts, worked out from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from django.db import transaction
from django.db.models import Q

from competence.models.outbox import Revision
from competence.models.prepared import OutcomesMade, PreparedFacts, StoredOutcome
from competence.outcomes import OUTCOMES, Carriers, Stretch, latest_version, stretches_of
from competence.prepared_facts import decode
from competence.queries.eligibility import current_moment
from competence.queries.facts import recorded_facts_for
from competence.queries.merges import employments_of
from competence.queries.rules import current_rule_book
from lms.users.models import User

CHUNK = 500


@dataclass(frozen=True)
class Verified:
    """How many people were looked at, how many of them are evaluated anew for now, and what was found to be wrong."""

    people: int
    stale: int
    differences: list[str]


def verify_state(sample: int | None, seed: int) -> Iterator[Verified]:
    """Compare for a sample of the people, or (None) all of them; yields what each chunk gave."""
    people = list(User.objects.order_by("pk").values_list("pk", flat=True))
    if sample is not None and sample < len(people):
        people = sorted(Random(seed).sample(people, sample))  # noqa: S311  a sample, not a secret
    for start in range(0, len(people), CHUNK):
        yield _verify(people[start : start + CHUNK])


def _verify(people: list[int]) -> Verified:
    stale, differing = _compare(people)
    if differing:
        # A change may have come in between: look again with all changes held back.
        with transaction.atomic():
            Revision.objects.select_for_update().get_or_create(pk=1)
            _stale, differing = _compare(list(differing))
    return Verified(len(people), stale, [line for lines in differing.values() for line in lines])


def _compare(people: list[int]) -> tuple[int, dict[int, list[str]]]:
    """How many have nothing that is believed, and what differs, by person."""
    now = current_moment().now
    book = current_rule_book()
    carriers = Carriers.of(book)
    recorded = recorded_facts_for(people)
    prepared = PreparedFacts.objects.filter(person_id__in=people, stale_since__isnull=True)
    texts = dict(prepared.values_list("person_id", "facts"))
    made = OutcomesMade.objects.filter(person_id__in=people, rules_version=latest_version(book))
    believed = set(made.values_list("person_id", flat=True))
    stored, own = _stored(people, now), employments_of(people)
    stale, differing = 0, dict[int, list[str]]()
    for person, facts in recorded.items():
        lines = []
        kept = decode(texts[person]) if person in texts else None
        if kept is not None and kept != facts:
            lines.append(f"person {person}: the prepared facts are not those recorded")
        if person in believed:
            stretches = stretches_of(facts, book, carriers, now)
            expected = {_from_now(s, now) for s in stretches if (person, s.employment) in own}
            found = stored.get(person, set())
            lines += [f"person {person}: stored, but not so: {_words(s)}" for s in sorted(found - expected, key=_words)]
            lines += [f"person {person}: so, but not stored: {_words(s)}" for s in sorted(expected - found, key=_words)]
        stale += kept is None or person not in believed
        if lines:
            differing[person] = lines
    return stale, differing


def _stored(people: list[int], now: datetime) -> dict[int, set[Stretch]]:
    rows = StoredOutcome.objects.filter(Q(end__isnull=True) | Q(end__gt=now), person_id__in=people)
    columns = (
        "person_id",
        "outcome",
        "employment_id",
        "right",
        "customer_number",
        "start",
        "end",
        "missing",
        "concerns_until",
    )
    found: dict[int, set[Stretch]] = {}
    for person, outcome, employment, right, number, start, end, missing, concerns in rows.values_list(*columns):
        stretch = Stretch(employment, right, number, start, end, OUTCOMES[outcome], missing, concerns)
        found.setdefault(person, set()).add(_from_now(stretch, now))
    return found


def _from_now(stretch: Stretch, now: datetime) -> Stretch:
    """`stretch` without what is over: when it was written decides where one that goes on starts."""
    return replace(stretch, start=max(stretch.start, now))


def _words(stretch: Stretch) -> str:
    until = "" if stretch.end is None else f" to {stretch.end.isoformat()}"
    number = f" {stretch.customer_number}" if stretch.customer_number else ""
    return (
        f"employment {stretch.employment}, {stretch.right}{number}: {stretch.outcome.value} "
        f"from {stretch.start.isoformat()}{until} {stretch.missing}"
    ).rstrip()
