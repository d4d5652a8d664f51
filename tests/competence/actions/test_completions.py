"""The one door for completions, and the claims that may become one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from competence.actions.completions import (
    CompletionConflict,
    approve_claim,
    claim_completion,
    fingerprint_of,
    offer_completion,
    record_completion,
    refuse_claim,
)
from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion, CompletionClaim
from competence.models.ending import Ending
from competence.models.fact import FactIsAppendOnly
from competence.models.outbox import OutboxEvent
from competence.queries.eligibility import current_moment, decide_for
from lms.audit.models import AuditEvent
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.factories.competence import BUILDER, NATIONAL, REGIONAL, World, make_person, make_prescriber

WHEN = datetime(2025, 3, 1, 12, tzinfo=UTC)
PDF = b"%PDF-1.7 a certificate"


@pytest.mark.parametrize("score", [None, Decimal("80.00"), Decimal(100)])
@pytest.mark.parametrize("course", [NATIONAL, 'å"\\kurs', ""])
def test_the_digest_of_a_completion_never_changes_for_those_recorded_already(
    course: str, score: Decimal | None
) -> None:
    at = datetime(2025, 3, 30, 1, 30, 0, 17, tzinfo=UTC)
    points = None if score is None else str(score.normalize())
    content = [17, course, "2025-03-30T03:30:00.000017+02:00", points]
    assert fingerprint_of(17, course, at, score) == hashlib.sha256(json.dumps(content).encode()).hexdigest()


def record(person: User, **changes: Any) -> Completion:
    values: dict[str, Any] = {
        "person": person,
        "course_key": NATIONAL,
        "completed_at": WHEN,
        "source": "test-system",
        "source_id": "1",
        "by": BUILDER,
    }
    return record_completion(**(values | changes))


def claim(person: User, content: bytes = PDF, name: str = "kursbevis.pdf") -> CompletionClaim:
    return claim_completion(
        person=person,
        course_key=NATIONAL,
        completed_at=WHEN,
        evidence=SimpleUploadedFile(name, content),
        by=person,
    )


def test_it_records_who_what_when_and_where_it_counts(world: World) -> None:
    colleague = make_prescriber(world.clinic, courses=())
    completion = record(colleague.person)
    assert completion.unit == world.clinic
    assert completion.principal_kind == "vgr"
    assert completion.recorded_by_name == "test:builder"
    event = OutboxEvent.objects.get(kind="completion.recorded")
    assert event.person == colleague.person
    assert AuditEvent.objects.filter(action="record_completion", person=colleague.person).count() == 1


def test_p09_the_same_event_twice_is_recorded_once(world: World) -> None:
    person = make_person()
    first, second = record(person), record(person)
    assert first == second
    assert Completion.objects.count() == 1
    assert OutboxEvent.objects.filter(kind="completion.recorded").count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"course_key": REGIONAL}, {"completed_at": WHEN + timedelta(days=1)}, {"score": Decimal(50)}],
    ids=["other course", "other time", "other score"],
)
def test_the_same_key_with_other_content_is_a_conflict(world: World, changes: dict[str, Any]) -> None:
    person = make_person()
    record(person)
    with pytest.raises(CompletionConflict):
        record(person, **changes)
    with pytest.raises(CompletionConflict):
        record(make_person())
    assert Completion.objects.count() == 1


def test_f17_a_clock_a_little_ahead_is_taken_for_the_databases(world: World) -> None:
    ahead = timezone.now() + timedelta(minutes=3)
    completion = record(make_person(), completed_at=ahead)
    assert completion.completed_at == completion.recorded_at < ahead


def test_a_completion_in_the_future_is_refused(world: World) -> None:
    with pytest.raises(Refusal):
        record(make_person(), completed_at=timezone.now() + timedelta(days=1))
    assert not Completion.objects.exists()


def test_an_unknown_course_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="no-such-course"):
        record(make_person(), course_key="no-such-course")


def test_a_completion_is_never_changed_or_deleted(world: World) -> None:
    completion = record(make_person())
    completion.source = "elsewhere"
    with pytest.raises(FactIsAppendOnly):
        completion.save()
    with pytest.raises(FactIsAppendOnly):
        completion.delete()
    with pytest.raises(FactIsAppendOnly):
        Completion.objects.update(source="elsewhere")
    with pytest.raises(FactIsAppendOnly):
        Completion.objects.all().delete()


def test_a_withdrawn_completion_counts_no_more_but_the_earlier_answer_replays(world: World) -> None:
    prescriber = make_prescriber(world.clinic)
    before = current_moment()
    completion = Completion.objects.get(person=prescriber.person, course__key=REGIONAL)
    withdraw_completion(completion=completion, reason="Fel person", by=BUILDER)
    after = decide_for(prescriber.person, "websesam.health-care", moment=current_moment())
    assert [step.code.value for step in after.missing] == ["COURSE_MISSING"]
    as_then = decide_for(
        prescriber.person,
        "websesam.health-care",
        moment=current_moment(),
        valid_at=before.now,
        known_at=before.known_at,
    )
    assert as_then.allowed
    assert Ending.objects.get().reason == "Fel person"


def test_a_manager_approves_a_claim_and_the_completion_is_there(world: World) -> None:
    prescriber = make_prescriber(world.clinic, courses=(REGIONAL,))
    made = claim(prescriber.person)
    completion = approve_claim(claim=made, by=world.manager)
    assert completion.completed_at == WHEN
    assert decide_for(prescriber.person, "websesam.health-care", moment=current_moment()).allowed
    made.refresh_from_db()
    assert (made.status, made.decided_by) == ("approved", world.manager)


def test_a_refusal_has_a_reason_and_records_nothing(world: World) -> None:
    prescriber = make_prescriber(world.clinic, courses=())
    made = claim(prescriber.person)
    with pytest.raises(Refusal):
        refuse_claim(claim=made, reason="  ", by=world.manager)
    refuse_claim(claim=made, reason="Kursbeviset gäller en annan kurs.", by=world.manager)
    assert not Completion.objects.exists()


def test_a_claim_is_decided_once(world: World) -> None:
    prescriber = make_prescriber(world.clinic, courses=())
    made = claim(prescriber.person)
    approve_claim(claim=made, by=world.manager)
    with pytest.raises(Refusal):
        refuse_claim(claim=made, reason="Ångrat mig", by=world.manager)
    with pytest.raises(Refusal):
        approve_claim(claim=made, by=world.manager)


def test_a16_neither_the_owner_nor_a_colleague_nor_an_outsider_decides_a_claim(world: World) -> None:
    owner, colleague = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic)
    made = claim(owner.person)
    for person in (owner.person, colleague.person, world.outsider, world.municipal_manager):
        with pytest.raises(PermissionDenied):
            approve_claim(claim=made, by=person)
        with pytest.raises(PermissionDenied):
            refuse_claim(claim=made, reason="Nej", by=person)
    assert not Completion.objects.filter(person=owner.person).exists()


def test_a18_a_manager_does_not_decide_about_themselves(world: World) -> None:
    made = claim(world.manager)
    with pytest.raises(PermissionDenied):
        approve_claim(claim=made, by=world.manager)


def test_nobody_claims_for_somebody_else(world: World) -> None:
    with pytest.raises(PermissionDenied):
        claim_completion(
            person=make_person(),
            course_key=NATIONAL,
            completed_at=WHEN,
            evidence=SimpleUploadedFile("x.pdf", PDF),
            by=make_person(),
        )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "kursbevis.pdf"),
        (b"<svg onload=alert(1)>", "kursbevis.png"),
        (b"<?php system('x');", "kursbevis.php"),
        (b"", "tom.pdf"),
    ],
)
def test_a10_a_certificate_is_what_its_bytes_say_not_what_its_name_says(
    world: World, content: bytes, name: str
) -> None:
    with pytest.raises(Refusal):
        claim(make_person(), content, name)
    assert not CompletionClaim.objects.exists()


def test_a_hostile_file_name_decides_nothing(world: World) -> None:
    made = claim(make_person(), PDF, "../../etc/passwd<script>.php")
    assert made.evidence.name is not None
    assert made.evidence.name.startswith(f"evidence/{made.public_id}/")
    assert made.evidence.name.endswith(".pdf")
    assert "script" not in made.evidence.name


def test_a_certificate_that_is_too_large_is_refused(world: World, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    with pytest.raises(Refusal):
        claim(make_person(), PDF + b"x" * 1000)


def test_one_claim_at_a_time_for_a_course(world: World) -> None:
    person = make_person()
    claim(person)
    with pytest.raises(Refusal):
        claim(person)


def test_a_course_of_ours_cannot_be_claimed(world: World) -> None:
    person = make_person()
    with pytest.raises(Refusal):
        claim_completion(
            person=person,
            course_key=REGIONAL,
            completed_at=WHEN,
            evidence=SimpleUploadedFile("x.pdf", PDF),
            by=person,
        )


def test_a12_an_offered_completion_counts_only_when_the_manager_attests_it(world: World) -> None:
    prescriber = make_prescriber(world.clinic, courses=(NATIONAL,))
    offers = [
        offer_completion(
            person=prescriber.person,
            course_key=REGIONAL,
            completed_at=WHEN,
            source="scorm",
            source_id="abc",
            by=prescriber.person,
            flags=["implausibly_fast"],
        )
        for _ in range(2)
    ]
    assert offers[0] == offers[1]
    assert not decide_for(prescriber.person, "websesam.health-care", moment=current_moment()).allowed
    completion = approve_claim(claim=offers[0], by=world.manager)
    assert completion.flags == ["implausibly_fast"]
    assert decide_for(prescriber.person, "websesam.health-care", moment=current_moment()).allowed
