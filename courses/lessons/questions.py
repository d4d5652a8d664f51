"""Questions of a knowledge test, how they are drawn, and what is a right answer. Pure: no Django, no clock.

A question's `right` is in the order in which its editor wrote the options. What a learner meets is shuffled, and what
they send back is turned into the editor's order before it is kept (`courses.lessons.answers`), so that nothing in the
page tells which option is right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from random import Random
from typing import Any


class Kind(StrEnum):
    """single: one option is right · multiple: all of the right ones and none else · matching: an option for each
    prompt · ordering: the options in their order · number: within the tolerance."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    MATCHING = "matching"
    ORDERING = "ordering"
    NUMBER = "number"


@dataclass(frozen=True)
class Question:
    """One question of a bank, as it was when its edition was published.

    `key` is the same in all editions. `lesson` is the key of the lesson that it belongs to, or empty. `right` holds
    positions in `options`: the right ones (single, multiple), or that of each prompt's partner (matching). `options`
    of an ordering stand in the right order. `number`, `tolerance` and `unit` are a number's.
    """

    key: str
    kind: Kind
    text: str
    lesson: str = ""
    explanation: str = ""
    options: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    unit: str = ""

    @property
    def fingerprint(self) -> str:
        """Changes when what is asked changes, and not with the explanation: figures about answers go by it."""
        asked = {name: value for name, value in to_json(self).items() if name not in {"explanation", "lesson"}}
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Drawn:
    """A question with the order in which its options and prompts are shown: positions in the editor's order."""

    question: Question
    options: tuple[int, ...]
    prompts: tuple[int, ...]


def to_json(question: Question) -> dict[str, Any]:
    """The question as JSON holds it; `from_json` reads it again."""
    plain = asdict(question)
    plain["number"] = None if question.number is None else str(question.number)
    plain["tolerance"] = str(question.tolerance)
    return plain


def from_json(plain: Mapping[str, Any]) -> Question:
    number = plain["number"]
    return Question(
        key=plain["key"],
        kind=Kind(plain["kind"]),
        text=plain["text"],
        lesson=plain["lesson"],
        explanation=plain["explanation"],
        options=tuple(plain["options"]),
        prompts=tuple(plain["prompts"]),
        right=tuple(plain["right"]),
        number=None if number is None else Decimal(number),
        tolerance=Decimal(plain["tolerance"]),
        unit=plain["unit"],
    )


def draw(bank: Sequence[Question], count: int, chance: Random) -> list[Drawn]:
    """`count` different questions, spread over the lessons as evenly as they go, with everything shuffled.

    Fewer when the bank holds fewer. `chance` is the system's own random source but in tests.
    """
    by_lesson: dict[str, list[Question]] = {}
    for question in bank:
        by_lesson.setdefault(question.lesson, []).append(question)
    piles = list(by_lesson.values())
    chance.shuffle(piles)
    for pile in piles:
        chance.shuffle(pile)
    chosen: list[Question] = []
    while len(chosen) < count and any(piles):
        for pile in piles:
            if pile and len(chosen) < count:
                chosen.append(pile.pop())
    chance.shuffle(chosen)
    return [
        Drawn(question, _shuffled(len(question.options), chance), _shuffled(len(question.prompts), chance))
        for question in chosen
    ]


def _shuffled(count: int, chance: Random) -> tuple[int, ...]:
    return tuple(chance.sample(range(count), count))


def is_right(question: Question, answer: Any) -> bool:
    """Whether `answer`, in the editor's order (`courses.lessons.answers`), is right in all its parts."""
    if not is_whole(question, answer):
        return False
    match question.kind:
        case Kind.SINGLE:
            return bool(answer == question.right[0])
        case Kind.MULTIPLE:
            return set(answer) == set(question.right)
        case Kind.MATCHING:
            return list(answer) == list(question.right)
        case Kind.ORDERING:
            return list(answer) == list(range(1, len(question.options) + 1))
        case Kind.NUMBER:
            given = read_number(answer)
            assert given is not None
            assert question.number is not None
            return abs(given - question.number) <= question.tolerance


def is_whole(question: Question, answer: Any) -> bool:
    """Whether the question has been answered in full; an ordering has each place once, a number is a number."""
    if answer is None or answer in ("", []):
        return False
    if question.kind == Kind.ORDERING:
        return sorted(place or 0 for place in answer) == list(range(1, len(question.options) + 1))
    if question.kind == Kind.MATCHING:
        return None not in answer
    if question.kind == Kind.NUMBER:
        return read_number(answer) is not None
    return True


def read_number(text: str) -> Decimal | None:
    """The number that a person wrote, in the Swedish way or the English: 1 250,5 or 1250.5. None when it is none."""
    tidy = "".join(str(text).split()).replace("\N{MINUS SIGN}", "-").replace(",", ".")
    if not tidy or len(tidy) > 20 or tidy.strip("+-.0123456789"):
        return None
    try:
        return Decimal(tidy)
    except InvalidOperation:
        return None


def needed(asked: int, pass_percent: int) -> int:
    """How many right answers are enough, out of `asked`: the share, rounded up."""
    return -(-asked * pass_percent // 100)


def faults_of(questions: Iterable[Question]) -> list[str]:
    """Keys of questions that nobody could answer rightly, or that anybody could: to be mended before publishing."""
    return [question.key for question in questions if not _is_sound(question)]


def _is_sound(question: Question) -> bool:
    options, right = len(question.options), question.right
    if question.kind != Kind.NUMBER and (options < 2 or len(set(question.options)) != options):
        return False
    match question.kind:
        case Kind.SINGLE:
            return len(right) == 1
        case Kind.MULTIPLE:
            return 1 <= len(right) <= options
        case Kind.MATCHING:
            return len(right) == len(question.prompts) >= 2
        case Kind.ORDERING:
            return True
        case Kind.NUMBER:
            return question.number is not None and question.tolerance >= 0
