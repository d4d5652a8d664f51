"""An editor's pages, and taking packages in."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.actions.places import cancel_place
from courses.models import Attempt, Course, PackageTrustDecision, Place, ScormPackage
from courses.queries.editor import courses_with_figures
from lms.users.models import User
from tests.courses.packages import entry, manifest, package, real_package, zip_of
from tests.factories.competence import make_person
from tests.factories.courses import edition_of, make_administrator, make_attempt, make_course, make_editor
from tests.factories.occasions import make_occasion, make_place

pytestmark = pytest.mark.django_db
TABS = ("deltagare/", "resultat/", "installningar/")
TRUST = "installningar/eget-resultat/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def editor() -> Client:
    return client_of(make_editor())


def upload(client: Client, data: bytes, **fields: Any) -> Any:
    values = {"title": "", "key": "ny-kurs", "minutes": 30, "level": "regional", "language": "sv", "description": "Om"}
    return client.post("/kursredaktion/ny/", {**values, **fields, "package": SimpleUploadedFile("k.zip", data)})


def kept_files() -> list[Path]:
    return [path for path in Path(default_storage.location).rglob("*") if path.is_file()]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("media_folder")
def test_an_uploaded_package_becomes_a_course_that_nobody_sees_yet(editor: Client) -> None:
    response = upload(editor, package())
    course = Course.objects.get()

    assert response["Location"] == "/kursredaktion/ny-kurs/"
    assert (course.key, course.title, course.is_published) == ("ny-kurs", "En kurs", False)
    assert len(kept_files()) == 2
    assert editor.get("/kursredaktion/ny-kurs/").status_code == 200


@pytest.mark.usefixtures("media_folder")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hej", "not a zip file"),
        (zip_of({"a.txt": "x"}), "no imsmanifest.xml"),
        (zip_of({"imsmanifest.xml": b"<manifest>"}), "broken at line 1"),
        (zip_of({"imsmanifest.xml": b"<!DOCTYPE m><manifest/>"}), "DOCTYPE"),
        (zip_of({"imsmanifest.xml": manifest()}), "index.html"),
        (zip_of({"imsmanifest.xml": manifest(), "index.html": ""}, extra=[(entry("../x"), b"")]), "reaches outside"),
        (package(a=bytes(60_000_000)), "unreasonably large"),
    ],
    ids=["no zip", "no manifest", "broken", "doctype", "missing file", "a01", "a03"],
)
def test_a_bad_package_is_refused_in_plain_words_the_form_is_kept_and_nothing_is_left(
    editor: Client, data: bytes, words: str
) -> None:
    response = upload(editor, data, title="Min titel")
    page = response.content.decode()

    assert response.status_code == 422
    assert words in page
    assert 'value="Min titel"' in page
    assert not Course.objects.exists()
    assert not ScormPackage.objects.exists()
    assert kept_files() == []


@pytest.mark.usefixtures("media_folder")
def test_a_key_that_is_taken_is_refused_and_nothing_is_left(editor: Client) -> None:
    course = make_course(is_published=False)
    before = kept_files()
    assert upload(editor, package(), key=course.key).status_code == 422
    assert kept_files() == before


@pytest.mark.usefixtures("media_folder")
def test_f12_a_full_disk_is_told_and_nothing_is_half_done(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*args: Any, **kwargs: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(default_storage._wrapped), "_save", no_room)  # type: ignore[attr-defined]
        response = upload(editor, package())

    assert response.status_code == 507
    assert "The disk is full" in response.content.decode()
    assert not Course.objects.exists()
    assert kept_files() == []
    assert upload(editor, package()).status_code == 302


def test_a11_a_file_beyond_the_limit_is_turned_away_before_it_is_read(editor: Client) -> None:
    class Unread:
        def read(self, *args: int) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    extra: Any = {"wsgi.input": Unread()}
    response = editor.generic(
        "POST",
        "/kursredaktion/ny/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(5 * 1024**3),
        **extra,
    )
    assert response.status_code == 413
    assert "at most" in response.content.decode()


def test_a11_a_body_that_says_less_than_it_holds_is_cut_off(editor: Client, settings: Any) -> None:
    settings.PACKAGE_MAX_BYTES = 1000
    response = upload(editor, package(a=os.urandom(5000)))
    assert response.status_code == 413
    assert not Course.objects.exists()


def test_uploading_needs_the_forms_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_editor(), backend="django.contrib.auth.backends.ModelBackend")
    assert upload(client, package()).status_code == 403
    assert not Course.objects.exists()


def test_a10_pages_are_for_editors_and_the_outsider_is_refused() -> None:
    course = make_course()
    outsider = client_of(make_person())
    paths = ["", "ny/", *(f"{course.key}/{end}" for end in ("", *TABS, "uppgifter/", "utgava/", TRUST))]
    for path in paths:
        assert outsider.get(f"/kursredaktion/{path}").status_code == 403
    for end in ("dolj/", "utgava/1/publicera/", "utgava/1/dra-in/", "utgava/1/prova/"):
        assert outsider.post(f"/kursredaktion/{course.key}/{end}").status_code == 403
    assert upload(outsider, package()).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    editor: Client, number: int, django_assert_num_queries: Any
) -> None:
    for _course in range(number):
        make_attempt(make_course())
    with django_assert_num_queries(1):
        assert [vars(course)["enrolled"] for course in courses_with_figures()] == [1] * number
    page = editor.get("/kursredaktion/").content.decode()
    assert page.count('href="/kursredaktion/kurs-') == number


def test_the_list_counts_a_course_on_occasions_by_its_places(editor: Client) -> None:
    occasion = make_occasion()
    make_occasion(course=occasion.course, is_announced=False)
    for _person in range(3):
        place = make_place(occasion)
    cancel_place(place=place, by=place.person)
    Place.objects.filter(pk=place.pk - 1).update(status=Place.Status.ATTENDED, completed_at=timezone.now())
    make_attempt(make_course())
    (held, taken) = sorted(courses_with_figures(), key=lambda course: course.kind)
    assert [vars(held)[name] for name in ("times", "enrolled", "finished")] == [1, 2, 1]
    assert [vars(taken)[name] for name in ("times", "enrolled", "finished")] == [1, 1, 0]
    page = editor.get("/kursredaktion/").content.decode()
    assert "Course on site or by video" in page
    assert reverse("courses:editor_occasions") in page


def test_publishing_a_newer_edition_and_withdrawing_it(editor: Client) -> None:
    course = make_course()
    editor.post(f"/kursredaktion/{course.key}/utgava/", {"package": SimpleUploadedFile("2.zip", package(a="2"))})
    newest = edition_of(course)
    assert (newest.number, newest.is_live) == (2, False)

    editor.post(f"/kursredaktion/{course.key}/utgava/2/publicera/")
    assert edition_of(course).is_live is False  # nobody has said yet that it is the same course
    editor.post(f"/kursredaktion/{course.key}/utgava/2/", {"reason": "Bara rättade stavfel"})
    assert make_attempt(course).edition == newest
    editor.post(f"/kursredaktion/{course.key}/utgava/2/dra-in/")
    assert make_attempt(course).edition.number == 1


def test_the_same_package_twice_is_refused(editor: Client) -> None:
    course = make_course(package())
    response = editor.post(f"/kursredaktion/{course.key}/utgava/", {"package": SimpleUploadedFile("2.zip", package())})
    assert "already edition 1" in response.content.decode()


def test_a15_an_edition_is_found_in_its_own_course_alone(editor: Client) -> None:
    first, second = make_course(), make_course()
    editor.post(f"/kursredaktion/{first.key}/utgava/", {"package": SimpleUploadedFile("2.zip", package(a="2"))})
    assert editor.post(f"/kursredaktion/{second.key}/utgava/2/publicera/").status_code == 404


def test_an_editor_tries_an_edition_out_and_nothing_counts(editor: Client) -> None:
    course = make_course(is_published=False)
    response = editor.post(f"/kursredaktion/{course.key}/utgava/1/prova/")
    attempt = Attempt.objects.get()

    assert (attempt.is_preview, attempt.enrolment) == (True, None)
    assert editor.get(response["Location"]).status_code == 200
    assert editor.get(f"/kursredaktion/{make_course().key}/prova/{attempt.public_id}/").status_code == 404
    assert client_of(make_editor()).get(response["Location"]).status_code == 404


def test_a12_only_an_administrator_decides_that_a_packages_result_counts(editor: Client) -> None:
    course = make_course()
    values = {"is_trusted": "yes", "from_on": "2026-01-01", "reason": "Provad"}
    path = f"/kursredaktion/{course.key}/{TRUST}"
    assert editor.post(path, values).status_code == 403

    administrator = client_of(make_administrator())
    assert administrator.post(path, {**values, "reason": ""}).status_code == 422
    assert administrator.post(path, values).status_code == 302
    decision = PackageTrustDecision.objects.get()
    assert (decision.is_trusted, decision.reason, str(decision.from_on)) == (True, "Provad", "2026-01-01")


def test_details_are_changed(editor: Client) -> None:
    course = make_course()
    values = {"title": "Ny titel", "minutes": 20, "level": "regional", "description": ""}
    editor.post(f"/kursredaktion/{course.key}/uppgifter/", values)
    course.refresh_from_db()
    assert (course.title, course.minutes) == ("Ny titel", 20)


def test_a05_a_title_with_script_is_text_for_the_editor(editor: Client) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    course = make_course(zip_of({"imsmanifest.xml": manifest(title=evil), "index.html": "x"}), title="")
    for path in ("/kursredaktion/", f"/kursredaktion/{course.key}/"):
        assert b"<script>alert" not in editor.get(path).content


@pytest.mark.parametrize("name", ["MalformedXml_SCORM12.zip", "MissingLaunchUrl_SCORM12.zip"])
def test_a_real_broken_package_is_refused(editor: Client, name: str) -> None:
    assert upload(editor, real_package(name).read_bytes()).status_code == 422
