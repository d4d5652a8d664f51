"""Takes a zip file from a stranger apart: everything is checked before a byte is kept, and again while unpacking.

The whole package is refused for any name that reaches outside it, for links, encryption, doubles and bombs. Zip files
inside the package are kept as files and never opened. On refusal, nothing is left behind.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage
from django.utils.translation import gettext as _

from courses.scorm.archive import MEGABYTE, Kept, Limits, bomb, check_directory, checked_entries, shown
from courses.scorm.errors import ManifestRefused, StorageFull, UnsafePackage
from courses.scorm.forecast import forecast
from courses.scorm.foreign import not_a_package
from courses.scorm.manifest import Manifest
from courses.scorm.manifest_reader import MANIFEST_NAME, read_manifest
from courses.scorm.mending import mended
from courses.scorm.pages import look_through

# What reading a zip file that is not whole comes to.
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Opened:
    """A package that has passed every check of its headers and its manifest."""

    manifest: Manifest
    kept: Sequence[Kept]
    sha256: str
    zip_bytes: int

    @property
    def unpacked_bytes(self) -> int:
        return sum(one.info.file_size for one in self.kept)

    @property
    def files(self) -> dict[str, int]:
        return {one.name: one.info.file_size for one in self.kept}


@contextlib.contextmanager
def open_package(source: IO[bytes], limits: Limits = Limits()) -> Iterator[tuple[zipfile.ZipFile, Opened]]:  # noqa: B008
    """The package in `source`, checked. Raises PackageRefused with sentences for the editor."""
    zip_bytes = source.seek(0, 2)
    check_directory(source, limits)
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            kept, found, notes = _in_its_folder(checked_entries(archive, zip_bytes, limits))
            manifest = _manifest(archive, kept, found, notes)
            yield archive, Opened(manifest, kept, _sha256(source), zip_bytes)
    except _DAMAGED as error:
        raise UnsafePackage(
            _("The zip file is damaged, or packed in a way that cannot be read. Pack it anew and upload it again.")
        ) from error


def unpack(archive: zipfile.ZipFile, opened: Opened, storage: Storage, prefix: str, limits: Limits = Limits()) -> None:  # noqa: B008
    """Keep every file of the package in `storage` under `prefix`, and nothing at all if one of them fails."""
    budget = _Budget(min(limits.total_bytes, max(limits.ratio_free_bytes, limits.ratio * opened.zip_bytes)))
    try:
        for one in opened.kept:
            with archive.open(one.info) as stream:
                wanted = f"{prefix}/{one.name}"
                if storage.save(wanted, _Measured(stream, one.info, budget)) != wanted:
                    raise UnsafePackage(_("A file of the package could not be kept under its own name."))
    except OSError as error:
        remove(storage, prefix, opened.files)
        if error.errno in _NO_ROOM:
            raise StorageFull(
                _("The disk is full, so the package was not kept. Nothing is half done: try again when there is room.")
            ) from error
        raise
    except _DAMAGED as error:
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
            raise UnsafePackage(bomb())
        return data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while data := self.read(chunk_size or 64 * 1024):
            yield data


def _in_its_folder(kept: list[Kept]) -> tuple[list[Kept], Kept, list[str]]:
    """The package's files as named from the folder where its manifest lies, the manifest, and what was mended.

    Many zip files are of a folder rather than of its contents. What lies beside that folder is left out.
    """
    found = [one for one in kept if one.name.casefold().rpartition("/")[2] == MANIFEST_NAME]
    if not found:
        raise ManifestRefused(not_a_package([one.name for one in kept]))
    depth = min(one.name.count("/") for one in found)
    highest = [one for one in found if one.name.count("/") == depth]
    if len(highest) > 1:
        raise ManifestRefused(
            _("The zip file holds %(count)s packages: %(names)s. Upload them one at a time.")
            % {"count": len(highest), "names": ", ".join(shown(one.name.rpartition("/")[0]) for one in highest[:5])}
        )
    folder = highest[0].name.rpartition("/")[0]
    if not folder:
        return kept, highest[0], []
    inside = [replace(one, name=one.name[len(folder) + 1 :]) for one in kept if one.name.startswith(folder + "/")]
    notes = [
        _("The package lay in the folder “%(folder)s” in the zip file. It was read from there.")
        % {"folder": shown(folder)}
    ]
    if len(inside) < len(kept):
        outside = next(one.name for one in kept if not one.name.startswith(folder + "/"))
        notes.append(
            _("%(count)s files lay outside that folder and were left out, such as “%(name)s”.")
            % {"count": len(kept) - len(inside), "name": shown(outside)}
        )
    return inside, replace(highest[0], name=highest[0].name[len(folder) + 1 :]), notes


def _manifest(archive: zipfile.ZipFile, kept: Sequence[Kept], found: Kept, notes: Sequence[str]) -> Manifest:
    """The manifest, with a warning for whatever was mended and for whatever will go wrong."""
    if found.info.file_size > 10 * MEGABYTE:
        raise ManifestRefused(_("The table of contents (imsmanifest.xml) is far too large to be right."))
    with archive.open(found.info) as stream:
        source, mendings = mended(stream.read(10 * MEGABYTE + 1))
    names = [one.name for one in kept]
    manifest = read_manifest(source, names)
    look = look_through(archive, [one.info for one in kept])
    warnings = [*notes, *mendings, *manifest.warnings, *forecast(manifest, look.traces, names)]
    allowed = {urlsplit(source).netloc for source in settings.PACKAGE_SOURCES}
    if hosts := sorted(look.hosts - allowed)[:5]:
        text = _("The package fetches from other web sites, which is not allowed and may make it fail: %(hosts)s.")
        warnings.append(text % {"hosts": ", ".join(hosts)})
    return replace(manifest, warnings=tuple(warnings))


def _sha256(source: IO[bytes]) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while data := source.read(MEGABYTE):
        digest.update(data)
    return digest.hexdigest()
