"""Which language a caller wants: `Accept-Language` as RFC 9110 and RFC 4647 (lookup) have it."""

from __future__ import annotations

from collections.abc import Sequence

MOST_RANGES = 50


def preferred_language(header: str, offered: Sequence[str]) -> str:
    """The language of `offered` that the header likes best; the first when it likes none, or says nothing.

    Equal weights: the one named first. A weight of 0 refuses a language, `*` speaks for all that are not named. What
    cannot be read is passed over: a header never is an error.
    """
    weights: dict[str, float] = {}
    rest: float | None = None
    for part in header.split(",")[:MOST_RANGES]:
        name, _semicolon, parameter = part.strip().partition(";")
        weight = _weight(parameter)
        if weight is None or not name:
            continue
        if name.strip() == "*":
            rest = weight if rest is None else rest
            continue
        primary = name.strip().lower().partition("-")[0]
        if primary in offered:
            weights[primary] = max(weight, weights.get(primary, 0.0))
    if rest:
        weights.update({language: rest for language in offered if language not in weights})
    liked = [language for language, weight in weights.items() if weight > 0]
    return max(liked, key=lambda language: weights[language]) if liked else offered[0]


def _weight(parameter: str) -> float | None:
    name, _equals, value = parameter.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if name.lower() == "q" and 0 <= weight <= 1 else None
