"""How a part stood when this process saved it last, so that the next commit need not read it first.

Nothing is believed because it is remembered: a row that anybody has written since bears another transaction's number
(`version`, PostgreSQL's xmin), and what is written on the strength of an old one finds no row.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from courses.scorm.tokens import Sitting

MOST = 1_000
LONGEST = 32_768
# So often must a sitting that others saved, too, have been read for nothing, before it is no longer read first.
READ_AGAIN = 3


class Standing(NamedTuple):
    """What an ordinary commit needs to know of the part and its attempt. `runtime`, `attempt` and `version` as
    PostgreSQL writes them; `standard`: the package's version of SCORM."""

    runtime: bytes
    attempt: bytes
    version: bytes
    data: dict[str, str]
    sequence: int
    seconds: bytes | None
    recent: str
    launched_at: datetime | None
    standard: str


@dataclass
class _Known:
    standing: Standing
    doubt: int = 0


class Memory:
    """The standing of the parts that were saved here last, at most MOST of them and none longer than LONGEST.

    Where several processes save the same sitting by turns, what each remembers is out of date most of the time: such a
    sitting is read before each commit, until it has been this process alone for some time.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Sitting, _Known] = OrderedDict()
        self._lock = Lock()

    def recall(self, sitting: Sitting) -> Standing | None:
        """How it stood; None when it is better read."""
        known = self._known.get(sitting)
        return known.standing if known is not None and not known.doubt else None

    def keep(self, sitting: Sitting, before: Standing, after: Standing, length: int) -> None:
        """It stood as `before`, and does as `after`. `length`: of the data, written out."""
        with self._lock:
            known = self._known.get(sitting)
            if length > LONGEST:
                self._known.pop(sitting, None)
            elif known is None:
                self._known[sitting] = _Known(after)
                if len(self._known) > MOST:
                    self._known.popitem(last=False)
            else:
                if known.doubt:
                    known.doubt = known.doubt - 1 if known.standing.version == before.version else READ_AGAIN
                known.standing = after
                self._known.move_to_end(sitting)

    def doubt(self, sitting: Sitting) -> None:
        """Somebody else has written what was remembered."""
        with self._lock:
            if (known := self._known.get(sitting)) is not None:
                known.doubt = READ_AGAIN

    def forget(self, sitting: Sitting) -> None:
        """It is about to be written by the ordinary path."""
        with self._lock:
            self._known.pop(sitting, None)
