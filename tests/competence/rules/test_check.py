"""A rule document is checked, and every fault is told at once with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils import translation
from jsonschema import Draft202012Validator

from competence.rule_documents.check import check_document, check_text
from competence.rule_documents.checks.references import NOTHING_KNOWN
from competence.rule_documents.faults import FaultCode
from competence.rule_documents.structure import schema
from competence.rule_documents.words import full_sentence, sentence
from lms.env import BASE_DIR
from tests.competence.rules.documents import GOOD, KNOWN, brief, check, spoiled

ALL = "  - {courses: [new], counts_as: [old], from: 2025-01-22}\n"
# code, what stands there, what is put instead, the place, the line.
CASES: list[tuple[str, str, str, str, int]] = [
    ("ALIAS", "{beds: Sängar}", "&x {beds: Sängar}", "", 4),
    ("NOT_YAML", "[prescriber]\n    includes", "[prescriber\n    includes", "", 19),
    ("TOO_DEEP", "name: Prov", "name: " + "[" * 30 + "]" * 30, "", 1),
    ("KEY_TWICE", "    title: Kursen", "    title: Kursen\n    title: Kurs", "requirements[0].title", 29),
    ("NOT_PLAIN", "name: Prov", "name: !!binary aGVq", "name", 1),
    ("TOO_LARGE", "name: Prov", "name: " + "x" * 600_000, "", 1),
    ("FIELD_MISSING", "    gate: warn\n", "", "requirements[1].gate", 38),
    ("FIELD_UNKNOWN", "    gate: warn", "    gate: warn\n    gaet: warn", "requirements[1].gaet", 44),
    ("WRONG_KIND", "title: Kursen", "title: 2023", "requirements[0].title", 28),
    ("NOT_ONE_OF", "gate: block", "gate: blok", "requirements[0].gate", 32),
    ("NOT_A_DAY", "to: 2026-12-31", "to: 2026-02-30", "requirements[1].to", 45),
    ("MALFORMED_KEY", "key: second", "key: andra kursen", "requirements[1].key", 38),
    ("TEXT_EMPTY", "title: Kursen", "title: ' '", "requirements[0].title", 28),
    ("TEXT_TOO_LONG", "title: Kursen", f"title: {'x' * 201}", "requirements[0].title", 28),
    ("LIST_EMPTY", "roles: [prescriber]\n    includes", "roles: []\n    includes", "rights.shop.order.roles", 18),
    ("REPEATED", "courses: [second]", "courses: [second, second]", "requirements[1].alternatives[0].courses", 49),
    ("NUMBER_OUT_OF_RANGE", "validity_months: 24", "validity_months: 0", "requirements[1].validity_months", 47),
    ("NOTHING_TO_SHOW", "courses: [second]", "courses: []", "requirements[1].alternatives[0]", 49),
    ("UNKNOWN_ROLE", "roles: [orderer]", "roles: [ordered]", "rights.shop.unit.roles[0]", 23),
    ("UNKNOWN_RIGHT", "includes: [shop.unit]", "includes: [shop.units]", "rights.shop.order.includes[0]", 19),
    ("UNKNOWN_COURSE", "courses: [second]", "courses: [sekond]", "requirements[1].alternatives[0].courses[0]", 49),
    ("UNKNOWN_COURSE", "{old: 2025-01-22}", "{older: 2025-01-22}", "closed_courses.older", 7),
    (
        "UNKNOWN_ATTESTATION",
        "attestations: [introduction]",
        "attestations: [introductions]",
        "requirements[0].alternatives[1].attestations[0]",
        36,
    ),
    ("UNKNOWN_PRODUCT_GROUP", "[beds]", "[bed]", "roles.prescriber.product_groups[0]", 12),
    ("UNKNOWN_PROFESSION", "[physician]", "[physicist]", "requirements[0].exempt_professions[0]", 31),
    ("UNKNOWN_PRINCIPAL", "[vgr]", "[vrg]", "rights.shop.order.principals[0]", 20),
    ("UNKNOWN_REQUIREMENT", "after: [course]", "after: [kurs]", "requirements[1].after[0]", 46),
    ("UNKNOWN_UNIT", "units: [ward]", "units: [yard]", "requirements[1].units[0]", 42),
    ("UNUSED_ATTESTATION", "{introduction: Introduktion}", "{introduction: I, other: O}", "attestations.other", 5),
    ("WRONG_ORDER", "name: Prov", "name: Prov\norder: {roles: [orderer]}", "order.roles", 2),
    (
        "CYCLE_IN_EQUIVALENCES",
        ALL,
        f"{ALL}  - {{courses: [old, second], counts_as: [new]}}\n",
        "equivalences[1].counts_as",
        26,
    ),
    ("CYCLE_IN_REPLACES", "{role: buyer,", "{role: orderer,", "roles.orderer.replaces[0].role", 13),
    ("CYCLE_IN_AFTER", "after: [course]", "after: [second]", "requirements[1].after[0]", 46),
    ("CYCLE_IN_INCLUDES", "includes: [shop.unit]", "includes: [shop.order]", "rights.shop.order.includes[0]", 19),
    ("DATES_REVERSED", "to: 2026-12-31", "to: 2022-12-31", "requirements[1].to", 45),
    ("CLOSES_BEFORE_INACTIVE", "closing_months: 12", "closing_months: 6", "rights.shop.order.closing_months", 22),
    ("SAME_KEY_OVERLAPS", "key: second", "key: course", "requirements[1].key", 38),
    ("GAP_IN_RIGHT", "title: Förskrivare", "title: F\n    from: 2021-01-01", "rights.shop.order.roles", 19),
    ("CANNOT_BE_MET", "      - courses: [old]\n", "", "requirements[0].alternatives", 34),
    ("CANNOT_BE_MET", "needs_level_decision: true", "needs_level_decision: false", "", 0),
    ("CLOSES_FOR_NEW", f"equivalences:\n{ALL}", "", "requirements[0].alternatives", 32),
    ("CONCERNS_NOBODY", "units: [ward]", "principals: [municipality]", "requirements[1].principals", 42),
    (
        "CONCERNS_NOBODY",
        "    exempt_professions: [physician]",
        "    professions: [physician]\n    exempt_professions: [physician]",
        "requirements[0].exempt_professions",
        32,
    ),
    ("CONCERNS_NOBODY", "title: Förskrivare", "title: F\n    to: 2022-06-01", "requirements[0].roles", 31),
    ("CONCERNS_NOBODY", "from: 2020-01-01}", "to: 2020-01-01}", "rights.shop.unit", 23),
    ("NO_EFFECT", "[prescriber]\n    units: [ward]", "[reader]\n    units: [ward]", "requirements[1].roles", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "old", "new", "place", "line"), CASES, ids=[f"{c[0]}-{n}" for n, c in enumerate(CASES)]
)
def test_a_fault_has_a_code_a_place_and_a_line(code: str, old: str, new: str, place: str, line: int) -> None:
    text = spoiled(old, new)
    if code == "NO_EFFECT":
        text = spoiled("roles:\n  prescriber:", "roles:\n  reader: {title: Läsare}\n  prescriber:", text)
    if code == "CANNOT_BE_MET" and not place:
        # Now the only way is for a level that nobody decides.
        text, place, line = spoiled("      - courses: [old]\n", "", text), "requirements[0].alternatives", 34
    found = [fault for fault in check(text).faults if fault.code == code]
    assert [(fault.path, fault.line) for fault in found][:1] == [(place, line or found[0].line)], brief(
        check(text).faults
    )


def test_every_code_has_a_case_here() -> None:
    here = {case[0] for case in CASES} | {"CONTRADICTS", "GAP_IN_REQUIREMENT", "NOT_COMPILED"}
    assert {code.value for code in FaultCode} == here


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_fault_is_told_in_words(language: str) -> None:
    with translation.override(language):
        for code, old, new, *_rest in CASES:
            text = spoiled(old, new) if code != "NO_EFFECT" else GOOD
            for fault in check(text).faults:
                words = sentence(fault)
                assert "%(" not in words, (code, words)
                assert words[-1] in ".?", (code, words)


def test_the_good_document_is_right() -> None:
    checked = check(GOOD)
    assert checked.faults == ()
    assert checked.rules is not None


def test_all_faults_of_structure_are_told_at_once() -> None:
    text = spoiled(
        "gate: block", "gate: blok", spoiled("title: Kursen", "titel: Kursen", spoiled("to: 2026-12-31", "to: x"))
    )
    assert brief(check(text).faults) == [
        ("FIELD_MISSING", "requirements[0].title"),
        ("FIELD_UNKNOWN", "requirements[0].titel"),
        ("NOT_ONE_OF", "requirements[0].gate"),
        ("NOT_A_DAY", "requirements[1].to"),
    ]


def test_f27_all_faults_of_sense_are_told_at_once() -> None:
    text = spoiled("courses: [second]", "courses: [sekond]", spoiled("after: [course]", "after: [second]"))
    text = spoiled("to: 2026-12-31", "to: 2020-12-31", text)
    assert [code for code, _place in brief(check(text).faults)] == [
        "DATES_REVERSED",
        "CYCLE_IN_AFTER",
        "UNKNOWN_COURSE",
    ]


def test_two_requirements_that_contradict_are_named() -> None:
    text = spoiled("    units: [ward]\n", "    exempt_professions: [physician]\n")
    text += text[text.index("  - key: second") :].replace("key: second", "key: third").replace("warn", "block")
    faults = check(text).faults
    assert brief(faults) == [("CONTRADICTS", "requirements[2].gate")]
    assert faults[0].values["other"] == "second"


def test_a_gap_between_two_periods_of_a_requirement_is_told() -> None:
    again = (
        GOOD[GOOD.index("  - key: second") :]
        .replace("from: 2023-01-01", "from: 2027-01-03")
        .replace("    to: 2026-12-31\n", "")
    )
    (fault,) = check(GOOD + again).faults
    assert (fault.code, fault.path, fault.is_error) == ("GAP_IN_REQUIREMENT", "requirements[2].from", False)
    assert (str(fault.values["first"]), str(fault.values["last"])) == ("2027-01-01", "2027-01-02")


def test_no_gap_is_seen_where_one_period_follows_on_the_other() -> None:
    again = (
        GOOD[GOOD.index("  - key: second") :]
        .replace("from: 2023-01-01", "from: 2027-01-01")
        .replace("    to: 2026-12-31\n", "")
    )
    assert check(GOOD + again).faults == ()


def test_what_the_compiler_refuses_is_told_although_no_check_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from competence.policy.document import RuleError
    from competence.rule_documents import check as module

    def refuse(document: object, version: int) -> None:
        raise RuleError("requirements[1].alternatives", "something new")

    monkeypatch.setattr(module, "compile_rules", refuse)
    (fault,) = check(GOOD).faults
    assert (fault.code, fault.path, fault.line) == ("NOT_COMPILED", "requirements[1].alternatives", 48)


def test_a_course_may_go_unregistered_where_nothing_is_known() -> None:
    assert check_text(spoiled("courses: [second]", "courses: [sekond]"), NOTHING_KNOWN).faults == ()


def test_a_document_without_lines_is_checked_too() -> None:
    document = check(GOOD).document
    assert document is not None
    del document["rights"]["shop.unit"]["title"]
    (fault,) = check_document(document, KNOWN).faults
    assert (fault.path, fault.line) == ("rights.shop.unit.title", None)
    assert full_sentence(fault).startswith("rights.shop.unit.title: ")


@pytest.mark.parametrize(
    "text", ["", "- a", "just words", "3", "null", "{}", "a: {b: {c: [1, 2]}}", "\x00", "\ufeff", "? [a]\n: b"]
)
def test_nonsense_is_refused_in_words(text: str) -> None:
    checked = check_text(text)
    assert checked.errors
    assert checked.rules is None
    assert all(sentence(fault) for fault in checked.faults)


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert brief(check_text("\n".join(lines)).faults) == [("ALIAS", "")]


def test_yaml_1_1s_yes_and_no_are_no_truth_values() -> None:
    text = spoiled("needs_level_decision: true", "needs_level_decision: yes")
    assert brief(check(text).faults) == [("WRONG_KIND", "roles.prescriber.needs_level_decision")]


def test_the_schema_is_a_schema_and_the_documentation_names_each_of_its_fields() -> None:
    Draft202012Validator.check_schema(schema())
    text = (BASE_DIR / "docs" / "rules.md").read_text(encoding="utf-8")
    fields = {
        name
        for part in ("role", "right", "requirement", "alternative")
        for name in schema()["$defs"][part]["properties"]
    }
    assert [name for name in sorted({*schema()["properties"], *fields}) if f"`{name}`" not in text] == []


def test_the_documentation_names_each_code() -> None:
    text = Path(BASE_DIR / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [code.value for code in FaultCode if f"`{code}`" not in text] == []


def test_the_schema_is_json_without_surprises() -> None:
    text = (BASE_DIR / "competence" / "rules" / "schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema()
