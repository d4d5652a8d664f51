"""Taking in packages."""

from __future__ import annotations

from typing import IO

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction

from courses.models import ScormPackage
from courses.scorm.manifest import to_json
from courses.scorm.package import open_package, remove, unpack
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, person_or_none


def require_editor(by: Actor) -> None:
    """Raises PermissionDenied unless `by` may edit courses. A command may."""
    if not isinstance(by, Machine) and not by.has_perm("courses.edit_courses"):
        raise PermissionDenied("courses.edit_courses")


def take_in_package(*, source: IO[bytes], file_name: str, by: Actor) -> ScormPackage:
    """Check the zip file in `source`, keep its files, and return the package.

    Raises PackageRefused (a Refusal) when it cannot be used; then nothing of it is left behind, and neither is anything
    when the surrounding transaction's own work fails here.
    """
    require_editor(by)
    with open_package(source) as (archive, opened):
        package = ScormPackage(
            sha256=opened.sha256,
            version=opened.manifest.version,
            edition_name=opened.manifest.edition[:40],
            title=opened.manifest.title[:500],
            manifest=to_json(opened.manifest),
            files=opened.files,
            file_name=file_name[:255],
            zip_bytes=opened.zip_bytes,
            unpacked_bytes=opened.unpacked_bytes,
            file_count=len(opened.files),
            uploaded_by=person_or_none(by),
        )
        unpack(archive, opened, default_storage, package.prefix)
    try:
        with transaction.atomic():
            package.save()
            record_write("take_in_package", by=by, subject=f"scorm_package:{package.public_id}", sha256=package.sha256)
    except BaseException:
        remove(default_storage, package.prefix, opened.files)
        raise
    return package


def discard_package(package: ScormPackage) -> None:
    """Take back a package that nothing refers to after all, with its files."""
    files = package.files
    package.delete()
    remove(default_storage, package.prefix, files)
