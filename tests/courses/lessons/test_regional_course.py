"""The regional course's bank of questions: nobody is to guess the answer by how long it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml

from lms.env import BASE_DIR

FOLDERS = ["regional-forskrivare", "elrullstol-digital-del"]
UNLIKELY = 0.05


def choices(folder: str) -> list[tuple[list[str], list[str]]]:
    """The right and the wrong options of the questions in which one chooses."""
    path = BASE_DIR / "courses" / "course_data" / folder / "questions.yaml"
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    chosen = [row for row in rows if row["kind"] in {"single", "multiple"}]
    return [([row["right"]] if row["kind"] == "single" else row["right"], row["wrong"]) for row in chosen]


def likelihood(questions: Sequence[tuple[list[str], list[str]]], pick: Callable[..., int]) -> float:
    """How likely it is that the option that sticks out by its length is right as often as it is here, or more often, if
    length told nothing. Questions in which none sticks out are left out."""
    likely, hits = [1.0], 0
    for right, wrong in questions:
        lengths = [len(option) for option in (*right, *wrong)]
        extreme = pick(lengths)
        if lengths.count(extreme) > 1:
            continue
        hits += lengths.index(extreme) < len(right)
        chance = len(right) / len(lengths)
        likely = [
            (likely[hit] if hit < len(likely) else 0.0) * (1 - chance) + (likely[hit - 1] * chance if hit else 0.0)
            for hit in range(len(likely) + 1)
        ]
    return sum(likely[hits:])


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("pick", [max, min])
def test_the_longest_or_shortest_option_is_right_no_more_often_than_by_chance(
    folder: str, pick: Callable[..., int]
) -> None:
    assert likelihood(choices(folder), pick) > UNLIKELY


@pytest.mark.parametrize("pick", [max, min])
def test_a_bank_that_gives_itself_away_is_noticed(pick: Callable[..., int]) -> None:
    right, wrong = ("ett mycket längre svar", "kort") if pick is max else ("kort", "ett mycket längre svar")
    assert likelihood([([right], [wrong, f"{wrong} igen"])] * 6, pick) < UNLIKELY
    assert likelihood([([right], [wrong]), ([wrong], [right])] * 10, pick) > UNLIKELY


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_option_stands_twice_in_a_question(folder: str) -> None:
    for right, wrong in choices(folder):
        assert len({*right, *wrong}) == len(right) + len(wrong)
