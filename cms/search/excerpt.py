"""The lines of a page where the words that were searched for stand, with the words marked. Always escaped."""

from collections.abc import Iterable
from itertools import islice

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cms.search.normalise import WORD, Term, fold, term_of

LENGTH = 220
WORDS_LOOKED_AT = 4000


def highlight(text: str, terms: Iterable[Term]) -> SafeString:
    """`text`, escaped, with each word that a term finds in `<mark>`."""
    spans = _spans(text, _sought(terms))
    return _marked(text, spans)


def excerpt(text: str, terms: Iterable[Term]) -> SafeString:
    """The `LENGTH` letters of `text` that hold the most of the sought words."""
    spans = _spans(text, _sought(terms))
    start = max(
        (begin for begin, _end in spans),
        key=lambda begin: (sum(begin <= other < begin + LENGTH for other, _end in spans), -begin),
        default=0,
    )
    start = 0 if start < LENGTH // 3 else text.rfind(" ", 0, start - LENGTH // 4) + 1
    end = len(text) if len(text) <= start + LENGTH else max(text.rfind(" ", start, start + LENGTH), start + LENGTH // 2)
    inside = [(begin - start, stop - start) for begin, stop in spans if start <= begin and stop <= end]
    marked = _marked(text[start:end].rstrip(" ·"), inside)
    return mark_safe(("… " if start else "") + marked + (" …" if end < len(text) else ""))  # noqa: S308


def _sought(terms: Iterable[Term]) -> set[str]:
    return {token for term in terms for token in (term.stem, *term.parts)}


def _spans(text: str, sought: set[str]) -> list[tuple[int, int]]:
    beginnings = tuple(token for token in sought if len(token) >= 4)
    spans = []
    for match in islice(WORD.finditer(text), WORDS_LOOKED_AT):
        term = term_of(fold(match[0]))
        if term.stem in sought or sought.intersection(term.parts) or term.stem.startswith(beginnings):
            spans.append(match.span())
    return spans


def _marked(text: str, spans: list[tuple[int, int]]) -> SafeString:
    pieces, position = [], 0
    for begin, end in spans:
        if end > len(text):
            break
        pieces += [escape(text[position:begin]), "<mark>", escape(text[begin:end]), "</mark>"]
        position = end
    pieces.append(escape(text[position:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece of the text was escaped above
