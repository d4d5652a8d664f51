"""The outcomes that are stored are those of the single answers, over all time to come."""

from __future__ import annotations

from hypothesis import given

from competence.outcomes import EVERYTHING, Carriers, MissingStep, Stretch, missing_steps, missing_text, stretches_of
from competence.policy.assess import UnanswerableQuestion
from competence.policy.decision import Context
from competence.policy.evaluate import decide
from competence.policy.facts import as_known_at
from competence.policy.rules import NoRules
from competence.policy.timeline import instants
from tests.properties.strategies import RIGHTS, Case, cases


def stretches(case: Case) -> list[Stretch]:
    return stretches_of(case.facts, case.book, Carriers.of(case.book), case.valid_at)


def by_question(found: list[Stretch]) -> dict[tuple[int, str, str], list[Stretch]]:
    questions: dict[tuple[int, str, str], list[Stretch]] = {}
    for stretch in found:
        questions.setdefault((stretch.employment, stretch.right, stretch.customer_number), []).append(stretch)
    return questions


@given(cases)
def test_p08_a_stretch_says_what_the_single_answer_says_at_every_instant_to_come(case: Case) -> None:
    changes = instants(as_known_at(case.facts, EVERYTHING), case.book, EVERYTHING)
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
