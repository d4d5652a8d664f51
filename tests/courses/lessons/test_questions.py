"""Drawing and marking, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.lessons.answers import field_of, read_answer
from courses.lessons.questions import (
    Drawn,
    Kind,
    Question,
    draw,
    faults_of,
    from_json,
    is_right,
    is_whole,
    needed,
    read_number,
    to_json,
)
from courses.queries.examinations import in_words, right_answer

SINGLE = Question("s", Kind.SINGLE, "Vem?", options=("a", "b", "c"), right=(1,))
MULTIPLE = Question("m", Kind.MULTIPLE, "Vilka?", options=("a", "b", "c", "d"), right=(0, 2))
MATCHING = Question("p", Kind.MATCHING, "Par?", options=("x", "y", "z"), prompts=("1", "2", "3"), right=(1, 0, 1))
ORDERING = Question("o", Kind.ORDERING, "Ordning?", options=("först", "sedan", "sist"))
NUMBER = Question("n", Kind.NUMBER, "Hur många?", number=Decimal("12.5"), tolerance=Decimal("0.5"))
ALL = (SINGLE, MULTIPLE, MATCHING, ORDERING, NUMBER)


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (SINGLE, 1, True),
        (SINGLE, 0, False),
        (SINGLE, None, False),
        (MULTIPLE, [0, 2], True),
        (MULTIPLE, [2, 0], True),
        (MULTIPLE, [0], False),
        (MULTIPLE, [0, 1, 2], False),
        (MULTIPLE, [], False),
        (MATCHING, [1, 0, 1], True),
        (MATCHING, [1, 0, None], False),
        (MATCHING, [0, 1, 0], False),
        (ORDERING, [1, 2, 3], True),
        (ORDERING, [2, 1, 3], False),
        (ORDERING, [1, 1, 3], False),
        (ORDERING, [1, 2, None], False),
        (NUMBER, "12,5", True),
        (NUMBER, "13.0", True),
        (NUMBER, "12", True),
        (NUMBER, "13,01", False),
        (NUMBER, "tolv", False),
        (NUMBER, "", False),
    ],
)
def test_an_answer_is_right_when_all_of_it_is(question: Question, answer: Any, expected: bool) -> None:
    assert is_right(question, answer) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", Decimal(12)),
        (" 1 250,5 ", Decimal("1250.5")),
        ("1\N{NO-BREAK SPACE}250", Decimal(1250)),
        ("\N{MINUS SIGN}3", Decimal(-3)),
        ("1e9", None),
        ("NaN", None),
        ("1.2.3", None),
        ("--1", None),
        ("٣", None),
        ("9" * 21, None),
        ("", None),
    ],
)
def test_a_number_is_read_as_a_person_writes_it(text: str, expected: Decimal | None) -> None:
    assert read_number(text) == expected


def test_a_part_of_the_questions_is_drawn_spread_over_the_lessons() -> None:
    bank = [
        replace(SINGLE, key=f"{lesson}-{number}", lesson=lesson)
        for lesson in ("ett", "två", "tre")
        for number in range(9)
    ]
    for seed in range(50):
        drawn = draw(bank, 6, Random(seed))
        assert len({one.question.key for one in drawn}) == 6
        assert set(Counter(one.question.lesson for one in drawn).values()) == {2}


def test_each_question_and_each_place_of_an_option_comes_about_as_often() -> None:
    bank = [replace(SINGLE, key=str(number)) for number in range(10)]
    questions: Counter[str] = Counter()
    places: Counter[int] = Counter()
    for seed in range(2000):
        for one in draw(bank, 3, Random(seed)):
            questions[one.question.key] += 1
            places[one.options.index(1)] += 1
    assert all(500 < count < 700 for count in questions.values())  # 600 each
    assert all(1800 < count < 2200 for count in places.values())  # 2,000 each


def test_a_small_bank_gives_all_it_has() -> None:
    assert len(draw([SINGLE, NUMBER], 10, Random(1))) == 2


@pytest.mark.parametrize("question", ALL)
def test_a_question_is_the_same_after_being_kept(question: Question) -> None:
    assert from_json(to_json(question)) == question


def test_the_fingerprint_follows_what_is_asked_and_not_the_explanation() -> None:
    assert replace(SINGLE, explanation="Annat").fingerprint == SINGLE.fingerprint
    assert replace(SINGLE, right=(0,)).fingerprint != SINGLE.fingerprint
    assert replace(SINGLE, options=("a", "b", "ny")).fingerprint != SINGLE.fingerprint


@pytest.mark.parametrize(
    ("asked", "percent", "expected"), [(15, 80, 12), (10, 75, 8), (3, 67, 3), (1, 1, 1), (7, 100, 7)]
)
def test_the_share_that_is_needed_is_rounded_up(asked: int, percent: int, expected: int) -> None:
    assert needed(asked, percent) == expected


@given(st.data())
def test_what_the_page_shows_and_the_form_sends_gives_the_answer_back(data: st.DataObject) -> None:
    """Fill in the form as the page shows it with any answer at all: the same answer is read, whatever the shuffling."""
    question = data.draw(st.sampled_from(ALL))
    drawn = draw([question], 1, data.draw(st.randoms(use_true_random=False)))[0]
    answer = data.draw(answers(question))
    field = field_of(drawn, 3, answer)
    form = {field.name: [str(choice.value) for choice in field.choices if choice.is_chosen]}
    form |= {part.name: [str(choice.value) for choice in part.choices if choice.is_chosen] for part in field.parts}
    if question.kind == Kind.NUMBER:
        form = {field.name: [field.value]}
    assert read_answer(drawn, 3, lambda name: form.get(name, [])) == answer


def answers(question: Question) -> st.SearchStrategy[Any]:
    places = st.integers(0, len(question.options) - 1) if question.options else st.nothing()
    match question.kind:
        case Kind.SINGLE:
            return st.none() | places
        case Kind.MULTIPLE:
            return st.sets(places).map(sorted)
        case Kind.MATCHING:
            count = len(question.prompts)
            some = st.lists(st.none() | places, min_size=count, max_size=count)
            return some.map(lambda row: row if any(one is not None for one in row) else None)
        case Kind.ORDERING:
            count = len(question.options)
            some = st.lists(st.none() | st.integers(1, count), min_size=count, max_size=count)
            return some.map(lambda row: row if any(row) else None)
        case Kind.NUMBER:
            return st.decimals(-1000, 1000, places=2).map(lambda one: str(one).replace(".", ","))


@given(st.data())
def test_a12_whatever_a_form_sends_is_read_without_error_and_is_right_only_by_the_right_answer(
    data: st.DataObject,
) -> None:
    question = data.draw(st.sampled_from(ALL))
    drawn = draw([question], 1, Random(1))[0]
    junk = st.lists(st.text(max_size=30) | st.integers(-5, 500).map(str), max_size=4)
    form: dict[str, list[str]] = {}
    answer = read_answer(drawn, 1, lambda name: form.setdefault(name, data.draw(junk)))
    in_words(question, answer)
    field_of(drawn, 1, answer)
    if is_right(question, answer) and question.kind != Kind.NUMBER:
        assert answer == right_answer(question)
    assert not is_right(question, answer) or is_whole(question, answer)


@pytest.mark.parametrize("question", ALL)
def test_a12_what_the_page_gets_of_a_question_is_the_same_whatever_is_right(question: Question) -> None:
    """Two questions that differ in nothing but what is right look the same on the page."""
    other = replace(
        question,
        right=tuple((place + 1) % len(question.options) for place in question.right),
        number=question.number and question.number + 1,
        explanation="Något helt annat",
    )
    shown = [
        field_of(Drawn(one, tuple(range(len(one.options))), tuple(range(len(one.prompts)))), 1, None)
        for one in (question, other)
    ]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    "question",
    [
        replace(SINGLE, right=()),
        replace(SINGLE, options=("a",)),
        replace(SINGLE, options=("a", "a", "c")),
        replace(MULTIPLE, right=()),
        replace(MATCHING, right=(0,)),
        replace(NUMBER, number=None),
        replace(NUMBER, tolerance=Decimal(-1)),
    ],
)
def test_a_question_that_nobody_can_answer_is_found(question: Question) -> None:
    assert faults_of([SINGLE, question]) == [question.key]


def test_sound_questions_have_no_faults() -> None:
    assert faults_of(ALL) == []
