"""What is asked: checked once, in the same way for one check, a batch and a replay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from competence.models.decision_log import DecisionLog
from competence.policy.decision import Context
from competence.policy.evaluate import NoRules
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.eligibility import Moment
from competence.rest_api.auth import Caller
from competence.rest_api.problems import Problem, invalid
from lms.users.models import HSA_ID_PATTERN, fold_identifier

CUSTOMER_NUMBER = re.compile(r"[0-9]{6}\Z")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200


@dataclass(frozen=True, kw_only=True)
class Question:
    """May the holder of `hsa_id` use `right`? `valid_at` None: now; `known_at` None: as known now.

    `principals` None: people of all principals are seen. `line`: how employments under the HSA-ID are named, when the
    employer has changed it ("": as it is).
    """

    hsa_id: str
    right: str
    customer_number: str | None = None
    product_group: str | None = None
    valid_at: datetime | None = None
    known_at: datetime | None = None
    principals: frozenset[str] | None = None
    line: str = ""

    @property
    def known_as(self) -> str:
        """The HSA-ID as the facts have it."""
        return self.line or self.identity

    @property
    def identity(self) -> str:
        """The HSA-ID as it is compared."""
        return fold_identifier(self.hsa_id)

    @property
    def is_usual(self) -> bool:
        """Whether it is asked about now, as known now, and about any product: then its answer is kept."""
        return self.valid_at is None and self.known_at is None and self.product_group is None

    @property
    def context(self) -> Context:
        return Context(
            customer_number=self.customer_number,
            product_group=self.product_group,
            identity=self.known_as,
            principals=self.principals,
        )

    def as_logged(self) -> dict[str, Any]:
        """What the log keeps beside the columns of its own."""
        return {
            "customer_number": self.customer_number,
            "product_group": self.product_group,
            "principals": None if self.principals is None else sorted(self.principals),
        }


def question_in(row: DecisionLog) -> Question:
    """The question as it was logged, about the same instants."""
    principals = row.question["principals"]
    return Question(
        hsa_id=row.hsa_id,
        right=row.right,
        customer_number=row.question["customer_number"],
        product_group=row.question["product_group"],
        valid_at=row.valid_at,
        known_at=row.known_at,
        principals=None if principals is None else frozenset(principals),
    )


def check_hsa_id(value: str) -> str:
    """`value`, which looks like an HSA-ID. Raises Problem."""
    if not (value.isascii() and HSA_ID_PATTERN.match(value.upper())):
        raise invalid("hsa_id", _("The HSA-ID is not complete. It looks like SE2321000131-E000000000001."))
    return value


def check_question(question: Question, caller: Caller, book: RuleBook, moment: Moment) -> None:
    """Raises Problem unless the question is well put and the caller's to ask, and NoRules when there are none now."""
    check_hsa_id(question.hsa_id)
    rules = rules_then(book, moment, valid_at=question.valid_at, known_at=question.known_at)
    right = rules.rights.get(question.right)
    if right is None:
        raise invalid("right", _("There is no right %(right)s.") % {"right": question.right}, "unknown_right")
    if right.system not in caller.systems:
        raise Problem("not_your_right", _("You may not ask about %(right)s.") % {"right": right.key})
    if question.customer_number is not None and not CUSTOMER_NUMBER.match(question.customer_number):
        raise invalid("customer_number", _("A customer number has six digits."))
    if right.needs_customer_number and question.customer_number is None:
        raise invalid("customer_number", _("This right is given per unit: give the unit's customer number."))
    if question.product_group is not None and question.product_group not in rules.product_groups:
        raise invalid("product_group", _("There is no product group %(group)s.") % {"group": question.product_group})


def rules_then(book: RuleBook, moment: Moment, *, valid_at: datetime | None, known_at: datetime | None) -> RuleSet:
    """The rules at `valid_at`, as known at `known_at` (None: now).

    Raises Problem when there were none then, and NoRules when there are none now, which is no fault of the caller's.
    """
    try:
        return book.in_force(valid_at or moment.now, moment.known(known_at))
    except NoRules:
        if valid_at is None and known_at is None:
            raise
        raise Problem("no_rules_then") from None


def read_instant(name: str, text: str | None) -> datetime | None:
    """An instant in ISO 8601 with its offset. Raises Problem."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise invalid(
            name,
            _("Give the time with its offset, such as 2026-03-01T08:00:00+01:00. In an address, + is written %2B."),
        )
    return instant
