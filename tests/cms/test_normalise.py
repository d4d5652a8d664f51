"""Swedish words as the search files them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.search.normalise import Term, fold, index_text, query_terms, terms_of


def stems(text: str) -> list[str]:
    return [term.stem for term in terms_of(text)]


@pytest.mark.parametrize(
    "forms",
    [
        "kurs kurser kursen kurserna kursens",
        "hjälpmedel hjälpmedlet hjälpmedlen hjälpmedels",
        "rullstol rullstolen rullstolar rullstolarna rullstols",
        "förskrivare förskrivaren förskrivarna",
        "avtal avtalet avtalen",
        "sortiment sortimentet",
        "artikel artikeln artiklar artiklarna",
        "förbrukningsartikel förbrukningsartiklar förbrukningsartiklarna LMN",
        "rollator rollatorn rollatorer rollatorerna",
        "dyna dynan dynor dynorna",
        "ansökan ansökningar ansökningarna",
    ],
)
def test_every_form_of_a_word_is_filed_under_one(forms: str) -> None:
    assert len(set(stems(forms))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Västra Götaland", "Vastra Gotaland"),
        ("VÄSTRA GÖTALAND", "vastra gotaland"),
        ("säkerhetsmeddelande", "sakerhetsmeddelanden"),
        ("läkemedelsnära produkter", "LMN"),
        ("Läkemedelsnära produkter", "förbrukningsartiklar"),
        ("Hjälpmedelscentralen", "HMC"),
        ("Västra Götalandsregionen", "VGR"),
        ("liggsår", "trycksår"),
        ("12 22 03", "122203"),
        ("12.22.03", "12 22 03"),
        (unicodedata.normalize("NFD", "hjälpmedel på väg"), unicodedata.normalize("NFC", "hjälpmedel på väg")),
    ],
)
def test_two_ways_of_writing_are_filed_alike(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize(
    ("compound", "part"),
    [
        ("rullstolsramper", "ramp"),
        ("rullstolsramper", "rullstol"),
        ("elrullstolen", "rullstolar"),
        ("säkerhetsmeddelanden", "meddelande"),
        ("kursbevis", "kurser"),
        ("behörighetsansökan", "ansökningar"),
        ("sittdynor", "dynan"),
        ("produktområden", "område"),
        ("fältrullstol", "rullstol"),
    ],
)
def test_a_compound_is_found_by_its_parts(compound: str, part: str) -> None:
    assert stems(part)[0] in index_text(compound).split()


def test_different_words_are_kept_apart() -> None:
    assert len(set(stems("kurs kur rullstol rollator avtal val ramp dyna"))) == 8


def test_common_words_are_left_out_of_a_query_unless_nothing_else_is_asked_for() -> None:
    assert [term.stem for term in query_terms("hjälpmedel för den som är på väg")] == ["hjalpmedel", "vag"]
    assert query_terms("för den") != []
    assert query_terms("") == query_terms(" ?! ") == []


def test_a_query_names_each_term_once() -> None:
    assert query_terms("kurs kurser KURSEN") == [Term("kurs")]


WORDS = ["rullstolsramp", "kurserna", "förbrukningsartiklar", "Götaland", "12", "22", "hos", "på", "LMN"]


@given(st.text(max_size=80))
def test_anything_can_be_searched_for_and_indexed(text: str) -> None:
    index_text(text)
    for term in query_terms(text):
        assert term.stem
        assert all(token.isalnum() for token in (term.stem, *term.parts))


@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_indexed_is_found_by_the_same_words(words: list[str]) -> None:
    text = " ".join(words)
    indexed = index_text(text).split()
    assert all(term.stem in indexed for term in query_terms(text))
