"""What of a course's figures is told to who may see no persons: no small group, nor what gives one away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.models import Course, Enrolment
from courses.queries.discretion import about, stuck_without_small_groups, two_told, without_small_groups
from courses.queries.figures import Funnel, PartFigures, StuckLine, Tally, steps_of
from courses.queries.funnel import funnel_of
from courses.queries.lesson_funnel import lesson_funnel_of
from courses.queries.occasion_funnel import NO_WEB_PART, NOT_NOTED, occasion_funnel_of
from tests.courses.test_editor_tabs import client_of
from tests.courses.test_funnels import age
from tests.factories.competence import make_person
from tests.factories.courses import make_administrator, make_course, make_editor
from tests.factories.lessons import begin, make_lesson_course
from tests.factories.occasions import make_occasion_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
SMALL = range(1, 5)


def funnel(*numbers: int, tallies: tuple[int, ...] = (), parts: tuple[tuple[int, int], ...] = ()) -> Funnel:
    return Funnel(
        steps=steps_of([(f"Steg {place}", number, f"grupp-{place}") for place, number in enumerate(numbers)]),
        tallies=[Tally("En siffra", number) for number in tallies],
        parts=[PartFigures("En del", *one, seconds=90.0) for one in parts],
        seconds=90.0,
        end=len(numbers) - 1,
    )


def test_small_groups_are_hidden_and_so_is_what_they_could_be_worked_out_from() -> None:
    told = without_small_groups(funnel(20, 18, 12, 3, 0, tallies=(11, 5), parts=((20, 4), (6, 6))))
    assert [(one.people, one.share, one.lost) for one in told.steps] == [
        (20, 100, 0),
        (None, None, None),
        (12, 60, None),
        (None, None, None),
        (0, 0, None),
    ]
    assert [one.count for one in told.tallies] == [None, 5]
    assert [(one.opened, one.finished, one.seconds) for one in told.parts] == [(20, None, None), (None, None, 90.0)]
    assert (told.hides, told.seconds) == (True, None)


def test_how_many_have_finished_goes_before_those_who_are_almost_there() -> None:
    told = without_small_groups(funnel(158, 150, 118, 116, 114))
    assert [one.people for one in told.steps] == [158, 150, None, None, 114]
    assert told.steps[-1].share == 72
    assert told.seconds == 90.0


def test_the_time_of_a_few_is_not_told_and_that_of_many_is_though_their_number_is_not() -> None:
    assert without_small_groups(funnel(30, 20, 4)).seconds is None
    parts = without_small_groups(funnel(30, 20, 10, parts=((20, 18), (18, 4)))).parts
    assert [(one.finished, one.seconds) for one in parts] == [(None, 90.0), (None, None)]


def test_how_many_have_begun_goes_before_how_many_saved_something() -> None:
    assert [one.people for one in without_small_groups(funnel(60, 50, 47, 20)).steps] == [60, 50, None, 20]


def test_where_only_a_few_have_not_finished_the_end_is_told_and_everybody_is_not() -> None:
    told = without_small_groups(funnel(23, 23, 22))
    assert [(one.people, one.share) for one in told.steps] == [(None, None), (None, None), (22, None)]


def test_a_few_who_wait_are_not_found_by_taking_all_others_away() -> None:
    whole = funnel(200, 100, 80)
    tallies = [Tally("Klara", 80, groups=frozenset({"grupp-2"})), Tally("Igen", 17, groups=frozenset({"igen"}))]
    steps = [replace(step, groups=step.groups - {"grupp-1"} | {"igen", "väntar"}) for step in whole.steps[:2]]
    told = without_small_groups(replace(whole, steps=[*steps, whole.steps[2]], tallies=tallies))
    assert [one.people for one in told.steps] == [200, 100, 80]
    assert [one.count for one in told.tallies] == [80, None], "100 less 80 and 17 are three who wait"


# Somebody who works it out --------------------------------------------------------------------------------------------
Vector = tuple[int, ...]
KINDS: Mapping[str, tuple[Callable[[], Course], Callable[[Course], Funnel]]] = {
    "package": (make_course, funnel_of),
    "lessons": (make_lesson_course, lesson_funnel_of),
    "occasion": (make_occasion_course, occasion_funnel_of),
}


def can_be_worked_out(wanted: Vector, told: Sequence[Vector]) -> bool:
    """Whether `wanted` is a sum of multiples of `told`: Gauss's elimination."""
    basis: list[tuple[int, list[Fraction]]] = []

    def rest(vector: Vector) -> list[Fraction]:
        left = [Fraction(number) for number in vector]
        for column, row in basis:
            if left[column]:
                factor = left[column] / row[column]
                left = [one - factor * other for one, other in zip(left, row, strict=True)]
        return left

    for vector in told:
        left = rest(vector)
        column = next((place for place, number in enumerate(left) if number), None)
        if column is not None:
            basis.append((column, left))
    return not any(rest(wanted))


def small_groups_found(told: Sequence[frozenset[str]], people: Mapping[str, int]) -> list[tuple[str, ...]]:
    names = sorted(people)
    vectors = [tuple(int(name in groups) for name in names) for groups in told]
    return [
        chosen
        for size in range(1, len(names) + 1)
        for chosen in itertools.combinations(names, size)
        if size_of(people, chosen) in SMALL and can_be_worked_out(tuple(int(name in chosen) for name in names), vectors)
    ]


def size_of(people: Mapping[str, int], groups: Iterable[str]) -> int:
    return sum(people[name] for name in groups)


@pytest.mark.parametrize("kind", KINDS)
def test_p_whoever_adds_and_subtracts_what_is_told_finds_no_small_group(kind: str) -> None:
    make, count = KINDS[kind]
    shape = count(make())
    names = sorted(frozenset().union(*(step.groups for step in shape.steps)))
    assert len(names) > len(shape.steps)

    @given(st.lists(st.integers(0, 12), min_size=len(names), max_size=len(names)))
    @settings(max_examples=200, deadline=None)
    def found(counts: list[int]) -> None:
        people = dict(zip(names, counts, strict=True))
        size = partial(size_of, people)
        whole = replace(
            shape,
            steps=[replace(step, people=size(step.groups)) for step in shape.steps],
            tallies=[replace(one, count=size(one.groups)) for one in shape.tallies if one.groups],
            parts=[],
        )
        told = without_small_groups(whole)
        shown = [step.groups for step in told.steps if step.people is not None]
        shown += [one.groups for one in told.tallies if one.count is not None]
        assert small_groups_found(shown, people) == []
        if size(shape.steps[shape.end].groups) not in SMALL:
            assert told.steps[shape.end].people is not None, "what is of most use is told whenever it can be"

    found()


@given(st.lists(st.integers(0, 12), min_size=8, max_size=8))
@settings(max_examples=200, deadline=None)
def test_p_nor_with_the_lessons_beside(counts: list[int]) -> None:
    """Lessons are gone through in order: to the first, done with the first and at the second, done with it."""
    names = ("place", "first", "second", "read", "again", "waiting", "passed", "untested")
    people = dict(zip(names, counts, strict=True))
    came = [frozenset(names[place:]) for place in range(4)]
    finished, tested = came[3] - {"read", "again", "waiting"}, came[3] - {"read", "untested"}
    waits = frozenset({"waiting"}), frozenset({"again"}), frozenset({"passed"})
    size = partial(size_of, people)
    steps = steps_of(
        [
            ("", size(came[0]), "place"),
            ("", size(came[1]), "begun"),
            ("", size(came[3]), "read"),
            ("", size(tested), "again waiting"),
            ("", size(finished), "passed untested"),
        ]
    )
    steps[3] = replace(steps[3], groups=steps[3].groups - {"untested"})
    sets = [came[0], came[1], came[3], tested, finished]
    whole = Funnel(
        steps=steps,
        tallies=[Tally("", size(one), groups=one) for one in waits],
        parts=[PartFigures("", size(came[1]), size(came[2])), PartFigures("", size(came[2]), size(came[3]))],
        end=4,
    )
    told = without_small_groups(whole)
    numbers = [*(step.people for step in told.steps), *(one.count for one in told.tallies)]
    numbers += [number for part in told.parts for number in (part.opened, part.finished)]
    those = [*sets, *waits, came[1], came[2], came[2], came[3]]
    assert (
        small_groups_found([one for one, number in zip(those, numbers, strict=True) if number is not None], people)
        == []
    )


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.lists(st.integers(0, 40), max_size=4))
def test_p_no_number_that_is_told_nor_a_difference_of_two_is_a_small_group(steps: list[int], more: list[int]) -> None:
    told = without_small_groups(funnel(*sorted(steps, reverse=True), tallies=tuple(more)))
    shown = [0, *(one.people for one in told.steps), *(one.count for one in told.tallies)]
    numbers = [number for number in shown if number is not None]
    assert all(abs(one - other) not in SMALL for one in numbers for other in numbers)
    assert all(step.lost not in SMALL for step in told.steps)


def test_large_numbers_are_told_as_they_are() -> None:
    whole = funnel(50, 40, 30, tallies=(10,), parts=((50, 40),))
    assert without_small_groups(whole) == whole


# Beside the funnel ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (1, ""), (4, ""), (5, "5–14"), (14, "5–14"), (15, "15–24"), (100, "95–104")]
)
def test_about_how_many(number: int, words: str) -> None:
    assert about(number) == words


def test_what_is_stuck_is_told_without_an_exact_number() -> None:
    """Who have not finished, without those who are stuck, would else be a group of any size."""
    told = stuck_without_small_groups([StuckLine(NOT_NOTED, 4), StuckLine(NO_WEB_PART, 17)])
    assert told == [StuckLine(NOT_NOTED, None), StuckLine(NO_WEB_PART, None, "15–24")]


@pytest.mark.parametrize(
    ("everybody", "finished", "told"),
    [(20, 10, (20, 10)), (20, 20, (20, 20)), (20, 18, (None, 18)), (20, 3, (20, None)), (4, 0, (None, 0))],
)
def test_the_list_of_courses_tells_no_more_than_the_funnel(
    everybody: int, finished: int, told: tuple[int | None, int | None]
) -> None:
    assert two_told(everybody, finished) == told
    whole = without_small_groups(funnel(everybody, everybody, finished))
    assert (whole.steps[0].people, whole.steps[-1].people) == told


def test_an_editor_reads_no_small_group_in_the_list_nor_at_the_editions() -> None:
    course = make_course(title="Hjälpmedel i hemmet")
    for _number in range(3):
        Enrolment.objects.create(course=course, person=make_person())
    editor, coordinator = (client_of(somebody) for somebody in (make_editor(), make_administrator()))
    path = f"/kursredaktion/{course.key}/"
    lists = [one.get("/kursredaktion/").content.decode().replace("\n", "") for one in (editor, coordinator)]
    assert [page.count("not shown</span>") for page in lists] == [1, 0]
    assert ['class="number">3</td>' in page for page in lists] == [False, True]
    begin_course = make_lesson_course()
    begin(begin_course)
    path = f"/kursredaktion/{begin_course.key}/"
    pages = [one.get(path).content.decode() for one in (editor, coordinator)]
    assert ["fewer than five open, 0 finished" in page for page in pages] == [True, False]
    assert ["1 open, 0 finished" in page for page in pages] == [False, True]


def test_an_editor_sees_no_small_group_and_who_may_see_participants_sees_the_numbers(client: Client) -> None:
    course = make_lesson_course()
    for _number in range(3):
        begin(course, make_person())
    age(course, days=31)
    path = f"/kursredaktion/{course.key}/resultat/"
    editors, coordinators = (
        client_of(somebody).get(path).content.decode() for somebody in (make_editor(), make_administrator())
    )
    assert editors.count("not shown") > 2
    assert editors.count(">fewer than five</td>") == 1
    assert '<td data-label="People" class="number">3</td>' in coordinators.replace("\n", "")
    assert ">fewer than five</td>" not in coordinators
    assert "(counted " in editors
    assert client_of(make_person()).get(path).status_code == 403
    assert client.get(path).status_code == 302
