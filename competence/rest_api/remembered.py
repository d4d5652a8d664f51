"""What this process remembers of the callers that it has let in, so that the front path need not ask again.

The ordinary path (`auth`) notes a caller after it has proved who it is; the front path believes the note only while the
counter that came with it is still the database's (`Epoch.clients`), and while the token itself is still there and has
not run out, which it reads anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from competence.copying import escaped
from competence.given_answers import as_json
from competence.rest_api.prepared import principals_key

if TYPE_CHECKING:  # auth notes here whom it lets in
    from competence.rest_api.auth import Caller

MOST = 5_000


@dataclass(frozen=True)
class Known:
    """A caller that may ask who may order, and the counter of clients as it was before anything was read of it."""

    caller: Caller
    clients: int

    @cached_property
    def actor(self) -> str:
        """As whom the look-up log has it."""
        return self.caller.actor.name

    @cached_property
    def principals(self) -> str:
        """The principals it sees, as part of a question's name."""
        return principals_key(self.caller.principals)

    def logged_question(self, customer_number: str) -> str:
        """The same in the text form of COPY."""
        if customer_number:
            return escaped(self.question(customer_number))
        return self._without_number

    @cached_property
    def _without_number(self) -> str:
        return escaped(self.question(""))

    def question(self, customer_number: str) -> str:
        """What the log keeps of a usual question beside its columns (`Question.as_logged`), as JSON. "": no number."""
        seen = self.caller.principals
        return as_json(
            {
                "customer_number": customer_number or None,
                "product_group": None,
                "principals": None if seen is None else sorted(seen),
            }
        )


_known: dict[str, Known] = {}


def remember(token_hash: str, caller: Caller, clients: int) -> None:
    """Note that the token with this hash was let in as `caller`."""
    if len(_known) >= MOST:  # more than any service has at a time: expired ones
        _known.clear()
    _known[token_hash] = Known(caller, clients)


def known(token_hash: str) -> Known | None:
    """The caller to whom the token belonged when it was let in last."""
    return _known.get(token_hash)


def forget_all() -> None:
    """As a new process is."""
    _known.clear()
