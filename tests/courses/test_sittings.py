"""From one sitting of a part to the next: how it ended decides what it finds, and in which mode."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from courses.models import Attempt, ScoRuntime, SharedValue
from courses.scorm.commit import FLAG_CLAIMED_TIME
from tests.courses.launching import config_for, data_at_next_start
from tests.courses.packages import HEAD_2004, manifest, two_part_package, zip_of
from tests.courses.sequenced import part, remedial_package, rule, sequenced_package
from tests.factories.competence import make_person
from tests.factories.courses import go, make_attempt, make_course, sit_down, write

pytestmark = pytest.mark.django_db


def of_2004() -> Attempt:
    return make_attempt(make_course(zip_of({"imsmanifest.xml": manifest(head=HEAD_2004), "index.html": "x"})))


@pytest.mark.parametrize(
    ("said", "entry", "location"),
    [
        ({"cmi.exit": "suspend"}, "resume", "7"),
        ({"cmi.exit": "logout"}, "resume", "7"),
        ({}, "", "7"),
        ({"cmi.exit": "normal"}, "ab-initio", None),
        ({"cmi.exit": "time-out"}, "ab-initio", None),
        ({"cmi.exit": ""}, "ab-initio", None),
        ({"cmi.exit": "normal", "adl.nav.request": "suspendAll"}, "resume", "7"),
        ({"adl.nav.request": "suspendAll"}, "resume", "7"),
    ],
    ids=["suspend", "logout", "nothing", "normal", "time-out", "empty", "suspend all", "suspend all alone"],
)
def test_how_a_part_of_scorm_2004_ended_decides_what_it_finds(
    said: dict[str, str], entry: str, location: str | None
) -> None:
    attempt = of_2004()
    said = {"cmi.location": "7", "cmi.completion_status": "incomplete", **said}
    write(sit_down(attempt), said, trigger="terminate")
    found = data_at_next_start(attempt)
    assert (found["cmi.entry"], found.get("cmi.location")) == (entry, location)


def test_suspending_everything_suspends_a_part_of_a_mere_list_too() -> None:
    attempt = make_attempt(make_course(two_part_package(HEAD_2004)))
    said = {"cmi.location": "7", "cmi.exit": "normal", "adl.nav.request": "suspendAll"}
    write(sit_down(attempt), said, trigger="terminate")
    assert go(attempt, "follow").is_left
    found = data_at_next_start(attempt)
    assert (found["cmi.entry"], found["cmi.location"]) == ("resume", "7")


def test_a_part_that_asked_to_suspend_everything_and_was_left_another_way_has_ended_as_it_said() -> None:
    """What the learner pressed goes before what the part asked for: so the rules after the part hold."""
    on = rule("postConditionRule", "always", "continue")
    package = sequenced_package(*(part(name, on if name == "b" else "") for name in "abc"),
                                sequencing='<imsss:controlMode flow="true"/>')  # fmt: skip
    attempt = make_attempt(make_course(package))
    sitting = sit_down(attempt, "b")
    write(sitting, {"cmi.exit": "normal", "adl.nav.request": "suspendAll"}, trigger="terminate")
    moved = go(attempt, "choice", "a")
    assert moved.sitting is not None
    assert moved.sitting.item == "c"


@pytest.mark.parametrize(
    ("said", "entry"),
    [("suspend", "resume"), ("", ""), ("logout", ""), ("time-out", "")],
)
def test_how_a_part_of_scorm_12_ended_decides_its_entry_and_never_takes_its_data(said: str, entry: str) -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.core.lesson_location": "7", "cmi.core.lesson_status": "incomplete", "cmi.core.exit": said},
          trigger="terminate")  # fmt: skip
    found = data_at_next_start(attempt)
    assert (found["cmi.core.entry"], found["cmi.core.lesson_location"]) == (entry, "7")


def test_the_manifests_objectives_have_their_names_also_when_the_part_wrote_to_them_by_number_alone() -> None:
    objectives = "".join(f'<imsss:objective objectiveID="{name}"/>' for name in ("ett", "två"))
    items = (
        '<item identifier="a" identifierref="r1"><title>A</title><imsss:sequencing><imsss:objectives>'
        f"<imsss:primaryObjective/>{objectives}</imsss:objectives></imsss:sequencing></item>"
    )
    data = zip_of({"imsmanifest.xml": manifest(items=items, head=HEAD_2004), "index.html": "x"})
    attempt = make_attempt(make_course(data))
    said = {"cmi.objectives.1.completion_status": "completed", "cmi.objectives.2.id": "egen", "cmi.exit": "suspend"}
    write(sit_down(attempt), said, trigger="terminate")
    found = data_at_next_start(attempt)
    assert [found[f"cmi.objectives.{number}.id"] for number in range(3)] == ["ett", "två", "egen"]


def test_a_part_that_never_said_goodbye_is_resumed() -> None:
    attempt = of_2004()
    write(sit_down(attempt), {"cmi.location": "7"})
    assert data_at_next_start(attempt)["cmi.entry"] == "resume"


def test_a_part_that_left_nothing_behind_begins_from_the_beginning() -> None:
    attempt = make_attempt(make_course(two_part_package(HEAD_2004)))
    write(sit_down(attempt), {"adl.nav.request": "exit"}, trigger="terminate")
    assert data_at_next_start(attempt)["cmi.entry"] == "ab-initio"


def test_how_an_earlier_sitting_ended_says_nothing_of_the_next() -> None:
    attempt = of_2004()
    write(sit_down(attempt), {"cmi.location": "7", "cmi.exit": "suspend"}, trigger="terminate")
    write(sit_down(attempt), {"cmi.location": "8"}, trigger="terminate")
    assert data_at_next_start(attempt)["cmi.entry"] == ""


def test_a_wish_is_carried_out_once() -> None:
    attempt = make_attempt(make_course(two_part_package(HEAD_2004)))
    write(sit_down(attempt), {"cmi.location": "7", "adl.nav.request": "{target=del-2}choice"}, trigger="terminate")
    followed = go(attempt, "follow").sitting
    assert followed is not None
    assert followed.item == "del-2"
    assert sit_down(attempt, "del-1").item == "del-1"
    assert sit_down(attempt).item == "del-1"  # the page is loaded again before the part has said a word


def test_a12_the_part_is_told_its_own_account_of_its_time_and_we_keep_ours() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False) as clock:
        attempt = of_2004()
        for claimed in ("P1DT0.55S", "PT1M"):
            sitting = sit_down(attempt)
            clock.shift(timedelta(minutes=10))
            write(sitting, {"cmi.session_time": claimed, "cmi.exit": "suspend"}, trigger="terminate")
        assert data_at_next_start(attempt)["cmi.total_time"] == "PT24H1M0.55S"
    attempt.refresh_from_db()
    assert ScoRuntime.objects.get().total_seconds == 10 * 60 + 120 + 60
    assert attempt.flags == [FLAG_CLAIMED_TIME]


def test_a12_a_part_cannot_write_its_total_time_itself() -> None:
    attempt = of_2004()
    sitting = sit_down(attempt)
    claim = {"cmi.total_time": "PT900H", "cmi.session_time": "PT1M", "cmi.exit": "suspend"}
    assert write(sitting, claim, trigger="terminate").refused == {"cmi.total_time": "read_only"}
    assert data_at_next_start(attempt)["cmi.total_time"] == "PT0H1M0S"


def test_without_rules_a_part_finds_its_words_as_it_wrote_them_and_its_result_stays() -> None:
    attempt = of_2004()
    sitting = sit_down(attempt)
    write(sitting, {"cmi.completion_status": "completed", "cmi.success_status": "passed"})
    write(sitting, {"cmi.completion_status": "incomplete", "cmi.exit": "suspend"}, trigger="terminate")
    assert data_at_next_start(attempt)["cmi.completion_status"] == "incomplete"
    attempt.refresh_from_db()
    assert (attempt.status, ScoRuntime.objects.get().completion) == (Attempt.Status.PASSED, "completed")


@pytest.mark.parametrize("head", [None, HEAD_2004], ids=["1.2", "2004"])
def test_a_finished_course_is_looked_at_again_without_credit(head: str | None) -> None:
    more: dict[str, Any] = {} if head is None else {"head": head}
    attempt = make_attempt(make_course(zip_of({"imsmanifest.xml": manifest(**more), "index.html": "x"})))
    core = "core." if head is None else ""
    status = {f"cmi.{core}{'lesson_status' if core else 'completion_status'}": "completed"}
    mode = f"cmi.{core}{'lesson_' if core else ''}mode"
    first = config_for(sit_down(attempt))["data"]
    assert (first[mode], first[f"cmi.{core}credit"]) == ("normal", "credit")
    attempt.refresh_from_db()
    write(sit_down(attempt), status, trigger="terminate")
    again = data_at_next_start(attempt)
    assert (again[mode], again[f"cmi.{core}credit"]) == ("review", "no-credit")


def test_a_package_with_rules_is_never_merely_looked_at_again() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    passed = {"cmi.completion_status": "completed", "cmi.success_status": "passed"}
    write(sit_down(attempt), passed, trigger="terminate")
    test = go(attempt, "continue").sitting
    assert test is not None
    write(test, passed, trigger="terminate")
    go(attempt, "exitAll")
    attempt.refresh_from_db()
    assert attempt.finished_at is not None
    assert data_at_next_start(attempt)["cmi.mode"] == "normal"


def test_f07_a_new_run_of_a_finished_course_takes_nothing_back() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    for status in ("passed", "failed"):
        said = {"cmi.completion_status": "completed", "cmi.success_status": status}
        write(sit_down(attempt), said, trigger="terminate")
        test = go(attempt, "continue").sitting
        assert test is not None
        write(test, said, trigger="terminate")
        go(attempt, "exitAll")
        attempt.refresh_from_db()
        assert attempt.status == Attempt.Status.PASSED


STORE = '<adlcp:data><adlcp:map targetID="notes"/></adlcp:data>'


def stores_of(attempt: Attempt, item: str = "") -> dict[str, str]:
    stores: dict[str, str] = config_for(sit_down(attempt, item))["shared"]["stores"]
    return stores


def test_a_store_of_the_package_outlives_a_new_attempt_on_its_part_but_not_a_new_run() -> None:
    attempt = make_attempt(
        make_course(sequenced_package(part("a", extra=STORE), part("b", extra=STORE), stores_everywhere=False))
    )
    said = {"adl.data.0.store": "min anteckning", "cmi.exit": "normal"}
    write(sit_down(attempt), said, trigger="terminate")
    go(attempt, "continue")
    sitting = go(attempt, "previous").sitting
    assert sitting is not None
    assert sitting.item == "a"
    assert config_for(sitting)["shared"]["stores"] == {"notes": "min anteckning"}
    go(attempt, "exitAll")
    assert stores_of(attempt) == {}
    assert not SharedValue.objects.exists()


def test_a_store_that_was_emptied_is_as_one_never_written() -> None:
    attempt = make_attempt(
        make_course(sequenced_package(part("a", extra=STORE), part("b", extra=STORE), stores_everywhere=False))
    )
    write(sit_down(attempt), {"adl.data.0.store": ""}, trigger="terminate")
    sitting = go(attempt, "continue").sitting
    assert sitting is not None
    assert config_for(sitting)["shared"]["stores"] == {}


def test_a_package_does_not_write_its_old_word_over_what_another_has_put_into_a_global_store() -> None:
    person = make_person()
    package = sequenced_package(part("a", extra=STORE), part("b", extra=STORE), stores_everywhere=True)
    first, second = (make_attempt(make_course(package), person) for _course in range(2))
    write(sit_down(first), {"adl.data.0.store": "ett"}, trigger="terminate")
    go(first, "continue")
    write(sit_down(second), {"adl.data.0.store": "två"}, trigger="terminate")
    go(second, "continue")
    go(first, "previous")
    assert SharedValue.objects.get(person=person, kind=SharedValue.Kind.DATA).value == "två"
    assert stores_of(first) == {"notes": "två"}


def test_a13_a_global_store_is_the_persons_own() -> None:
    package = sequenced_package(part("a", extra=STORE), part("b", extra=STORE), stores_everywhere=True)
    mine, anothers = make_attempt(make_course(package)), make_attempt(make_course(package))
    write(sit_down(mine), {"adl.data.0.store": "mitt"}, trigger="terminate")
    go(mine, "continue")
    assert stores_of(anothers) == {}


def test_a_package_of_one_part_without_rules_shares_its_store_too() -> None:
    items = f'<item identifier="a" identifierref="r1"><title>A</title>{STORE}</item>'
    data = zip_of({"imsmanifest.xml": manifest(items=items, head=HEAD_2004), "index.html": "x"})
    person = make_person()
    first, second = (make_attempt(make_course(data), person) for _course in range(2))
    write(sit_down(first), {"adl.data.0.store": "ett"}, trigger="terminate")
    go(first, "suspendAll")
    assert stores_of(second) == {"notes": "ett"}
    assert json.loads(ScoRuntime.objects.get(attempt=first).data).get("adl.data.0.store") is None


def test_a12_a_store_that_a_part_may_only_read_is_not_written_by_a_claim_of_the_browsers() -> None:
    closed = '<adlcp:data><adlcp:map targetID="notes" writeSharedData="false"/></adlcp:data>'
    package = sequenced_package(part("a", extra=closed), part("b", extra=STORE), stores_everywhere=False)
    attempt = make_attempt(make_course(package))
    write(sit_down(attempt), {"adl.data.0.store": "påhittat"}, trigger="terminate")
    sitting = go(attempt, "continue").sitting
    assert sitting is not None
    assert config_for(sitting)["shared"]["stores"] == {}
