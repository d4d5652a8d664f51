"""What people may do now and will not later, and why: for those who remind them. When is for the policy to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from competence.explain import load_names
from competence.models.employment import Employment
from competence.policy.decision import Outcome
from competence.policy.reasons import Code
from competence.policy.rules import NoRules
from competence.queries.eligibility import Moment, current_moment
from competence.queries.employments import current_employments, employments_held_at
from competence.queries.rights import RightNow, RightsReader
from competence.queries.standing import employments_changing
from competence.queries.team_lines import within
from lms.users.models import User

BATCH = 200
# Somebody who leaves need not be told, and of log-ins that are due another mail tells (`competence.lapse_notices`).
_NOT_TO_TELL = frozenset({Code.NOT_EMPLOYED, Code.UNKNOWN_PERSON, Code.SUSPENDED, Code.AUTHORISATION_INACTIVE})


@dataclass(frozen=True)
class Expiry:
    """A right that `person` has at `unit` until `at`, the first instant when the answer is a worse one.

    `last_day`: the last day on which it is as now. `texts`: what will be missing, a sentence each, in the active
    language.
    """

    person: User
    unit: str
    right: str
    title: str
    at: datetime
    last_day: date
    texts: tuple[str, ...]


def expiries_ahead(days: int) -> Iterator[Expiry]:
    """Everything that expires within the next `days` days, of everybody, in batches of a fixed number of queries."""
    moment = current_moment()
    found = employments_changing(current_employments(moment.now), within(days, moment.now), moment)
    rows = found.select_related("person", "unit", "identity").order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from _expiries(batch, days, moment)


def expiries_of(person: User, days: int) -> list[Expiry]:
    """The same of one person, as of now."""
    moment = current_moment()
    return list(_expiries(list(employments_held_at(person, moment.now)), days, moment))


def _expiries(employments: list[Employment], days: int, moment: Moment) -> Iterator[Expiry]:
    try:
        rights = RightsReader(employments, moment=moment, names=load_names(), addresses=True)
    except NoRules:  # before the first rules are published nobody has anything that could expire
        return
    limit = within(days, moment.now)
    for employment in employments:
        told: set[tuple[str, datetime]] = set()
        for answer in _ending(rights.details(employment), limit):
            at = answer.decision.valid_until
            if at is None or answer.explained.last_day is None or (answer.right.key, at) in told:
                continue
            told.add((answer.right.key, at))
            coming = answer.explained.coming
            yield Expiry(
                person=employment.person,
                unit=employment.unit.name,
                right=answer.right.key,
                title=answer.right.title,
                at=at,
                last_day=answer.explained.last_day,
                texts=coming.texts if coming else (),
            )


def _ending(answers: Iterable[RightNow], limit: datetime) -> Iterator[RightNow]:
    """Those that permit now, and by `limit` permit less."""
    for answer in answers:
        decision = answer.decision
        following = decision.next
        if not decision.allowed or decision.valid_until is None or decision.valid_until > limit or following is None:
            continue
        if following.outcome is Outcome.ALLOWED or {step.code for step in following.missing} & _NOT_TO_TELL:
            continue
        yield answer
