"""The people of the demonstration whom one may log in as: who they are, and what each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from competence.demo.teller import MUNICIPALITY, VGR, Teller
from competence.policy.decision import Outcome
from competence.policy.reasons import Code
from lms.users.models import User


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What the service must answer about somebody: asked for `right`, perhaps for one identity, role or customer.

    `codes`: among the missing steps when denied or warned, else among the grounds; each must be there.
    `within_days`: the answer ends within so many days.
    """

    right: str
    outcome: Outcome
    codes: frozenset[Code] = frozenset()
    hsa_id: str | None = None
    role: str | None = None
    customer_number: str | None = None
    within_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Character:
    """One of the cast. `story` records the facts; `groups` are the Django groups the person belongs to."""

    handle: str
    name: str
    number: int
    shows: str
    story: Callable[[Teller, User], None]
    prefix: str = MUNICIPALITY
    groups: tuple[str, ...] = ()
    expects: tuple[Expectation, ...] = field(default=())

    @property
    def hsa_id(self) -> str:
        return f"{self.prefix}-DEMO{self.number:04d}"

    @property
    def other_hsa_id(self) -> str:
        """What the other employer calls the one who has two."""
        return f"{MUNICIPALITY if self.prefix == VGR else VGR}-DEMO{self.number:04d}"
