"""The versions of the rules as a list, and how two documents differ, in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from competence.models.course_reference import CourseReference
from competence.models.requirement import RuleSetVersion
from competence.rule_documents.difference import Difference, Kind, differences
from competence.rule_documents.terms import Titles, changed_text, facts_of, heading, kind_text, part_text
from competence.rule_documents.writing import write_rules


@dataclass(frozen=True)
class ListedVersion:
    """A version with when it is in force. `until` None: until another takes over; `is_superseded`: never in force."""

    version: RuleSetVersion
    until: datetime | None
    is_in_force: bool
    is_coming: bool
    is_superseded: bool

    @property
    def published_by(self) -> str:
        """The person's name; a command has none that says anything."""
        person = self.version.recorded_by
        return str(person) if person is not None else _("a command")


def listed_versions() -> list[ListedVersion]:
    """All versions, the latest to take effect first. One query."""
    now = timezone.now()
    found = sorted(
        RuleSetVersion.objects.select_related("recorded_by"),
        key=lambda one: (one.in_force_from, one.recorded_at, one.version),
        reverse=True,
    )
    listed: list[ListedVersion] = []
    following: datetime | None = None
    current = next((one for one in found if one.in_force_from <= now), None)
    for one in found:
        superseded = following is not None and following <= one.in_force_from
        listed.append(
            ListedVersion(
                version=one,
                until=None if superseded else following,
                is_in_force=one == current,
                is_coming=one.in_force_from > now and not superseded,
                is_superseded=superseded,
            )
        )
        following = one.in_force_from
    return listed


@dataclass(frozen=True)
class ShownDifference:
    """A difference in words."""

    kind: Kind
    kind_text: str
    part: str
    title: str
    key: str
    lines: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TextLine:
    """A line of the two texts. `mark`: `+`, `-`, `@` or a space."""

    mark: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """How two documents differ: thing by thing, and as texts."""

    differences: tuple[ShownDifference, ...]
    lines: tuple[TextLine, ...]

    def count(self, kind: Kind) -> int:
        return sum(one.kind is kind for one in self.differences)

    @property
    def added(self) -> int:
        return self.count(Kind.ADDED)

    @property
    def removed(self) -> int:
        return self.count(Kind.REMOVED)

    @property
    def changed(self) -> int:
        return self.count(Kind.CHANGED)


def comparison(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """How `after` differs from `before`. One query, for the titles of courses."""
    titles = Titles(before, after, courses=dict(CourseReference.objects.values_list("key", "title")))
    return Comparison(
        differences=tuple(_shown(one, titles) for one in differences(before, after)),
        lines=tuple(_text_lines(before, after)),
    )


def _shown(one: Difference, titles: Titles) -> ShownDifference:
    return ShownDifference(
        kind=one.kind,
        kind_text=kind_text(one.kind),
        part=part_text(one.part),
        title=heading(one, titles),
        key="" if one.part == "equivalences" else one.key,  # which would only say the title again
        lines=tuple(changed_text(change, titles) for change in one.fields),
        facts=() if one.kind is Kind.CHANGED else tuple(facts_of(one, titles)),
    )


def _text_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[TextLine]:
    old, new = write_rules(before).splitlines(), write_rules(after).splitlines()
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    return [TextLine(line[:1], line[1:]) for line in lines]
