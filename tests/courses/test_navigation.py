"""Moving through packages with rules: the server decides where to, and what it all comes to."""

from __future__ import annotations

import json
import uuid

import pytest
from django.core.exceptions import PermissionDenied

from courses.actions.attempts import start_attempt, start_preview
from courses.actions.navigation import Fenced, Move, move
from courses.models import Attempt, ScoRuntime, SequencingState, SharedValue
from courses.queries.contents import contents_of
from courses.scorm.tokens import Sitting
from lms.lib.errors import Refusal
from tests.courses.packages import HEAD_2004, manifest, two_part_package, zip_of
from tests.courses.sequenced import objective, part, remedial_package, rule, sequenced_package
from tests.factories.competence import make_person
from tests.factories.courses import edition_of, go, make_attempt, make_course, make_editor, sit_down, write

pytestmark = pytest.mark.django_db

PASSED = {"cmi.completion_status": "completed", "cmi.success_status": "passed"}
FAILED = {"cmi.completion_status": "completed", "cmi.success_status": "failed"}


def says(attempt: Attempt, changes: dict[str, str], *, ends: bool = True) -> None:
    """What the part that is open writes, with its farewell."""
    attempt.refresh_from_db()
    runtime = ScoRuntime.objects.get(attempt=attempt, item=attempt.current_item)
    assert attempt.launch_id is not None
    write(
        Sitting(attempt.public_id, attempt.launch_id, runtime.item), changes, trigger="terminate" if ends else "commit"
    )


def item_of(attempt: Attempt) -> str:
    attempt.refresh_from_db()
    return attempt.current_item


def test_a_part_asks_to_go_on_and_the_server_takes_it_there() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, {"cmi.completion_status": "completed", "adl.nav.request": "continue"})
    assert go(attempt, "follow").sitting is not None
    assert item_of(attempt) == "test"


def test_the_package_leads_back_until_the_test_is_passed_and_then_the_course_is() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, PASSED)
    go(attempt, "continue")
    says(attempt, FAILED)
    go(attempt, "continue")
    assert item_of(attempt) == "lesson"
    attempt.refresh_from_db()
    assert attempt.finished_at is None
    says(attempt, PASSED)
    go(attempt, "continue")
    says(attempt, PASSED)
    moved = go(attempt, "continue")
    assert moved.has_ended
    attempt.refresh_from_db()
    assert (attempt.status, attempt.outcome) == (Attempt.Status.PASSED, Attempt.Outcome.CLAIM)


def test_a_part_that_is_begun_anew_finds_nothing_of_what_it_wrote() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, {**PASSED, "cmi.location": "7"})
    go(attempt, "continue")
    says(attempt, FAILED)
    go(attempt, "continue")
    runtime = ScoRuntime.objects.get(attempt=attempt, item="lesson")
    assert (runtime.data, runtime.has_ended) == ("{}", False)


def test_f32_leaving_and_coming_back_goes_on_in_the_same_part_with_all_it_wrote() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, PASSED)
    go(attempt, "continue")
    says(attempt, {"cmi.location": "3", "cmi.exit": "suspend"})
    assert go(attempt, "suspendAll").has_ended
    assert sit_down(attempt).item == "test"
    assert json.loads(ScoRuntime.objects.get(attempt=attempt, item="test").data)["cmi.location"] == "3"


def test_a_wish_that_was_never_carried_out_since_the_page_was_gone_is_carried_out_at_the_next_opening() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, {**PASSED, "adl.nav.request": "continue"})
    assert sit_down(attempt).item == "test"


def test_a_part_that_ends_and_asks_for_nothing_stays() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, PASSED)
    moved = go(attempt, "follow")
    assert (moved.sitting, moved.has_ended, moved.is_left) == (None, False, False)


def test_what_the_package_does_not_allow_is_told_in_words_and_changes_nothing_that_is_open() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    first = sit_down(attempt)
    moved = go(attempt, "choice", "test")
    assert "ordningen" in moved.message
    assert not moved.is_left
    attempt.refresh_from_db()
    assert attempt.launch_id == first.launch


def test_f08_a_sitting_that_was_replaced_moves_nothing() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    first = sit_down(attempt)
    sit_down(attempt)
    with pytest.raises(Fenced):
        move(attempt=attempt, asked=Move("continue", launch=first.launch), by=attempt.person)
    with pytest.raises(Fenced):
        move(attempt=attempt, asked=Move("continue", launch=uuid.uuid4()), by=attempt.person)
    assert item_of(attempt) == "lesson"


def test_a13_nobody_moves_in_anothers_attempt() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    with pytest.raises(PermissionDenied, match="one person"):
        move(attempt=attempt, asked=Move("open"), by=make_person())


def test_a_course_that_is_withdrawn_cannot_be_moved_in() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    Attempt.objects.filter(pk=attempt.pk).update(closed_at=attempt.started_at)
    with pytest.raises(Refusal):
        go(attempt, "continue")


def test_the_contents_say_what_is_closed_and_why() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    attempt.refresh_from_db()
    contents = contents_of(attempt)
    assert [(one.identifier, one.can_be_opened, one.is_current) for one in contents.parts] == [
        ("lesson", False, True),
        ("test", False, False),
    ]
    assert "ordningen" in contents.parts[1].refusal
    assert contents.following == ""
    assert contents.previous
    assert contents.can_be_ended


def test_hidden_parts_and_buttons_are_not_shown() -> None:
    hide = (
        "<adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI>"
        "</adlnav:navigationInterface></adlnav:presentation>"
    )
    attempt = make_attempt(
        make_course(
            sequenced_package(
                part("a", extra=hide),
                part("b", rule("preConditionRule", "always", "hiddenFromChoice")),
                sequencing='<imsss:controlMode flow="true"/>',
            )
        )
    )
    sit_down(attempt)
    attempt.refresh_from_db()
    contents = contents_of(attempt)
    assert "b" not in [one.identifier for one in contents.parts]
    assert [name for name, _refusal in contents.steps] == ["previous"]


def test_what_one_package_writes_into_a_global_objective_another_reads() -> None:
    person = make_person()
    first = make_attempt(make_course(sequenced_package(part("test", objective("shared", writes=True)), part("end"),
                                                       everywhere=True)), person)  # fmt: skip
    sit_down(first)
    says(first, PASSED)
    go(first, "continue")
    assert SharedValue.objects.get(person=person).target == "shared"
    skipped = part("lesson", objective("shared", reads=True) + rule("preConditionRule", "satisfied", "skip"))
    package = sequenced_package(skipped, part("end"), everywhere=True)
    second, anothers = make_attempt(make_course(package), person), make_attempt(make_course(package))
    assert sit_down(second).item == "end"
    assert sit_down(anothers).item == "lesson"


def test_a_part_that_writes_to_its_objectives_by_number_alone_is_understood() -> None:
    """They are there by name when it starts, so that it may never say which is which."""
    maps = "".join(
        f'<imsss:objective objectiveID="{name}"><imsss:mapInfo targetObjectiveID="g-{name}" '
        'writeSatisfiedStatus="true"/></imsss:objective>'
        for name in ("one", "two", "three", "four")
    )
    objectives = f"<imsss:objectives><imsss:primaryObjective/>{maps}</imsss:objectives>"
    person = make_person()
    attempt = make_attempt(make_course(sequenced_package(part("a", objectives), part("b"), everywhere=True)), person)
    sit_down(attempt)
    says(attempt, {**PASSED, **{f"cmi.objectives.{number}.success_status": "failed" for number in range(4)}})
    go(attempt, "continue")
    shared = {row.target: json.loads(row.value)["satisfied"] for row in SharedValue.objects.filter(person=person)}
    assert shared == {"g-one": False, "g-two": False, "g-three": False, "g-four": False}


def test_beginning_a_course_anew_forgets_what_it_has_shared() -> None:
    course = make_course(sequenced_package(part("test", objective("shared", reads=True, writes=True)
                                                + rule("preConditionRule", "satisfied", "skip")), part("end"),
                                           everywhere=True))  # fmt: skip
    attempt = make_attempt(course)
    sit_down(attempt)
    says(attempt, PASSED)
    go(attempt, "continue")
    assert attempt.enrolment is not None
    again = start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
    assert sit_down(again).item == "test"


def test_a_preview_neither_reads_nor_writes_what_a_person_shares() -> None:
    course = make_course(
        sequenced_package(part("test", objective("shared", writes=True)), part("end"), everywhere=True)
    )
    preview = start_preview(edition=edition_of(course), by=make_editor())
    sit_down(preview)
    says(preview, PASSED)
    go(preview, "continue")
    assert not SharedValue.objects.exists()
    preview.refresh_from_db()
    assert preview.finished_at is None


def test_f32_an_attempt_from_before_there_were_sessions_goes_on_where_it_was() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, PASSED)
    go(attempt, "continue")
    SequencingState.objects.all().delete()
    assert sit_down(attempt).item == "test"
    says(attempt, PASSED)
    go(attempt, "continue")
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.PASSED


def test_f07_a_late_word_of_a_part_that_was_left_takes_nothing_back() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    sit_down(attempt)
    says(attempt, PASSED)
    go(attempt, "continue")
    says(attempt, PASSED)
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.PASSED
    says(attempt, {"cmi.success_status": "failed", "cmi.completion_status": "incomplete"})
    go(attempt, "continue")
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.PASSED


def test_a_mere_list_of_parts_keeps_the_learners_work_when_a_part_is_opened_again() -> None:
    attempt = make_attempt(make_course(two_part_package(HEAD_2004)))
    sit_down(attempt)
    says(attempt, {**PASSED, "cmi.location": "7"})
    go(attempt, "choice", "del-2")
    go(attempt, "choice", "del-1")
    assert json.loads(ScoRuntime.objects.get(attempt=attempt, item="del-1").data)["cmi.location"] == "7"


def prerequisites_package(script: str) -> bytes:
    items = "".join(
        f'<item identifier="{name}" identifierref="r"><title>{name}</title>'
        + (f'<adlcp:prerequisites type="aicc_script">{script}</adlcp:prerequisites>' if name == "c" else "")
        + "</item>"
        for name in "abc"
    )
    resources = '<resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"/>'
    return zip_of({"imsmanifest.xml": manifest(items=items, resources=resources), "index.html": "<p>Hej"})


def test_scorm_12_a_part_is_closed_until_its_prerequisites_are_met() -> None:
    attempt = make_attempt(make_course(prerequisites_package("a&amp;b")))
    sit_down(attempt)
    with pytest.raises(Refusal, match="före"):
        go(attempt, "choice", "c")
    attempt.refresh_from_db()
    assert [one.can_be_opened for one in contents_of(attempt).parts] == [True, True, False]
    for name in "ab":
        go(attempt, "choice", name)
        says(attempt, {"cmi.core.lesson_status": "completed"})
    assert go(attempt, "choice", "c").sitting is not None


def test_an_asset_counts_as_seen_once_it_is_opened() -> None:
    resources = '<resource identifier="r" type="webcontent" adlcp:scormtype="asset" href="index.html"/>'
    items = '<item identifier="a" identifierref="r"><title>A</title></item>'
    package = zip_of({"imsmanifest.xml": manifest(items=items, resources=resources), "index.html": "<p>Hej"})
    attempt = make_attempt(make_course(package))
    sit_down(attempt)
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.COMPLETED


def test_a_package_that_asks_to_leave_is_left() -> None:
    attempt = make_attempt(make_course())
    sit_down(attempt)
    says(attempt, {"cmi.core.exit": "logout", "cmi.core.lesson_status": "completed"})
    moved = go(attempt, "follow")
    assert (moved.has_ended, moved.is_left) == (True, True)
