"""Reading the documents that are kept as YAML: plain data, as JSON would hold it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from lms.lib.errors import Refusal


def read_document(path: Path) -> Any:
    """The contents of a YAML file, its days as ISO strings. Raises Refusal when it cannot be read."""
    try:
        return _plain(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refusal(f"{path}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
