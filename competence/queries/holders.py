"""Everybody who may use a right at an instant, by HSA-ID, in pages: each row is what the single check answers.

Whom to look at comes from what is stored, where it is of the latest state and the question is about now; who may is
decided anew. A page costs a fixed number of queries and the memory of its people, however many there are in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from competence.feed.numbers import mixed_rights
from competence.feed.outcomes import DENIED
from competence.models.employment import Employment
from competence.models.merge import PersonMerge
from competence.models.organisation_unit import OrganisationUnit
from competence.models.prepared import OutcomesMade, PreparedFacts, StoredOutcome
from competence.outcomes import latest_version
from competence.policy.assess import assess
from competence.policy.decision import Context, Outcome
from competence.policy.dossier import Dossier
from competence.policy.evaluate import decide
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.changes import Sight
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from lms.users.models import EmployeeIdentity

WINDOW = 20_000
"""So many HSA-IDs are passed by for one page, at most: a page of a right that few hold is short, and goes on after."""
FEW_PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class Holder:
    """An HSA-ID that may use the right. `customer_number` empty: none, or (for a right that is given per unit) any.

    `valid_until`: when the outcome becomes another, as far as is known. `person` is a primary key.
    """

    person: int
    hsa_id: str
    customer_number: str
    outcome: Outcome
    valid_until: datetime | None


@dataclass(frozen=True)
class Holders:
    """A page. `last`: the folded HSA-ID to go on after; None: there are no more."""

    holders: list[Holder]
    last: str | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whom to list: who may use `right` at `at` (None: now), by an employment in `unit` or below it (None: anywhere)
    that somebody with `sight` sees. `after`: the folded HSA-ID after which the page begins; `limit` HSA-IDs at most."""

    right: str
    sight: Sight
    at: datetime | None = None
    unit: OrganisationUnit | None = None
    after: str = ""
    limit: int = 100


def holders_of_right(wanted: Wanted, book: RuleBook, moment: Moment) -> Holders:
    """A page of holders, by folded HSA-ID. Four queries; one less without a unit, twelve more when somebody's prepared
    facts are behind. Raises NoRules."""
    among = EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.HSA_ID, folded_value__gt=wanted.after)
    among = among.order_by("folded_value")
    those, is_few = _in_unit(among, wanted)
    # Without a short list of people, no more than a window of the index is gone through.
    bound = None if is_few else among.values_list("folded_value", flat=True)[WINDOW : WINDOW + 1].first()
    if bound is not None:
        those = those.filter(folded_value__lte=bound)
    if wanted.at is None and wanted.right not in mixed_rights(book):
        those = those.filter(_may_hold(wanted.right, latest_version(book), moment.now))
    columns = ("pk", "person_id", "value", "folded_value", "line")
    rows = list(those.values_list(*columns)[: wanted.limit + 1])
    page = rows[: wanted.limit]
    facts = facts_for({person for _pk, person, *_rest in page})
    found = [
        holder
        for _pk, person, value, folded, line in page
        for holder in _holders(person, value, line or folded, facts[person], wanted, book, moment)
    ]
    return Holders(found, page[-1][3] if len(rows) > wanted.limit else bound)


def _in_unit(among: QuerySet[EmployeeIdentity], wanted: Wanted) -> tuple[QuerySet[EmployeeIdentity], bool]:
    """The HSA-IDs of people who ever worked there, as far as the rows tell, and whether they are few."""
    if wanted.unit is None:
        return among, False
    there = Employment.objects.filter(unit__path__startswith=wanted.unit.path)
    merged = _merged()
    people = list(there.order_by().values_list("person_id", flat=True).distinct()[: FEW_PEOPLE + 1])
    if len(people) <= FEW_PEOPLE:
        bonded = PersonMerge.objects.filter(Q(person__in=people) | Q(into__in=people))
        hubs = Q(person__in=bonded.values("person")) | Q(person__in=bonded.values("into"))
        others = PersonMerge.objects.filter(into__in=bonded.values("into")).values("person")
        return among.filter(Q(person__in=people) | hubs | Q(person__in=others)), True
    return among.filter(Exists(there.filter(person=OuterRef("person"))) | merged), False


def _may_hold(right: str, version: int, now: datetime) -> Q:
    """A condition on HSA-IDs that all who may use the right now meet, and few others."""
    stored = StoredOutcome.objects.filter(
        Q(end__isnull=True) | Q(end__gt=now), person=OuterRef("person"), right=right, start__lte=now, outcome__lt=DENIED
    )
    made = OutcomesMade.objects.filter(person=OuterRef("person"), rules_version=version)
    prepared = PreparedFacts.objects.filter(person=OuterRef("person"), stale_since__isnull=True)
    return Q(Exists(stored)) | ~Q(Exists(made)) | ~Q(Exists(prepared)) | _merged()


def _merged() -> Q:
    """A condition on HSA-IDs: the record is one of several of the same person, whose facts count for all of them."""
    return Q(Exists(PersonMerge.objects.filter(person=OuterRef("person")))) | Q(
        Exists(PersonMerge.objects.filter(into=OuterRef("person")))
    )


def _holders(
    person: int, hsa_id: str, known_as: str, facts: PersonFacts, wanted: Wanted, book: RuleBook, moment: Moment
) -> Iterator[Holder]:
    at = wanted.at or moment.now
    rules = book.in_force(at, moment.known_at)
    known = Dossier(as_known_at(facts, moment.known_at))
    for number in _numbers(known.facts, rules, wanted.right):
        context = Context(customer_number=number or None, identity=known_as, principals=wanted.sight.principals)
        if not assess(known, rules, wanted.right, context, at).outcome.is_allowed:
            continue
        if wanted.unit is not None and not any(
            assess(known, rules, wanted.right, replace(context, employment=employment.key), at).outcome.is_allowed
            for employment in known.facts.employments
            if wanted.unit.key in employment.units
        ):
            continue
        decision = decide(facts, book, wanted.right, valid_at=at, known_at=moment.known_at, context=context)
        yield Holder(person, hsa_id, number, decision.outcome, decision.valid_until)


def _numbers(facts: PersonFacts, rules: RuleSet, right: str) -> list[str]:
    """The customer numbers for which the person may have the right; empty: without one, or with any."""
    granting = rules.rights_that_grant(right)
    if not any(one.needs_customer_number for one in granting):
        return [""]
    keys = {one.key for one in granting}
    return sorted({"", *(a.customer_number for a in facts.authorisations if a.right in keys)})
