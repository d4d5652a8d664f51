"""Whether the feed says how everybody stands: what was announced, beside an evaluation from scratch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from django.db import transaction
from django.db.models import Max

from competence.feed.announcing import Audience, covered_versions
from competence.feed.outcomes import Identity, Key, both
from competence.feed.walk import Rules, is_due, prospect_of
from competence.models.feed import EligibilityChange
from competence.models.outbox import Revision
from competence.outcomes import OUTCOMES
from competence.queries.eligibility import current_moment
from competence.queries.facts import recorded_facts_for
from competence.queries.rules import current_rule_book
from lms.users.models import User

CHUNK = 500


@dataclass(frozen=True)
class VerifiedFeed:
    """How many people were looked at, of how many something is still to be announced, and what was found wrong: a
    sentence for each, by person."""

    people: int
    late: int
    wrong: dict[int, list[str]]


def verify_feed(sample: int | None, seed: int) -> Iterator[VerifiedFeed]:
    """Compare for a sample of the people, or (None) all of them; yields what each chunk gave. Writes nothing."""
    people = list(User.objects.order_by("pk").values_list("pk", flat=True))
    if sample is not None and sample < len(people):
        people = sorted(Random(seed).sample(people, sample))  # noqa: S311  a sample, not a secret
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        late, wrong = _compare(chunk)
        if wrong:
            # A change may have come in between: look again with all changes held back.
            with transaction.atomic():
                Revision.objects.select_for_update().get_or_create(pk=1)
                _late, wrong = _compare(list(wrong))
        yield VerifiedFeed(len(chunk), late, wrong)


def _compare(people: list[int]) -> tuple[int, dict[int, list[str]]]:
    rules, now = Rules.of(current_rule_book()), current_moment().now
    audience, covered = Audience.of(people), covered_versions(people)
    facts, events = recorded_facts_for(people), _last_events(audience)
    late, wrong = 0, dict[int, list[str]]()
    for person, known in facts.items():
        told, identities = audience.told[person], audience.identities.get(person, [])
        lines = []
        expected = {key: both({}, value) for key, value in told.outcomes.items()}
        found = {key: text for one in identities for key, text in events.get(one.value, {}).items()}
        for key in sorted(expected.keys() | found.keys()):
            if _after(expected.get(key, "")) != _after(found.get(key, "")):
                lines.append(f"person {person}: the last event is not what was announced: {_name(key, identities)}")
        if (
            told.through is None
            or told.is_behind
            or is_due(told, now)
            or max(told.rules_version, covered.get(person, 0)) < rules.latest
        ):
            late += 1
        else:
            prospect = prospect_of(known, rules, identities, now)
            outcomes = prospect.at(now)
            for key in sorted(outcomes.keys() | told.outcomes.keys()):
                so, said = outcomes.get(key, {}), told.outcomes.get(key, {})
                if so != said:
                    lines.append(
                        f"person {person}: {_name(key, identities)} is {_words(so)}, announced was {_words(said)}"
                    )
            if outcomes == told.outcomes and prospect.next_change(now, outcomes) != told.next_at:
                lines.append(f"person {person}: the next change by time is noted at another instant")
        if lines:
            wrong[person] = lines
    return late, wrong


def _last_events(audience: Audience) -> dict[str, dict[Key, str]]:
    """For each HSA-ID what the last event says, by what it is about."""
    pk_of = {one.value: one.pk for several in audience.identities.values() for one in several}
    asked = EligibilityChange.objects.filter(hsa_id__in=pk_of).order_by()
    last = asked.values("hsa_id", "right", "customer_number").annotate(last=Max("number")).values_list("last")
    rows = EligibilityChange.objects.filter(number__in=[number for (number,) in last])
    found: dict[str, dict[Key, str]] = defaultdict(dict)
    for hsa_id, right, number, text in rows.values_list("hsa_id", "right", "customer_number", "by_principal"):
        found[hsa_id][Key(pk_of[hsa_id], right, number)] = text
    return found


def _after(text: str) -> dict[str, str]:
    """Of what `outcomes.both` wrote, the outcome afterwards for each kind of principal where it is not denied."""
    pairs = (part.rpartition(":") for part in text.split(",") if part)
    return {kind: digits[1] for kind, _colon, digits in pairs if digits[1] != str(len(OUTCOMES) - 1)}


def _name(key: Key, identities: list[Identity]) -> str:
    hsa_id = next((one.value for one in identities if one.pk == key.identity), f"identity {key.identity}")
    return " ".join(filter(None, [hsa_id, key.right, key.customer_number]))


def _words(outcomes: object) -> str:
    assert isinstance(outcomes, dict)
    said = ", ".join(f"{OUTCOMES[position].value} ({kind})" for kind, position in sorted(outcomes.items()))
    return said or "denied"
