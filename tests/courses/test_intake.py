"""Packages as they come: what is mended, what is refused and in which words, and what is said to go wrong later."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import translation

from courses.scorm.errors import ManifestRefused, PackageRefused, UnsafePackage
from courses.scorm.forecast import prerequisites_named
from courses.scorm.manifest import Manifest
from courses.scorm.mending import mended
from courses.scorm.package import open_package, unpack
from tests.courses.authoring import TOOLS, package_as_made_by
from tests.courses.packages import HEAD_12, HEAD_2004, REAL_PACKAGES, entry, manifest, zip_of

# A page that speaks to the platform and gives points, so that nothing is said against it.
TALKS = "<script>API.LMSInitialize(''); API.LMSSetValue('cmi.core.score.raw', 1); API_1484_11</script>"
MASTERY = (
    '<item identifier="a" identifierref="r1"><title>Prov</title><adlcp:masteryscore>80</adlcp:masteryscore></item>'
)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def opened(data: bytes) -> Manifest:
    with open_package(io.BytesIO(data)) as (_archive, one):
        return one.manifest


def of(files: Mapping[str, bytes | str], **more: str) -> Manifest:
    return opened(zip_of({"imsmanifest.xml": manifest(**more), **files}))


def refusal_of(data: bytes) -> str:
    with pytest.raises(PackageRefused) as refused:
        opened(data)
    return " ".join(refused.value.problems)


def test_a_sound_package_is_taken_without_a_word() -> None:
    assert of({"index.html": TALKS}).warnings == ()


# Mended -----------------------------------------------------------------------------------------------------------


def test_a_package_in_a_folder_is_read_from_there_and_what_lies_beside_is_left_out(tmp_path: Path) -> None:
    data = zip_of(
        {"kurs/imsmanifest.xml": manifest(), "kurs/index.html": TALKS, "Läs mig.txt": "x", "__MACOSX/kurs/._x": "x"}
    )
    storage = FileSystemStorage(location=tmp_path)
    with open_package(io.BytesIO(data)) as (archive, one):
        unpack(archive, one, storage, "packages/p")
        assert sorted(one.files) == ["imsmanifest.xml", "index.html"]
    assert storage.exists("packages/p/index.html")
    assert [word in " ".join(one.manifest.warnings) for word in ("“kurs”", "Läs mig.txt")] == [True, True]


@pytest.mark.parametrize(
    ("source", "title", "warns"),
    [
        ("﻿".encode() + manifest(title="Å"), "Å", False),
        (b"\n\n  <?xml version='1.0' encoding='utf-8'?>" + manifest(title="Å"), "Å", False),
        (b"<?xml version='1.0' encoding='utf-8'?>" + manifest().replace(b"En kurs", b"M\xe5l"), "Mål", True),
        (b"<?xml version='1.0' encoding='iso-8859-1'?>" + manifest().replace(b"En kurs", b"M\xe5l"), "Mål", False),
        (b"<?xml version='1.0' encoding='utf-16'?>" + manifest(title="Mål"), "Mål", True),
        (b"<?xml version='1.0' encoding='x-unknown'?>" + manifest(title="Mål"), "Mål", True),
        (
            ("﻿<?xml version='1.0' encoding='utf-16'?>" + manifest(title="Mål").decode()).encode("utf-16-le"),
            "Mål",
            False,
        ),
        (manifest(title="Drift & underhåll"), "Drift & underhåll", True),
        (manifest(title="Drift &amp; &#229; &lt;b&gt;"), "Drift & å <b>", False),
        (manifest(title="F&ouml;rskrivning&nbsp;1 &lt;"), "Förskrivning 1 <", True),
        (manifest(title="<![CDATA[A & B]]>"), "A & B", False),
        (manifest(title="Ljud\x07"), "Ljud", True),
    ],
    ids=["bom", "space", "1252", "latin1", "not-16", "unknown", "utf16", "amp", "sound", "html", "cdata", "control"],
)
def test_a_manifest_that_can_be_read_in_one_way_only_is_read_so(source: bytes, title: str, warns: bool) -> None:
    read = opened(zip_of({"imsmanifest.xml": source, "index.html": TALKS}))
    assert read.title == title
    assert bool(read.warnings) is warns


def test_a04_mending_never_lets_a_doctype_through() -> None:
    rest = manifest(title="&a; & b").decode()
    for begin, encoding in (
        ("<!DOCTYPE m [<!ENTITY a 'b'>]>", "utf-8"),
        ("\n <!DOCTYPE m>", "utf-8"),
        ("<!DOCTYPE m>", "utf-16"),
    ):
        data = zip_of({"imsmanifest.xml": (begin + rest).encode(encoding), "index.html": TALKS})
        assert "DOCTYPE" in refusal_of(data)


def test_a04_mending_touches_nothing_that_has_a_doctype() -> None:
    """What an entity would mean is not looked into, nor put in its place."""
    for begin in (b'<!DOCTYPE m [<!ENTITY ouml "b">]>', b"<! ENTITY x SYSTEM 'file:///etc/passwd'>"):
        source = begin + b"<m>F&ouml;rst & sist</m>"
        assert mended(source) == (source, [])


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("delar\\start.html", "delar/start.html"),
        ("/index.html", "index.html"),
        ("./index.html", "index.html"),
        ("INDEX.HTM", "index.htm"),
        ("my%20page.html", "my page.html"),
        ("my%20page.html", "my%20page.html"),
        ("sida-å.html", unicodedata.normalize("NFD", "sida-å.html")),
        (unicodedata.normalize("NFD", "sida-å.html"), "sida-å.html"),
    ],
)
def test_a_start_page_is_found_however_it_is_spelt(href: str, name: str) -> None:
    resources = f'<resource identifier="r1" adlcp:scormtype="sco" href="{href}"/>'
    read = of({name: TALKS}, resources=resources)
    assert read.launchable[0].path == unicodedata.normalize("NFC", name)
    assert read.warnings == ()


def test_a_name_in_utf_8_that_does_not_say_so_is_read_as_it_was_meant() -> None:
    data = zip_of({"imsmanifest.xml": manifest(resources='<resource identifier="r1" href="å.html"/>'), "å.html": TALKS})
    unsaid = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = unsaid.find(mark)
        while start >= 0:
            unsaid[start + at + 1] &= 0xF7  # bit 11: the name is UTF-8
            start = unsaid.find(mark, start + 1)
    assert bytes(unsaid) != data
    assert opened(bytes(unsaid)).launchable[0].path == "å.html"


def test_the_same_file_packed_twice_counts_once() -> None:
    extra = [(entry("index.html"), TALKS.encode())]
    data = zip_of({"imsmanifest.xml": manifest(), "index.html": TALKS}, extra=extra)
    assert opened(data).launchable[0].path == "index.html"
    assert "two files" in refusal_of(zip_of({"imsmanifest.xml": manifest(), "index.html": "x"}, extra=extra))


def test_litter_is_left_out() -> None:
    litter = ["__MACOSX/._index.html", ".DS_Store", "a/Thumbs.db", "._index.html", ".git/config", "desktop.ini"]
    data = zip_of({"imsmanifest.xml": manifest(), "index.html": TALKS, **dict.fromkeys(litter, "x")})
    with open_package(io.BytesIO(data)) as (_archive, one):
        assert sorted(one.files) == ["imsmanifest.xml", "index.html"]


@pytest.mark.parametrize(("attribute", "version"), [("scormtype", "1.2"), ("scormType", "2004")])
def test_a_manifest_that_says_no_version_is_known_by_how_it_spells(attribute: str, version: str) -> None:
    resources = f'<resource identifier="r1" {attribute}="sco" href="index.html"/>'
    assert of({"index.html": TALKS}, head="<manifest identifier='m'>", resources=resources).version == version


# Refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Rar!\x1a\x07\x00rest", "RAR"),
        (b"7z\xbc\xaf\x27\x1crest", "7-Zip"),
        (b"%PDF-1.7", "PDF"),
        (zip_of({"imsmanifest.xml": manifest(), "index.html": "x"})[:-40], "cut off"),
        (zip_of({"tincan.xml": "x"}), "xAPI"),
        (zip_of({"cmi5.xml": "x"}), "cmi5"),
        (zip_of({"h5p.json": "{}"}), "H5P"),
        (zip_of({"contentv3.xml": "x"}), "eXeLearning"),
        (zip_of({"kurs.au": "x", "kurs.crs": "x"}), "AICC"),
        (zip_of({"export/kurs-scorm.zip": b"PK"}), "kurs-scorm.zip"),
        (zip_of({"story.html": "x"}), "for LMS"),
        (zip_of({"[Content_Types].xml": "x", "word/document.xml": "x"}), "Office"),
        (zip_of({"foto.jpg": "x"}), "no imsmanifest.xml"),
        (zip_of({f"{n}/imsmanifest.xml": manifest() for n in "ab"}), "2 packages: a, b"),
        (zip_of({"imsmanifest.xml": manifest(resources='<resource identifier="r1" href="http://[x"/>')}), "Del 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_package_is_told_apart_in_words_that_help(data: bytes, words: str) -> None:
    text = refusal_of(data)
    assert words in text
    assert text.endswith(".")


def test_a_packing_that_cannot_be_read_is_refused_in_words() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("imsmanifest.xml", manifest())
        archive.writestr("index.html", "x")
    assert "Deflate" in refusal_of(buffer.getvalue())


def test_a01_a_name_outside_is_refused_even_beside_the_folder_that_is_read() -> None:
    files: dict[str, bytes | str] = {"kurs/imsmanifest.xml": manifest(), "kurs/index.html": TALKS}
    for name in ("../x", "kurs/../../x", "C:\\x"):
        with pytest.raises(UnsafePackage):
            opened(zip_of(files, extra=[(entry(name), b"evil")]))
    with pytest.raises(UnsafePackage):
        opened(zip_of(files, extra=[(entry("kurs/l", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")]))


# What will go wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "more", "words"),
    [
        ("<p>Hej", {}, "never reports that anybody has finished"),
        ("<script>API_1484_11.Initialize('')</script>", {}, "only look for SCORM 2004"),
        ("<script>API.LMSInitialize('')</script>", {"head": HEAD_2004}, "only look for SCORM 1.2"),
        ("<script>API.LMSInitialize('')</script>", {"items": MASTERY}, "“Prov” must give points"),
        (TALKS, {"resources": '<resource identifier="r1" adlcp:scormtype="asset" href="index.html"/>'}, "scormtype"),
        (TALKS + '<script src="https://cdn.example/x.js"></script>', {}, "cdn.example"),
    ],
    ids=["silent", "other-version", "other-version-2004", "mastery", "no-sco", "foreign"],
)
def test_what_would_never_complete_is_said_at_upload(page: str, more: dict[str, str], words: str) -> None:
    warnings = of({"index.html": page}, **more).warnings
    assert len(warnings) == 1
    assert words in warnings[0]


def test_a_resource_that_does_not_say_what_it_is_is_taken_for_one_that_talks() -> None:
    manifest = of({"index.html": TALKS}, resources='<resource identifier="r1" href="index.html"/>')
    assert [item.is_sco for item in manifest.launchable] == [True]
    assert manifest.warnings == ()


def test_a_completion_threshold_that_nothing_speaks_of_is_said() -> None:
    items = (
        '<item identifier="a" identifierref="r1"><title>Läsa</title>'
        '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.7"/></item>'
    )
    warnings = of({"index.html": TALKS}, items=items, head=HEAD_2004).warnings
    assert "“Läsa” counts as finished by how much" in warnings[0]
    assert of({"index.html": TALKS + "cmi.progress_measure"}, items=items, head=HEAD_2004).warnings == ()


def prerequisite(name: str, script: str) -> str:
    return (
        f'<item identifier="{name}" identifierref="r1"><title>Del {name}</title>'
        f"<adlcp:prerequisites>{script}</adlcp:prerequisites></item>"
    )


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (prerequisite("A", "") + prerequisite("B", "borta"), ["“Del B” waits for “borta”"]),
        (prerequisite("A", "A"), ["“Del A” can never be opened: it waits for a part that waits for itself"]),
        (prerequisite("A", "B") + prerequisite("B", "C&amp;A") + prerequisite("C", ""), ["“Del A”", "“Del B”"]),
        (prerequisite("A", "B|C") + prerequisite("B", "A") + prerequisite("C", ""), []),
        (prerequisite("A", "") + prerequisite("B", "") + prerequisite("C", "(A AND NOT B) OR B"), []),
        (prerequisite("A", "B and C") + prerequisite("B", "A OR C") + prerequisite("C", ""), []),
        (prerequisite("A", "") + prerequisite("B", "A=&quot;passed&quot;&amp;~C") + prerequisite("C", ""), []),
    ],
    ids=["stranger", "itself", "circle", "a choice", "words", "a choice in words", "statuses"],
)
def test_prerequisites_that_nobody_can_meet_are_said(items: str, words: list[str]) -> None:
    warnings = of({"index.html": TALKS}, items=items).warnings
    assert [word in warning for word, warning in zip(words, warnings, strict=True)] == [True] * len(words)


def test_the_parts_that_a_prerequisite_speaks_of_are_found() -> None:
    assert prerequisites_named('A1&(A2|A3="passed")&2*{B.1, B_2}&~C=incomplete') == {
        "A1",
        "A2",
        "A3",
        "B.1",
        "B_2",
        "C",
    }


def test_a_package_without_a_table_of_contents_is_its_only_part() -> None:
    """As resource packages are, and as some exports come out."""
    sco = '<resource identifier="{0}" type="webcontent" adlcp:scormtype="{1}" href="index.html"/>'

    def bare(*resources: tuple[str, str]) -> bytes:
        listed = "".join(sco.format(*one) for one in resources)
        return zip_of({"imsmanifest.xml": f"{HEAD_12}<organizations/><resources>{listed}</resources></manifest>",
                       "index.html": TALKS})  # fmt: skip

    read = opened(bare(("r1", "sco"), ("r2", "asset")))
    assert [(item.identifier, item.path) for item in read.launchable] == [("r1", "index.html")]
    assert "no table of contents" in read.warnings[0]
    for unclear in (bare(("r1", "sco"), ("r2", "sco")), bare(("r1", "asset"))):
        assert "is empty" in refusal_of(unclear)


def test_a_part_without_a_title_is_called_by_its_number() -> None:
    items = "".join(f'<item identifier="ITEM-{n}" identifierref="r1"><title></title></item>' for n in "AB")
    assert [item.title for item in of({"index.html": TALKS}, items=items).launchable] == ["Part 1", "Part 2"]


def test_flash_is_said_to_be_over() -> None:
    warnings = of({"index.html": "<embed src='kurs.swf'>API.LMSInitialize", "kurs.swf": "FWS"}).warnings
    assert "Flash" in warnings[0]


def test_many_missing_files_are_one_warning() -> None:
    files = "".join(f'<file href="bild{n}.png"/>' for n in range(40))
    warnings = of(
        {"index.html": TALKS},
        resources=f'<resource identifier="r1" adlcp:scormtype="sco" href="index.html">{files}</resource>',
    ).warnings
    assert len(warnings) == 1
    assert "40 files" in warnings[0]


# As tools make them, and as strangers have made them --------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS)
def test_a_package_as_a_common_tool_makes_it_is_taken_without_a_word(tool: str) -> None:
    read = opened(package_as_made_by(tool))
    assert read.title.startswith("Kurs från ")
    assert read.warnings == ()
    assert all(item.is_sco for item in read.launchable)


REFUSED = {
    "InvalidFileReferences_SCORM12.zip": "content/nonexistent.html",
    "ItemWithNonExistentResourceId_SCORM12.zip": "non_existent_resource",
    "MalformedXml_SCORM12.zip": "line",
    "MissingLaunchUrl_SCORM12.zip": "resource_1",
}


def test_every_package_that_others_made_is_taken_in_or_refused_for_what_is_wrong_with_it() -> None:
    there = sorted(REAL_PACKAGES.glob("*.zip"))
    if not there:
        pytest.skip(f"no packages made by others are in {REAL_PACKAGES} (set PACKAGES_DIR)")
    for path in there:
        word = REFUSED.get(path.name)
        if word:
            assert word in refusal_of(path.read_bytes()), path.name
        else:
            assert opened(path.read_bytes()).launchable, path.name


def test_what_broke_the_package_is_the_sort_of_error_that_a_manifest_makes() -> None:
    with pytest.raises(ManifestRefused):
        opened(zip_of({"imsmanifest.xml": manifest()}))
