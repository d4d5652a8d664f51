"""Zip files from strangers."""

import errno
import io
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from courses.scorm.archive import Limits
from courses.scorm.errors import ManifestRefused, PackageRefused, StorageFull, UnsafePackage
from courses.scorm.package import _Budget, _Measured, open_package, unpack
from tests.courses.packages import entry, manifest, package, zip_of


@pytest.fixture
def storage(tmp_path: Path) -> FileSystemStorage:
    return FileSystemStorage(location=tmp_path)


def take_in(data: bytes, storage: FileSystemStorage, limits: Limits = Limits()) -> list[str]:  # noqa: B008
    with open_package(io.BytesIO(data), limits) as (archive, opened):
        unpack(archive, opened, storage, "packages/p", limits)
        return sorted(opened.files)


def left_behind(storage: FileSystemStorage) -> list[str]:
    return [str(path) for path in Path(storage.location).rglob("*") if path.is_file()]


def test_a_sound_package_is_kept_file_by_file(storage: FileSystemStorage) -> None:
    assert take_in(package(bild__txt="x"), storage) == ["bild.txt", "imsmanifest.xml", "index.html"]
    with storage.open("packages/p/bild.txt") as kept:
        assert kept.read() == b"x"


@pytest.mark.parametrize(
    "name",
    ["../evil.html", "a/../../evil.html", "/etc/evil", "C:/evil", "C:\\evil", "a\\evil", "a//evil", "./evil", "a\nb"],
)
def test_a01_a_name_that_reaches_outside_refuses_the_whole_package(storage: FileSystemStorage, name: str) -> None:
    data = zip_of({"imsmanifest.xml": manifest(), "index.html": "x"}, extra=[(entry(name), b"evil")])
    with pytest.raises(UnsafePackage):
        take_in(data, storage)
    assert left_behind(storage) == []


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644])
def test_a02_a_symlink_or_device_is_refused(storage: FileSystemStorage, mode: int) -> None:
    data = zip_of({"imsmanifest.xml": manifest(), "index.html": "x"}, extra=[(entry("l", mode=mode), b"/etc/passwd")])
    with pytest.raises(UnsafePackage):
        take_in(data, storage)
    assert left_behind(storage) == []


def test_a02_an_encrypted_entry_is_refused(storage: FileSystemStorage) -> None:
    data = bytearray(package())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 1)
    with pytest.raises(UnsafePackage):
        take_in(bytes(data), storage)


@pytest.mark.parametrize("second", ["index.html", "INDEX.html"])
def test_a_name_that_occurs_twice_is_refused(storage: FileSystemStorage, second: str) -> None:
    data = zip_of({"imsmanifest.xml": manifest(), "index.html": "x"}, extra=[(entry(second), b"other")])
    with pytest.raises(UnsafePackage):
        take_in(data, storage)


def test_a_file_that_is_also_a_folder_is_refused(storage: FileSystemStorage) -> None:
    with pytest.raises(UnsafePackage):
        take_in(package(**{"index.html/x": "x"}), storage)


def test_a03_a_bomb_is_refused_from_its_headers() -> None:
    data = package(**{"big.bin": bytes(200 * 1024 * 1024)})
    assert len(data) < 300_000
    with pytest.raises(UnsafePackage), open_package(io.BytesIO(data)):
        pass


def test_a03_a_bomb_that_lies_in_its_headers_is_stopped_while_streaming(storage: FileSystemStorage) -> None:
    true_size, false_size = 30 * 1024 * 1024, 1000
    data = package(**{"big.bin": bytes(true_size)})
    lying = data.replace(struct.pack("<I", true_size), struct.pack("<I", false_size))
    assert lying != data
    with pytest.raises(UnsafePackage):
        take_in(lying, storage)
    assert left_behind(storage) == []


def test_a03_a_file_that_goes_on_beyond_its_header_is_stopped_whoever_unpacks_it() -> None:
    """Python's own unpacking ends where the header says; this does not rest upon it."""
    said = zipfile.ZipInfo("big.bin")
    said.file_size = 10
    assert _Measured(io.BytesIO(bytes(10)), said, _Budget(1000)).read() == bytes(10)
    with pytest.raises(UnsafePackage):
        _Measured(io.BytesIO(bytes(11)), said, _Budget(1000)).read()


def test_a03_the_budget_holds_while_streaming_too(storage: FileSystemStorage) -> None:
    limits = Limits(ratio_free_bytes=1000)
    data = package(**{"big.txt": os.urandom(3000)})
    with open_package(io.BytesIO(data), limits) as (archive, opened), pytest.raises(UnsafePackage):
        unpack(archive, opened, storage, "packages/p", Limits(ratio_free_bytes=10, total_bytes=20, ratio=0))
    assert left_behind(storage) == []


def test_a03_a_zip_within_the_zip_is_kept_unopened(storage: FileSystemStorage) -> None:
    inner = zip_of({"bomb.bin": bytes(100_000)})
    assert "inner.zip" in take_in(package(**{"inner.zip": inner}), storage)
    assert storage.size("packages/p/inner.zip") == len(inner)


def test_a03_a_multitude_of_entries_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"f{number}", b"")

    def read(*args: Any) -> None:
        raise AssertionError("its list of contents was read into memory")

    monkeypatch.setattr("courses.scorm.package.zipfile.ZipFile", read)
    with pytest.raises(UnsafePackage), open_package(buffer):
        pass


def test_what_is_no_zip_file_is_refused() -> None:
    for data in (b"", b"hello", b"%PDF-1.7 ..."):
        with pytest.raises(PackageRefused), open_package(io.BytesIO(data)):
            pass


def test_a_damaged_zip_file_is_refused_and_nothing_is_left(storage: FileSystemStorage) -> None:
    data = bytearray(package(**{"z.bin": os.urandom(5000)}))
    at = data.find(b"z.bin") + 2000
    data[at : at + 20] = bytes(20)
    with pytest.raises(UnsafePackage):
        take_in(bytes(data), storage)
    assert left_behind(storage) == []


def test_a_zip_file_without_a_manifest_is_told_what_is_missing() -> None:
    with pytest.raises(ManifestRefused, match=r"imsmanifest\.xml"), open_package(io.BytesIO(zip_of({"a.txt": "x"}))):
        pass


def test_f12_a_full_disk_is_a_clear_error_and_leaves_no_half_package(
    storage: FileSystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = storage.save
    saved: list[str] = []

    def save(name: str, content: Any, max_length: int | None = None) -> str:
        if saved:
            raise OSError(errno.ENOSPC, "No space left on device")
        saved.append(name)
        return keep(name, content, max_length)

    monkeypatch.setattr(storage, "save", save)
    with pytest.raises(StorageFull):
        take_in(package(), storage)
    assert saved
    assert left_behind(storage) == []
