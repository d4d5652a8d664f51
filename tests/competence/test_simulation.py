"""A simulated rule change: who loses, who gains and when, seen by those who may; and nothing is written."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competence.models.requirement import RuleSetVersion
from competence.policy.decision import Outcome
from competence.policy.rules import RuleSet
from competence.queries.eligibility import current_moment
from competence.queries.rule_documents import exported
from competence.queries.rules import current_rule_book
from competence.rule_documents.check import check_text
from competence.simulation.compare import Kind
from competence.simulation.report import Sight, report_of, sight_of
from competence.simulation.run import Simulation, simulate
from competence.simulation.stored import as_data, from_data
from lms.lib.actors import Machine
from lms.lib.clock import day_starts_at, local_day
from lms.users.models import User
from tests.factories.competence import NATIONAL, RULES, SOCIAL_CARE_ORDERER, World, make_person, make_prescriber

EVERYBODY = Sight(units=None, is_hidden=False)


def document(*changes: tuple[str, str]) -> str:
    """Västra Götaland's rules with some text replaced."""
    text = RULES.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def rules(text: str) -> RuleSet:
    checked = check_text(text, version=99)
    assert checked.rules is not None, checked.faults
    return checked.rules


# The common regional course is demanded of nobody in mobility any more.
NO_REGIONAL = document(
    ("    roles: [prescriber-mobility]\n    gate: block", "    roles: [prescriber-mobility]\n    gate: report")
)
# Orderers in social care must have the national course.
STRICT = document(("    gate: warn", "    gate: block"))


def simulated(text: str, at: datetime | None = None, **more: Any) -> Simulation:
    moment = current_moment()
    return simulate(rules(text), current_rule_book(), at=at or moment.now, moment=moment, **more)


def told(found: Simulation) -> list[tuple[int, str, str]]:
    return [(row.person, row.change.right, row.change.kind.value) for row in found.rows]


def test_who_gains_and_who_does_not_change(world: World) -> None:
    gaining = make_prescriber(world.clinic, courses=(NATIONAL,))
    make_prescriber(world.clinic)
    make_prescriber(world.clinic, courses=())
    found = simulated(NO_REGIONAL)
    assert told(found) == [
        (gaining.person.pk, "websesam.health-care", "gains"),
        (gaining.person.pk, "websesam.unit", "gains"),
    ]
    assert found.affected == {"gains": 1}
    assert found.rows[0].change.at == found.plan_start
    assert found.rows[0].unit == "testkliniken"


def test_who_loses_what_was_a_recommendation(world: World) -> None:
    losing = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER)
    found = simulated(STRICT)
    assert {(person, kind) for person, _right, kind in told(found)} == {(losing.person.pk, "loses")}
    (change,) = [row.change for row in found.rows if row.change.right == "websesam.social-care"]
    assert (change.before, change.after) == (Outcome.ALLOWED_WITH_WARNING, Outcome.DENIED)
    assert change.role == SOCIAL_CARE_ORDERER


def test_f26_a_change_is_told_at_the_instant_of_the_rule(world: World) -> None:
    make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    later = day_starts_at(local_day(current_moment().now) + timedelta(days=40))
    begins = local_day(later) + timedelta(days=20)
    again = STRICT[STRICT.index("  - key: social-care-national") :].replace("from: 2023-01-01", f"from: {begins}", 1)
    again = again[: again.index("  - key: manager-national")]
    until = document(
        (
            "    gate: warn\n    from: 2023-01-01",
            f"    gate: warn\n    from: 2023-01-01\n    to: {begins - timedelta(days=1)}",
        ),
        ("  - key: manager-national", f"{again}  - key: manager-national"),
    )
    found = simulated(until, at=later)
    assert found.plan_start == later
    assert {row.change.at for row in found.rows} == {day_starts_at(begins)}


def test_what_is_given_later_in_the_horizon_ends_with_it(world: World) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,), ends_on=local_day(current_moment().now) + timedelta(days=9))
    found = simulated(NO_REGIONAL)
    ends = {row.change.until for row in found.rows}
    assert ends == {day_starts_at(local_day(found.plan_start) + timedelta(days=10))}


def test_the_rules_in_force_change_nothing_and_ask_about_nobody(world: World) -> None:
    make_prescriber(world.clinic)
    found = simulated(exported(RuleSetVersion.objects.get()))
    assert (found.rights, found.people, found.rows) == ((), 0, [])


def test_nothing_is_written(world: World) -> None:
    for _number in range(3):
        make_prescriber(world.clinic, courses=(NATIONAL,))
    before = {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = simulated(NO_REGIONAL)
        report_of(found, rules(NO_REGIONAL), EVERYBODY)
    assert found.rows
    assert [query["sql"] for query in queries if not query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))] == []
    assert {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()} == before


@pytest.mark.parametrize("people", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_people(
    world: World, people: int, django_assert_num_queries: Any
) -> None:
    for _number in range(people):
        make_prescriber(world.clinic, courses=(NATIONAL,))
    draft, book, moment = rules(NO_REGIONAL), current_rule_book(), current_moment()
    # The first and the last, their employments, ordering rights and appointments, prepared facts, the units affected.
    with django_assert_num_queries(6):
        simulate(draft, book, at=moment.now, moment=moment)


def test_a_run_can_be_stopped_by_its_progress(world: World) -> None:
    make_prescriber(world.clinic)

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        simulated(NO_REGIONAL, progress=stop)


def test_a_result_is_the_same_after_it_was_stored(world: World) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    found = simulated(NO_REGIONAL)
    assert from_data(json.loads(json.dumps(as_data(found)))) == found


# --- Who may see what -----------------------------------------------------------------------------------------------
def member_of(group: str) -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name=group))
    return person


def test_a16_a_manager_sees_the_people_of_their_own_units_only(world: World) -> None:
    own = make_prescriber(world.clinic, courses=(NATIONAL,))
    make_prescriber(world.home_care, courses=(NATIONAL,))
    found = simulated(NO_REGIONAL)
    sight = sight_of(world.manager)
    assert sight is not None
    report = report_of(found, rules(NO_REGIONAL), sight)
    assert {one.person for one in report.people} == {own.person}
    assert [line.title for table in report.tables if table.key == "units" for line in table.lines] == ["Testkliniken"]
    outsider = sight_of(world.outsider)
    assert outsider is not None
    assert report_of(found, rules(NO_REGIONAL), outsider).nobody


def test_a19_a_statistician_sees_no_names_and_no_small_groups(world: World) -> None:
    for _number in range(4):
        make_prescriber(world.clinic, courses=(NATIONAL,))
    for _number in range(6):
        make_prescriber(world.home_care, courses=(NATIONAL,))
    found = simulated(NO_REGIONAL)
    sight = sight_of(member_of("Statistiker"))
    assert sight == Sight(units=None, is_hidden=True)
    report = report_of(found, rules(NO_REGIONAL), sight)
    assert report.people == ()
    units = {line.title: line.texts[1] for table in report.tables if table.key == "units" for line in table.lines}
    assert units["Hemtjänsten"] == "12"  # six people, two rights each
    assert units["Testkliniken"] not in ("4", "8")
    # Nor can the hidden group be found by subtraction.
    assert report.total.texts[1] == "minst 12"


def test_who_may_see_persons_sees_all_and_others_nothing(world: World) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    assert sight_of(member_of("Samverkansfunktionen")) == EVERYBODY
    assert sight_of(Machine("command:test")) == EVERYBODY
    assert sight_of(make_person()) is None


# --- The command ----------------------------------------------------------------------------------------------------
def run(*words: str) -> str:
    out = io.StringIO()
    call_command("simulate_rules", *words, "--processes=1", stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def draft(tmp_path: Path) -> str:
    file = tmp_path / "draft.yaml"
    file.write_text(NO_REGIONAL, encoding="utf-8")
    return str(file)


def test_the_command_tells_it_in_every_form(world: World, draft: str, tmp_path: Path) -> None:
    one = make_prescriber(world.clinic, courses=(NATIONAL,))
    assert "Per enhet\n0\t2\t0\t0\tTestkliniken" in run(draft)
    assert json.loads(run(draft, "--format=json"))["changes"] == 2
    assert one.person.get_full_name() in run(draft, "--format=csv")
    output = tmp_path / "simulation.xlsx"
    run(draft, "--format=xlsx", f"--output={output}", "--at=2035-03-01T08:00", "--horizon=30")
    assert output.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--at=tomorrow"], 2), (["--horizon=0"], 2), (["--format=xlsx"], 2)],
)
def test_the_command_refuses_what_it_cannot_do(world: World, draft: str, words: list[str], code: int) -> None:
    with pytest.raises(CommandError) as refused:
        run(draft, *words)
    assert refused.value.returncode == code


def test_the_command_refuses_a_wrong_document(world: World, tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text("roles: {}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="rights"):
        run(str(file))


def test_the_kinds_of_change_are_told_apart() -> None:
    from competence.simulation.compare import kind_of

    allowed, warned, denied = Outcome.ALLOWED, Outcome.ALLOWED_WITH_WARNING, Outcome.DENIED
    assert [kind_of(*pair) for pair in ((allowed, denied), (warned, denied))] == [Kind.LOSES, Kind.LOSES]
    assert [kind_of(*pair) for pair in ((denied, warned), (denied, allowed))] == [Kind.GAINS, Kind.GAINS]
    assert [kind_of(*pair) for pair in ((allowed, warned), (warned, allowed))] == [Kind.WARNED, Kind.CLEARED]
