"""The content origin: packages' files, the launcher, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from courses.models import ScormPackage
from courses.scorm.launcher import launcher_url
from courses.scorm.tokens import sign_content
from tests.courses.packages import manifest, package, zip_of
from tests.factories.courses import edition_of, make_attempt, make_course, sit_down, write

pytestmark = pytest.mark.django_db
HOST = settings.CONTENT_ORIGIN.partition("://")[2]


@pytest.fixture
def content() -> Client:
    """A browser that visits the content origin."""
    return Client(headers={"host": HOST})


def prefix_of(package: ScormPackage) -> str:
    return f"/p/{sign_content(package.public_id)}/"


@pytest.fixture
def prefix() -> str:
    data = package(**{"ljud.mp3": bytes(range(100)), "bild.svg": "<svg/>", "okänd.xyz": "?"})
    return prefix_of(edition_of(make_course(data)).scorm_package)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def config_of(response: Any) -> dict[str, Any]:
    found = re.search(rb'<script id="config"[^>]*>(.*?)</script>', response.content, re.S)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def test_it_serves_a_packages_files_with_types_and_a_policy_of_their_own(content: Client, prefix: str) -> None:
    response = content.get(prefix + "index.html")

    assert body_of(response).endswith(b"<p>Hej")
    assert response["Content-Type"] == "text/html"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert f"frame-ancestors 'self' {settings.BASE_URL}" in response["Content-Security-Policy"]
    assert "connect-src 'self'" in response["Content-Security-Policy"]
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("bild.svg", "image/svg+xml"), ("okänd.xyz", "application/octet-stream"), ("LJUD.mp3", "audio/mpeg")],
)
def test_types_are_fixed_by_the_ending(content: Client, prefix: str, name: str, kind: str) -> None:
    response = content.get(prefix + quote(name))
    body_of(response)
    assert response["Content-Type"].startswith(kind)


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=0-9", 206, bytes(range(10))),
        ("bytes=90-", 206, bytes(range(90, 100))),
        ("bytes=-5", 206, bytes(range(95, 100))),
        ("bytes=50-5000", 206, bytes(range(50, 100))),
        ("bytes=100-", 416, b""),
        ("bytes=-", 200, bytes(range(100))),
        ("lines=1-2", 200, bytes(range(100))),
    ],
)
def test_media_can_be_read_in_parts(content: Client, prefix: str, wanted: str, status: int, body: bytes) -> None:
    response = content.get(prefix + "ljud.mp3", headers={"range": wanted})
    assert (response.status_code, body_of(response)) == (status, body)


@pytest.mark.parametrize(
    "path",
    [
        "../index.html",
        "..%2findex.html",
        "%2e%2e/index.html",
        "%252e%252e/index.html",
        "a/../index.html",
        "..\\index.html",
        "./index.html",
        "/etc/passwd",
        "//index.html",
        "index.html/",
        "",
        "borta.html",
        "index.html%00.png",
    ],
)
def test_a09_only_names_that_were_in_the_package_exist(content: Client, prefix: str, path: str) -> None:
    assert content.get(prefix + path).status_code == 404


def test_a09_a_forged_or_old_token_opens_nothing(content: Client, prefix: str) -> None:
    _p, token = prefix.strip("/").split("/")
    package_id, day, seal = token.split(".")
    other = edition_of(make_course(package(annan__txt="x"))).scorm_package.public_id.hex
    for forged in (
        f"{other}.{day}.{seal}",
        f"{package_id}.ffff.{seal}",
        f"{package_id}.{day}.x",
        "x",
        "a.b.c",
        token[:-1],
    ):
        assert content.get(f"/p/{forged}/index.html").status_code == 404
    with time_machine.travel("2040-01-01"):
        assert content.get(prefix + "index.html").status_code == 404


def test_the_root_leads_back_to_the_service(content: Client) -> None:
    response = content.get("/")
    assert (response.status_code, response["Location"]) == (302, settings.BASE_URL + "/")


@pytest.mark.parametrize("path", ["/mina-kurser/", "/admin/", "/konto/login/", "/static/js/player.js", "/api/v1/docs"])
def test_no_page_of_ours_is_there(content: Client, path: str) -> None:
    response = content.get(path)
    assert response.status_code == 404
    assert response.cookies == {}


def test_only_reading_is_possible(content: Client, prefix: str) -> None:
    for method in (content.post, content.put, content.delete, content.options):
        assert method(prefix + "index.html").status_code == 405


def test_a_package_cannot_install_a_service_worker(content: Client, prefix: str) -> None:
    assert content.get(prefix + "index.html", headers={"service-worker": "script"}).status_code == 404


def test_on_the_services_own_host_packages_are_not_found(client: Client, prefix: str) -> None:
    assert client.get(prefix + "index.html").status_code == 404
    assert client.get("/runtime/x/launcher.js").status_code == 404


def test_the_players_scripts_can_be_kept_for_ever(content: Client) -> None:
    from courses.scorm.runtime_files import FILES, runtime_url

    for name in FILES:
        response = content.get(runtime_url(name), headers={"accept-encoding": "gzip"})
        assert response.status_code == 200
        assert (response["Content-Encoding"], "immutable" in response["Cache-Control"]) == ("gzip", True)
    assert content.get("/runtime/x/settings.py").status_code == 404


def test_the_launcher_is_told_where_the_learner_was(content: Client) -> None:
    attempt = make_attempt(make_course())
    write(sit_down(attempt), {"cmi.core.lesson_location": "4", "cmi.core.exit": "suspend"}, trigger="terminate")
    sitting = sit_down(attempt)
    response = content.get(launcher_url(sitting))
    config = config_of(response)

    assert config["data"]["cmi.core.lesson_location"] == "4"
    assert config["data"]["cmi.core.entry"] == "resume"
    assert config["data"]["cmi.core.student_name"] == f"{attempt.person.last_name}, {attempt.person.first_name}"
    assert config["data"]["cmi.core.student_id"] == attempt.person.public_id.hex
    assert "cmi.core.exit" not in config["data"]
    assert (config["attempt"], config["launch"]) == (str(attempt.public_id), str(sitting.launch))
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "no-store" in response["Cache-Control"]


def test_a_first_visit_begins_from_the_beginning(content: Client) -> None:
    config = config_of(content.get(launcher_url(sit_down(make_attempt(make_course())))))
    assert (config["data"]["cmi.core.entry"], config["data"]["cmi.core.lesson_status"]) == (
        "ab-initio",
        "not attempted",
    )


def test_a_finished_course_is_looked_at_again_in_review(content: Client) -> None:
    attempt = make_attempt(make_course())
    write(sit_down(attempt), {"cmi.core.lesson_status": "passed"}, trigger="terminate")
    config = config_of(content.get(launcher_url(sit_down(attempt))))
    assert (config["data"]["cmi.core.lesson_mode"], config["data"]["cmi.core.credit"]) == ("review", "no-credit")


def test_f08_a_launcher_of_a_replaced_sitting_is_told_at_once(content: Client) -> None:
    attempt = make_attempt(make_course())
    first = sit_down(attempt)
    sit_down(attempt)
    assert config_of(content.get(launcher_url(first)))["isFenced"] is True


def test_the_launcher_opens_only_with_its_own_kind_of_token(content: Client) -> None:
    from courses.scorm.tokens import sign

    sitting = sit_down(make_attempt(make_course()))
    for token in (sign("commit", sitting), "x", ""):
        assert content.get(f"/launch/{token}/").status_code == 403
    with time_machine.travel("2040-01-01"):
        url = launcher_url(sitting)
    with time_machine.travel("2040-01-03"):
        assert content.get(url).status_code == 403


def test_a05_a_title_with_script_is_text_in_the_launcher(content: Client) -> None:
    title = "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    items = f'<item identifier="a" identifierref="r1"><title>{title}</title></item>'
    course = make_course(zip_of({"imsmanifest.xml": manifest(items=items, title=title), "index.html": "x"}))
    response = content.get(launcher_url(sit_down(make_attempt(course))))
    assert b"<script>alert" not in response.content


def test_a06_what_the_package_wrote_cannot_leave_its_place_in_the_launcher(content: Client) -> None:
    attempt = make_attempt(make_course())
    evil = "</script><script>alert(1)</script>"
    write(sit_down(attempt), {"cmi.suspend_data": evil})
    response = content.get(launcher_url(sit_down(attempt)))
    assert b"<script>alert" not in response.content
    assert config_of(response)["data"]["cmi.suspend_data"] == evil
