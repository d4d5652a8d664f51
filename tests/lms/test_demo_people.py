"""The invented people are offered at log-in in a demonstration, and never elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lms import env

SECRET = "losenordet-i-demonstrationen"


@pytest.fixture
def demo_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    users = {
        "manager": {"username": "manager", "password": SECRET, "hsa_id": "", "shows": "Chefen för alla"},
        "prescriber_ok": {"username": "ok", "password": SECRET, "hsa_id": "SE0000000001-DEMO9", "shows": "Allt klart"},
    }
    clients = {"utvecklare": {"client_id": "demo-utvecklare", "client_secret": SECRET}}
    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"base_url": "", "users": users, "machine_clients": clients}), encoding="utf-8")
    monkeypatch.setattr(env, "VAR_DIR", tmp_path)
    return file


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_file")
@pytest.mark.parametrize("environment", ["production", "test", "anything"])
def test_outside_the_demonstration_nobody_is_offered(
    client: Client, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", environment)
    page = client.get("/konto/login/").content.decode()
    assert SECRET not in page
    assert "manager" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_file")
def test_in_the_demonstration_they_are(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", "demo")
    page = client.get("/konto/login/").content.decode()
    assert SECRET in page
    assert "Chefen för alla" in page


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "{}", '{"users": 3}', "[]"])
def test_a_broken_file_offers_nobody(
    client: Client, monkeypatch: pytest.MonkeyPatch, demo_file: Any, content: str
) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", "demo")
    demo_file.write_text(content)
    assert client.get("/konto/login/").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_file")
@pytest.mark.parametrize(("environment", "is_there"), [("production", False), ("test", False), ("demo", True)])
def test_the_guides_examples_have_a_client_and_a_person_in_the_demonstration_only(
    client: Client, monkeypatch: pytest.MonkeyPatch, environment: str, is_there: bool
) -> None:
    monkeypatch.setattr(env, "ENVIRONMENT", environment)
    page = client.get("/api/v1/docs").content.decode()
    assert (SECRET in page) is is_there
    assert ("hsa_id=SE0000000001-DEMO9&amp;" in page) is is_there
    assert ('check("SE2321000131-E000000000001"' in page.replace("&quot;", '"')) is not is_there
