"""Completions by course, month and principal: equal to counting them one by one."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from competence import statistics
from competence.actions.completions import record_completion
from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.organisation_unit import OrganisationUnit
from competence.small_groups import Figure
from competence.statistics import PRINCIPALS, Question, Step, completion_statistics
from lms.lib.actors import Machine
from lms.users.models import User
from tests.factories.competence import World, make_person, make_prescriber, make_world
from tests.factories.rows import complete_many

pytestmark = pytest.mark.django_db
COURSES = ("national-hjalpmedel", "regional-lmn", "regional-rorelse")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BY = Machine("test")


@pytest.fixture(autouse=True)
def _at_a_known_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def make_courses() -> dict[str, CourseReference]:
    made = [CourseReference(key=key, title=key, level="regional") for key in COURSES]
    return {course.key: course for course in CourseReference.objects.bulk_create(made)}


def random_completions(seed: int, people: list[User]) -> list[Completion]:
    chance, courses = random.Random(seed), make_courses()
    start = datetime(2024, 12, 1, tzinfo=UTC)
    made = []
    for _ in range(400):
        # Near the ends of months on purpose: there the local month differs from UTC's.
        at = start + timedelta(days=chance.randrange(500), minutes=chance.choice([0, 30, 90, 1350, 1410]))
        made += complete_many(
            [chance.choice(people)], courses[chance.choice(COURSES)], chance.choice(PRINCIPALS), at, None
        )
    for completion in chance.sample(made, 30):
        withdraw_completion(completion=completion, reason="fel person", by=BY)
        made.remove(completion)
    return made


def local_month(instant: datetime) -> date:
    local = instant.astimezone(ZoneInfo("Europe/Stockholm"))
    return date(local.year, local.month, 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p08_figures_equal_a_count_from_scratch(seed: int) -> None:
    completions = random_completions(seed, [make_person() for _ in range(40)])
    chance = random.Random(seed)
    for step in Step:
        first, last = date(2025, chance.randint(1, 6), 1), date(2026, chance.randint(1, 4), 1)
        course, principal = chance.choice(["", *COURSES]), chance.choice(PRINCIPALS)
        for question in (
            Question(by=step),
            Question(by=step, first_month=first, last_month=last),
            Question(by=step, course=course, principals=(principal,), last_month=last),
        ):
            counted: Counter[tuple[str, date, str]] = Counter()
            for one in completions:
                month = local_month(one.completed_at)
                if (
                    one.principal_kind in question.principals
                    and (not question.course or one.course.key == question.course)
                    and (question.first_month is None or month >= question.first_month)
                    and (question.last_month is None or month <= question.last_month)
                ):
                    counted[one.course.key, step.first_month(month), one.principal_kind] += 1
            told = completion_statistics(question, may_see_persons=True)
            found = {
                (course, period, principal): figure.count
                for (course, period), (line, _total) in told.by_course_and_period().items()
                for principal, figure in line.items()
                if figure.count
            }
            assert found == dict(counted)
            assert told.total()[1] == Figure(sum(counted.values()))
            assert sum(total.count for _line, total in told.by_period().values()) == sum(counted.values())
            assert sum(total.count for _line, total in told.by_course().values()) == sum(counted.values())


@pytest.mark.parametrize("seed", [4, 5])
def test_a19_what_is_told_without_persons_never_exceeds_the_count(seed: int) -> None:
    random_completions(seed, [make_person() for _ in range(40)])
    for question in (Question(), Question(by=Step.TERTIAL), Question(course=COURSES[0], principals=("vgr",))):
        everything = completion_statistics(question, may_see_persons=True)
        told = completion_statistics(question, may_see_persons=False)
        assert told.periods == everything.periods
        true_lines = everything.by_course_and_period()
        lines = told.by_course_and_period()
        assert lines.keys() == true_lines.keys()
        for place, (line, total) in lines.items():
            for figure, true in [
                (total, true_lines[place][1]),
                *((line[p], true_lines[place][0][p]) for p in told.principals),
            ]:
                assert figure.count <= true.count
                assert figure.is_exact == (figure.count == true.count)
                if question.by is Step.MONTH:
                    assert figure.count == 0 or figure.count >= 5


def test_the_persons_of_small_groups_are_found_alike_in_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    random_completions(6, [make_person() for _ in range(8)])
    by_sorting = completion_statistics(Question(), may_see_persons=False)
    monkeypatch.setattr(statistics, "_PLACES_TO_NAME", 10_000)
    by_naming = completion_statistics(Question(), may_see_persons=False)
    assert by_naming.by_course_and_period() == by_sorting.by_course_and_period()
    assert by_naming.total() == by_sorting.total()


def test_a_statistician_cannot_reach_one_person_by_differences() -> None:
    courses = make_courses()
    people = [make_person() for _ in range(30)]
    for month, count in ((1, 20), (2, 1), (3, 12)):
        complete_many(people[:count], courses[COURSES[0]], "vgr", datetime(2026, month, 10, tzinfo=UTC))

    def told(first: int, last: int, by: Step = Step.MONTH) -> Figure:
        question = Question(first_month=date(2026, first, 1), last_month=date(2026, last, 1), by=by)
        return completion_statistics(question, may_see_persons=False).total()[1]

    assert told(2, 2) == Figure(0, is_exact=False, is_one_group=True)
    assert told(1, 3).count - told(3, 3).count == told(1, 1).count == 20
    assert told(1, 2).count == 20
    assert told(1, 3, Step.YEAR).count == 32


def test_a_completion_late_in_the_evening_belongs_to_the_local_month() -> None:
    courses, person = make_courses(), make_person()
    complete_many([person], courses[COURSES[0]], "vgr", datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    complete_many([person], courses[COURSES[0]], "vgr", datetime(2025, 12, 31, 22, 59, tzinfo=UTC))
    told = completion_statistics(Question(), may_see_persons=True)
    assert [period for period, (_line, total) in told.by_period().items() if total.count] == [
        date(2025, 12, 1),
        date(2026, 7, 1),
    ]
    assert len(told.periods) == 12


def test_f24_a_completion_counts_where_it_was_recorded() -> None:
    world: World = make_world()
    prescriber = make_prescriber(world.home_care, courses=())
    record_completion(
        person=prescriber.person,
        course_key="national-hjalpmedel",
        completed_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        source="test",
        source_id="1",
        by=BY,
    )
    # The unit becomes part of VGR; what was reported before stays.
    OrganisationUnit.objects.filter(pk=world.home_care.pk).update(principal_kind="vgr")
    line, total = completion_statistics(Question(), may_see_persons=True).total()
    assert {principal: figure.count for principal, figure in line.items()} == {
        "municipality": 1,
        "vgr": 0,
        "private": 0,
    }
    assert total.count == 1


def test_figures_of_a_unit_count_all_below_it() -> None:
    world = make_world()
    course = CourseReference.objects.get(key="national-hjalpmedel")
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    complete_many([make_person()], course, "municipality", at, world.home_care)
    complete_many([make_person(), make_person()], course, "vgr", at, world.clinic)
    for unit, count in ((world.root, 3), (world.municipality, 1), (world.vgr, 2), (world.private, 0)):
        told = completion_statistics(Question(unit=unit.key), may_see_persons=True)
        assert told.total()[1].count == count
    assert completion_statistics(Question(unit="finns-inte"), may_see_persons=True).is_empty


def test_a19_figures_of_a_unit_are_refused_to_who_may_not_see_persons() -> None:
    with pytest.raises(ValueError, match="may see persons"):
        completion_statistics(Question(unit="all"), may_see_persons=False)


@pytest.mark.parametrize("people", [1, 3])
def test_the_number_of_queries_is_fixed(people: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    courses = make_courses()
    for key in COURSES:
        complete_many([make_person() for _ in range(people)], courses[key], "vgr", datetime(2026, 1, 10, tzinfo=UTC))
    with django_assert_num_queries(2):
        told = completion_statistics(Question(), may_see_persons=True)
        told.by_course_and_period(), told.by_period(), told.by_course(), told.total()
    with django_assert_num_queries(3):
        completion_statistics(Question(), may_see_persons=False)


def test_nothing_recorded_is_an_empty_answer() -> None:
    make_courses()
    told = completion_statistics(Question(), may_see_persons=False)
    assert told.is_empty
    assert told.by_period() == {}
    assert told.total() == ({"municipality": Figure(), "vgr": Figure(), "private": Figure()}, Figure())
