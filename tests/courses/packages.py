"""Packages that the tests make themselves, and the way to real ones that nobody here wrote."""

from __future__ import annotations

import io
import os
import stat
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

REAL_PACKAGES = Path(os.environ.get("PACKAGES_DIR", Path(__file__).resolve().parents[2].parent / "shared" / "packages"))
HEAD_12 = (
    '<manifest identifier="kurs" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" '
    'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">'
    "<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>"
)
HEAD_2004 = (
    '<manifest identifier="kurs" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" '
    'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">'
    "<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>"
)


def real_package(name: str) -> Path:
    """A package of `../shared/packages`; skips the test, in one line, where they are not at hand."""
    path = REAL_PACKAGES / name
    if not path.exists():
        pytest.skip(f"the real package {name} is not in {REAL_PACKAGES} (set PACKAGES_DIR)")
    return path


def manifest(
    *, items: str = "", resources: str = "", head: str = HEAD_12, title: str = "En kurs", sequencing: str = ""
) -> bytes:
    items = items or '<item identifier="del-1" identifierref="r1"><title>Del 1</title></item>'
    resources = resources or (
        '<resource identifier="r1" type="webcontent" adlcp:scormtype="sco" adlcp:scormType="sco" href="index.html">'
        '<file href="index.html"/></resource>'
    )
    return (
        f'{head}<organizations default="o"><organization identifier="o"><title>{title}</title>{items}{sequencing}'
        f"</organization></organizations><resources>{resources}</resources></manifest>"
    ).encode()


def zip_of(files: Mapping[str, bytes | str], *, extra: Sequence[tuple[zipfile.ZipInfo, bytes]] = ()) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # a name that occurs twice is what some tests are about
        for name, content in files.items():
            archive.writestr(_entry(name), content)
        for info, content in extra:
            archive.writestr(info, content)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Always of the same time, so that the same files make the same package whenever it is made."""
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return info


def package(**more: Any) -> bytes:
    """A small sound SCORM 1.2 package; `more` files by name with `__` for a dot."""
    return zip_of(
        {
            "imsmanifest.xml": manifest(),
            "index.html": "<!doctype html><title>Kurs</title><p>Hej",
            **{name.replace("__", "."): content for name, content in more.items()},
        }
    )


def two_part_package(head: str = HEAD_12) -> bytes:
    items = "".join(f'<item identifier="del-{n}" identifierref="r{n}"><title>Del {n}</title></item>' for n in (1, 2))
    resources = "".join(
        f'<resource identifier="r{n}" type="webcontent" adlcp:scormtype="sco" adlcp:scormType="sco" href="d{n}.html"/>'
        for n in (1, 2)
    )
    return zip_of(
        {
            "imsmanifest.xml": manifest(items=items, resources=resources, head=head),
            "d1.html": "<p>ett",
            "d2.html": "<p>två",
        }
    )


def entry(name: str, *, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x" * len(name))
    info.filename = name  # past ZipInfo's own tidying, as an attacker would write it
    info.external_attr = mode << 16
    info.create_system = 3
    return info
