"""The constant texts of answers that this process has handed out lately, so that they need not be fetched again.

A text is named by its own digest and never changes (`competence.models.decision_log.GivenAnswer`): what is here is
right whatever happens in the database, and can be forgotten at any time. Whether an answer still stands is asked of
the database each time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from lms.lib.at_one_go import PreparedStatement

# As many as two full batches have; in bytes, beside what Python itself needs for each.
MOST_BYTES = 32 * 1024 * 1024

_STATEMENT = PreparedStatement(
    "texts", "SELECT digest, body FROM competence_givenanswer WHERE digest = ANY($1::uuid[])"
)


class Texts:
    """By digest, as PostgreSQL writes it: the text in UTF-8 without its braces. Those that came first go first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._texts: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def of(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """The texts of all that are there; one statement for those that are not remembered. PostgreSQL only."""
        remembered, found, missing = self._texts.get, {}, []
        for digest in digests:
            text = remembered(digest)
            if text is None:
                missing.append(digest)
            else:
                found[digest] = text
        if missing:
            rows = _STATEMENT.run([b"{%b}" % b",".join(missing)])
            fetched = {rows.get_value(row, 0): rows.get_value(row, 1)[1:-1] for row in range(rows.ntuples)}
            found |= fetched
            self._keep(fetched)
        return found

    def forget_all(self) -> None:
        """As a new process is."""
        with self._lock:
            self._texts.clear()
            self.bytes = 0

    def _keep(self, texts: dict[bytes, bytes]) -> None:
        with self._lock:
            for digest, text in texts.items():
                if digest not in self._texts:
                    self._texts[digest] = text
                    self.bytes += len(text)
            while self.bytes > self.most_bytes:
                self.bytes -= len(self._texts.pop(next(iter(self._texts))))


texts = Texts()
