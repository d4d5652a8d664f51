"""The one evaluation. Single check, bulk check, lists, statistics and simulation all come from here."""

from __future__ import annotations

from datetime import datetime

from competence.policy.assess import UnanswerableQuestion, assess, outcome_of
from competence.policy.decision import ANYWHERE, Assessment, Context, EligibilityDecision
from competence.policy.dossier import Dossier
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, RuleBook
from competence.policy.timeline import instants

__all__ = ["NoRules", "UnanswerableQuestion", "decide"]


def decide(
    facts: PersonFacts,
    book: RuleBook,
    right: str,
    *,
    valid_at: datetime,
    known_at: datetime,
    context: Context = ANYWHERE,
) -> EligibilityDecision:
    """May the person use `right` at `valid_at`, as far as was known at `known_at`?

    Pure: the same arguments give the same answer. Raises NoRules when no rule set was in force and known, and
    UnanswerableQuestion when the rules do not know the right, role or product group asked about.
    """
    known = Dossier(as_known_at(facts, known_at))
    rules = book.in_force(valid_at, known_at)
    answer = assess(known, rules, right, context, valid_at)
    valid_from, valid_until, following = _bounds(known, book, right, context, valid_at, known_at, answer)
    return EligibilityDecision(
        right=right,
        context=context,
        valid_at=valid_at,
        known_at=known_at,
        outcome=answer.outcome,
        reasons=answer.reasons,
        missing=answer.missing,
        role=answer.role,
        employment=answer.employment,
        granting_right=answer.granting_right,
        valid_from=valid_from,
        valid_until=valid_until,
        next=following,
        policy_version=answer.policy_version,
    )


def _bounds(
    known: Dossier,
    book: RuleBook,
    right: str,
    context: Context,
    valid_at: datetime,
    known_at: datetime,
    answer: Assessment,
) -> tuple[datetime | None, datetime | None, Assessment | None]:
    """The stretch around `valid_at` in which the outcome is the same, and the answer after it.

    None: it began, or will end, with no bound.
    """

    def is_same(instant: datetime) -> bool:
        try:
            then = outcome_of(known, book.in_force(instant, known_at), right, context, instant)
        except (NoRules, UnanswerableQuestion):
            return False  # no answer then: the stretch is over
        return then is answer.outcome

    changes = instants(known, book, known_at, right)
    valid_from: datetime | None = None
    for instant in reversed([i for i in changes if i <= valid_at]):
        if not is_same(instant):
            break
        valid_from = instant
    for instant in (i for i in changes if i > valid_at):
        if not is_same(instant):
            return valid_from, instant, _answer_at(instant, known, book, right, context, known_at)
    return valid_from, None, None


def _answer_at(
    instant: datetime, known: Dossier, book: RuleBook, right: str, context: Context, known_at: datetime
) -> Assessment | None:
    """The answer at `instant`; None when there is none then."""
    try:
        return assess(known, book.in_force(instant, known_at), right, context, instant)
    except (NoRules, UnanswerableQuestion):
        return None
