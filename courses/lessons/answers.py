"""Between the form that a learner fills in and the answer that is kept. Pure.

Fields are named by the question's position in the test (`q3`, and `q3-1` for a part of it), and their values are
positions as shown. What is kept is in the editor's order: single: a position · multiple: positions · matching: a
position for each prompt, or null · ordering: for each option the place it was given, from 1, or null · number: the
text as written, at most `LONGEST_NUMBER` characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from courses.lessons.questions import Drawn, Kind

LONGEST_NUMBER = 20
Read = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Choice:
    """An option as shown. `value` is its position as shown."""

    value: int
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Part:
    """A prompt to be matched, or an option to be given its place, with what can be chosen for it."""

    name: str
    text: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Field:
    """A question as the page shows it: it has no trace of what is right."""

    name: str
    number: int
    kind: str
    text: str
    unit: str
    choices: Sequence[Choice]
    parts: Sequence[Part]
    value: str


def name_of(position: int) -> str:
    return f"q{position}"


def field_of(drawn: Drawn, position: int, answer: Any) -> Field:
    """The question for the page, with what has been answered so far. `position` counts from 1."""
    question, name = drawn.question, name_of(position)
    choices: list[Choice] = []
    parts: list[Part] = []
    if question.kind in {Kind.SINGLE, Kind.MULTIPLE}:
        chosen = [] if answer is None else [answer] if isinstance(answer, int) else answer
        choices = [Choice(shown, question.options[own], own in chosen) for shown, own in enumerate(drawn.options)]
    elif question.kind == Kind.MATCHING:
        for place, prompt in enumerate(drawn.prompts):
            partner = answer[prompt] if answer else None
            options = [Choice(shown, question.options[own], own == partner) for shown, own in enumerate(drawn.options)]
            parts.append(Part(f"{name}-{place}", question.prompts[prompt], options))
    elif question.kind == Kind.ORDERING:
        for shown, own in enumerate(drawn.options):
            given = answer[own] if answer else None
            places = [Choice(number, str(number), number == given) for number in range(1, len(drawn.options) + 1)]
            parts.append(Part(f"{name}-{shown}", question.options[own], places))
    value = answer or "" if question.kind == Kind.NUMBER else ""
    return Field(name, position, question.kind.value, question.text, question.unit, choices, parts, value)


def read_answer(drawn: Drawn, position: int, read: Read) -> Any:
    """The answer in a form's fields (`read` gives a field's values), in the editor's order.

    What a browser with our page would not send is taken as no answer.
    """
    question, name = drawn.question, name_of(position)
    match question.kind:
        case Kind.SINGLE:
            return _own(drawn.options, read(name))
        case Kind.MULTIPLE:
            found = {_own(drawn.options, [value]) for value in read(name)}
            return sorted(own for own in found if own is not None)
        case Kind.MATCHING:
            partners: list[int | None] = [None] * len(question.prompts)
            for place, prompt in enumerate(drawn.prompts):
                partners[prompt] = _own(drawn.options, read(f"{name}-{place}"))
            return partners if any(partner is not None for partner in partners) else None
        case Kind.ORDERING:
            places: list[int | None] = [None] * len(question.options)
            for shown, own in enumerate(drawn.options):
                given = _whole_number(read(f"{name}-{shown}"))
                places[own] = given if given is not None and 1 <= given <= len(places) else None
            return places if any(places) else None
        case Kind.NUMBER:
            return "".join(read(name)[:1]).strip()[:LONGEST_NUMBER]


def _own(shown_order: Sequence[int], values: Sequence[str]) -> int | None:
    shown = _whole_number(values)
    return shown_order[shown] if shown is not None and 0 <= shown < len(shown_order) else None


def _whole_number(values: Sequence[str]) -> int | None:
    if not values or len(values[0]) > 3 or not (values[0].isascii() and values[0].isdigit()):
        return None
    return int(values[0])
