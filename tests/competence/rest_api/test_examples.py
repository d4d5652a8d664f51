"""The examples in the OpenAPI document are real answers, in the form that its schemas promise.

`UPDATE_EXAMPLES=1 pytest tests/competence/rest_api/test_examples.py` writes them anew.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from competence.rest_api.openapi.examples import FOLDER
from competence.rest_api.problems import CODES
from tests.competence.rest_api.fixed_values import fixed
from tests.competence.rest_api.scenes import ask, make_stage, problem_scenes, scenes
from tests.factories.competence import World

LANGUAGES = ("sv", "en")
UPDATE = bool(os.environ.get("UPDATE_EXAMPLES"))


def stored(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def keep(name: str, examples: dict[str, Any]) -> None:
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(examples, ensure_ascii=False, indent=1)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def documents() -> dict[str, dict[str, Any]]:
    return {
        language: Client().get("/api/v1/openapi.json", headers={"Accept-Language": language}).json()
        for language in LANGUAGES
    }


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for methods in document["paths"].values() for one in methods.values()}


def test_examples_are_what_is_answered(world: World) -> None:
    stage = make_stage(world)
    found: dict[str, dict[str, Any]] = {}
    for scene in scenes(stage):
        replies = {language: ask(stage, scene, language) for language in LANGUAGES}
        for language, reply in replies.items():
            assert reply.status_code == 200, (scene.name, reply.getvalue().decode())
            assert reply.headers["Content-Language"] == language
        media = replies["sv"].headers["Content-Type"].partition(";")[0]
        found.setdefault(scene.operation, {})[scene.name] = {
            "summary": {"sv": scene.sv, "en": scene.en},
            "body": fixed(scene.body, stage.names),
            "media": media,
            "answer": {
                language: fixed(
                    reply.json() if media == "application/json" else reply.getvalue().decode("utf-8-sig"), stage.names
                )
                for language, reply in replies.items()
            },
        }
    # Told twice, a completion is new only the first time: the example tells the first.
    for one in found["report_completions"].values():
        one["answer"]["en"]["results"] = one["answer"]["sv"]["results"] and [
            {**result, "status": first["status"]}
            for result, first in zip(one["answer"]["en"]["results"], one["answer"]["sv"]["results"], strict=True)
        ]
    if UPDATE:
        for operation, examples in found.items():
            keep(operation, examples)
    for operation, examples in found.items():
        assert stored(operation) == examples, operation


def test_examples_of_problems_are_what_is_answered(world: World) -> None:
    stage = make_stage(world)
    found: dict[str, Any] = {}
    for code, act in problem_scenes(stage).items():
        replies = {language: act(language) for language in LANGUAGES}
        for language, reply in replies.items():
            assert reply.headers["Content-Type"] == "application/problem+json", (code, reply.content.decode())
            assert reply.headers["Content-Language"] == language, code
            assert "Accept-Language" in reply.headers["Vary"], code
            assert (reply.status_code, reply.json()["code"]) == (CODES[code][0], code)
        found[code] = {language: fixed(reply.json(), stage.names) for language, reply in replies.items()}
        assert found[code]["sv"]["title"] != found[code]["en"]["title"]
    if UPDATE:
        keep("problems", found)
    assert stored("problems") == found


def test_every_code_has_an_example() -> None:
    assert set(stored("problems")) == set(CODES)


def test_every_operation_has_examples_of_its_answers_and_bodies(db: None) -> None:
    for operation, details in operations(documents()["sv"]).items():
        for media, content in details["responses"]["200"]["content"].items():
            assert content.get("examples"), f"{operation} {media}"
        if "requestBody" in details:
            assert details["requestBody"]["content"]["application/json"]["examples"], operation


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_have_the_form_that_the_schemas_promise(db: None, language: str) -> None:
    document = documents()[language]
    tried = 0
    for operation, details in operations(document).items():
        contents = [("body", details.get("requestBody", {}).get("content", {}))]
        contents += [(status, response.get("content", {})) for status, response in details["responses"].items()]
        for where, content in contents:
            for media, one in content.items():
                if not media.endswith("json"):
                    continue
                validator = Draft202012Validator({**one["schema"], "components": document["components"]})
                for name, example in one["examples"].items():
                    errors = [error.message for error in validator.iter_errors(example["value"])]
                    assert not errors, f"{operation} {where} {name}: {errors}"
                    tried += 1
    assert tried > 100
