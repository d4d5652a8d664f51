"""Ending a fact, in the three ways there are."""

from __future__ import annotations

import re
from datetime import datetime

from competence.actions.change import Change
from competence.models.ending import ENDED_FACTS, Ending
from competence.models.fact import Fact
from lms.users.models import User


def end_fact(fact: Fact, change: Change, *, kind: Ending.Kind, at: datetime, reason: str = "") -> Ending:
    """Record, as part of `change`, that `fact` ends at `at`.

    Raises TypeError for a fact that cannot end, such as a published rule set.
    """
    field = re.sub(r"(?<!^)(?=[A-Z])", "_", type(fact).__name__).lower()
    if field not in ENDED_FACTS:
        raise TypeError(f"a {type(fact).__name__} cannot end")
    ending = Ending(kind=kind, takes_effect_at=at, reason=reason, person=person_of(fact), **{field: fact})
    return change.record(ending)


def person_of(fact: Fact) -> User:
    """Whom `fact` is about: its own person, or that of the employment that it belongs to."""
    person: User = fact.person if hasattr(fact, "person") else fact.employment.person  # type: ignore[attr-defined]
    return person
