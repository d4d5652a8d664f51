"""What will go wrong with a package that looks right: said at upload, where the editor can still do something. Pure.

Everything here is a warning. It is made from what the manifest demands and from which words of the run-time API occur
in the package's pages and scripts at all: a package that demands a score and never speaks of one will pass nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from courses.scorm.manifest import SCORM_12, Item, Manifest
from courses.scorm.prerequisites import in_signs

WORDS = (
    b"LMSInitialize",
    b"LMSSetValue",
    b"LMSFinish",
    b"API_1484_11",
    b"score",
    b"progress_measure",
)
_MOST_NAMED = 5


@dataclass(frozen=True)
class Traces:
    """Which of WORDS occur in the package's pages and scripts. `is_whole`: all of them were looked through, so that a
    word which was not found is not there."""

    words: frozenset[bytes]
    is_whole: bool = True

    def lack(self, *words: bytes) -> bool:
        """Whether surely none of these words is there."""
        return self.is_whole and not self.words.intersection(words)


def forecast(manifest: Manifest, traces: Traces, names: Collection[str]) -> list[str]:
    """A sentence for each thing that will keep learners from finishing."""
    return [
        *_silence(manifest, traces),
        *_unreachable_scores(manifest, traces),
        *_closed_parts(manifest),
        *_old_technique(manifest, names),
    ]


def _silence(manifest: Manifest, traces: Traces) -> Iterator[str]:
    """Nothing speaks to the learning platform, or it does so in the other version's words."""
    old, new = (b"LMSInitialize", b"LMSSetValue", b"LMSFinish"), (b"API_1484_11",)
    if traces.lack(*old, *new):
        if any(item.is_sco for item in manifest.launchable):
            yield _(
                "No page or script in the package speaks to the learning platform (no call of the SCORM API was "
                "found). It can be read, but it never reports that anybody has finished. Export it as SCORM from the "
                "authoring tool, or let managers attest the course."
            )
        return
    if manifest.version == SCORM_12 and traces.lack(*old):
        yield _(
            "The package says that it is SCORM 1.2, but its scripts only look for SCORM 2004. They will not find it, "
            "and nobody can finish. Export it anew and choose one version."
        )
    if manifest.version != SCORM_12 and traces.lack(*new):
        yield _(
            "The package says that it is SCORM 2004, but its scripts only look for SCORM 1.2. They will not find it, "
            "and nobody can finish. Export it anew and choose one version."
        )
    if not any(item.is_sco for item in manifest.launchable):
        yield _(
            "No part of the package is marked as one that reports results (scormtype “sco” in imsmanifest.xml), though "
            "its scripts do report. Try the course to its end before you publish it."
        )


def _unreachable_scores(manifest: Manifest, traces: Traces) -> Iterator[str]:
    """A limit to reach, and nothing that could reach it."""
    if traces.lack(b"score"):
        demanding = [
            item for item in manifest.launchable if item.mastery_score is not None or item.passing_measure is not None
        ]
        if demanding:
            yield _(
                "The limit for passing cannot be reached: %(parts)s must give points, but no script in the package "
                "reports any. Take the limit away in the authoring tool, or add a test with points."
            ) % {"parts": _named(demanding)}
    if traces.lack(b"progress_measure"):
        measured = [item for item in manifest.launchable if item.completion_measure is not None]
        if measured:
            yield _(
                "%(parts)s counts as finished by how much has been gone through, but no script in the package reports "
                "that. Let the authoring tool report completion instead."
            ) % {"parts": _named(measured)}


def _closed_parts(manifest: Manifest) -> Iterator[str]:
    """SCORM 1.2: parts that wait for what cannot come."""
    items = {item.identifier: item for item in manifest.walk()}
    waits_for = {name: prerequisites_named(item.prerequisites) for name, item in items.items()}
    for name, needed in waits_for.items():
        if strangers := sorted(needed - items.keys()):
            yield _(
                "“%(title)s” waits for “%(missing)s”, which is no part of the course. It can be opened without "
                "waiting. Mend the prerequisites in the authoring tool."
            ) % {"title": items[name].title, "missing": strangers[0]}
    for name, item in items.items():
        if name in _needs(name, waits_for, items):
            yield _(
                "“%(title)s” can never be opened: it waits for a part that waits for itself. Mend the prerequisites "
                "in the authoring tool."
            ) % {"title": item.title}


def prerequisites_named(script: str) -> frozenset[str]:
    """The parts that a prerequisite in AICC's script speaks of, such as `A1&(A2|A3="passed")`."""
    script = in_signs(script)
    script = re.sub(r"(=|<>)\s*(\"[^\"]*\"|[a-z ]+)", " ", script)
    script = re.sub(r"\b\d+\s*\*", " ", script)
    return frozenset(re.findall(r"[^\s&|~(){},]+", script))


def _needs(name: str, waits_for: dict[str, frozenset[str]], items: dict[str, Item]) -> set[str]:
    """All that must be finished before this part, as far as there is no choice in it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in items or any(char in in_signs(items[one].prerequisites) for char in "|~{"):
            continue
        new = waits_for[one] - found
        found |= new
        waiting.extend(new)
    return found


def _old_technique(manifest: Manifest, names: Collection[str]) -> Iterator[str]:
    if any((item.path or "").casefold().endswith(".swf") for item in manifest.launchable) or (
        any(name.casefold().endswith(".swf") for name in names)
        and not any(name.casefold().endswith((".js", ".mp4", ".webm")) for name in names)
    ):
        yield _("The course is made with Flash, which no browser shows any more. Export it anew as HTML5.")
    for item in manifest.launchable:
        ending = (item.path or "").rpartition(".")[2].casefold()
        if ending in {"exe", "ppt", "pptx", "doc", "docx", "zip"}:
            yield _("“%(title)s” is a file that browsers do not show (%(path)s). Export it as a web page or PDF.") % {
                "title": item.title,
                "path": item.path,
            }


def _named(items: Iterable[Item]) -> str:
    titles = [f"“{item.title}”" for item in items]
    return ", ".join(titles[:_MOST_NAMED]) + (" …" if len(titles) > _MOST_NAMED else "")
