"""Checking, exporting and publishing rule documents from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from jsonschema import Draft202012Validator

from competence.models.requirement import RuleSetVersion
from competence.policy.document import compile_rules
from competence.queries.rule_documents import known_here
from competence.rule_documents.check import check_text
from tests.competence.rules.documents import GOOD, spoiled
from tests.factories.competence import RULES, World


def run(name: str, *words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_current_rules_are_right(world: World) -> None:
    out, err = run("check_rules", str(RULES), "--strict")
    assert "0 errors, 0 warnings" in out
    assert err == ""


def test_a_document_with_faults_ends_with_one_and_tells_them_all(world: World, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(spoiled("gate: block", "gate: blok", spoiled("title: Kursen", "titel: Kursen")), encoding="utf-8")
    err = io.StringIO()
    with pytest.raises(CommandError, match="3 errors") as refused:
        call_command("check_rules", str(file), stderr=err)
    assert refused.value.returncode == 1
    assert [line.split(" ")[2] for line in err.getvalue().splitlines()] == [
        "FIELD_MISSING:",
        "FIELD_UNKNOWN:",
        "NOT_ONE_OF:",
    ]
    assert "rad 32" in err.getvalue()


def test_warnings_count_when_strict(world: World, tmp_path: Path) -> None:
    file, courses = tmp_path / "rules.yaml", tmp_path / "courses.yaml"
    text = spoiled("    units: [ward]\n", "", spoiled("{introduction: Introduktion}", "{introduction: I, other: O}"))
    file.write_text(text, encoding="utf-8")
    courses.write_text("".join(f"- {{key: {key}, title: T, level: local}}\n" for key in ("old", "new", "second")))
    out, _err = run("check_rules", str(file), f"--courses={courses}")
    assert "0 errors, 1 warnings" in out
    with pytest.raises(CommandError):
        run("check_rules", str(file), f"--courses={courses}", "--strict")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 600_000])
def test_a_file_that_cannot_be_read_ends_with_two(db: None, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        run("check_rules", str(file))
    assert refused.value.returncode == 2


def test_an_exported_version_gives_the_same_rules(world: World) -> None:
    out, _err = run("export_rules")
    published = RuleSetVersion.objects.get()
    checked = check_text(out, known_here())
    assert checked.errors == ()
    assert checked.document is not None
    assert compile_rules(checked.document, 1) == compile_rules(published.document, 1)
    assert out.startswith("# yaml-language-server: $schema=http")
    assert "# Skäl: Start of the tests" in out


def test_a_version_that_is_not_there_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="No rules"):
        run("export_rules")
    with pytest.raises(CommandError, match="no version 7"):
        run("export_rules", "7")


def test_publishing_tells_every_fault_and_publishes_nothing(world: World, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GOOD, encoding="utf-8")  # its courses are not registered here
    with pytest.raises(CommandError) as refused:
        run("publish_rules", str(file))
    assert str(refused.value).count("UNKNOWN_COURSE") == 5
    assert "UNKNOWN_UNIT" in str(refused.value)
    assert RuleSetVersion.objects.count() == 1


def test_an_exported_version_is_not_published_again(world: World, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    run("export_rules", f"--output={file}")
    out, _err = run("publish_rules", str(file))
    assert "nothing to publish" in out
    assert RuleSetVersion.objects.count() == 1


def test_the_schema_is_public(client: Client, db: None) -> None:
    answer = client.get("/regler/schema.json")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json()["$id"].endswith("/regler/schema.json")
    Draft202012Validator.check_schema(answer.json())
