"""An organiser's pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from courses.models import Course, Occasion, Place
from lms.lib.clock import STOCKHOLM, local_day
from lms.users.models import User
from tests.courses.test_occasion_pages import logged_in
from tests.factories.competence import World, make_hsa_id, make_person
from tests.factories.courses import make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_occasion_course, make_place

pytestmark = pytest.mark.django_db
EDITING = "/kursredaktion/tillfallen/"


@pytest.fixture
def desk() -> Client:
    editor = make_editor()
    editor.language = "en"
    editor.save()
    return logged_in(editor)


def filled_in(*, sessions: list[dict[str, str]] | None = None, **fields: Any) -> dict[str, Any]:
    """The form of an occasion in a month."""
    day = local_day(timezone.now()) + timedelta(days=30)
    sessions = sessions or [{"day": day.isoformat(), "begins": "09:00", "ends": "12.30", "topic": "Praktik"}]
    data: dict[str, Any] = {
        "town": "Borås",
        "venue": "Sal 1",
        "seats": "8",
        "register_by": (day - timedelta(days=3)).isoformat(),
        "s-TOTAL_FORMS": str(len(sessions) + 1),
        "s-INITIAL_FORMS": "0",
    }
    for number, session in enumerate(sessions):
        data |= {f"s-{number}-{name}": value for name, value in session.items()}
    return {**data, **fields}


def as_posted(occasion: Occasion, **fields: Any) -> dict[str, Any]:
    """The form of an occasion as its page has it."""
    rows = []
    for session in occasion.sessions.all():
        begins, ends = session.starts_at.astimezone(STOCKHOLM), session.ends_at.astimezone(STOCKHOLM)
        rows.append(
            {
                "public_id": str(session.public_id),
                "day": begins.date().isoformat(),
                "begins": begins.strftime("%H:%M"),
                "ends": ends.strftime("%H:%M"),
                "topic": session.topic,
            }
        )
    values = {
        "town": occasion.town,
        "venue": occasion.venue,
        "seats": str(occasion.seats),
        "register_by": occasion.register_by.isoformat(),
        "s-INITIAL_FORMS": str(len(rows)),
    }
    return filled_in(sessions=rows, **{**values, **fields})


def every_page(occasion: Occasion) -> list[str]:
    own = f"{EDITING}{occasion.public_id}/"
    return [EDITING, f"{EDITING}ny-kurs/", f"/kursredaktion/{occasion.course.key}/tillfallen/ny/"] + [
        own + more for more in ("", "stall-in/", "kopiera/")
    ]


def test_the_pages_are_for_those_who_edit_courses(desk: Client) -> None:
    teacher = make_person()
    occasion = make_occasion(teacher=teacher)
    for path in every_page(occasion):
        assert desk.get(path).status_code == 200, path
        for outsider in (teacher, make_person()):
            assert logged_in(outsider).get(path).status_code == 403, path
        assert Client().get(path).status_code == 302, path
    for more in ("utlys/", "ta-bort/"):
        path = f"{EDITING}{occasion.public_id}/{more}"
        assert desk.get(path).status_code == 405
        assert logged_in(teacher).post(path).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(desk: Client, number: int, django_assert_num_queries: Any) -> None:
    course = make_occasion().course
    for _occasion in range(number - 1):
        make_occasion(course)
    desk.get(EDITING)
    with django_assert_num_queries(11):
        assert desk.get(EDITING).content.count(b'class="number">0/10') == number


def test_a_course_an_occasion_and_its_announcement(desk: Client, world: World) -> None:
    course = {"title": "Ramper", "key": "ramper", "minutes": "90", "level": "supplier", "description": "Om ramper"}
    assert desk.post(f"{EDITING}ny-kurs/", course)["Location"] == "/kursredaktion/ramper/tillfallen/ny/"
    assert desk.post(f"{EDITING}ny-kurs/", course).status_code == 422
    teacher = make_person()
    data = filled_in(
        teacher=make_hsa_id(teacher).value.lower(),
        commissioned_by="vgr",
        prerequisites=["national-hjalpmedel"],
        video_url="video.example.se/rum",
        note="Ta med dator",
    )
    answer = desk.post("/kursredaktion/ramper/tillfallen/ny/", data, follow=True).content.decode()
    assert "saved as a draft" in answer
    occasion = Occasion.objects.get()
    assert (occasion.teacher, occasion.prerequisites) == (teacher, ["national-hjalpmedel"])
    assert occasion.commissioned_by is not None
    assert occasion.commissioned_by.key == "vgr"
    assert occasion.video_url == "https://video.example.se/rum"
    session = occasion.sessions.get()
    assert (session.starts_at.astimezone(STOCKHOLM).hour, session.topic) == (9, "Praktik")
    desk.post(f"{EDITING}{occasion.public_id}/utlys/")
    occasion.refresh_from_db()
    assert occasion.is_announced
    assert Course.objects.get(key="ramper").is_published


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seats": "0"}, "Seats"),
        ({"town": ""}, "Say where it is"),
        ({"s-0-ends": "08:00"}, "A session must end after it begins"),
        ({"s-0-begins": ""}, "Fill in the day, when it begins and when it ends"),
        ({"s-0-begins": "nio"}, "Write the time as 09:00"),
        ({"register_by": "2027-13-01"}, "Write the day as 2027-03-01"),
        ({"teacher": "ingen alls"}, "There is nobody with the user name or HSA-ID"),
        ({"prerequisites": ["finns-inte"]}, "Must be completed before"),
        ({"commissioned_by": "finns-inte"}, "For"),
        ({"video_url": "javascript:alert(1)"}, "Video link"),
        ({"s-TOTAL_FORMS": "x"}, "Something needs to be corrected"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_nothing_is_lost(desk: Client, fields: dict[str, Any], said: str) -> None:
    course = make_occasion_course()
    response = desk.post(f"/kursredaktion/{course.key}/tillfallen/ny/", filled_in(note="Behåll mig", **fields))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "Behåll mig" in page
    assert not Occasion.objects.exists()


def test_a_new_occasion_begins_with_what_the_latest_said(desk: Client) -> None:
    latest = make_occasion(seats=7, note="Parkera på gården")
    page = desk.get(f"/kursredaktion/{latest.course.key}/tillfallen/ny/").content.decode()
    assert "Parkera på gården" in page
    assert 'value="7"' in page


def test_saving_the_form_as_it_is_moves_nothing(desk: Client) -> None:
    occasion = make_occasion(sessions=2)
    make_place(occasion)
    sessions = {s.public_id: s.starts_at for s in occasion.sessions.all()}
    desk.post(f"{EDITING}{occasion.public_id}/", as_posted(occasion))
    occasion.refresh_from_db()
    assert occasion.revision == 0
    assert {s.public_id: s.starts_at for s in occasion.sessions.all()} == sessions


def test_a_moved_occasion_tells_those_who_are_coming(desk: Client) -> None:
    occasion = make_occasion()
    make_place(occasion)
    answer = desk.post(f"{EDITING}{occasion.public_id}/", as_posted(occasion, town="Mölndal"), follow=True)
    assert "are told of the new time or place" in answer.content.decode()


def test_a_session_of_another_occasion_is_refused(desk: Client) -> None:
    occasion, other = make_occasion(), make_occasion()
    data = as_posted(occasion, **{"s-0-public_id": str(other.sessions.get().public_id)})
    answer = desk.post(f"{EDITING}{occasion.public_id}/", data)
    assert answer.status_code == 422
    assert "no longer there" in answer.content.decode()


def test_cancelling_asks_for_the_reason(desk: Client) -> None:
    occasion = make_occasion()
    make_place(occasion)
    path = f"{EDITING}{occasion.public_id}/stall-in/"
    assert "1 person with a seat or in the line is told" in desk.get(path).content.decode()
    assert desk.post(path, {"reason": ""}).status_code == 422
    desk.post(path, {"reason": "Sjukdom"})
    occasion.refresh_from_db()
    assert occasion.cancelled_reason == "Sjukdom"
    assert Place.objects.get().status == Place.Status.REGISTERED


def test_a_copy_is_a_draft_on_the_chosen_day(desk: Client) -> None:
    occasion = make_held_occasion(people=2)
    day = local_day(timezone.now()) + timedelta(days=50)
    answer = desk.post(f"{EDITING}{occasion.public_id}/kopiera/", {"first_day": day.isoformat()}, follow=True)
    assert "as a draft" in answer.content.decode()
    copy = Occasion.objects.exclude(pk=occasion.pk).get()
    assert (local_day(copy.starts_at), copy.status) == (day, Occasion.Status.DRAFT)
    assert desk.post(f"{EDITING}{occasion.public_id}/kopiera/", {"first_day": "snart"}).status_code == 422


def test_a_draft_is_removed_and_an_announced_one_is_not(desk: Client) -> None:
    draft, announced = make_occasion(is_announced=False), make_occasion()
    for occasion in (draft, announced):
        desk.post(f"{EDITING}{occasion.public_id}/ta-bort/")
    assert Occasion.objects.get() == announced


def test_the_earlier_ones_are_a_list_of_their_own(desk: Client) -> None:
    coming, over = make_occasion(town="Skövde"), make_held_occasion(town="Mölndal")
    assert isinstance(coming.teacher, User | None)
    assert "Mölndal" not in desk.get(EDITING).content.decode()
    assert "Mölndal" in desk.get(f"{EDITING}?when=over").content.decode()
    assert "Mölndal" in desk.get(f"{EDITING}?when=over&course={over.course.key}").content.decode()
