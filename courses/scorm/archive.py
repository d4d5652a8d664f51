"""What a stranger's zip file says it holds, checked before anything of it is unpacked.

The whole package is refused for any name that reaches outside it, for links, encryption, doubles and bombs.
"""

from __future__ import annotations

import contextlib
import re
import stat
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from courses.scorm.errors import PackageRefused, UnsafePackage
from courses.scorm.foreign import not_a_zip

MEGABYTE = 1024 * 1024


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
class Kept:
    """A file of the package: where it lies in the zip file, and the name it is kept under."""

    info: zipfile.ZipInfo
    name: str


def check_directory(source: IO[bytes], limits: Limits) -> None:
    """Refuse a list of contents that is too long, before zipfile reads it into memory."""
    try:
        end = zipfile._EndRecData(source)  # type: ignore[attr-defined]
    except OSError:
        end = None
    if not end:
        source.seek(0)
        raise PackageRefused(not_a_zip(source.read(64)))
    directory_bytes, entries = end[5], end[4]
    if entries > limits.entries or directory_bytes > limits.directory_bytes:
        raise UnsafePackage(_("The zip file has far too many files for a course."))


def checked_entries(archive: zipfile.ZipFile, zip_bytes: int, limits: Limits) -> list[Kept]:
    """The files to keep. Raises UnsafePackage when anything about any entry is unsafe."""
    kept, seen, total = [], dict[str, zipfile.ZipInfo](), 0
    for entry in archive.infolist():
        _check_name(entry, limits)
        _check_kind(entry)
        name = _true_name(entry)
        folded = _folded(name.rstrip("/"))
        twin = seen.setdefault(folded, entry)
        if twin is not entry:
            if (twin.CRC, twin.file_size, twin.is_dir()) == (entry.CRC, entry.file_size, entry.is_dir()):
                continue  # the very same file once more, as some tools pack it
            raise UnsafePackage(
                _("The zip file has two files with the same name: “%(name)s”.") % {"name": shown(entry.filename)}
            )
        if entry.is_dir() or _is_litter(name):
            continue
        kept.append(Kept(entry, name))
        total += entry.file_size
    if len(kept) > limits.entries:
        raise UnsafePackage(_("The zip file has far too many files for a course."))
    if total > limits.total_bytes or total > max(limits.ratio_free_bytes, limits.ratio * zip_bytes):
        raise UnsafePackage(bomb())
    _check_files_are_not_folders(kept)
    return kept


def _true_name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: some tools write UTF-8 without saying so, and macOS takes its letters apart."""
    name = entry.filename
    if not entry.flag_bits & 0x800 and not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _check_files_are_not_folders(kept: Sequence[Kept]) -> None:
    names = {_folded(one.name) for one in kept}
    for name in names:
        parent = name.rpartition("/")[0]
        while parent:
            if parent in names:
                raise UnsafePackage(
                    _("The zip file has two files with the same name: “%(name)s”.") % {"name": shown(parent)}
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
            % {"name": shown(name)}
        )
    if len(name.encode("utf-8", "replace")) > limits.name_length:
        raise UnsafePackage(_("The zip file has a file name that is too long: “%(name)s”.") % {"name": shown(name)})


def _check_kind(entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise UnsafePackage(
            _("“%(name)s” in the zip file is a link, not a file. The whole package is refused.")
            % {"name": shown(entry.filename)}
        )
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise UnsafePackage(
            _(
                "“%(name)s” is packed in an unusual way that cannot be read. Make an ordinary zip file of it "
                "(the method “Deflate”)."
            )
            % {"name": shown(entry.filename)}
        )
    if entry.flag_bits & 0x1:
        raise UnsafePackage(_("The zip file is protected by a password. Pack it without one and upload it again."))


def _is_litter(name: str) -> bool:
    """What macOS, Windows and version control leave in zip files and no course needs."""
    *folders, base = name.split("/")
    return bool(
        {"__MACOSX", ".git", ".svn"} & set(folders)
        or base in {".DS_Store", "Thumbs.db", "desktop.ini"}
        or base.startswith("._")
    )


def shown(name: str) -> str:
    """A stranger's file name, fit for a sentence."""
    return "".join(char if char.isprintable() else "�" for char in name[:80])


def bomb() -> str:
    """The sentence for what would swell beyond reason."""
    return _("The zip file would become unreasonably large when unpacked. The whole package is refused.")
