"""The questions of an evaluation, as they are kept and as they are checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from lms.lib.errors import Refusal

MOST_QUESTIONS = 15
MOST_OPTIONS = 10
LONGEST_TEXT = 2_000
STANDARD = Path(__file__).resolve().parent / "data_files" / "evaluation.yaml"


class Kind(StrEnum):
    """`SCALE`: from 1 to 5. `CHOICE`: one of the options. `TEXT`: in one's own words."""

    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


SCALE = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Question:
    """`key` stays with the question when its words are mended, so that answers of before still belong to it."""

    key: str
    kind: Kind
    text: str
    options: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """What one may answer; nothing for a text."""
        return SCALE if self.kind is Kind.SCALE else self.options


def read_questions(data: Iterable[Mapping[str, Any]]) -> list[Question]:
    """Questions as they are kept."""
    return [Question(one["key"], Kind(one["kind"]), one["text"], tuple(one.get("options", ()))) for one in data]


def written_questions(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """What `read_questions` reads."""
    return [{"key": q.key, "kind": q.kind.value, "text": q.text, "options": list(q.options)} for q in questions]


def standard_questions() -> list[Question]:
    """The questions that the coordination office asks about every course."""
    return read_questions(yaml.safe_load(STANDARD.read_text(encoding="utf-8")))


def check_questions(questions: Sequence[Question]) -> None:
    """Raises Refusal for questions that cannot be asked."""
    if not questions:
        raise Refusal(_("Write at least one question."))
    if len(questions) > MOST_QUESTIONS:
        raise Refusal(_("At most %(most)d questions: nobody answers more.") % {"most": MOST_QUESTIONS})
    if len({q.key for q in questions}) < len(questions):
        raise Refusal(_("Two questions have the same key."))
    for number, question in enumerate(questions, 1):
        if not question.text.strip():
            raise Refusal(_("Question %(number)d has no text.") % {"number": number})
        if question.kind is Kind.CHOICE:
            distinct = {option.strip() for option in question.options}
            if not 2 <= len(distinct) == len(question.options) <= MOST_OPTIONS or "" in distinct:
                raise Refusal(
                    _("Question %(number)d needs from two to %(most)d different answers to choose from.")
                    % {"number": number, "most": MOST_OPTIONS}
                )


def checked_answers(questions: Sequence[Question], given: Mapping[str, str]) -> dict[str, str]:
    """The answers that were given to these questions, by key; unanswered ones are left out. Raises Refusal for an
    answer that the question does not have, a text that is too long, and when nothing is answered."""
    found: dict[str, str] = {}
    for question in questions:
        answer = given.get(question.key, "").replace("\x00", "").strip()
        if not answer:
            continue
        if question.kind is Kind.TEXT:
            if len(answer) > LONGEST_TEXT:
                raise Refusal(_("A text may have at most %(most)d characters.") % {"most": LONGEST_TEXT})
        elif answer not in question.answers:
            raise Refusal(_("“%(question)s” has no such answer.") % {"question": question.text})
        found[question.key] = answer
    if not found:
        raise Refusal(_("Answer at least one question."))
    return found
