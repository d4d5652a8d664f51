"""Facts about one prescriber, written as shortly as a test reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from competence.policy.decision import ANYWHERE, Context, EligibilityDecision
from competence.policy.document import compile_rules
from competence.policy.evaluate import decide
from competence.policy.facts import (
    Appointment,
    Authorisation,
    Completion,
    Employment,
    Ending,
    EndingKind,
    Level,
    LevelDecision,
    PersonFacts,
)
from competence.policy.rules import Publication, RuleBook, RuleSet, rule_book
from lms.lib.clock import day_starts_at

RULES_FILE = Path(__file__).resolve().parents[3] / "competence" / "rules" / "vastra_gotaland.yaml"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
EMPLOYMENT = "employment:1"
MOBILITY = "prescriber-mobility"
HEALTH_CARE = "websesam.health-care"


def real_rules() -> RuleSet:
    """Västra Götaland's rules, compiled."""
    return compile_rules(yaml.safe_load(RULES_FILE.read_text(encoding="utf-8")), 1)


def real_book() -> RuleBook:
    return book_of(real_rules())


def book_of(*rule_sets: RuleSet) -> RuleBook:
    return rule_book([Publication(rules, day_starts_at(date(2023, 1, 1)), LONG_AGO) for rules in rule_sets])


def at(*numbers: int) -> datetime:
    """An instant in UTC."""
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type,misc]


def stamp(start: datetime = LONG_AGO, **more: Any) -> dict[str, Any]:
    return {"start": start, "recorded_at": start, **more}


def completed(course: str, when: datetime = LONG_AGO, **more: Any) -> Completion:
    return Completion(key=f"completion:{course}:{when:%Y%m%d}", course=course, **stamp(when, **more))


def authorised(right: str = HEALTH_CARE, start: datetime | None = None, **more: Any) -> Authorisation:
    """Half a year ago unless said otherwise: the right lapses after a year without a log-in."""
    return Authorisation(
        key=f"authorisation:{right}",
        employment=EMPLOYMENT,
        right=right,
        **stamp(start or at(2025, 10, 1), **more),
    )


def ended(fact: Any, when: datetime, kind: EndingKind = EndingKind.ENDED, recorded_at: datetime | None = None) -> Any:
    return replace(fact, endings=(*fact.endings, Ending(when, kind, recorded_at or when)))


ALLOWED = PersonFacts(
    employments=(Employment(key=EMPLOYMENT, principal="vgr", identity="SE1", **stamp()),),
    appointments=(Appointment(key="appointment:1", employment=EMPLOYMENT, role=MOBILITY, **stamp()),),
    level_decisions=(LevelDecision(key="level:1", employment=EMPLOYMENT, level=Level.FULL, **stamp()),),
    authorisations=(authorised(),),
    completions=(completed("national-hjalpmedel"), completed("regional-forskrivare")),
)
"""Somebody who may order."""


def ask(
    facts: PersonFacts,
    right: str = HEALTH_CARE,
    *,
    valid_at: datetime = NOW,
    known_at: datetime = NOW,
    context: Context = ANYWHERE,
    book: RuleBook | None = None,
) -> EligibilityDecision:
    return decide(facts, book or real_book(), right, valid_at=valid_at, known_at=known_at, context=context)


def codes(decision: EligibilityDecision) -> list[str]:
    """The codes of the missing steps."""
    return [step.code.value for step in decision.missing]
