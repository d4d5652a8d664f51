"""Writing to the feed what has changed for whom. Everything here that writes holds the revision's lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from competence.copying import NewRows, has_copy
from competence.feed.outcomes import Identity, best, both, read, written
from competence.feed.walk import (
    NOTHING_TOLD,
    Cause,
    Difference,
    Rules,
    Told,
    Walked,
    compare,
    is_due,
    prospect_of,
    walk,
)
from competence.models.feed import AnnouncedOutcomes, EligibilityChange
from competence.models.outbox import Revision
from competence.models.prepared import OutcomesMade
from competence.outcome_rows import by_person
from competence.outcomes import Stretch
from competence.policy.facts import PersonFacts
from lms.users.models import EmployeeIdentity

BATCH = 2_000
FEW = 100


@dataclass(frozen=True)
class Audience:
    """What the feed has told about people so far, and the HSA-IDs that each of them has now."""

    told: dict[int, Told]
    identities: dict[int, list[Identity]]

    @classmethod
    def of(cls, people: Collection[int]) -> Audience:
        """Two queries."""
        told = dict.fromkeys(people, NOTHING_TOLD)
        rows = AnnouncedOutcomes.objects.filter(person_id__among=people)
        columns = ("person_id", "outcomes", "through", "next_at", "rules_version", "is_behind")
        for person, outcomes, through, next_at, version, is_behind in rows.values_list(*columns):
            told[person] = Told(read(outcomes), through, next_at, version, is_behind=is_behind)
        identities: dict[int, list[Identity]] = defaultdict(list)
        known = EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.HSA_ID, person_id__among=people).order_by(
            "pk"
        )
        for person, pk, value, folded, line in known.values_list("person_id", "pk", "value", "folded_value", "line"):
            identities[person].append(Identity(pk, value, line or folded))
        return cls(told, identities)

    @classmethod
    def of_new(cls, people: Iterable[int], rows: Iterable[Sequence[Any]]) -> Audience:
        """Of people who were never told of, with the rows of their HSA-IDs: key, person, value, folded value."""
        identities: dict[int, list[Identity]] = defaultdict(list)
        for pk, person, value, folded in rows:
            identities[person].append(Identity(pk, value, folded))
        return cls(dict.fromkeys(people, NOTHING_TOLD), identities)

    def with_moved_identities(self) -> Audience:
        """The same after HSA-IDs have moved from one person to another: what was told of them has moved, too.

        Whoever has one of them now is among the people, also when they were not. One more query if there is any.
        """
        owned = {one.pk: person for person, several in self.identities.items() for one in several}
        moved = {
            key.identity: person
            for person, told in self.told.items()
            for key in told.outcomes
            if owned.get(key.identity) != person
        }
        if not moved:
            return self
        owners = dict(EmployeeIdentity.objects.filter(pk__in=moved).values_list("pk", "person_id"))
        people = dict.fromkeys([*self.told, *owners.values()])
        audience = self if len(people) == len(self.told) else Audience.of(list(people))
        for identity, person in moved.items():
            before, after = audience.told[person], audience.told[owners[identity]]
            theirs = {key: value for key, value in before.outcomes.items() if key.identity == identity}
            kept = {key: value for key, value in before.outcomes.items() if key.identity != identity}
            audience.told[person] = replace(before, outcomes=kept, rules_version=0)
            audience.told[owners[identity]] = replace(after, outcomes={**theirs, **after.outcomes})
        return audience


def announce_changed(
    facts: Mapping[int, PersonFacts],
    rows: Iterable[tuple[int, Stretch]],
    audience: Audience,
    rules: Rules,
    revision: Revision,
    cause: EligibilityChange.Cause = Cause.FACTS,
) -> None:
    """Announce what a change of the facts of these people, made at `revision.at`, has brought.

    `rows`: their outcomes as `outcome_rows.rows_of` made them, of all employments. `cause` counts for those of whom
    nothing was told before.
    """
    at = revision.at
    stretches = by_person(rows)
    covered = _covered([person for person, told in audience.told.items() if told.rules_version < rules.latest])
    walked: dict[int, Walked] = {}
    for person, known in facts.items():
        told, identities = audience.told[person], audience.identities.get(person, [])
        is_under_these_rules = max(told.rules_version, covered.get(person, 0)) == rules.latest
        if told.through is None or (is_under_these_rules and not told.is_behind and not is_due(told, at)):
            now = at if told.through is None else max(at, told.through)
            prospect = prospect_of(known, rules, identities, now, stretches.get(person, ()))
            walked[person] = compare(told, prospect, rules, now, cause if told.through is None else Cause.FACTS)
        else:
            walked[person] = walk(told, known, rules, identities, at, covered=None)
    write_walked(walked, audience, revision, at)


def differences_by_now(
    facts: Mapping[int, PersonFacts],
    audience: Audience,
    covered: Mapping[int, int],
    rules: Rules,
    now: datetime,
    *,
    rows: Mapping[int, Sequence[Stretch]] | None = None,
    since: datetime | None = None,
) -> dict[int, Walked]:
    """What time and the publication of rules have brought to people whose facts are all announced, or who were never
    told of; only those for whom there is something to write. Writes nothing, needs no lock.

    `covered`: the rules under which all is told. `rows`: their outcomes from `since` on, if they have been worked out.
    """
    found: dict[int, Walked] = {}
    for person, known in facts.items():
        told, identities = audience.told[person], audience.identities.get(person, [])
        ready = None
        if rows is not None and since is not None:
            ready = prospect_of(known, rules, identities, since, rows.get(person, ()))
        if told.through is None:
            ready = ready or prospect_of(known, rules, identities, now)
            walked = compare(told, ready, rules, now, Cause.START)
        else:
            version = max(told.rules_version, covered.get(person, 0))
            walked = walk(told, known, rules, identities, now, covered=version, ready=ready)
        # Who has no stored outcomes is noted under these rules, so as not to be gone through again from far back.
        if _is_to_be_written(told, walked) or (person not in covered and told.rules_version < rules.latest):
            found[person] = walked
    return found


def covered_versions(people: Collection[int]) -> dict[int, int]:
    """Under which rules everything is announced about these people, as far as their stored outcomes tell. One query."""
    return dict(OutcomesMade.objects.filter(person_id__among=people).values_list("person_id", "rules_version"))


def _covered(people: Collection[int]) -> dict[int, int]:
    return covered_versions(people) if people else {}


def _is_to_be_written(before: Told, walked: Walked) -> bool:
    return bool(
        walked.differences
        or before.through is None
        or before.is_behind
        or before.next_at != walked.told.next_at
        or before.outcomes != walked.told.outcomes
    )


def write_walked(walked: Mapping[int, Walked], audience: Audience, revision: Revision, recorded_at: datetime) -> int:
    """Write the events, and what has been told then; returns how many events. `revision`: the row, locked and read."""
    values = {one.pk: one.value for several in audience.identities.values() for one in several}
    found = [(d.at, person, d) for person, one in walked.items() for d in one.differences]
    found.sort(key=lambda row: row[:2])
    if found:
        _write_events(
            [
                _event(number, person, values[d.key.identity], d)
                for number, (_at, person, d) in enumerate(found, revision.events + 1)
            ],
            {"revision": revision.number, "recorded_at": recorded_at},
        )
        revision.events += len(found)
        Revision.objects.filter(pk=revision.pk).update(events=revision.events)
    _write_told(
        {
            person: one.told
            for person, one in walked.items()
            if _is_to_be_written(audience.told[person], one)
            or audience.told[person].rules_version != one.told.rules_version
        },
        recorded_at,
    )
    return len(found)


_EVENT = (
    "number",
    "person_id",
    "hsa_id",
    "right",
    "customer_number",
    "before",
    "after",
    "by_principal",
    "at",
    "policy_version",
    "cause",
)
_TOLD = ("outcomes", "through", "next_at", "rules_version", "is_behind")


def _event(number: int, person: int, hsa_id: str, difference: Difference) -> tuple[object, ...]:
    return (
        number,
        person,
        hsa_id,
        difference.key.right,
        difference.key.customer_number,
        best(difference.before),
        best(difference.after),
        both(difference.before, difference.after),
        difference.at,
        difference.version,
        difference.cause.value,
    )


def _write_events(rows: list[tuple[object, ...]], common: dict[str, object]) -> None:
    if len(rows) > FEW:
        NewRows(EligibilityChange, _EVENT, rows).write(**common)
        return
    EligibilityChange.objects.bulk_create(
        [EligibilityChange(**dict(zip(_EVENT, row, strict=True)), **common) for row in rows]
    )


def _write_told(told: Mapping[int, Told], now: datetime) -> None:
    rows = [
        (person, written(one.outcomes), one.through or now, one.next_at, one.rules_version, False)
        for person, one in told.items()
    ]
    if len(rows) > FEW and has_copy():
        table = connection.ops.quote_name(AnnouncedOutcomes._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE person_id = ANY(%s)", [list(told)])  # noqa: S608 - a table of ours
        NewRows(AnnouncedOutcomes, ("person_id", *_TOLD), list(rows)).write()
    elif rows:
        AnnouncedOutcomes.objects.bulk_create(
            [AnnouncedOutcomes(**dict(zip(("person_id", *_TOLD), row, strict=True))) for row in rows],
            update_conflicts=True,
            unique_fields=["person"],
            update_fields=_TOLD,
            batch_size=BATCH,
        )
