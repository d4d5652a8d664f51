"""The copy: a page and its cursor are saved together, whenever the process dies."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from behorighet_client.answers import Change, Check, Holder
from behorighet_client.copy import Copy
from behorighet_client.errors import ApiProblem
from behorighet_client.follow import begin

WRITER = """
import sys
from behorighet_client.answers import Change
from behorighet_client.copy import Copy
from behorighet_client.errors import ApiProblem
from behorighet_client.follow import begin

copy = Copy(sys.argv[1])
number = int(copy.cursor or 0)
while True:
    page = []
    for _ in range(50):
        number += 1
        who = f"SE{number % 500}"
        page.append(Change(str(number), who, "r", None, "denied", f"o{number}", "facts", "", number, {}))
    copy.apply(page, str(number))
    print(number, flush=True)
"""


def change(hsa_id: str, outcome: str, number: str | None = None, right: str = "r") -> Change:
    return Change("1", hsa_id, right, number, "denied", outcome, "facts", "2026-01-01T00:00:00+01:00", 1, {})


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy.sqlite3")


def test_the_last_change_counts_and_whoever_is_not_there_is_denied(copy: Copy) -> None:
    copy.apply([change("SE1", "allowed"), change("SE1", "denied"), change("SE1", "allowed_with_warning")], "3")

    assert copy.outcome("se1", "r") == "allowed_with_warning"
    assert copy.outcome("SE2", "r") == copy.outcome("SE1", "other") == "denied"
    assert (copy.cursor, copy.applied) == ("3", 3)


def test_a_unit_without_a_line_of_its_own_has_that_of_all_units(copy: Copy) -> None:
    copy.apply([change("SE1", "allowed"), change("SE1", "denied", "123456")], "2")

    assert copy.outcome("SE1", "r", "123456") == "denied"
    assert copy.outcome("SE1", "r", "654321") == "allowed"


def test_a_snapshot_starts_over(copy: Copy) -> None:
    copy.apply([change("SE1", "allowed")], "1")
    copy.begin([Holder("SE2", "r", None, "allowed", {})], "9")

    assert [(check, outcome) for check, outcome in copy.questions()] == [(Check("SE2", "r"), "allowed")]
    assert (copy.cursor, copy.applied) == ("9", 0)


def test_a_page_that_fails_leaves_nothing_behind(copy: Copy) -> None:
    def broken() -> object:
        yield change("SE1", "allowed")
        raise ValueError("the page is cut")

    with pytest.raises(ValueError, match="cut"):
        copy.apply(broken(), "1")  # type: ignore[arg-type]

    assert copy.cursor is None
    assert copy.outcome("SE1", "r") == "denied"


def test_it_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite3"
    for kill in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(0.02 * kill)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

        copy = Copy(path)
        cursor = int(copy.cursor or 0)
        assert cursor >= said
        assert copy.applied == cursor
        # Every row is the last one up to the cursor that is about it.
        for check, outcome in copy.questions():
            number, about = int(outcome[1:]), int(check.hsa_id[2:])
            assert number % 500 == about
            assert cursor - 500 < number <= cursor
        copy.close()
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


class TwoSystems:
    """A service at which one of the rights is another system's."""

    def latest_cursor(self) -> str:
        return "7"

    def holders(self, right: str) -> Iterator[Holder]:
        if right == "theirs":
            raise ApiProblem(403, {"code": "not_your_right"})
        if right == "broken":
            raise ApiProblem(400, {"code": "invalid_parameter"})
        yield Holder("SE1", right, None, "allowed", {})


def test_a_right_of_another_ordering_system_is_left_out_of_the_snapshot_and_said(copy: Copy) -> None:
    said: list[str] = []
    begin(TwoSystems(), copy, ["theirs", "ours"], said.append)  # type: ignore[arg-type]
    assert copy.outcome("SE1", "ours") == "allowed"
    assert "theirs" in said[0]
    with pytest.raises(ApiProblem):
        begin(TwoSystems(), copy, ["broken"], said.append)  # type: ignore[arg-type]
