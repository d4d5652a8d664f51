"""My courses, a course, and the player's pages."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from competence.actions.completions import approve_claim, refuse_claim
from competence.models.completion import CompletionClaim
from courses.models import Attempt, Enrolment
from courses.queries.learner import courses_for
from lms.users.models import User
from tests.courses.packages import manifest, two_part_package, zip_of
from tests.factories.competence import NATIONAL, REGIONAL, World, make_person, make_prescriber
from tests.factories.courses import make_attempt, make_course, sit_down, write

pytestmark = pytest.mark.django_db
PASSED = {"cmi.core.lesson_status": "passed"}


@pytest.fixture
def owner() -> User:
    return make_person(language="en")


@pytest.fixture
def colleague() -> User:
    return make_person(language="en")


@pytest.fixture
def mine(owner: User) -> Client:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def without_tokens(response: Any) -> bytes:
    """The body, but for the form's token and the identifier asked for, which differ each time."""
    return re.sub(rb"[A-Za-z0-9]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", response.content)


@pytest.mark.parametrize("number", [1, 3])
def test_my_courses_asks_the_database_as_often_for_three_as_for_one(
    mine: Client, owner: User, number: int, django_assert_num_queries: Any
) -> None:
    for _course in range(number):
        write(sit_down(make_attempt(make_course(), owner)), {"cmi.core.lesson_location": "1"})
    with django_assert_num_queries(6):  # courses, attempts, completions, claims, certificates
        assert len(courses_for(owner)) == number
    assert mine.get("/mina-kurser/").content.count(b"course-row panel") == number


def test_what_the_person_needs_comes_first_and_says_what_for(mine: Client, owner: User, world: World) -> None:
    make_prescriber(world.clinic, person=owner, courses=())
    make_course(title="Aaa, not needed")
    begun = make_course(title="Zzz, begun")
    write(sit_down(make_attempt(begun, owner)), {"cmi.core.lesson_location": "1"})
    make_course(key=REGIONAL, title="Needed one")
    page = mine.get("/mina-kurser/").content.decode()
    to_do, more, elsewhere = page.index('id="att-gora"'), page.index('id="fler"'), page.index('id="annorstades"')
    assert to_do < page.index("Zzz, begun") < page.index("Needed one") < page.index(NATIONAL) < more
    assert more < page.index("Aaa, not needed") < elsewhere
    assert page.count("Required for:") == 2  # the regional course, and the national one, taken elsewhere

    others = Client()
    others.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert "Required for:" not in others.get("/mina-kurser/").content.decode()


def test_each_state_is_told(mine: Client, owner: User) -> None:
    make_course(title="New one")
    write(sit_down(make_attempt(make_course(title="Begun one"), owner)), {"cmi.core.lesson_location": "1"})
    write(sit_down(make_attempt(make_course(title="Failed one"), owner)), {"cmi.core.lesson_status": "failed"})
    write(sit_down(make_attempt(make_course(title="Waiting one"), owner)), PASSED)
    write(sit_down(make_attempt(make_course(title="Done one", is_trusted=True), owner)), PASSED)
    page = mine.get("/mina-kurser/").content.decode()

    for words in ("Not begun", "Begun", "Not passed yet", "Awaits your manager", "Finished "):
        assert words in page


def test_a12_the_learner_is_told_that_the_manager_attests_and_when_that_is_done(
    mine: Client, owner: User, world: World
) -> None:
    make_prescriber(world.clinic, person=owner, courses=())
    course = make_course()
    write(sit_down(make_attempt(course, owner)), PASSED)
    assert (
        "The course counts once your manager has attested it"
        in mine.get(f"/mina-kurser/{course.key}/").content.decode()
    )

    approve_claim(claim=CompletionClaim.objects.get(), by=world.manager)
    assert "The course is finished and recorded" in mine.get(f"/mina-kurser/{course.key}/").content.decode()


def test_a_refused_claim_is_told_with_its_reason(mine: Client, owner: User, world: World) -> None:
    make_prescriber(world.clinic, person=owner, courses=())
    course = make_course()
    write(sit_down(make_attempt(course, owner)), PASSED)
    refuse_claim(claim=CompletionClaim.objects.get(), reason="Fel kurs <b>", by=world.manager)
    assert "Fel kurs &lt;b&gt;" in mine.get(f"/mina-kurser/{course.key}/").content.decode()


def test_starting_enrols_and_leads_to_the_player(mine: Client, owner: User) -> None:
    course = make_course()
    response = mine.post(f"/mina-kurser/{course.key}/starta/")

    assert response["Location"] == f"/mina-kurser/{course.key}/spela/"
    assert Enrolment.objects.get(person=owner).course == course
    mine.post(f"/mina-kurser/{course.key}/starta/")
    assert Attempt.objects.filter(person=owner).count() == 1


def test_beginning_again_closes_the_attempt_before(mine: Client, owner: User) -> None:
    course = make_course()
    first = make_attempt(course, owner)
    mine.post(f"/mina-kurser/{course.key}/starta/", {"anew": "1"})
    first.refresh_from_db()

    assert first.closed_at is not None
    assert Attempt.objects.get(person=owner, closed_at=None).number == 2


def test_a45_nothing_starts_by_following_a_link(mine: Client) -> None:
    course = make_course()
    attempt = make_attempt(course)
    for path in (f"/mina-kurser/{course.key}/starta/", f"/mina-kurser/forsok/{attempt.public_id}/ga/"):
        assert mine.get(path).status_code == 405
    assert mine.get(f"/mina-kurser/{course.key}/spela/")["Location"] == f"/mina-kurser/{course.key}/"


def test_a45_starting_needs_the_forms_token(owner: User) -> None:
    course = make_course()
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/mina-kurser/{course.key}/starta/").status_code == 403


def test_the_player_goes_to_the_part_that_is_asked_for(mine: Client, owner: User) -> None:
    attempt = make_attempt(make_course(two_part_package()), owner)
    path = f"/mina-kurser/forsok/{attempt.public_id}/ga/"
    opened = mine.post(path).json()
    assert opened["item"] == "del-1"
    chosen = mine.post(path, {"verb": "choice", "item": "del-2", "launch": opened["launch"]}).json()
    assert chosen["item"] == "del-2"
    assert mine.post(path, {"verb": "open"}).json()["item"] == "del-2"
    attempt.refresh_from_db()
    launch = str(attempt.launch_id)
    assert mine.post(path, {"verb": "choice", "item": "del-3", "launch": launch}).status_code == 409
    assert mine.post(path, {"verb": "dance", "launch": launch}).status_code == 409


def test_f08_a_tab_that_has_been_left_behind_moves_nothing(mine: Client, owner: User) -> None:
    attempt = make_attempt(make_course(two_part_package()), owner)
    path = f"/mina-kurser/forsok/{attempt.public_id}/ga/"
    first = mine.post(path).json()
    mine.post(path)
    for launch in (first["launch"], "", "nonsense"):
        refused = mine.post(path, {"verb": "continue", "launch": launch})
        assert (refused.status_code, refused.json()["code"]) == (409, "fenced")
    attempt.refresh_from_db()
    assert attempt.current_item == "del-1"


def test_a14_anothers_attempt_looks_like_one_that_is_not_there(mine: Client, colleague: User) -> None:
    attempt = make_attempt(make_course(), colleague)
    for end, method in (("ga", mine.post), ("lage", mine.get)):
        missing = method(f"/mina-kurser/forsok/{uuid.UUID(int=0)}/{end}/")
        theirs = method(f"/mina-kurser/forsok/{attempt.public_id}/{end}/")
        assert (theirs.status_code, missing.status_code) == (404, 404)
        assert without_tokens(theirs) == without_tokens(missing)
    assert Attempt.objects.get().launch_id is None


def test_a_course_that_is_not_published_or_not_open_is_not_there_for_the_outsider(mine: Client) -> None:
    hidden, closed = make_course(is_published=False), make_course()
    closed.is_open = False
    closed.save()
    for course in (hidden, closed):
        assert mine.get(f"/mina-kurser/{course.key}/").status_code == 404
        assert mine.post(f"/mina-kurser/{course.key}/starta/").status_code == 404


def test_pages_are_for_those_who_have_logged_in(client: Client) -> None:
    course = make_course()
    for path in ("/mina-kurser/", f"/mina-kurser/{course.key}/", f"/mina-kurser/{course.key}/spela/"):
        assert client.get(path).status_code == 302


def test_a05_a_title_with_script_is_text_on_every_page(mine: Client, owner: User) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    items = "".join(f'<item identifier="i{n}" identifierref="r1"><title>{evil}</title></item>' for n in (1, 2))
    course = make_course(zip_of({"imsmanifest.xml": manifest(items=items, title=evil), "index.html": "x"}), title="")
    assert course.title == "<script>alert(1)</script>"
    attempt = make_attempt(course, owner)
    for path in (
        "/mina-kurser/",
        f"/mina-kurser/{course.key}/",
        f"/mina-kurser/{course.key}/spela/",
        f"/mina-kurser/forsok/{attempt.public_id}/lage/",
    ):
        page = mine.get(path).content
        assert b"alert(1)" in page
        assert b"<script>alert" not in page


def test_a07_the_player_frames_the_package_in_a_sandbox_from_the_other_origin(mine: Client, owner: User) -> None:
    from django.conf import settings

    course = make_course()
    make_attempt(course, owner)
    response = mine.get(f"/mina-kurser/{course.key}/spela/")

    assert 'sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads"' in (
        response.content.decode()
    )
    assert f"frame-src {settings.CONTENT_ORIGIN}" in response["Content-Security-Policy"]
