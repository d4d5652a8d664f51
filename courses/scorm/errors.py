"""Why a package is refused: sentences that an editor can act upon."""

from collections.abc import Sequence

from lms.lib.errors import Refusal


class PackageRefused(Refusal):
    """The package cannot be taken in. `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, *problems: str) -> None:
        self.problems: Sequence[str] = problems
        super().__init__(" ".join(problems))


class ManifestRefused(PackageRefused):
    """The package's table of contents (`imsmanifest.xml`) is missing, broken, or promises what is not there."""


class UnsafePackage(PackageRefused):
    """The zip file tries to reach outside the package, hides something, or would swell beyond reason."""


class StorageFull(PackageRefused):
    """The package is fine, but there was no room to keep it. Nothing of it is left behind."""
