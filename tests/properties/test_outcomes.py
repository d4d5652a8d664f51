"""The outcomes that are stored are those of the single answers, over all time to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from competence.outcomes import EVERYTHING, Carriers, MissingStep, Stretch, missing_steps, missing_text, stretches_of
from competence.policy.assess import UnanswerableQuestion
from competence.policy.decision import Context
from competence.policy.evaluate import decide
from competence.policy.facts import as_known_at
from competence.policy.rules import NoRules, Publication, RuleSet, rule_book
from competence.policy.timeline import instants as instants_of
from competence.prepared_facts import encode
from competence.rule_difference import difference_since
from tests.properties.strategies import RIGHTS, Case, cases, instants, rule_sets


def stretches(case: Case) -> list[Stretch]:
    return stretches_of(case.facts, case.book, Carriers.of(case.book), case.valid_at)


def by_question(found: list[Stretch]) -> dict[tuple[int, str, str], list[Stretch]]:
    questions: dict[tuple[int, str, str], list[Stretch]] = {}
    for stretch in found:
        questions.setdefault((stretch.employment, stretch.right, stretch.customer_number), []).append(stretch)
    return questions


@given(cases)
def test_p08_a_stretch_says_what_the_single_answer_says_at_every_instant_to_come(case: Case) -> None:
    changes = instants_of(as_known_at(case.facts, EVERYTHING), case.book, EVERYTHING)
    for (employment, right, number), several in by_question(stretches(case)).items():
        context = Context(employment=f"employment:{employment}", customer_number=number or None)
        for at in [case.valid_at, *(instant for instant in changes if instant > case.valid_at)]:
            covering = [s for s in several if s.start <= at and (s.end is None or at < s.end)]
            try:
                answer = decide(case.facts, case.book, right, valid_at=at, known_at=EVERYTHING, context=context)
            except (NoRules, UnanswerableQuestion):
                assert covering == []
                continue
            [stretch] = covering
            assert stretch.outcome is answer.outcome
            assert stretch.missing == missing_text(answer.missing)


@given(cases)
def test_p08_stretches_follow_upon_each_other_and_differ(case: Case) -> None:
    for several in by_question(stretches(case)).values():
        assert several[0].end is None or several[0].end > case.valid_at
        for one, following in zip(several, several[1:], strict=False):
            assert one.end is not None
            assert one.end <= following.start
            if one.end == following.start:
                assert (one.outcome, one.missing) != (following.outcome, following.missing)


@given(cases)
def test_whoever_may_use_a_right_is_concerned_by_it(case: Case) -> None:
    concerned = by_question(stretches(case))
    for employment in as_known_at(case.facts, EVERYTHING).employments:
        pk = int(employment.key.rpartition(":")[2])
        for right in RIGHTS:
            numbers = {a.customer_number for a in case.facts.authorisations} | {""}
            for number in numbers:
                context = Context(employment=employment.key, customer_number=number or None)
                try:
                    answer = decide(
                        case.facts, case.book, right, valid_at=case.valid_at, known_at=EVERYTHING, context=context
                    )
                except (NoRules, UnanswerableQuestion):
                    continue
                if answer.allowed:
                    assert any(e == pk and r == right for e, r, _number in concerned)


@given(cases, rule_sets(7), instants, st.sampled_from(("everything", "rights", "requirements", "closed_courses")))
def test_whoever_is_not_concerned_by_new_rules_keeps_the_outcomes(
    case: Case, drawn: RuleSet, in_force_from: datetime, changed: str
) -> None:
    published = drawn
    if changed != "everything":  # but for that they are the rules of before
        published = replace(case.book.publications[-1].rule_set, version=7, **{changed: getattr(drawn, changed)})
    after = rule_book([*case.book.publications, Publication(published, in_force_from, case.known_at)])
    difference = difference_since(case.book, after, case.valid_at)
    old = stretches(case)
    new = stretches_of(case.facts, after, Carriers.of(after), case.valid_at)
    assert [s for s in new if s.right not in difference.rights] == [s for s in old if s.right not in difference.rights]
    text = encode(case.facts)
    if not any(f'"{word}"' in text for word in difference.words):
        assert new == old


@given(cases)
def test_rules_that_say_the_same_concern_nobody(case: Case) -> None:
    try:
        again = case.book.in_force(case.valid_at, EVERYTHING)
    except NoRules:
        return
    if any(p.in_force_from > case.valid_at for p in case.book.publications):
        return  # what is to come is compared as well
    after = rule_book([*case.book.publications, Publication(replace(again, version=7), case.valid_at, case.known_at)])
    assert difference_since(case.book, after, case.valid_at).rights == frozenset()


def test_missing_steps_come_back_from_their_text() -> None:
    steps = (
        MissingStep("COURSE_MISSING", "national", ("regional", "local")),
        MissingStep("NOT_AUTHORISED"),
        MissingStep("COURSE_EXPIRED", "regional", (), is_blocking=False),
    )
    text = "|!COURSE_MISSING:national:regional:local|!NOT_AUTHORISED:|?COURSE_EXPIRED:regional|"
    assert missing_steps(text) == steps
    assert missing_steps("") == ()
    assert steps[0].requirements == ("national", "regional", "local")
