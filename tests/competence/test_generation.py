"""An invented population: the same for a seed, resumable, and good enough for the product's own queries."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from competence import generation
from competence.actions.completions import record_completion
from competence.invention import Plan, live
from competence.models.completion import Completion
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.models.outbox import OutboxEvent, Revision
from competence.models.prepared import PreparedFacts
from competence.prepared_facts import decode
from competence.queries.eligibility import current_moment, decide_for
from competence.queries.facts import recorded_facts_for
from competence.rebuilding import stale_people
from competence.statistics import Question, completion_statistics
from lms import env
from lms.lib.actors import Machine
from lms.users.models import EmployeeIdentity, User, validate_hsa_id
from tests.factories.competence import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def generate(people: int, **options: Any) -> None:
    values = {"completions_per_person": 3, "people_per_unit": 5, "seed": 7, "until": date(2026, 11, 1), **options}
    call_command("generate_population", people=people, verbosity=0, **values)


def population() -> list[tuple[Any, ...]]:
    """Everything that tells one population from another."""
    rows: list[tuple[Any, ...]] = []
    rows += User.objects.filter(username__startswith="population").order_by("username").values_list("username")
    rows += (
        Completion.objects.filter(source__startswith="population")
        .order_by("source", "source_id")
        .values_list("source_id", "public_id", "completed_at", "course__key", "unit__key", "principal_kind")
    )
    rows += (
        Employment.objects.filter(person__username__startswith="population")
        .order_by("public_id")
        .values_list("public_id", "starts_on", "unit__key")
    )
    return rows


def test_the_people_have_numbers_for_names_and_identities_that_hold(world: World) -> None:
    generate(12)
    person = User.objects.get(username="population7-000012")
    assert person.full_name == "Person 000012 Exempelsson"
    assert not person.has_usable_password()
    for identity in EmployeeIdentity.objects.filter(person__username__startswith="population"):
        validate_hsa_id(identity.value)
    assert OrganisationUnit.objects.filter(key__startswith="population7-").count() == 3
    assert not OrganisationUnit.find_problems()[0]


def test_p10_an_interrupted_run_ends_like_an_uninterrupted_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "CHUNK", 4)
    generate(4, people_per_unit=100)
    generate(11, people_per_unit=100)
    in_parts = population()
    made = User.objects.count()
    generate(11, people_per_unit=100)
    assert User.objects.count() == made
    generate(11, people_per_unit=100, seed=8)
    others = [row for row in population() if row not in in_parts]
    assert len(others) > 11
    plan = Plan(people=11, completions_per_person=3, seed=7, until=date(2026, 11, 1), people_per_unit=100)
    ground = generation._ground(plan, Machine("test"))
    again = [live(plan, ground, number) for number in range(1, 12)]
    assert {c.public_id for life in again for c in life.completions} == set(
        Completion.objects.filter(source="population7").values_list("public_id", flat=True)
    )


def test_people_who_are_missing_in_the_middle_are_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when one of several processes was broken off."""
    generate(9, people_per_unit=100)
    whole = population()
    made = generation._make
    monkeypatch.setattr(generation, "CHUNK", 3)
    monkeypatch.setattr(generation, "_make", lambda *args: made(*args) if args[-1][0] != 13 else 0)
    generate(18, people_per_unit=100)
    assert User.objects.filter(username__startswith="population7-").count() == 15
    monkeypatch.setattr(generation, "_make", made)
    generate(18, people_per_unit=100)
    names = [f"population7-{number:06d}" for number in range(1, 19)]
    assert (
        list(User.objects.filter(username__in=names).order_by("username").values_list("username", flat=True)) == names
    )
    assert [row for row in population() if row in whole] == whole


def test_what_is_prepared_is_what_is_recorded(world: World) -> None:
    """It is made from the same lives, not read again: the two must never say different things."""
    generate(40)
    people = list(User.objects.filter(username__startswith="population7-").values_list("pk", flat=True))
    assert not stale_people().filter(pk__in=people).exists()
    recorded = recorded_facts_for(people)
    rows = dict(PreparedFacts.objects.filter(person_id__in=people).values_list("person_id", "facts"))
    assert {person: decode(text) for person, text in rows.items()} == recorded
    assert any(fact.endings for facts in recorded.values() for fact in facts.all_facts())
    assert len(set(PreparedFacts.objects.values_list("stamp", flat=True))) == PreparedFacts.objects.count()
    call_command("verify_state", all=True)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_processes_make_the_same_people(monkeypatch: pytest.MonkeyPatch) -> None:
    make_world()
    monkeypatch.setattr(generation, "CHUNK", 3)
    generate(20, people_per_unit=100, processes=3)
    made = population()
    call_command("verify_state", all=True)
    plan = Plan(people=20, completions_per_person=3, seed=7, until=date(2026, 11, 1), people_per_unit=100)
    ground = generation._ground(plan, Machine("test"))
    expected = {c.public_id for number in range(1, 21) for c in live(plan, ground, number).completions}
    assert {row[1] for row in made if len(row) == 6} == expected
    assert OutboxEvent.objects.filter(kind="population.generated").count() == 7


def test_a_chunk_is_one_numbered_change(world: World) -> None:
    before = Revision.objects.get().number
    generate(30)
    assert Revision.objects.get().number == before + 1


def test_the_products_own_queries_understand_the_population(world: World) -> None:
    generate(60)
    told = completion_statistics(Question(), may_see_persons=True)
    withdrawn = Ending.objects.filter(kind="corrected").count()
    assert told.total()[1].count == Completion.objects.count() - withdrawn > 60
    person = User.objects.get(username="population7-000001")
    assert decide_for(person, "websesam.health-care", moment=current_moment()).outcome
    # Sent again by its source it is the same completion.
    completion = Completion.objects.filter(source="population7").select_related("person", "course")[0]
    assert completion == record_completion(
        person=completion.person,
        course_key=completion.course.key,
        completed_at=completion.completed_at,
        source=completion.source,
        source_id=completion.source_id,
        by=Machine("test"),
    )


def test_a_dry_run_keeps_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    people, units = User.objects.count(), OrganisationUnit.objects.count()
    generate(9, dry_run=True)
    assert (User.objects.count(), OrganisationUnit.objects.count()) == (people, units)
    assert "taken back" in capsys.readouterr().out


def test_production_is_spared_unless_really_meant(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", "production")
    with pytest.raises(CommandError, match="production"):
        generate(1)
    generate(1, yes_really=True)
    assert User.objects.filter(username="population7-000001").exists()


def test_without_rules_it_says_what_to_load() -> None:
    with pytest.raises(CommandError):
        generate(1)


@pytest.mark.parametrize("wrong", [{"people": 0}, {"seed": -1}, {"people_per_unit": 0}, {"processes": 0}])
def test_impossible_numbers_are_refused(world: World, wrong: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        generate(**{"people": 1, **wrong})
