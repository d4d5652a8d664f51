"""The reader of `imsmanifest.xml`."""

import json

import pytest

from courses.scorm.errors import ManifestRefused
from courses.scorm.manifest import from_json, to_json
from courses.scorm.manifest_reader import read_manifest
from courses.scorm.package import open_package
from tests.courses.packages import HEAD_2004, manifest, real_package


def test_it_reads_title_items_and_launch_file() -> None:
    read = read_manifest(manifest(), ["index.html"])

    assert (read.version, read.edition, read.title) == ("1.2", "1.2", "En kurs")
    assert [(item.identifier, item.path, item.is_sco) for item in read.launchable] == [("del-1", "index.html", True)]


def test_it_reads_what_scorm_12_says_of_an_item() -> None:
    items = (
        '<item identifier="a" identifierref="r1" parameters="?x=1" isvisible="false"><title>A</title>'
        "<adlcp:prerequisites>b</adlcp:prerequisites><adlcp:maxtimeallowed>00:30:00</adlcp:maxtimeallowed>"
        "<adlcp:timelimitaction>exit,message</adlcp:timelimitaction><adlcp:datafromlms>data</adlcp:datafromlms>"
        "<adlcp:masteryscore>80</adlcp:masteryscore></item>"
    )
    item = read_manifest(manifest(items=items), ["index.html"]).launchable[0]

    assert (item.mastery_score, item.prerequisites, item.max_time_allowed) == (80, "b", "00:30:00")
    assert (item.time_limit_action, item.data_from_lms, item.suffix) == ("exit,message", "data", "?x=1")
    assert item.is_visible is False


def test_it_reads_what_scorm_2004_says_of_an_item() -> None:
    items = (
        '<item identifier="a" identifierref="r1"><title>A</title>'
        '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.7"/>'
        '<imsss:sequencing><imsss:rollupRules objectiveMeasureWeight="0.5" rollupProgressCompletion="false"/>'
        '<imsss:objectives><imsss:primaryObjective objectiveID="mål" satisfiedByMeasure="true">'
        "<imsss:minNormalizedMeasure>0.8</imsss:minNormalizedMeasure></imsss:primaryObjective></imsss:objectives>"
        "</imsss:sequencing></item>"
    )
    read = read_manifest(manifest(items=items, head=HEAD_2004), ["index.html"])
    item = read.launchable[0]

    assert (read.version, read.edition) == ("2004", "2004 4th Edition")
    assert (item.completion_measure, item.passing_measure, item.measure_weight) == (0.7, 0.8, 0.5)
    assert (item.counts_for_completion, item.counts_for_success, item.objectives) == (False, True, ("mål",))
    assert item.sequencing is not None


def test_it_finds_the_launch_file_below_a_base_in_another_case_and_with_encoded_letters() -> None:
    resources = (
        '<resource identifier="r1" xml:base="delar/" adlcp:scormtype="sco" href="Min%20sida.html?lang=sv#start"/>'
    )
    item = read_manifest(manifest(resources=resources), ["delar/min sida.HTML"]).launchable[0]

    assert (item.path, item.suffix) == ("delar/min sida.HTML", "?lang=sv#start")


def test_it_survives_a_round_trip_through_the_database() -> None:
    read = read_manifest(manifest(head=HEAD_2004), ["index.html"])

    assert from_json(json.loads(json.dumps(to_json(read)))) == read


def test_a_listed_file_that_is_missing_is_only_a_warning() -> None:
    resources = '<resource identifier="r1" href="index.html"><file href="bild.png"/></resource>'

    assert "bild.png" in read_manifest(manifest(resources=resources), ["index.html"]).warnings[0]


def test_a05_a_title_with_script_is_kept_as_text() -> None:
    read = read_manifest(manifest(title="&lt;script&gt;alert(1)&lt;/script&gt;"), ["index.html"])

    assert read.title == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "source",
    [
        b'<!DOCTYPE manifest SYSTEM "http://127.0.0.1:9/evil.dtd"><manifest/>',
        b'<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><manifest>&b;</manifest>',
        b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest>&x;</manifest>',
    ],
)
def test_a04_a_doctype_or_entity_is_refused_and_nothing_is_fetched(source: bytes) -> None:
    with pytest.raises(ManifestRefused, match="DOCTYPE"):
        read_manifest(source, [])


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (b"<manifest><organizations></manifest>", "1"),
        (b"<html/>", "html"),
        (b"<manifest/>", "SCORM"),
        (b"", "1"),
        (b'<?xml version="1.0" encoding="x-unknown"?><manifest/>', ""),
        (b"<manifest><metadata><schemaversion>0.9</schemaversion></metadata></manifest>", "0.9"),
        (manifest(items="<item identifier='a'><title>Rubrik</title></item>"), ""),
        (manifest(items='<item identifier="a" identifierref="nej"><title>Första</title></item>'), "Första"),
        (manifest(resources='<resource identifier="r1" adlcp:scormtype="sco"/>'), "Del 1"),
        (manifest(resources='<resource identifier="r1" href="borta.html"/>'), "borta.html"),
        (manifest(resources='<resource identifier="r1" href="../index.html"/>'), "index.html"),
        (manifest(resources='<resource identifier="r1" href="https://example.se/x.html"/>'), "Del 1"),
    ],
)
def test_a_broken_manifest_is_refused_with_a_sentence_that_says_where(source: bytes, word: str) -> None:
    with pytest.raises(ManifestRefused) as refusal:
        read_manifest(source, ["index.html"])

    assert word in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_all_problems_are_named_at_once() -> None:
    items = "".join(f'<item identifier="i{n}" identifierref="r{n}"><title>Del {n}</title></item>' for n in (7, 8))
    with pytest.raises(ManifestRefused) as refusal:
        read_manifest(manifest(items=items), ["index.html"])

    assert len(refusal.value.problems) == 2


def test_endless_nesting_is_refused() -> None:
    items = "<item identifier='a'>" * 60 + "</item>" * 60
    with pytest.raises(ManifestRefused):
        read_manifest(manifest(items=items), ["index.html"])


@pytest.mark.parametrize(
    ("name", "edition", "parts"),
    [
        ("LaunchUrlFromNestedItem_SCORM12.zip", "1.2", 2),
        ("PrerequisitesTest_SCORM12.zip", "1.2", 4),
        ("RuntimeBasicCalls_SCORM12.zip", "1.2", 1),
        ("RuntimeMinimumCalls_SCORM12.zip", "1.2", 18),
        ("RunTimeAdvancedCalls_SCORM20043rdEdition.zip", "2004 3rd Edition", 1),
        ("SequencingSimpleRemediation_SCORM20043rdEdition.zip", "2004 3rd Edition", 8),
        ("SequencingPostTestRollup4thEd_SCORM20044thEdition.zip", "2004 4th Edition", 5),
    ],
)
def test_real_packages_are_read(name: str, edition: str, parts: int) -> None:
    with real_package(name).open("rb") as source, open_package(source) as (_archive, opened):
        assert (opened.manifest.edition, len(opened.manifest.launchable)) == (edition, parts)


@pytest.mark.parametrize(
    "name",
    [
        "InvalidFileReferences_SCORM12.zip",
        "ItemWithNonExistentResourceId_SCORM12.zip",
        "MalformedXml_SCORM12.zip",
        "MissingLaunchUrl_SCORM12.zip",
    ],
)
def test_real_broken_packages_are_refused(name: str) -> None:
    with real_package(name).open("rb") as source, pytest.raises(ManifestRefused), open_package(source):
        pass
