"""The decision for people in the database. Everything that shows or answers eligibility comes through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Now

from competence.models.outbox import Revision
from competence.policy.decision import ANYWHERE, Context, EligibilityDecision
from competence.policy.evaluate import decide
from competence.policy.facts import UNKNOWN_PERSON, PersonFacts
from competence.policy.rules import RuleBook
from competence.queries.facts import facts_for
from competence.queries.rules import current_rule_book
from lms.users.models import EmployeeIdentity, User, fold_identifier


@dataclass(frozen=True)
class Moment:
    """The state that an answer reflects.

    `revision` is the latest committed change and `known_at` its instant: asked again with that `known_at`, the same
    facts are found, whatever is written meanwhile. `now` is the database's time, never before `known_at`.
    """

    revision: int
    known_at: datetime
    now: datetime

    def known(self, asked: datetime | None) -> datetime:
        """The instant as of which facts are known: the one asked for, but none after this moment's."""
        return self.known_at if asked is None else min(asked, self.known_at)


def current_moment() -> Moment:
    """The state as of now, in one query. Take it before reading any fact."""
    row = Revision.objects.filter(pk=1).annotate(now=Now()).values_list("number", "at", "now").first()
    if row is None:
        Revision.objects.get_or_create(pk=1)
        return current_moment()
    number, at, now = row
    return Moment(revision=number, known_at=at, now=max(now, at))


def person_with_hsa_id(hsa_id: str) -> User | None:
    """The person to whom the HSA-ID belongs, compared without case."""
    identity = (
        EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.HSA_ID, folded_value=fold_identifier(hsa_id))
        .select_related("person")
        .first()
    )
    return identity.person if identity else None


def decide_for(
    person: User | None,
    right: str,
    *,
    moment: Moment,
    valid_at: datetime | None = None,
    known_at: datetime | None = None,
    context: Context = ANYWHERE,
    book: RuleBook | None = None,
) -> EligibilityDecision:
    """The decision about one person (None: unknown). Raises like `policy.evaluate.decide`."""
    facts = UNKNOWN_PERSON if person is None else facts_for([person.pk])[person.pk]
    return decide(
        facts,
        book or current_rule_book(),
        right,
        valid_at=valid_at or moment.now,
        known_at=moment.known(known_at),
        context=context,
    )


def decide_for_many(
    people: Iterable[int],
    questions: Sequence[tuple[str, Context]],
    *,
    moment: Moment,
    valid_at: datetime | None = None,
) -> Mapping[int, tuple[EligibilityDecision, ...]]:
    """For each person (by primary key) the decisions about all `questions`, in a fixed number of queries."""
    facts_by_person: dict[int, PersonFacts] = facts_for(people)
    book = current_rule_book()
    return {
        person: tuple(
            decide(facts, book, right, valid_at=valid_at or moment.now, known_at=moment.known_at, context=context)
            for right, context in questions
        )
        for person, facts in facts_by_person.items()
    }
