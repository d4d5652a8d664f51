"""The examples on the API's page work: each is run, in the order of the page, against a live server."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from competence.models.machine_client import Scope
from competence.rest_api.schemas import HSA_ID
from tests.factories.competence import World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.live import LiveProduct
from tools.steps import ROOT

EXAMPLE = re.compile(r'<pre class="code" tabindex="0" data-run="(\w+)"><code>(.*?)</code></pre>', re.DOTALL)


def examples(page: str, language: str) -> list[str]:
    """What stands on the page, as a reader would copy it."""
    return [html.unescape(text) for name, text in EXAMPLE.findall(page) if name == language]


def run(words: list[str], text: str, client: ApiClient, hsa_id: str) -> str:
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
        "CLIENT_ID": client.client.client_id,
        "CLIENT_SECRET": client.secret,
    }
    done = subprocess.run(
        words, input=text.replace(HSA_ID, hsa_id), env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def reader(live_product: LiveProduct, world: World) -> ApiClient:
    return make_api_client(scopes=[scope.value for scope in Scope])


@pytest.fixture
def mine(reader: ApiClient, world: World) -> str:
    """The HSA-ID of somebody who may order, which the reader writes in the place of the example's."""
    return make_prescriber(world.clinic).hsa_id


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_example_for_the_shell_works(
    live_product: LiveProduct, reader: ApiClient, mine: str, language: str
) -> None:
    page = Client().get("/api/v1/docs", headers={"Accept-Language": language}).content.decode()
    found = examples(page, "sh")

    said = run(["bash", "-euo", "pipefail"], "\necho\n".join(found), reader, mine)

    assert len(found) >= 8
    assert live_product.base_url in found[0]
    assert said.count('"allowed":true') >= 3
    assert '"has_more"' in said
    assert "eyJ" in said
    assert "ETag" in said or "etag" in said


def test_every_example_for_python_works(live_product: LiveProduct, reader: ApiClient, mine: str) -> None:
    page = Client().get("/api/v1/docs").content.decode()
    found = examples(page, "python")

    said = run([sys.executable, "-"], "\n".join(found), reader, mine)

    assert len(found) >= 9
    assert said.startswith("True Får beställa")
    assert "400 unknown_right" in said


def test_every_example_is_found(db: None) -> None:
    page = Client().get("/api/v1/docs").content.decode()

    assert page.count("data-run=") == len(EXAMPLE.findall(page))


def test_every_place_in_the_contents_is_on_the_page(db: None) -> None:
    for language in ("sv", "en"):
        page = Client().get("/api/v1/docs", headers={"Accept-Language": language}).content.decode()
        targets = re.findall(r'<li><a href="#([\w-]+)"', page)

        assert len(targets) > 20
        assert all(f'id="{target}"' in page for target in targets)


def test_the_page_asks_the_database_little(db: None, django_assert_num_queries: Any) -> None:
    client = Client()
    client.get("/api/v1/docs")
    with django_assert_num_queries(2):  # Wagtail's site and its settings
        client.get("/api/v1/docs")


def test_the_guide_names_only_operations_that_there_are(db: None) -> None:
    paths = {re.sub(r"\{\w+\}", "X", path) for path in Client().get("/api/v1/openapi.json").json()["paths"]}
    guide = (Path(ROOT) / "templates/competence/api_docs/guide.html").read_text(encoding="utf-8")
    named = {re.sub(r"\{+ ?\w+ ?\}+", "X", path) for path in re.findall(r"/api/v1/[\w/.{} -]+[\w}]", guide)}

    assert {path.replace("websesam.health-care", "X") for path in named} <= paths
