"""The certificate as a PDF: what it says, how it is tagged, and that it holds together with any name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from courses.certificates.document import certificate_pdf
from courses.models import Certificate

GOLDEN = """Hjälpmedel i Västra Götaland
Kursbevis
Åsa Testsson
har genomfört kursen
Regional utbildning för förskrivare
Genomförd 4 mars 2026
Omfattning 1 timme 35 minuter
Kursens utgåva 2
Utfärdat av Hjälpmedel i Västra Götaland
Utfärdat 5 mars 2026
Kontrollera att kursbeviset är äkta
Sidan nedan visar vad som intygas och om kursbeviset fortfarande gäller.
127.0.0.1:8000/kursbevis/7K3QX-9TB2M-4HZ8P-WN5RC/
Kod: 7K3QX-9TB2M-4HZ8P-WN5RC"""


def certificate(**fields: object) -> Certificate:
    values: dict[str, object] = {
        "person_name": "Åsa Testsson",
        "course_title": "Regional utbildning för förskrivare",
        "course_key": "kurs",
        "edition": 2,
        "minutes": 95,
        "completed_at": datetime(2026, 3, 4, 12, tzinfo=UTC),
        "issued_at": datetime(2026, 3, 4, 23, 30, tzinfo=UTC),  # the 5th in Stockholm
        "issuer_name": "Hjälpmedel i Västra Götaland",
        "code": "7K3QX9TB2M4HZ8PWN5RC",
        **fields,
    }
    return Certificate(**values)


def read(found: Certificate) -> PdfReader:
    return PdfReader(io.BytesIO(certificate_pdf(found)))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def elements_of(reader: PdfReader, name: str = "") -> list[DictionaryObject]:
    """The structure elements (with that name), in reading order."""
    found: list[DictionaryObject] = []

    def walk(node: object) -> None:
        node = getattr(node, "get_object", lambda: node)()
        if isinstance(node, ArrayObject):
            for child in node:
                walk(child)
        elif isinstance(node, DictionaryObject):
            if "/S" in node and name in ("", str(node["/S"]).removeprefix("/")):
                found.append(node)
            walk(node.get("/K"))

    walk(reader.root_object["/StructTreeRoot"])
    return found


def is_accessible(reader: PdfReader) -> bool:
    """Whether it says of itself that it is PDF/UA-1, which typst lets it only when it is."""
    metadata = reader.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    return b"pdfuaid:part>1<" in metadata.get_data()


def tags_of(reader: PdfReader) -> list[str]:
    return [str(element["/S"]).removeprefix("/") for element in elements_of(reader)]


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"


def test_it_says_this_and_nothing_else() -> None:
    assert text_of(read(certificate())) == " ".join(GOLDEN.split())


def test_it_is_tagged_for_those_who_listen() -> None:
    reader = read(certificate())
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"].value is True  # type: ignore[index]
    assert str(root["/Lang"]) == "sv"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True  # type: ignore[index]
    assert reader.metadata is not None
    assert reader.metadata.title == "Kursbevis: Regional utbildning för förskrivare"
    assert is_accessible(reader)
    tags = tags_of(reader)
    assert tags.count("H1") == 1
    assert tags.count("H2") == 1
    assert tags.count("LI") == tags.count("Lbl") == tags.count("LBody") == 5, "the facts are pairs"
    assert tags.count("Link") == 1
    assert tags.count("Figure") == 1


def test_the_picture_of_the_code_has_words() -> None:
    [figure] = elements_of(read(certificate()), "Figure")
    assert "/kursbevis/7K3QX-9TB2M-4HZ8P-WN5RC/" in str(figure["/Alt"])


def test_it_is_set_in_the_fonts_that_we_ship() -> None:
    fonts = read(certificate()).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]).split("+")[1] for font in fonts.values()}
    assert names == {f"AtkinsonHyperlegibleNext-{weight}" for weight in ("Regular", "SemiBold", "Bold")}


@pytest.mark.parametrize("name", ["person_name", "course_title"])
def test_a_word_without_end_stays_on_the_page(name: str) -> None:
    [page] = read(certificate(**{name: "Å" * 150})).pages
    right = []
    page.extract_text(
        visitor_text=lambda text, _cm, tm, _font, size: right.append(tm[4] + len(text.strip()) * size * 0.4)
    )
    assert max(right) < float(page.mediabox.width)


def test_the_same_facts_give_the_same_bytes() -> None:
    assert certificate_pdf(certificate()) == certificate_pdf(certificate())


@pytest.mark.parametrize(
    "fields",
    [
        {"person_name": "Anna-Karin Maria Elisabeth Långnamnssonsdotter-Hjälpmedelsgren af Västra Götaland " * 3},
        {"course_title": "Hjälpmedel för kommunikation, kognition och omgivningskontroll i hemmet " * 3},
        {"issuer_name": "Samverkan om hjälpmedel mellan Västra Götalandsregionen och de 49 kommunerna " * 2},
    ],
)
def test_long_words_stay_on_one_page_and_whole(fields: dict[str, str]) -> None:
    [(name, value)] = fields.items()
    reader = read(certificate(**{name: value.strip()}))
    assert len(reader.pages) == 1
    hyphenated = text_of(reader).replace("- ", "").replace("\xad", "").replace(" ", "")
    assert value.replace(" ", "").replace("-", "") in hyphenated.replace("-", "")


@pytest.mark.parametrize("name", ["Ирина Тестова", "Ελένη Τεστ", "محمد تست", "שרה טסט", "Ng\u0303 Te\u0301st"])
def test_f21_names_in_other_letters_are_set_and_stay_accessible(name: str) -> None:
    reader = read(certificate(person_name=name))
    assert is_accessible(reader)


def test_f21_letters_that_no_font_has_still_give_a_page() -> None:
    reader = read(certificate(person_name="李小龙 🙂"))
    assert "Regional utbildning för förskrivare" in text_of(reader)
    assert not is_accessible(reader)
    assert reader.root_object["/MarkInfo"]["/Marked"].value is True  # type: ignore[index]


def test_a05_what_looks_like_markup_is_text() -> None:
    said = '#read("/etc/passwd") *fet* $x$ \\ <a> ] #panic()'
    found = text_of(read(certificate(person_name=said, course_title=said, issuer_name=said)))
    assert found.count("*fet*") == 4, "the issuer stands there twice"
    assert "root:" not in found


def test_without_an_edition_there_is_no_such_line() -> None:
    assert "utgåva" not in text_of(read(certificate(edition=None)))
