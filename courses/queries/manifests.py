"""Manifests of kept packages, read once in each process: a package never changes."""

from functools import lru_cache

from courses.models import ScormPackage
from courses.scorm.manifest import Manifest, from_json


@lru_cache(maxsize=256)
def manifest_of(package_id: int) -> Manifest:
    """The manifest of the package with this primary key."""
    return from_json(ScormPackage.objects.values_list("manifest", flat=True).get(pk=package_id))
