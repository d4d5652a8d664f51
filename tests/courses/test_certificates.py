"""A certificate for each completion of a course of ours: once, for good, and never of what did not happen."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from competence.actions.identities import merge_people
from competence.actions.wrong_completions import withdraw_completion
from competence.models.outbox import OutboxEvent
from competence.outbox import deliver_waiting
from competence.queries.recorded import recorded_completions
from competence.tasks import deliver_outbox
from courses.actions.attendance import note_attendance
from courses.actions.certificates import keep_certificate_right
from courses.actions.examinations import submit_examination
from courses.models import Certificate, CertificateRevocation, Course
from courses.models.certificate import CODE_ALPHABET, CertificateIsAppendOnly
from courses.queries.certificates import certificate_with_code, certificates_of, current_certificates_of, read_code
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.factories.certificates import COMPLETED, complete, make_certificate
from tests.factories.competence import make_person
from tests.factories.courses import BUILDER, edition_of, make_attempt, make_course, make_editor, sit_down, write
from tests.factories.lessons import at_the_test, form_for, make_lesson_course, reader, single
from tests.factories.occasions import make_held_occasion, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person(first_name="Åsa", last_name="Testsson")


def states(person: User) -> list[str]:
    return [one.state for one in certificates_of(person)]


def test_a_completed_course_of_ours_is_certified_with_the_facts_as_they_are(person: User) -> None:
    course = make_course(title="Regional utbildning", minutes=95, is_trusted=True)
    attempt = make_attempt(course, person)
    write(sit_down(attempt), {"cmi.core.lesson_status": "passed"})
    deliver_outbox()
    certificate = Certificate.objects.get()
    attempt.refresh_from_db()
    assert (certificate.person, certificate.person_name) == (person, "Åsa Testsson")
    assert (certificate.course_key, certificate.course_title) == (course.key, "Regional utbildning")
    assert (certificate.edition, certificate.minutes) == (edition_of(course).number, 95)
    assert certificate.completed_at == attempt.finished_at
    assert certificate.issuer_name == "Hjälpmedel i Västra Götaland"
    assert AuditEvent.objects.filter(action="issue_certificate", person=person).count() == 1


def test_it_says_what_was_so_when_it_was_issued(person: User) -> None:
    course = make_course(title="Regional utbildning", minutes=95)
    certificate = make_certificate(person, course)
    person.last_name = "Nyström"
    person.save()
    course.title, course.minutes = "Ny titel", 10
    course.save()
    certificate.refresh_from_db()
    assert (certificate.person_name, certificate.course_title, certificate.minutes) == (
        "Åsa Testsson",
        "Regional utbildning",
        95,
    )


def test_f05_an_event_that_comes_again_makes_no_second_certificate(person: User) -> None:
    make_certificate(person)
    OutboxEvent.objects.update(delivered_at=None)
    deliver_waiting()
    assert Certificate.objects.count() == 1


def test_what_others_vouch_for_is_not_ours_to_certify(person: User) -> None:
    course = make_course()
    for source in ("self-report", "import:2026", "websesam"):
        complete(person, course, source=source)
    deliver_outbox()
    assert not Certificate.objects.exists()


def test_what_others_report_costs_no_query_however_much_it_is(person: User, django_assert_num_queries: Any) -> None:
    complete(person, make_course(), source="import:2026")
    [completion] = recorded_completions(
        sources=["import:2026"], course_keys=Course.objects.values_list("key", flat=True)
    )
    with django_assert_num_queries(0):
        assert keep_certificate_right(completion) is None


def test_a_renewal_gives_a_new_one_and_the_old_is_kept_as_replaced(person: User) -> None:
    course = make_course()
    first = make_certificate(person, course)
    make_certificate(person)  # another course replaces nothing
    second = make_certificate(person, course, COMPLETED + timedelta(days=365))
    of_course = [one for one in certificates_of(person) if one.certificate.course_key == course.key]
    assert [(one.certificate, one.state) for one in of_course] == [(second, "valid"), (first, "replaced")]
    assert current_certificates_of(person)[course.key] == second
    shown = certificate_with_code(first.code)
    assert shown is not None
    assert shown.since == second.issued_at


def test_one_told_late_does_not_replace_a_later_one(person: User) -> None:
    course = make_course()
    later = make_certificate(person, course, COMPLETED)
    earlier = make_certificate(person, course, COMPLETED - timedelta(days=30))
    assert current_certificates_of(person) == {course.key: later}
    shown = certificate_with_code(earlier.code)
    assert shown is not None
    assert shown.state == "replaced"


def test_a_completion_taken_back_revokes_its_certificate_once_and_nothing_is_removed(person: User) -> None:
    course = make_course()
    first = make_certificate(person, course)
    completion = complete(person, course, COMPLETED + timedelta(days=1))
    deliver_outbox()
    withdraw_completion(completion=completion, reason="Fel person", by=BUILDER)
    deliver_outbox()
    OutboxEvent.objects.filter(kind="completion.withdrawn").update(delivered_at=None)
    deliver_outbox()
    assert states(person) == ["revoked", "valid"]
    assert current_certificates_of(person) == {course.key: first}, "what replaced it does not hold"
    assert CertificateRevocation.objects.count() == 1
    assert AuditEvent.objects.filter(action="revoke_certificate", person=person).count() == 1


def test_f06_what_was_taken_back_before_it_was_told_is_never_certified(person: User) -> None:
    completion = complete(person, make_course())
    withdraw_completion(completion=completion, reason="Fel person", by=BUILDER)
    deliver_outbox()
    assert not Certificate.objects.exists()


def test_nobody_changes_or_removes_a_certificate(person: User) -> None:
    certificate = make_certificate(person)
    certificate.person_name = "Någon Annan"
    with pytest.raises(CertificateIsAppendOnly):
        certificate.save()
    with pytest.raises(CertificateIsAppendOnly):
        certificate.delete()


def test_certificates_follow_the_person_when_records_are_made_one(person: User) -> None:
    kept, course = make_person(), make_course()
    first = make_certificate(person, course)
    merge_people(absorbed=person, into=kept, reason="Samma person", by=BUILDER)
    second = make_certificate(kept, course, COMPLETED + timedelta(days=365))
    assert [one.certificate for one in certificates_of(kept)] == [second, first]
    shown = certificate_with_code(first.code)
    assert shown is not None
    assert shown.state == "replaced"


def test_codes_are_unguessable_and_differ(person: User) -> None:
    course = make_course()
    codes = {make_certificate(person, course, COMPLETED + timedelta(days=day)).code for day in range(5)}
    assert len(codes) == 5
    assert all(len(code) == 20 and set(code) <= set(CODE_ALPHABET) for code in codes)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7K3QX-9TB2M-4HZ8P-WN5RC", "7K3QX9TB2M4HZ8PWN5RC"),
        (" 7k3qx 9tb2m 4hz8p wn5rc ", "7K3QX9TB2M4HZ8PWN5RC"),
        ("OIL1X-9TB2M-4HZ8P-WN5RC", "0111X9TB2M4HZ8PWN5RC"),
        ("7K3QX", ""),
        ("7K3QX9TB2M4HZ8PWN5RCC", ""),
        ("7K3QX9TB2M4HZ8PWN5RÅ", ""),
        ("' OR 1=1 --", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_as_people_write_it(typed: str, code: str) -> None:
    assert read_code(typed) == code


def test_the_command_certifies_what_came_before_there_were_certificates(person: User) -> None:
    course = make_course()
    for day in range(3):
        complete(person, course, COMPLETED + timedelta(days=day))
    withdraw_completion(completion=complete(person, course), reason="Fel", by=BUILDER)

    def run(*words: str) -> str:
        out = StringIO()
        call_command("issue_certificates", *words, stdout=out)
        return out.getvalue()

    assert run("--dry-run") == "3 would be issued.\n"
    assert Certificate.objects.count() == 0
    assert run() == "3 issued.\n"
    assert run() == "0 issued.\n"
    assert Certificate.objects.count() == 3


@pytest.mark.parametrize("many", [1, 3])
def test_a_persons_certificates_take_one_query(person: User, many: int, django_assert_num_queries: Any) -> None:
    for day in range(many):
        make_certificate(person, at=COMPLETED + timedelta(days=day))
    with django_assert_num_queries(1):
        assert len(certificates_of(person)) == many


def test_a_course_of_lessons_is_certified_with_its_edition(person: User) -> None:
    examination = at_the_test(make_lesson_course(questions=[single()]), person)
    submit_examination(examination=examination, read=reader(form_for(examination)), by=person)
    deliver_outbox()
    certificate = Certificate.objects.get()
    assert (certificate.course_title, certificate.minutes, certificate.edition) == ("En lektionskurs", 30, 1)


def test_who_attended_an_occasion_is_certified(person: User) -> None:
    occasion = make_held_occasion()
    make_place(occasion, person)
    marks = {
        (place.public_id, session.public_id): True
        for place in occasion.places.all()
        for session in occasion.sessions.all()
    }
    note_attendance(occasion=occasion, marks=marks, by=make_editor())
    deliver_outbox()
    certificate = Certificate.objects.get()
    assert (certificate.person, certificate.edition) == (person, None)
    assert certificate.minutes == 240
