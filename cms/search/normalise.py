"""Swedish words as the search files them. The same function is used on what is indexed and on what is asked for.

A word is folded (no case, å and ä as a, ö as o, so that *Vastra Gotaland* and *Västra Götaland* are one), brought to
its lemma or stem, split into the parts that compounds of this field are made of, and put under the common name of its
synonyms. Pure: no database, no settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import snowballstemmer

from cms.search.words import LEMMAS, PARTS, STOP_WORDS, SYNONYMS

WORD = re.compile(r"[^\W_]+", re.UNICODE)
CODE = re.compile(r"(?<![\w-])(\d{2})[ .](\d{2})(?:[ .](\d{2}))?(?![\w-])")
AGENT = re.compile(r"(\w{2,}[aeioku]tor)(?:n|er|erna|s|ns|ers|ernas)?")
SHORTEST_PART = 2
LONGEST_WORD = 60
_FOLDS = str.maketrans({"æ": "a", "ø": "o", "ß": "s", "đ": "d", "ł": "l"})


@dataclass(frozen=True)
class Term:
    """A word as it is filed: under `stem`, and, when it is a compound, under all of `parts`."""

    stem: str
    parts: tuple[str, ...] = ()


def fold(text: str) -> str:
    """`text` without case and diacritics: Å, ä -> a; ö, ø -> o; é -> e. Composed and decomposed letters fold alike."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_FOLDS)


def index_text(text: str) -> str:
    """`text` as it is stored for the search: every stem and every part, in order, separated by spaces."""
    return " ".join(token for term in terms_of(text) for token in (term.stem, *term.parts))


def query_terms(query: str) -> list[Term]:
    """The terms to look for, each once, without words that are too common to say anything."""
    terms = list(dict.fromkeys(terms_of(query)))
    return [term for term in terms if term.stem not in _stop_stems()] or terms


def terms_of(text: str) -> Iterator[Term]:
    """The terms of `text` in order, with what phrases and product codes add."""
    folded = fold(text)
    for match in CODE.finditer(folded):
        yield Term("".join(group for group in match.groups() if group))
    words = WORD.findall(CODE.sub(" ", folded))
    position = 0
    while position < len(words):
        length, term = _phrase_at(words, position)
        if term is None:
            yield term_of(words[position])
        else:
            yield term
        position += length


def _phrase_at(words: list[str], position: int) -> tuple[int, Term | None]:
    for length in range(min(_longest_phrase(), len(words) - position), 1, -1):
        stems = tuple(term_of(word).stem for word in words[position : position + length])
        if term := _phrases().get(stems):
            return length, term
    return 1, None


@lru_cache(maxsize=50_000)
def term_of(folded_word: str) -> Term:
    """The term of one folded word."""
    word = folded_word[:LONGEST_WORD]
    stem = stem_of(word)
    if named := _phrases().get((stem,)):
        return named
    return Term(stem, _parts_of(word, stem))


@lru_cache(maxsize=50_000)
def stem_of(folded_word: str) -> str:
    """The lemma of a word or of a compound's last part, or else its stem."""
    if lemma := _lemmas().get(folded_word):
        return _stemmed(lemma)
    head, tail = _split_tail(folded_word)
    if tail:
        return head + _stemmed(tail)
    return _stemmed(folded_word)


def _split_tail(word: str) -> tuple[str, str]:
    """`word` as its head and the lemma of its last part, where that part is one whose forms need a lemma."""
    for cut in range(3, len(word) - 3):
        if (lemma := _lemmas().get(word[cut:])) and len(word) - cut >= 4:
            return word[:cut], lemma
    return "", ""


@lru_cache(maxsize=50_000)
def _stemmed(word: str) -> str:
    if word in _lemma_names() or not word.isalpha():
        return word
    if agent := AGENT.fullmatch(word):  # the stemmer takes -or for a plural: rollator, but rollatorer
        return agent[1]
    stem: str = _stemmer().stemWord(word)
    # The stemmer knows no neuter with the article: sortimentet, behovet.
    if len(stem) >= 6 and stem.endswith("et"):
        stem = stem[:-2]
    return stem


def _parts_of(word: str, stem: str) -> tuple[str, ...]:
    """The stems of a compound's parts, or nothing when it cannot be read as known parts from end to end.

    An unknown first part is let pass when it has three letters or more: *fältrullstol* is found by rullstol.
    """
    split = _split(stem if _split_tail(word)[1] else word)
    if split:
        return tuple(dict.fromkeys(split)) if len(split) > 1 else ()
    for cut in range(3, len(word) - 4):
        part = _known_parts().get(word[cut:]) or _known_parts().get(stem_of(word[cut:]))
        if part and len(part) >= 4:
            return (part,)
    return ()


@lru_cache(maxsize=20_000)
def _split(word: str) -> tuple[str, ...] | None:
    """`word` read as known parts, the longest first; a joining s, e or o between them is let pass."""
    if not word:
        return ()
    for end in range(len(word), SHORTEST_PART - 1, -1):
        piece = word[:end]
        part = _known_parts().get(piece)
        if part is None and end == len(word):
            part = _known_parts().get(stem_of(piece)) if len(piece) > 3 else None
        if part is None:
            continue
        rest = word[end:]
        for joint in ("", "s", "e", "o"):
            if rest.startswith(joint) and (tail := _split(rest[len(joint) :])) is not None and (rest or not joint):
                return (part, *tail)
    return None


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("swedish")


@cache
def _lemmas() -> dict[str, str]:
    return {fold(form): fold(lemma) for form, lemma in LEMMAS.items()}


@cache
def _lemma_names() -> frozenset[str]:
    return frozenset(_lemmas().values())


@cache
def _known_parts() -> dict[str, str]:
    """Each part, as written and as its stem -> the stem."""
    known = {}
    for part in PARTS:
        folded = fold(part)
        stem = _lemmas().get(folded) or _stemmed(folded)
        known[folded] = stem
        if len(stem) > 3:
            known[stem] = stem
    return known


@cache
def _phrases() -> dict[tuple[str, ...], Term]:
    """The stems of each synonym -> the term that all of them are filed under."""
    phrases: dict[tuple[str, ...], Term] = {}
    for names in SYNONYMS:
        words_of_names = [WORD.findall(fold(name)) for name in names]
        stems = [tuple(stem_of(word) for word in words) for words in words_of_names]
        first = words_of_names[0]
        common = Term("".join(stems[0]), stems[0] if len(first) > 1 else _parts_of(first[0], stems[0][0]))
        for words in stems:
            phrases[words] = common
    return phrases


@cache
def _longest_phrase() -> int:
    return max(len(words) for words in _phrases())


@cache
def _stop_stems() -> frozenset[str]:
    return frozenset(stem_of(fold(word)) for word in STOP_WORDS)
