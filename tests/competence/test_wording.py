"""The sentences of answers: one for each code, none of them the bare code, and what is to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from competence.explain import Names, explain
from competence.policy.decision import EligibilityDecision
from competence.policy.facts import Authorisation, Completion
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.rules import RuleBook
from competence.wording import coming_text, ground_text, step_text
from tests.competence.policy.people import ALLOWED, HEALTH_CARE, NOW, ask, at, book_of, real_book, real_rules

GROUNDS = {
    Code.EMPLOYED,
    Code.APPOINTED,
    Code.HELD_BY_PROFESSION,
    Code.REQUIREMENT_MET,
    Code.REQUIREMENT_RECOMMENDED,
    Code.EXEMPTED,
    Code.GRANDFATHERED,
    Code.AUTHORISED,
}
NAMES = ("day", "role", "right", "requirement", "choice", "months", "last_day", "course", "attestation")
PLACES = dict.fromkeys(NAMES, "x")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_its_sentence_in_both_languages(code: Code, language: str) -> None:
    with translation.override(language):
        if code in GROUNDS:
            texts = [ground_text(Reason(code=code))]
        else:
            texts = [step_text(Missing(code=code)), coming_text(Missing(code=code))]
    for text in texts:
        assert text != code.value
        assert (text % PLACES).endswith(".")


def test_swedish_and_english_differ() -> None:
    said = []
    for language in ("sv", "en"):
        with translation.override(language):
            said.append([step_text(Missing(code=code)) for code in Code if code not in GROUNDS])
    assert not any(swedish == english for swedish, english in zip(*said, strict=True))


def names(book: RuleBook | None = None) -> Names:
    return Names(courses={}, book=book or real_book())


def words(decision: EligibilityDecision, book: RuleBook | None = None) -> tuple[str, ...]:
    with translation.override("en"):
        coming = explain(decision, names(book), addresses_reader=True).coming
    return (coming.sentence, *coming.texts) if coming else ()


def test_what_is_to_come_is_told_with_its_day_and_why() -> None:
    ends = replace(ALLOWED.authorisations[0], end=at(2026, 3, 31, 22))
    decision = ask(replace(ALLOWED, authorisations=(ends,)))
    assert words(decision) == (
        "From 1 April 2026 you may not order.",
        "The ordering right ends then. Apply again in good time.",
    )


def test_without_a_log_in_the_right_becomes_inactive() -> None:
    assert "unless there is a log-in" in " ".join(words(ask(ALLOWED)))


def test_a_right_that_begins_later_is_told_as_good_news() -> None:
    later = Authorisation(
        key="authorisation:1",
        employment=ALLOWED.employments[0].key,
        right=HEALTH_CARE,
        start=NOW + timedelta(days=30),
        recorded_at=NOW - timedelta(days=1),
    )
    assert words(ask(replace(ALLOWED, authorisations=(later,)))) == ("From 1 April 2026 you may order.",)


def test_a_validity_that_runs_out_says_what_to_take_again() -> None:
    rules = real_rules()
    dated = tuple(
        replace(one, validity_months=24) if one.key == "national-hjalpmedel" else one for one in rules.requirements
    )
    book = book_of(replace(rules, requirements=dated))
    soon: tuple[Completion, ...] = tuple(
        replace(one, start=at(2024, 4, 10)) if one.course == "national-hjalpmedel" else one
        for one in ALLOWED.completions
    )
    decision = ask(replace(ALLOWED, completions=soon), book=book)
    assert words(decision, book)[0] == "From 11 April 2026 you may not order."
    assert "again before that" in words(decision, book)[1]
