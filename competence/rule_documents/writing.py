"""A rule document as a text to review: fields in one order, a comment above each part. Read again, it says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

SCHEMA_COMMENT = "# yaml-language-server: $schema={}"
_LINE = 110
_PARTS = (
    ("name", ""),
    ("description", ""),
    ("systems", "Ordering systems. One that is only named by a right is in use always."),
    ("product_groups", "Groups of products."),
    ("attestations", "What a manager can attest."),
    ("professions", "Professions that the rules distinguish."),
    ("closed_courses", "The first day on which a course can no longer be taken. Whoever has it keeps it."),
    ("roles", "Competence roles."),
    ("rights", "Ordering rights, the preferred way first."),
    ("equivalences", "Whoever completed all of `courses` counts as having completed each of `counts_as`."),
    ("requirements", "What the holders of roles must show. `from` is a first day, `to` a last one, both local."),
)
_FIELDS = {
    "systems": ("title", "from", "to"),
    "roles": ("title", "from", "to", "replaces", "needs_level_decision", "product_groups", "held_by_professions"),
    "rights": (
        "title", "system", "from", "to", "roles", "includes", "principals", "needs_customer_number",
        "needs_application", "inactivity_months", "closing_months",
    ),
    "equivalences": ("courses", "counts_as", "from", "to"),
    "requirements": (
        "key", "title", "scope", "roles", "principals", "professions", "exempt_professions", "units", "gate", "from",
        "to", "alternatives", "after", "validity_months", "grace_days", "grandfathered_before",
    ),
}  # fmt: skip
_OPTION_FIELDS = ("courses", "attestations", "only_for_level", "is_closed")
_DAY = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class _Inline(list[Any]):
    """A list written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    # A day is written as a day; our reader takes it as the text that it is.
    if _DAY.match(value):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value)
    # Plain and single-quoted style would fold some line breaks into a space.
    style = '"' if _SPECIAL.search(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    _Inline, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def write_rules(document: Mapping[str, Any], *, header: Iterable[str] = (), schema: str = "") -> str:
    """`document` as YAML. `header`: lines of comment above it; `schema`: where its schema is published."""
    lines = [SCHEMA_COMMENT.format(schema)] if schema else []
    lines += [f"# {' '.join(line.split())}".rstrip() for line in header]
    blocks = ["\n".join(lines)] if lines else []
    for part, comment in _PARTS:
        if part not in document or (document[part] in ({}, []) and part not in ("roles", "rights", "requirements")):
            continue
        text = _dumped({part: _ordered(document, part)})
        blocks.append(f"# {comment}\n{text}" if comment else text)
    return "\n\n".join(block.rstrip("\n") for block in blocks) + "\n"


def _dumped(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_LINE, default_flow_style=False)


def _ordered(document: Mapping[str, Any], part: str) -> Any:
    value = document[part]
    fields = _FIELDS.get(part)
    if fields is None:
        return value
    if isinstance(value, Mapping):
        keys = document.get("order", {}).get(part, list(value))
        return {key: _entry(value[key], fields) for key in keys}
    return [_entry(one, fields) for one in value]


def _entry(value: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in fields:
        if name not in value:
            continue
        part = value[name]
        if name == "alternatives":
            found[name] = [_entry(one, _OPTION_FIELDS) for one in part]
        elif name == "replaces":
            found[name] = [dict(one) for one in part]
        else:
            found[name] = _Inline(part) if isinstance(part, list | tuple) else part
    return found
