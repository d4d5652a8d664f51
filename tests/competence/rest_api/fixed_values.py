"""Answers with fixed values in the place of what differs each time, so that they can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

NOW = "2026-03-02T08:15:00+01:00"
LATER = "2027-03-02T08:15:00+01:00"
REVISION = 48211
TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
CURSOR = re.compile(r'"\d+\.[0-9a-f]+\.(\d+)"')
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)")
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b(?!T)")
SWEDISH = "januari februari mars april maj juni juli augusti september oktober november december"
ENGLISH = "January February March April May June July August September October November December"
MONTHS = {"sv": SWEDISH.split(), "en": ENGLISH.split()}
WRITTEN_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS['sv'] + MONTHS['en'])}) (\d{{4}})")
CSV_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def fixed(answer: Any, names: Mapping[str, str]) -> Any:
    """The answer; `names`: what is there today, and what stands in its place."""
    text = json.dumps(answer, ensure_ascii=False)
    for value, name in names.items():
        text = text.replace(value, name)
    text = text.replace(settings.BASE_URL, "{BASE_URL}")
    text = TOKEN.sub("eyJhbGciOiJFUzI1NiIsImtpZCI6IuKApiJ9.eyJpc3MiOiLigKYifQ.4oCm", text)
    text = SECRET.sub("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", text)
    cursors: dict[str, int] = {}
    text = CURSOR.sub(lambda found: f'"1.3f9c2ab1.{cursors.setdefault(found[1], len(cursors) + 4711)}"', text)
    uuids: dict[str, str] = {}
    text = UUID.sub(lambda found: uuids.setdefault(found[0], f"0190a1b2-7c3d-7e4f-8a5b-{len(uuids) + 1:012d}"), text)
    now = timezone.now()

    def instant(found: re.Match[str]) -> str:
        there = datetime.fromisoformat(found[0])
        if abs(there - now) < timedelta(days=2):
            return NOW
        return LATER if there > now else found[0]

    def day(found: re.Match[str]) -> str:
        there = datetime.fromisoformat(f"{found[0]}T12:00:00+00:00")
        if abs(there - now) < timedelta(days=2):
            return NOW[:10]
        return LATER[:10] if there > now else found[0]

    def written_day(found: re.Match[str]) -> str:
        months = MONTHS["sv" if found[2] in MONTHS["sv"] else "en"]
        there = datetime(int(found[3]), months.index(found[2]) + 1, int(found[1]), 12, tzinfo=UTC)
        if there < now - timedelta(days=2):
            return found[0]
        return f"2 {months[2]} {2026 if there < now + timedelta(days=2) else 2027}"

    text = CSV_INSTANT.sub("2026-03-02 08:15", DAY.sub(day, INSTANT.sub(instant, WRITTEN_DAY.sub(written_day, text))))
    text = re.sub(r"Vänta \d+ sekunder", "Vänta 42 sekunder", re.sub(r"Wait \d+ seconds", "Wait 42 seconds", text))
    text = re.sub(r'("revision": |revision |revisionen )\d+', rf"\g<1>{REVISION}", text)
    return json.loads(text)
