"""Takes a zip file from a stranger apart: everything is checked before a byte is kept, and again while unpacking.

The whole package is refused for any name that reaches outside it, for links, encryption, doubles and bombs. Zip files
inside the package are kept as files and never opened. On refusal, nothing is left behind.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage
from django.utils.translation import gettext as _

from courses.scorm.errors import ManifestRefused, PackageRefused, StorageFull, UnsafePackage
from courses.scorm.manifest import Manifest
from courses.scorm.manifest_reader import MANIFEST_NAME, read_manifest

MEGABYTE = 1024 * 1024
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Limits:
    """How large a package may be once unpacked. A ratio matters only for what is large: small text shrinks a lot."""

    entries: int = 20_000
    directory_bytes: int = 8 * MEGABYTE
    total_bytes: int = 2048 * MEGABYTE
    ratio: int = 100
    ratio_free_bytes: int = 20 * MEGABYTE
    name_length: int = 240


@dataclass(frozen=True)
class Opened:
    """A package that has passed every check of its headers and its manifest."""

    manifest: Manifest
    entries: Sequence[zipfile.ZipInfo]
    sha256: str
    zip_bytes: int

    @property
    def unpacked_bytes(self) -> int:
        return sum(entry.file_size for entry in self.entries)

    @property
    def files(self) -> dict[str, int]:
        return {entry.filename: entry.file_size for entry in self.entries}


@contextlib.contextmanager
def open_package(source: IO[bytes], limits: Limits = Limits()) -> Iterator[tuple[zipfile.ZipFile, Opened]]:  # noqa: B008
    """The package in `source`, checked. Raises PackageRefused with sentences for the editor."""
    zip_bytes = source.seek(0, 2)
    _check_directory(source, limits)
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = _checked_entries(archive, zip_bytes, limits)
            manifest = _manifest(archive, entries)
            yield archive, Opened(manifest, entries, _sha256(source), zip_bytes)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise UnsafePackage(
            _("The zip file is damaged, or packed in a way that cannot be read. Pack it anew and upload it again.")
        ) from error


def unpack(archive: zipfile.ZipFile, opened: Opened, storage: Storage, prefix: str, limits: Limits = Limits()) -> None:  # noqa: B008
    """Keep every file of the package in `storage` under `prefix`, and nothing at all if one of them fails."""
    budget = _Budget(min(limits.total_bytes, max(limits.ratio_free_bytes, limits.ratio * opened.zip_bytes)))
    try:
        for entry in opened.entries:
            with archive.open(entry) as stream:
                wanted = f"{prefix}/{entry.filename}"
                if storage.save(wanted, _Measured(stream, entry, budget)) != wanted:
                    raise UnsafePackage(_("A file of the package could not be kept under its own name."))
    except OSError as error:
        remove(storage, prefix, opened.files)
        if error.errno in _NO_ROOM:
            raise StorageFull(
                _("The disk is full, so the package was not kept. Nothing is half done: try again when there is room.")
            ) from error
        raise
    except (zipfile.BadZipFile, EOFError) as error:
        remove(storage, prefix, opened.files)
        raise UnsafePackage(
            _("The zip file is damaged, or packed in a way that cannot be read. Pack it anew and upload it again.")
        ) from error
    except BaseException:
        remove(storage, prefix, opened.files)
        raise


def remove(storage: Storage, prefix: str, files: dict[str, int]) -> None:
    """Take away all files of a package that was not kept after all."""
    if isinstance(storage, FileSystemStorage):
        shutil.rmtree(storage.path(prefix), ignore_errors=True)
        return
    for name in files:
        with contextlib.suppress(Exception):
            storage.delete(f"{prefix}/{name}")


class _Budget:
    def __init__(self, left: int) -> None:
        self.left = left


class _Measured(File):  # type: ignore[type-arg]
    """An entry being unpacked, which stops as soon as it is larger than its header said, or than the budget."""

    def __init__(self, stream: IO[bytes], entry: zipfile.ZipInfo, budget: _Budget) -> None:
        super().__init__(stream, name=entry.filename)
        self.stream = stream
        self.size = entry.file_size
        self.read_bytes = 0
        self.budget = budget

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(MEGABYTE if size is None or size < 0 else size)
        self.read_bytes += len(data)
        self.budget.left -= len(data)
        if self.read_bytes > self.size or self.budget.left < 0:
            raise UnsafePackage(_bomb())
        return data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while data := self.read(chunk_size or 64 * 1024):
            yield data


def _check_directory(source: IO[bytes], limits: Limits) -> None:
    """Refuse a list of contents that is too long, before zipfile reads it into memory."""
    try:
        end = zipfile._EndRecData(source)  # type: ignore[attr-defined]
    except OSError:
        end = None
    if not end:
        raise PackageRefused(
            _(
                "The file is not a zip file. Upload the SCORM package as the authoring tool made it, "
                "without unpacking it."
            )
        )
    directory_bytes, entries = end[5], end[4]
    if entries > limits.entries or directory_bytes > limits.directory_bytes:
        raise UnsafePackage(_("The zip file has far too many files for a course."))


def _checked_entries(archive: zipfile.ZipFile, zip_bytes: int, limits: Limits) -> list[zipfile.ZipInfo]:
    entries, seen, total = [], set[str](), 0
    for entry in archive.infolist():
        _check_name(entry, limits)
        _check_kind(entry)
        folded = unicodedata.normalize("NFC", entry.filename.rstrip("/")).casefold()
        if folded in seen:
            raise UnsafePackage(
                _("The zip file has two files with the same name: “%(name)s”.") % {"name": _shown(entry.filename)}
            )
        seen.add(folded)
        if entry.is_dir() or _is_litter(entry.filename):
            continue
        entries.append(entry)
        total += entry.file_size
    if len(entries) > limits.entries:
        raise UnsafePackage(_("The zip file has far too many files for a course."))
    if total > limits.total_bytes or total > max(limits.ratio_free_bytes, limits.ratio * zip_bytes):
        raise UnsafePackage(_bomb())
    _check_files_are_not_folders(entries)
    return entries


def _check_files_are_not_folders(entries: Sequence[zipfile.ZipInfo]) -> None:
    names = {unicodedata.normalize("NFC", entry.filename).casefold() for entry in entries}
    for name in names:
        parent = name.rpartition("/")[0]
        while parent:
            if parent in names:
                raise UnsafePackage(
                    _("The zip file has two files with the same name: “%(name)s”.") % {"name": _shown(parent)}
                )
            parent = parent.rpartition("/")[0]


def _check_name(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    outside = name.startswith("/") or ".." in parts or "\\" in name or re.match(r"[A-Za-z]:", name)
    odd = not all(parts) or "." in parts or any(ord(char) < 32 or ord(char) == 127 for char in name)
    if outside or odd or name != entry.filename:
        raise UnsafePackage(
            _("The zip file has a name that reaches outside the package, “%(name)s”. The whole package is refused.")
            % {"name": _shown(name)}
        )
    if len(name.encode("utf-8", "replace")) > limits.name_length:
        raise UnsafePackage(_("The zip file has a file name that is too long: “%(name)s”.") % {"name": _shown(name)})


def _check_kind(entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise UnsafePackage(
            _("“%(name)s” in the zip file is a link, not a file. The whole package is refused.")
            % {"name": _shown(entry.filename)}
        )
    if entry.flag_bits & 0x1:
        raise UnsafePackage(_("The zip file is protected by a password. Pack it without one and upload it again."))


def _manifest(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Manifest:
    names = [entry.filename for entry in entries]
    found = next((entry for entry in entries if entry.filename.casefold() == MANIFEST_NAME), None)
    if found is None:
        deeper = next((name for name in names if name.casefold().endswith("/" + MANIFEST_NAME)), None)
        if deeper:
            raise ManifestRefused(
                _(
                    "imsmanifest.xml lies in the folder “%(folder)s”. Pack the contents of that folder, not the folder "
                    "itself."
                )
                % {"folder": _shown(deeper.rpartition("/")[0])}
            )
        raise ManifestRefused(
            _("The zip file is not a SCORM package: there is no imsmanifest.xml in it. Export the course as SCORM.")
        )
    if found.file_size > 10 * MEGABYTE:
        raise ManifestRefused(_("The table of contents (imsmanifest.xml) is far too large to be right."))
    with archive.open(found) as stream:
        manifest = read_manifest(stream.read(10 * MEGABYTE + 1), names)
    if hosts := _foreign_hosts(archive, entries):
        text = _("The package fetches from other web sites, which is not allowed and may make it fail: %(hosts)s.")
        manifest = replace(manifest, warnings=(*manifest.warnings, text % {"hosts": ", ".join(hosts)}))
    return manifest


_FETCHES = re.compile(
    rb"<(?:script|link|img|iframe|video|audio|source|embed)\b[^>]{0,500}?\b(?:src|href)\s*=\s*[\"']?(https?:)?//([a-z0-9.:-]+)",
    re.IGNORECASE,
)


def _foreign_hosts(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The hosts that the package's pages load things from, as far as a look at the pages shows."""
    hosts = set()
    pages = [entry for entry in entries if entry.filename.lower().endswith((".html", ".htm"))]
    for entry in pages[:300]:
        with archive.open(entry) as stream:
            hosts |= {match[1].decode().lower() for match in _FETCHES.findall(stream.read(MEGABYTE))}
    allowed = {urlsplit(source).netloc for source in settings.PACKAGE_SOURCES}
    return sorted(hosts - allowed)[:5]


def _is_litter(name: str) -> bool:
    """What macOS and Windows leave in zip files and no course needs."""
    return name.startswith("__MACOSX/") or Path(name).name in {".DS_Store", "Thumbs.db"}


def _sha256(source: IO[bytes]) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while data := source.read(MEGABYTE):
        digest.update(data)
    return digest.hexdigest()


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in name[:80])


def _bomb() -> str:
    return _("The zip file would become unreasonably large when unpacked. The whole package is refused.")
