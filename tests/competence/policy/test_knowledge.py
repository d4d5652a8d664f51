"""How the answer about one instant changed as more became known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from competence.policy.decision import ANYWHERE, Outcome
from competence.policy.facts import EndingKind, PersonFacts
from competence.policy.knowledge import Learned, learned
from competence.policy.rules import Publication, RuleBook, rule_book
from tests.competence.policy.people import ALLOWED, HEALTH_CARE, NOW, ask, at, completed, ended, real_book, real_rules

LATER = at(2030, 1, 1)


def changes(facts: PersonFacts, book: RuleBook | None = None, since: datetime = NOW) -> tuple[Learned, ...]:
    return learned(facts, book or real_book(), HEALTH_CARE, ANYWHERE, valid_at=NOW, since=since, until=LATER)


def test_nothing_recorded_later_changes_nothing() -> None:
    assert changes(ALLOWED) == ()


def test_another_ground_for_the_same_answer_is_no_change() -> None:
    again = replace(ALLOWED.appointments[0], key="appointment:2", recorded_at=at(2026, 5, 1))
    facts = replace(ALLOWED, appointments=(*ALLOWED.appointments, again))
    assert ask(facts, known_at=LATER).reasons != ask(facts, known_at=NOW).reasons
    assert changes(facts) == ()


def test_a_late_report_changed_the_answer_when_it_came() -> None:
    late = tuple(replace(c, recorded_at=at(2026, 5, 1)) for c in ALLOWED.completions)
    (change,) = changes(replace(ALLOWED, completions=late))
    assert change.known_at == at(2026, 5, 1)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.outcome, change.after.outcome) == (Outcome.DENIED, Outcome.ALLOWED)


def test_a_correction_and_what_undid_it_are_two_changes() -> None:
    wrong = tuple(ended(c, NOW, EndingKind.CORRECTED, at(2026, 4, 1)) for c in ALLOWED.completions)
    again = (*wrong, *(replace(completed(c.course), key=f"{c.key}:again", recorded_at=at(2026, 6, 1)) for c in wrong))
    found = changes(replace(ALLOWED, completions=again))
    assert [change.known_at for change in found] == [at(2026, 4, 1), at(2026, 6, 1)]


def test_what_is_recorded_at_the_first_instant_was_known_and_at_the_last_one_is() -> None:
    late = replace(ALLOWED, completions=tuple(replace(c, recorded_at=at(2026, 5, 1)) for c in ALLOWED.completions))
    assert changes(late, since=at(2026, 5, 1)) == ()
    until = learned(late, real_book(), HEALTH_CARE, ANYWHERE, valid_at=NOW, since=at(2026, 4, 1), until=at(2026, 5, 1))
    assert len(until) == 1


def test_f26_rules_published_back_in_time_are_a_change_of_what_was_known() -> None:
    stricter = real_rules()
    more = replace(
        stricter.requirements[0],
        key="another",
        options=(replace(stricter.requirements[0].options[0], courses=("another",)),),
    )
    book = rule_book(
        [
            *real_book().publications,
            Publication(replace(stricter, version=2, requirements=(*stricter.requirements, more)), NOW, at(2026, 7, 1)),
        ]
    )
    (change,) = changes(ALLOWED, book)
    assert change.known_at == at(2026, 7, 1)
    assert change.after is not None
    assert [m.requirement for m in change.after.missing] == ["another"]


def test_before_any_rules_were_known_there_was_no_answer() -> None:
    (change,) = changes(ALLOWED, since=at(2022, 1, 1))[-1:]
    assert change.before is None or change.before.outcome is Outcome.DENIED
    assert change.after is not None
