"""Which edition of the code made an answer: another one may decide, or say, the same thing otherwise."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import django
from django.conf import settings

_HERE = Path(__file__).resolve().parents[2]


@cache
def edition() -> str:
    """A digest of all that an answer is made of but facts, rules and names: the code of `competence`, the translations,
    Django, and our own address, which answers link to. Read once in a process."""
    digest = hashlib.sha256(f"{django.__version__} {settings.BASE_URL}".encode())
    sources = [path for path in (_HERE / "competence").rglob("*.py") if "migrations" not in path.parts]
    words = (_HERE / "lms" / "locale").rglob("*.mo")
    for path in sorted([*sources, *words, _HERE / "lms" / "lib" / "clock.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
