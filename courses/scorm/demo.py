"""The package of our own making: the regional course for prescribers, in Swedish, with a knowledge test."""

import io
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "demo_package"
_DATE = (2025, 1, 22, 0, 0, 0)


def build_demo_package() -> bytes:
    """The zip file, byte for byte the same each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(FOLDER.iterdir()):
            entry = zipfile.ZipInfo(path.name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
