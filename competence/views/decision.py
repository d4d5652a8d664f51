"""The shape of a decision that a manager can make about a member of the team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from competence.forms.member import Choices, DecisionForm
from competence.models.employment import Employment
from competence.queries.rights import RightsReader
from lms.users.models import User

Values = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """One kind of decision. `preset`: the GET parameter that chooses beforehand in `form.choice_field`."""

    title: Any
    lead: Any
    button: Any
    form: type[DecisionForm]
    carry_out: Callable[[Employment, Values, User], object]
    done: Any
    choices: Callable[[RightsReader, Employment], Choices] | None = None
    preset: str = ""
    colour: str = ""
