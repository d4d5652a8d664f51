"""Lengths of time as the two standards spell them. Pure."""

import re

_SCORM_12 = re.compile(r"(\d{2,4}):([0-5]\d):([0-5]\d(?:\.\d{1,2})?)")
_ISO = re.compile(
    r"P(?=.)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?=.)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_ISO_SECONDS = (365 * 86400, 30 * 86400, 86400, 3600, 60, 1)


def seconds_of(text: str) -> float | None:
    """Seconds in `text`, SCORM 1.2's `HHHH:MM:SS.SS` or SCORM 2004's `P1DT2H3M4.5S`; None when it is neither."""
    if match := _SCORM_12.fullmatch(text):
        hours, minutes, seconds = match.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    if len(text) <= 60 and (match := _ISO.fullmatch(text)):
        return sum(float(part) * worth for part, worth in zip(match.groups(), _ISO_SECONDS, strict=True) if part)
    return None


def as_scorm_12(seconds: float) -> str:
    """`seconds` as SCORM 1.2 spells it, at most 9999 hours."""
    hundredths = min(round(seconds * 100), 9999 * 360_000)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60:04d}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


def as_scorm_2004(seconds: float) -> str:
    """`seconds` as SCORM 2004 spells it."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours}H{minutes}M{rest / 100:.2f}S".replace(".00S", "S")
