"""Mends in a manifest what can be mended without guessing at what it means, and says what it did. Pure.

Manifests are written by many tools and by hand. An ampersand that was not escaped, a letter encoded in another way than
the first line says: the editor can seldom do anything about it, and there is only one thing it can have meant. What is
broken in another way, and anything with a DOCTYPE, is left as it is, for the reader to refuse.
"""

from __future__ import annotations

import codecs
import html.entities
import re

from django.utils.translation import gettext as _

_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*?\?>", re.S)
_ENCODING = re.compile(rb"""\A\s*<\?xml\b[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DOCTYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7};|#x[0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31});)?")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.S)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def mended(source: bytes) -> tuple[bytes, list[str]]:
    """`source` in UTF-8 with what could be mended put right, and a sentence for each kind of thing that was."""
    text, notes = _decoded(source.lstrip(b" \t\r\n"))
    if _DOCTYPE.search(text):
        return source, []
    text = _DECLARATION.sub("", text, count=1)
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
        notes.append(_("The table of contents had control characters that XML does not allow. They were left out."))
    pieces = [piece if piece.startswith("<![CDATA[") else _ENTITY.sub(_entity, piece) for piece in _CDATA.split(text)]
    if "".join(pieces) != text:
        notes.append(_("The table of contents had “&” that was not written as XML demands (&amp;). It was mended."))
    return "".join(pieces).encode(), notes


def _decoded(source: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS:
        if source.startswith(mark):
            try:
                return source[len(mark) :].decode(encoding), []
            except UnicodeDecodeError:
                break
    stated = _ENCODING.match(source)
    encoding = stated[1].decode().lower() if stated else "utf-8"
    try:
        if encoding.startswith(("utf-16", "utf16", "ucs-2")) and b"\x00" not in source[:200]:
            raise LookupError  # it was converted since, and the first line was not
        return source.decode(encoding), []
    except (LookupError, UnicodeDecodeError):
        pass
    try:
        return source.decode("utf-8"), [_note(encoding, "UTF-8")]
    except UnicodeDecodeError:
        return source.decode("cp1252", "replace"), [_note(encoding, "Windows-1252")]


def _note(stated: str, found: str) -> str:
    return _(
        "The table of contents says that it is written in %(stated)s, but it is not; it was read as %(found)s. "
        "Look that å, ä and ö are right in the titles."
    ) % {"stated": stated.upper(), "found": found}


def _entity(match: re.Match[str]) -> str:
    """The entity, if XML knows it; the letter that HTML means by it; or an ampersand that stood alone."""
    name = match[1]
    if name is None:
        return match[0] if len(match[0]) > 1 else "&amp;"
    if name in _XML_ENTITIES:
        return match[0]
    letter = html.entities.html5.get(f"{name};")
    return letter if letter and letter not in "<&" else f"&amp;{name};"
