"""Looks through a package's pages and scripts once, for what they speak to and what they fetch."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from courses.scorm.forecast import WORDS, Traces

MEGABYTE = 1024 * 1024
MAX_FILES = 2_000
MAX_BYTES = 96 * MEGABYTE
MAX_FILE_BYTES = 8 * MEGABYTE
_PAGES = (".html", ".htm", ".xhtml")
_TEXTS = (*_PAGES, ".js", ".mjs", ".php", ".asp")
_FETCHES = re.compile(
    rb"<(?:script|link|img|iframe|video|audio|source|embed)\b[^>]{0,500}?\b(?:src|href)\s*=\s*[\"']?(https?:)?//([a-z0-9.:-]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Look:
    """`hosts`: other web sites that the pages load things from, as far as can be seen."""

    hosts: frozenset[str]
    traces: Traces


def look_through(archive: zipfile.ZipFile, entries: Collection[zipfile.ZipInfo]) -> Look:
    """What the package's pages and scripts tell, within limits: the rest of a very large package is left unread."""
    texts = sorted((entry for entry in entries if entry.filename.casefold().endswith(_TEXTS)), key=_promise)
    hosts, words = set[str](), set[bytes]()
    left, is_whole = MAX_BYTES, len(texts) <= MAX_FILES
    for entry in texts[:MAX_FILES]:
        if left <= 0:
            is_whole = False
            break
        with archive.open(entry) as stream:
            text = _start(stream, min(MAX_FILE_BYTES, left))
        left -= len(text)
        is_whole = is_whole and len(text) >= entry.file_size
        words |= {word for word in WORDS if word not in words and word in text}
        if entry.filename.casefold().endswith(_PAGES):
            hosts |= {match[1].decode().lower() for match in _FETCHES.findall(text)}
    return Look(frozenset(hosts), Traces(frozenset(words), is_whole))


def _promise(entry: zipfile.ZipInfo) -> tuple[bool, int]:
    """What most likely speaks to the platform comes first, then what is small."""
    name = entry.filename.casefold()
    return (not any(word in name for word in ("scorm", "lms", "api", "driver")), entry.file_size)


def _start(stream: IO[bytes], most: int) -> bytes:
    blocks = []
    while most > 0 and (block := stream.read(min(MEGABYTE, most))):
        blocks.append(block)
        most -= len(block)
    return b"".join(blocks)
