"""The demonstration shows what it promises: each of the cast, the organisation, the figures, and the second run."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from competence.demo.cast import Expectation
from competence.demo.characters import CAST
from competence.models.appointment import Appointment
from competence.models.authorisation import Authorisation, AuthorisationApplication
from competence.models.completion import Completion, CompletionClaim
from competence.models.deputy import DeputyAssignment
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.models.outbox import OutboxEvent
from competence.models.reminder import Reminder
from competence.models.reported_figure import ReportedFigure
from competence.models.requirement import RuleSetVersion
from competence.permissions import can_decide_about, can_manage
from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.queries.eligibility import current_moment, decide_for, person_with_hsa_id
from competence.team_reminders import words_of_reminder
from courses.management.commands.load_demo_assignments import BEGUN, EVERYBODY, FINISHED
from courses.models import Attempt, Course, CourseAssignment, Message
from courses.reminder_words import due_words
from lms import env
from lms.audit.models import AuditEvent
from lms.users.models import HSA_ID_PATTERN, User, fold_identifier

HANDLES_OF_THE_CONTRACT = (
    "prescriber_ok prescriber_new prescriber_missing_regional prescriber_old_course prescriber_basic_level "
    "prescriber_on_leave prescriber_two_employers prescriber_expiring orderer_unit orderer_social_care "
    "orderer_inactive former_employee manager editor coordinator statistician admin"
)
TEAM = [c for c in CAST if c.handle.startswith(("prescriber_", "orderer_", "former_"))]
COUNTED = (
    User,
    Employment,
    Appointment,
    Authorisation,
    Completion,
    CompletionClaim,
    AuthorisationApplication,
    OrganisationUnit,
    RuleSetVersion,
    ReportedFigure,
    Course,
    OutboxEvent,
    AuditEvent,
    DeputyAssignment,
    Reminder,
    CourseAssignment,
    Attempt,
    Message,
)


def load(folder: Path) -> tuple[dict[str, Any], str]:
    """Load the demonstration; what it wrote to the file, and what it said."""
    said = io.StringIO()
    call_command("load_demo", output=folder / "demo.json", stdout=said, stderr=said)
    return json.loads((folder / "demo.json").read_text(encoding="utf-8")), said.getvalue()


@pytest.fixture(scope="module")
def _database_of_this_module(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One transaction around the module: the demonstration is loaded once, and gone at the end."""
    from django.db import transaction

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture(scope="module")
def demo(_database_of_this_module: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return load(tmp_path_factory.mktemp("demo"))[0]


@pytest.fixture(autouse=True)
def _everything_is_rolled_back(demo: dict[str, Any], db: None) -> None:
    """Each test in a transaction of its own, inside the module's."""


def ask(hsa_id: str, right: str, **context: Any) -> EligibilityDecision:
    return decide_for(
        person_with_hsa_id(hsa_id),
        right,
        moment=current_moment(),
        context=Context(identity=fold_identifier(hsa_id), **context),
    )


def test_who_follows_the_apis_guide_has_every_scope_that_an_operation_asks_for_and_somebody_to_ask_about(
    demo: dict[str, Any],
) -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    wanted = {scope for one in operations for way in one["security"] or [] for scope in way["OAuth2"]}

    assert wanted == set(demo["machine_clients"]["utvecklare"]["scopes"])
    assert ask(demo["users"]["prescriber_ok"]["hsa_id"], "websesam.health-care").allowed


def test_every_handle_of_the_contract_is_there_and_can_log_in(demo: dict[str, Any]) -> None:
    assert set(HANDLES_OF_THE_CONTRACT.split()) <= set(demo["users"])
    for handle, user in demo["users"].items():
        assert set(user) == {"username", "password", "hsa_id", "shows"}
        assert user["username"] == handle
        assert HSA_ID_PATTERN.fullmatch(user["hsa_id"])
    user = demo["users"]["prescriber_new"]
    assert authenticate(username=user["username"], password=user["password"]) is not None


@pytest.mark.parametrize(
    ("hsa_id", "expected"),
    [
        pytest.param(expected.hsa_id or character.hsa_id, expected, id=f"{character.handle}-{number}")
        for character in CAST
        for number, expected in enumerate(character.expects)
    ],
)
def test_each_of_the_cast_gets_the_promised_answer(hsa_id: str, expected: Expectation) -> None:
    answer = ask(hsa_id, expected.right, role=expected.role, customer_number=expected.customer_number)
    assert answer.outcome is expected.outcome
    codes = {step.code for step in answer.missing} | {reason.code for reason in answer.reasons}
    assert expected.codes <= codes


@pytest.mark.parametrize(
    ("handle", "right", "outcome", "missing"),
    [
        ("prescriber_ok", "websesam.health-care", "allowed", []),
        (
            "prescriber_new",
            "websesam.health-care",
            "denied",
            ["COURSE_MISSING", "COURSE_MISSING", "LEVEL_NOT_DECIDED", "NOT_APPOINTED", "NOT_AUTHORISED"],
        ),
        ("prescriber_missing_regional", "websesam.health-care", "denied", ["COURSE_MISSING"]),
        ("prescriber_basic_level", "websesam.health-care", "allowed", []),
        ("prescriber_on_leave", "websesam.health-care", "denied", ["SUSPENDED"]),
        ("prescriber_expiring", "websesam.health-care", "allowed", []),
        ("orderer_unit", "websesam.unit", "allowed", []),
        ("orderer_social_care", "websesam.social-care", "allowed_with_warning", ["COURSE_MISSING"]),
        ("orderer_inactive", "websesam.unit", "denied", ["AUTHORISATION_INACTIVE"]),
    ],
)
def test_exactly_these_steps_remain(
    demo: dict[str, Any], handle: str, right: str, outcome: str, missing: list[str]
) -> None:
    """Written out a second time, from the contract and not from the cast's own expectations."""
    answer = ask(demo["users"][handle]["hsa_id"], right)
    assert answer.outcome == outcome
    assert sorted(step.code for step in answer.missing) == missing


def test_one_employer_of_two_allows(demo: dict[str, Any]) -> None:
    person = User.objects.get(username="prescriber_two_employers")
    hsa_ids = sorted(person.identities.values_list("value", flat=True))
    assert len(hsa_ids) == 2
    assert [ask(hsa_id, "websesam.health-care").outcome for hsa_id in hsa_ids] == [Outcome.DENIED, Outcome.ALLOWED]


def test_an_old_course_counts_for_its_own_area_only(demo: dict[str, Any]) -> None:
    hsa_id = demo["users"]["prescriber_old_course"]["hsa_id"]
    assert ask(hsa_id, "websesam.health-care", product_group="rorelse").outcome is Outcome.ALLOWED
    other = ask(hsa_id, "websesam.health-care", product_group="medicinsk-behandling")
    assert other.outcome is Outcome.DENIED
    assert [step.requirement for step in other.missing] == ["regional-medical-treatment"]


def test_the_validity_that_ends_soon_ends_within_thirty_days(demo: dict[str, Any]) -> None:
    answer = ask(demo["users"]["prescriber_expiring"]["hsa_id"], "websesam.health-care")
    assert answer.valid_until is not None
    assert 0 < (answer.valid_until - timezone.now()).days < 30


@pytest.mark.parametrize("handle", [character.handle for character in TEAM])
def test_the_manager_manages_everybody_in_the_team_and_the_other_manager_does_not(handle: str) -> None:
    units = [employment.unit for employment in Employment.objects.filter(person__username=handle)]
    manager, elsewhere = (User.objects.get(username=name) for name in ("manager", "manager_elsewhere"))
    assert any(can_manage(manager, unit) for unit in units)
    assert not any(can_manage(elsewhere, unit) for unit in units)


def test_something_waits_for_the_manager() -> None:
    claim = CompletionClaim.objects.get(status=CompletionClaim.Status.WAITING)
    with claim.evidence.open("rb") as file:
        assert file.read().startswith(b"%PDF-1.4")
    assert claim.evidence_type == "application/pdf"
    assert AuthorisationApplication.objects.filter(status=AuthorisationApplication.Status.SUBMITTED).count() == 1


def test_somebody_stands_in_for_the_manager_and_decides_about_the_team() -> None:
    deputy = DeputyAssignment.objects.select_related("person", "manager_assignment__person").get()
    assert (deputy.person.username, deputy.manager_assignment.person.username) == ("deputy", "manager")
    team = Employment.objects.filter(person__username="prescriber_ok").select_related("unit").get()
    assert can_decide_about(deputy.person, team)
    assert not can_decide_about(User.objects.get(username="manager_elsewhere"), team)


def test_the_manager_has_reminded_some_who_have_something_left_to_do() -> None:
    reminders = Reminder.objects.select_related("employment__person", "recorded_by")
    assert [(one.recorded_by.username, bool(one.message)) for one in reminders.order_by("pk") if one.recorded_by] == [
        ("manager", False),
        ("manager", True),
    ]
    for one in reminders:
        assert words_of_reminder(one, "Carin Chefsson", current_moment()) is not None


def test_many_are_enrolled_with_a_day_and_have_come_as_far_as_they_came() -> None:
    rows = CourseAssignment.objects.filter(enrolment__course__key="regional-forskrivare")
    assert rows.count() == EVERYBODY
    assert {row.assigned_by.username for row in rows.select_related("assigned_by") if row.assigned_by} == {"editor"}
    today = timezone.localdate()
    assert all(row.due_on is not None and today < row.due_on <= today + timedelta(days=7) for row in rows)
    attempts = Attempt.objects.filter(enrolment__assignment__in=rows)
    assert attempts.filter(finished_at__isnull=False, outcome=Attempt.Outcome.COMPLETION).count() == FINISHED
    assert attempts.filter(finished_at=None, lesson_progress__isnull=False).distinct().count() == BEGUN
    finished = [attempt.person for attempt in attempts.filter(finished_at__isnull=False).select_related("person")]
    for person in finished:
        completion = Completion.objects.get(person=person, course__key="regional-forskrivare")
        assert (completion.source, completion.score is not None) == ("lessons", True)
    # Nobody whom one may log in as is among them, and whoever is to hear of it does so: the others.
    assert not rows.filter(enrolment__person__username__in=[c.handle for c in CAST]).exists()
    everybody = {row.enrolment.person for row in rows.select_related("enrolment__person")}
    waiting = Message.objects.filter(kind="reminder.due", recipient__in=everybody)
    assert {message.recipient for message in waiting if due_words(message)} == everybody - set(finished)


@pytest.mark.parametrize(
    ("handle", "may", "may_not"),
    [
        ("editor", ["courses.edit_courses", "wagtailadmin.access_admin"], ["competence.view_statistics"]),
        ("coordinator", ["competence.view_person_statistics", "competence.manage_rules"], []),
        ("statistician", ["competence.view_statistics"], ["competence.view_person_statistics"]),
        ("admin", ["competence.manage_rules", "courses.decide_package_trust"], []),
        ("manager", [], ["competence.view_statistics", "courses.edit_courses"]),
        ("prescriber_ok", [], ["competence.view_statistics", "wagtailadmin.access_admin"]),
    ],
)
def test_each_may_do_what_the_role_says(handle: str, may: list[str], may_not: list[str]) -> None:
    user = User.objects.get(username=handle)
    assert not user.is_superuser
    assert [permission for permission in may if not user.has_perm(permission)] == []
    assert [permission for permission in may_not if user.has_perm(permission)] == []


def test_the_organisation_has_49_municipalities_under_four_associations() -> None:
    municipalities = OrganisationUnit.objects.filter(
        kind=OrganisationUnit.Kind.PRINCIPAL, principal_kind=PrincipalKind.MUNICIPALITY
    )
    parents = [unit.get_parent() for unit in municipalities]
    assert len(parents) == 49
    by_association = {key: sum(parent.key == key for parent in parents) for key in {p.key for p in parents}}
    assert by_association == {"gr": 12, "sjuharad": 8, "fyrbodal": 14, "skaraborg": 15}
    assert OrganisationUnit.find_problems() == ([], [], [], [], [])


def test_completions_are_spread_over_years_courses_and_principals() -> None:
    completions = Completion.objects.all()
    assert completions.count() > 300
    assert {moment.year for moment in completions.values_list("completed_at", flat=True)} >= {2023, 2024, 2025}
    assert set(completions.values_list("principal_kind", flat=True)) == set(PrincipalKind.values)
    old = completions.filter(course__key="regional-rorelse")
    assert old.exists()
    assert not old.filter(completed_at__date__gt=old.first().course.ended_on).exists()  # type: ignore[union-attr]


def test_machine_clients_are_written_with_what_they_need(demo: dict[str, Any]) -> None:
    assert {"websesam", "sesamlmn"} <= set(demo["machine_clients"])
    for client in demo["machine_clients"].values():
        assert set(client) == {"client_id", "client_secret", "token_url", "scopes"}
        assert client["token_url"].startswith(demo["base_url"])


def test_loading_again_changes_nothing(demo: dict[str, Any], tmp_path: Path) -> None:
    before = [model.objects.count() for model in COUNTED]
    again, said = load(tmp_path)
    assert again == demo
    assert [model.objects.count() for model in COUNTED] == before
    assert "0 people new" in said


def test_it_refuses_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", "production")
    for command in ("load_demo", "load_demo_people", "load_demo_course", "load_demo_clients", "load_demo_assignments"):
        with pytest.raises(CommandError, match="production"):
            call_command(command)
