"""A rule document written out and read again says the same; and no text whatever makes the check fail."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from competence.policy.document import RuleError, compile_rules
from competence.rule_documents.check import check_document, check_text
from competence.rule_documents.faults import FaultCode
from competence.rule_documents.reading import read_rules
from competence.rule_documents.writing import write_rules
from tests.competence.rules.documents import GOOD

KEYS = ("a", "b-1", "no", "2025-01-22", "12", "0x1f", "true", "null", "A_b")
keys = st.sampled_from(KEYS)
days = st.dates().filter(lambda day: 1900 <= day.year <= 2999).map(str)
titles = st.text(min_size=1, max_size=60).filter(lambda text: bool(text.strip())) | st.sampled_from(
    (
        "2024-01-01",
        "12",
        "yes",
        "null",
        "# x",
        "a: b",
        "- c",
        "'",
        '"',
        "&x",
        "*x",
        "åäö",
        "rad 1\nrad 2",
        "\u2028",
        "%YAML",
    )
)
some_keys = st.lists(keys, min_size=1, max_size=3, unique=True)


def fields(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents of the right structure. Most of them make sense; that is not demanded of a text that is only read."""
    role = fields(
        {"title": titles},
        **{"from": days, "replaces": st.lists(fields({"role": st.just("gone"), "from": days}), max_size=1)},
        needs_level_decision=st.booleans(),
    )
    roles = draw(st.dictionaries(keys, role, min_size=1, max_size=3))
    of_roles = st.lists(st.sampled_from(sorted(roles)), min_size=1, max_size=3, unique=True)
    right = fields(
        {"title": titles, "system": keys, "roles": of_roles},
        principals=some_keys,
        needs_customer_number=st.booleans(),
        needs_application=st.booleans(),
        inactivity_months=st.integers(1, 12),
    )
    option = st.one_of(
        fields({"courses": some_keys}, is_closed=st.booleans(), only_for_level=st.sampled_from(("full", "basic"))),
        fields({"attestations": some_keys}),
    )
    requirement = fields(
        {
            "key": keys,
            "title": titles,
            "scope": st.sampled_from(("national", "local")),
            "roles": of_roles,
            "gate": st.sampled_from(("block", "warn", "report")),
            "from": days,
            "alternatives": st.lists(option, min_size=1, max_size=3),
        },
        validity_months=st.integers(1, 1200),
        grace_days=st.integers(1, 1200),
        grandfathered_before=days,
        professions=some_keys,
        exempt_professions=some_keys,
        units=some_keys,
    )
    equivalence = fields({"courses": st.just(["x", "y"]), "counts_as": some_keys}, **{"from": days})
    return {
        "name": draw(titles),
        "attestations": {key: draw(titles) for key in KEYS},
        "roles": roles,
        "rights": draw(st.dictionaries(keys, right, min_size=1, max_size=3)),
        "requirements": draw(st.lists(requirement, max_size=3, unique_by=lambda one: one["key"])),
        "closed_courses": draw(st.dictionaries(keys, days, max_size=2)),
        "equivalences": draw(st.lists(equivalence, max_size=2)),
    }


@given(documents())
def test_written_and_read_again_it_says_the_same(document: dict[str, Any]) -> None:
    again = read_rules(write_rules(document, header=["Prov: # *"], schema="https://example.se/regler/schema.json"))
    assert again.faults == []
    for part, value in document.items():
        if value or part in ("roles", "rights", "requirements"):
            assert again.data[part] == value
    assert compiled(again.data) == compiled(document)


def compiled(document: dict[str, Any]) -> object:
    try:
        return compile_rules(document, 1)
    except RuleError as refused:
        return str(refused)


@given(documents())
def test_what_the_checks_let_through_the_compiler_takes(document: dict[str, Any]) -> None:
    checked = check_document(document)
    assert checked.errors or compiled(document) == checked.rules
    # The compiler's own refusal is the last resort: the checks tell the same, and better.
    only = [fault for fault in checked.errors if fault.code is FaultCode.NOT_COMPILED]
    assert all("more than" in fault.values["what"] for fault in only)


@given(st.text(max_size=200))
def test_no_text_makes_the_check_fail(text: str) -> None:
    assert check_text(text).rules is None or text


@given(st.data())
def test_no_spoiled_document_makes_the_check_fail(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    checked = check_text(GOOD[:start] + data.draw(st.text(max_size=20)) + GOOD[end:])
    assert checked.errors or checked.rules is not None
