"""The broker that is a folder: a worker reads whole messages, or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from lms.celery import app
from lms.lib import folder_broker

QUEUE = "celery"


@pytest.fixture
def channels(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """A writer's and a reader's, at one folder."""
    assert app.conf.broker_url.startswith(f"{folder_broker.SCHEME}://")
    folders = {name: str(tmp_path / name) for name in ("messages", "control")}
    for folder in folders.values():
        Path(folder).mkdir()
    options = {
        "data_folder_in": folders["messages"],
        "data_folder_out": folders["messages"],
        "control_folder": folders["control"],
    }
    with (
        Connection(app.conf.broker_url, transport_options=options) as one,
        Connection(app.conf.broker_url, transport_options=options) as other,
    ):
        yield one.channel(), other.channel()


def test_f17_a_worker_that_looks_while_a_message_is_written_finds_none_and_then_all_of_it(
    channels: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reader = channels
    looks: list[str] = []

    def look_and(then: Any) -> Any:
        def call(*args: Any) -> Any:
            with pytest.raises(Empty):
                reader._get(QUEUE)
            looks.append("looked")
            return then(*args)

        return call

    monkeypatch.setattr(Path, "replace", look_and(Path.replace))
    monkeypatch.setattr(filesystem, "lock", look_and(filesystem.lock))  # where kombu's own has opened the file
    writer._put(QUEUE, {"body": "å" * 100_000})
    assert looks
    assert reader._get(QUEUE) == {"body": "å" * 100_000}
    with pytest.raises(Empty):
        reader._get(QUEUE)


def test_messages_come_in_their_order_and_each_to_its_queue(channels: tuple[Any, Any]) -> None:
    writer, reader = channels
    for number in range(3):
        writer._put(QUEUE, {"number": number})
    writer._put("another", {"number": 99})
    assert writer._size(QUEUE) == 3
    assert sorted(reader._get(QUEUE)["number"] for _message in range(3)) == [0, 1, 2]
    assert reader._get("another") == {"number": 99}
