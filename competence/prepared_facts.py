"""The compact form of a person's facts: quick to read, and small: a completion takes some forty bytes.

A JSON list: the form's number, the instants (in UTC, in ISO 8601's short form, which is read fastest) and the words
that occur, then a list for each kind of fact. Facts refer to instants and words by their position; -1 is None, which
stands last in both lists. Keys such as `completion:17` are kept as their number.

Pure. `decode(encode(facts)) == facts`, and a form that this code does not know decodes to None: read the facts anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from competence.policy import facts as known
from competence.policy.facts import Ending, EndingKind, Fact, PersonFacts

FORM = 2
"""Raise it whenever the form or the meaning of a field changes: rows of before are then read anew, not believed."""

NOT_YET = datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Stands for the instant of the change while facts are made ready before it: nothing else happens then."""

_KINDS = tuple(EndingKind)
_COMMON = tuple(field.name for field in fields(Fact))

# How the fields of each kind of fact are kept: a word, words, a reference to an employment, or a level.
_WORD, _WORDS, _EMPLOYMENT, _LEVEL = "word", "words", "employment", "level"
_PARTS: tuple[tuple[str, type[Fact], str, dict[str, str]], ...] = (
    (
        "employments",
        known.Employment,
        "employment",
        {"principal": _WORD, "units": _WORDS, "profession": _WORD, "identity": _WORD},
    ),
    ("appointments", known.Appointment, "appointment", {"employment": _EMPLOYMENT, "role": _WORD}),
    (
        "level_decisions",
        known.LevelDecision,
        "level_decision",
        {"employment": _EMPLOYMENT, "level": _LEVEL, "role": _WORD},
    ),
    ("attestations", known.Attestation, "attestation", {"attestation": _WORD, "employment": _EMPLOYMENT}),
    ("exemptions", known.Exemption, "exemption", {"requirement": _WORD, "employment": _EMPLOYMENT}),
    ("suspensions", known.Suspension, "suspension", {"employment": _EMPLOYMENT}),
    (
        "authorisations",
        known.Authorisation,
        "authorisation",
        {"employment": _EMPLOYMENT, "right": _WORD, "customer_number": _WORD},
    ),
    ("logins", known.Login, "login", {"system": _WORD}),
    ("completions", known.Completion, "completion", {"course": _WORD}),
)

_COMPLETIONS = next(position for position, part in enumerate(_PARTS) if part[0] == "completions")
_COURSE = 4  # where a completion's row has it: behind the key, when it was, when it was recorded and its end


def _check_that_nothing_is_left_out() -> None:
    """A new field of a fact must be kept here too, or answers would change with where the facts are read from."""
    kept = {name for name, *_rest in _PARTS} | {"is_known"}
    if kept != {field.name for field in fields(PersonFacts)}:
        raise TypeError("competence.prepared_facts does not keep every kind of fact")
    for _name, kind, _prefix, extra in _PARTS:
        if {field.name for field in fields(kind)} != {*_COMMON, *extra}:
            raise TypeError(f"competence.prepared_facts does not keep every field of {kind.__name__}")


_check_that_nothing_is_left_out()


def encode(facts: PersonFacts) -> str:
    """`facts` of somebody who is known, as they were recorded (before `as_known_at`)."""
    instants: dict[datetime, int] = {}
    words: dict[str, int] = {}

    def instant(at: datetime | None) -> int:
        return -1 if at is None else instants.setdefault(at, len(instants))

    def word(text: str | None) -> int:
        return -1 if text is None else words.setdefault(text, len(words))

    keep: dict[str, Callable[[Any], Any]] = {
        _WORD: word,
        _WORDS: lambda several: [word(one) for one in sorted(several)],
        _EMPLOYMENT: lambda key: None if key is None else _short(key, "employment"),
        _LEVEL: lambda level: word(level.value),
    }
    parts = []
    for name, _kind, prefix, extra in _PARTS:
        rows = []
        for fact in getattr(facts, name):
            row = [_short(fact.key, prefix), instant(fact.start), instant(fact.recorded_at), instant(fact.end)]
            row += [keep[how](getattr(fact, field)) for field, how in extra.items()]
            for ending in fact.endings:
                row += [instant(ending.at), _KINDS.index(ending.kind), instant(ending.recorded_at)]
            rows.append(row)
        parts.append(rows)
    return _text([FORM, [_instant_text(at) for at in instants], list(words), *parts])


def with_completions(text: str, new: Iterable[known.Completion]) -> str:
    """What `encode` would make of the facts with these completions after the others, from its text of those without.

    The text must be in this code's form (`decode` has read it). Completions come last, so all before stays as it is.
    """
    form, times, words, *parts = json.loads(text)
    positions = {at: position for position, at in enumerate(times)}
    courses = {word: position for position, word in enumerate(words)}

    def instant(at: datetime | None) -> int:
        return -1 if at is None else positions.setdefault(_instant_text(at), len(positions))

    for one in new:
        row = [_short(one.key, "completion"), instant(one.start), instant(one.recorded_at), instant(one.end)]
        row.append(courses.setdefault(one.course, len(courses)))
        for ending in one.endings:
            row += [instant(ending.at), _KINDS.index(ending.kind), instant(ending.recorded_at)]
        parts[_COMPLETIONS].append(row)
    return _text([form, list(positions), list(courses), *parts])


_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def recorded_at(text: str, not_yet: datetime, at: datetime) -> str:
    """What `encode` made of facts with the instant `not_yet`, with `at` in its place: they are recorded now."""
    return text.replace(f'"{_instant_text(not_yet)}"', f'"{_instant_text(at)}"', 1)


def decode(text: str, courses: frozenset[str] | None = None) -> PersonFacts | None:
    """The facts that were encoded; None when they are in another form than this code's.

    `courses`: leave out completions of others than these, for whoever asks nothing that they could answer.
    """
    form, *rest = json.loads(text)
    if form != FORM:
        return None
    times, w, *parts = rest
    if courses is not None and parts[_COMPLETIONS]:
        wanted = {position for position, word in enumerate(w) if word in courses}
        parts[_COMPLETIONS] = [row for row in parts[_COMPLETIONS] if row[_COURSE] in wanted]
    t: list[Any] = list(map(datetime.fromisoformat, times))
    t.append(None)
    w.append(None)
    lists: dict[str, Any] = {n: read(rows, t, w) for (n, read), rows in zip(_READERS, parts, strict=True) if rows}
    return PersonFacts(**lists)


@lru_cache(maxsize=20_000)  # thousands were there on the same day
def _instant_text(at: datetime) -> str:
    """Such as 20260102T030405Z, with microseconds where there are any."""
    return at.astimezone(UTC).isoformat().replace("-", "").replace(":", "").replace("+0000", "Z")


def _short(key: str, prefix: str) -> int | str:
    head, colon, number = key.partition(":")
    return int(number) if head == prefix and colon and number.isascii() and _is_plain(number) else key


def _is_plain(number: str) -> bool:
    return number.isdigit() and (number == "0" or number[0] != "0")


def _key(kept: int | str, prefix: str) -> str:
    return f"{prefix}:{kept}" if type(kept) is int else str(kept)


def _endings(row: list[int], first: int, t: list[Any]) -> tuple[Ending, ...]:
    if len(row) == first:
        return ()
    return tuple(Ending(t[row[i]], _KINDS[row[i + 1]], t[row[i + 2]]) for i in range(first, len(row), 3))


Reader = Callable[[list[list[Any]], list[Any], list[Any]], tuple[Fact, ...]]


def _reader(kind: type[Fact], prefix: str, extra: dict[str, str]) -> Reader:
    """A function that reads the facts of one kind, with its fields written out: this runs at every question.

    It sets the fields as the class's own `__init__` does, which goes a longer way since it must not be set twice.
    """
    first = len(_COMMON) - 2 + len(extra)  # endings and revoked_at take no place of their own
    how = {
        _WORD: "w[r[{0}]]",
        _WORDS: "frozenset([w[i] for i in r[{0}]])",
        _EMPLOYMENT: "None if r[{0}] is None else _key(r[{0}], 'employment')",
        _LEVEL: "Level(w[r[{0}]])",
    }
    values = {
        "key": f"_key(r[0], {prefix!r})",
        "start": "t[r[1]]",
        "recorded_at": "t[r[2]]",
        "end": "t[r[3]]",
        "endings": f"() if len(r) == {first} else _endings(r, {first}, t)",
        "revoked_at": "None",
        **{name: how[kept].format(position) for position, (name, kept) in enumerate(extra.items(), 4)},
    }
    lines = ["def read(rows, t, w):", "    found = []", "    for r in rows:", "        one = new(kind)"]
    lines += [f"        set_{name}(one, {value})" for name, value in values.items()]
    lines += ["        found.append(one)", "    return tuple(found)"]
    names: dict[str, Any] = {"kind": kind, "new": object.__new__, "_key": _key, "_endings": _endings}
    names |= {"Level": known.Level, **{f"set_{name}": getattr(kind, name).__set__ for name in values}}
    exec("\n".join(lines), names)  # noqa: S102 - put together above from this module's own names
    reader: Reader = names["read"]
    return reader


_READERS: tuple[tuple[str, Reader], ...] = tuple(
    (name, _reader(kind, prefix, extra)) for name, kind, prefix, extra in _PARTS
)


def decode_many(rows: Iterable[tuple[int, str]], courses: frozenset[str] | None = None) -> dict[int, PersonFacts]:
    """The facts by person, from pairs of person and text; those in another form are left out. `courses`: as above."""
    decoded = ((person, decode(text, courses)) for person, text in rows)
    return {person: facts for person, facts in decoded if facts is not None}
