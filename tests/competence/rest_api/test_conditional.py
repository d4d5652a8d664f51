"""Answers that repeat carry an ETag, and are not sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from competence.actions.authorisations import revoke_authorisation
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from tests.factories.competence import BUILDER, NATIONAL, World, complete, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client


def is_unchanged(response: Any) -> bool:
    return bool(response.status_code == 304) and not response.content


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/docs"])
def test_a_document_is_sent_once_in_each_language(db: None, path: str) -> None:
    client = Client()
    swedish = client.get(path)
    tag = swedish.headers["ETag"]

    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    english = client.get(path, headers={"If-None-Match": tag, "Accept-Language": "en"})

    assert is_unchanged(again)
    assert again.headers["ETag"] == tag
    assert "Accept-Language" in again.headers["Vary"]
    assert english.status_code == 200
    assert english.headers["ETag"] != tag


def test_a_document_may_be_kept_by_shared_caches(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")

    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert not response.cookies


def test_a_persons_rights_are_sent_again_only_when_something_changed(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    path = f"people/{prescriber.hsa_id}/rights"
    first = api.get(path)
    tag = first.headers["ETag"]

    second = api.get(path, **{"If-None-Match": tag})
    english = api.get(path, **{"If-None-Match": tag, "Accept-Language": "en"})
    assert prescriber.authorisation
    revoke_authorisation(authorisation=prescriber.authorisation, reason="Test", by=BUILDER)
    third = api.get(path, **{"If-None-Match": tag})

    assert tag.startswith("W/")
    assert is_unchanged(second)
    assert second.headers["Cache-Control"] == "private, no-cache"
    assert "RateLimit" in second.headers
    assert english.status_code == 200
    assert third.status_code == 200
    assert third.headers["ETag"] != tag


def test_a_look_up_that_found_nothing_new_is_logged_all_the_same(world: World, api: ApiClient) -> None:
    path = f"people/{make_prescriber(world.clinic).hsa_id}/rights"
    tag = api.get(path).headers["ETag"]
    before = DecisionLog.objects.count()

    assert is_unchanged(api.get(path, **{"If-None-Match": tag}))

    assert DecisionLog.objects.count() == 2 * before


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_figures_are_sent_again_only_when_they_changed(world: World, accept: str) -> None:
    reader = make_api_client(scopes=[Scope.STATISTICS_READ])
    path = "statistics/completions"
    tag = reader.get(path, Accept=accept).headers["ETag"]

    again = reader.get(path, Accept=accept, **{"If-None-Match": tag})
    complete(make_prescriber(world.clinic, courses=()).person, NATIONAL)
    changed = reader.get(path, Accept=accept, **{"If-None-Match": tag})

    assert is_unchanged(again)
    assert "Accept" in again.headers["Vary"].split(", ")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_without_a_token_nothing_is_told_of_what_has_changed(world: World, api: ApiClient) -> None:
    path = f"/api/v1/people/{make_prescriber(world.clinic).hsa_id}/rights"
    tag = Client().get(path, headers=api.headers).headers["ETag"]

    response = Client().get(path, headers={"If-None-Match": tag})

    assert response.status_code == 401
    assert "ETag" not in response.headers
