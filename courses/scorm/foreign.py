"""What a file is that is no SCORM package, so that the editor can be told what to do instead. Pure."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

# How a file of each kind begins.
_STARTS = (
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"MZ", "EXE"),
    (b"\xd0\xcf\x11\xe0", "Office"),
    (b"<", "HTML/XML"),
)


def not_a_zip(start: bytes) -> str:
    """The sentence for a file that begins with `start` and is no zip file."""
    for mark, name in _STARTS:
        if start.lstrip()[: len(mark)] == mark:
            return _(
                "The file is not a zip file but of another kind (%(kind)s). Upload the SCORM package as the authoring "
                "tool made it, without packing it anew."
            ) % {"kind": name}
    return _(
        "The file is not a zip file. Upload the SCORM package as the authoring tool made it, without unpacking it. "
        "If it is one, it may have been cut off on the way: fetch it again."
    )


def not_a_package(names: Collection[str]) -> str:
    """The sentence for a zip file with these names and no imsmanifest.xml anywhere."""
    bases = {name.rpartition("/")[2].casefold() for name in names}
    endings = {base.rpartition(".")[2] for base in bases}
    for mark, kind in (
        ("tincan.xml", "xAPI (Tin Can)"),
        ("cmi5.xml", "cmi5"),
        ("h5p.json", "H5P"),
        ("moodle_backup.xml", "Moodle"),
        ("contentv3.xml", "eXeLearning (.elp)"),
        ("content.xml", "eXeLearning (.elpx)"),
        ("[content_types].xml", "Office"),
    ):
        if mark in bases:
            return _("The zip file is a course in another form: %(kind)s. Export the course as SCORM 1.2 or 2004.") % {
                "kind": kind
            }
    if endings & {"au", "crs", "des", "cst"}:
        return _("The zip file is a course in another form: %(kind)s. Export the course as SCORM 1.2 or 2004.") % {
            "kind": "AICC"
        }
    inner = sorted(name for name in names if name.casefold().endswith(".zip"))
    if inner:
        return _(
            "The package lies in a zip file within the zip file: “%(name)s”. Unpack once, and upload that one."
        ) % {"name": inner[0][:80]}
    if any(base in {"index.html", "story.html", "index_lms.html"} for base in bases):
        return _(
            "The zip file is a web version of a course: there is no imsmanifest.xml in it, so nothing it does can be "
            "recorded. Export the course for LMS, as SCORM."
        )
    return _("The zip file is not a SCORM package: there is no imsmanifest.xml in it. Export the course as SCORM.")
