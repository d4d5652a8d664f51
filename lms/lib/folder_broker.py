"""Celery's broker where there is no server: a folder of messages, of which a reader only ever sees whole ones.

Kombu's own transport opens a message's file where the worker looks for it, and writes it afterwards. A worker that
looks in between takes the empty file, fails on it, and stops, and so does everything that was started with it.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "folder"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put a message onto the queue: written beside it under a name that nobody looks for, and then renamed."""
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}"
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_bytes(dumps(payload).encode())
        unfinished.replace(folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel


def make_known() -> None:
    """Let a broker's address begin with `folder://`."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
