"""Manifests of kept packages, read once in each process: a package never changes."""

from functools import lru_cache
from uuid import UUID

from courses.models import ScormPackage
from courses.scorm.manifest import Manifest, from_json


def manifest_of(package: ScormPackage) -> Manifest:
    """The package's manifest. `package` may have its large fields deferred."""
    return _manifest(package.public_id)


@lru_cache(maxsize=256)
def _manifest(public_id: UUID) -> Manifest:
    return from_json(ScormPackage.objects.values_list("manifest", flat=True).get(public_id=public_id))
