"""Whether an ordering right has been granted and still lives."""

from __future__ import annotations

from datetime import datetime

from competence.policy.decision import Context
from competence.policy.facts import Authorisation, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.rules import Right
from lms.lib.clock import months_end_at


def judge(
    right: Right, facts: PersonFacts, employment: str | None, context: Context, at: datetime
) -> tuple[Reason | None, Missing | None]:
    """The authorisation that carries `right` at `at`, as a ground, or the step that remains."""
    matching = [
        a
        for a in facts.authorisations
        if a.employment == employment
        and a.right == right.key
        and (not right.needs_customer_number or a.customer_number == context.customer_number)
    ]
    best: Reason | None = None
    for authorisation in matching:
        until = ends_at(authorisation, right, facts)
        if authorisation.start > at or (until is not None and until <= at):
            continue
        if best is None or (best.until is not None and (until is None or until > best.until)):
            best = Reason(
                code=Code.AUTHORISED,
                right=right.key,
                fact=authorisation.key,
                since=authorisation.start,
                until=until,
            )
    if best is not None:
        return best, None
    return None, _missing(right, facts, matching, at)


def ends_at(authorisation: Authorisation, right: Right, facts: PersonFacts) -> datetime | None:
    """When it stops carrying the right: its own end, a revocation, or too long without a log-in. None: never."""
    lapse = lapses_at(authorisation, right, facts)
    known = [end for end in (authorisation.end, lapse) if end is not None]
    return min(known) if known else None


def lapses_at(authorisation: Authorisation, right: Right, facts: PersonFacts) -> datetime | None:
    """When `right.inactivity_months` have passed since the start or the latest log-in that came in time.

    A lapsed authorisation does not wake up: a log-in after the lapse changes nothing.
    """
    if right.inactivity_months is None:
        return None
    limit = months_end_at(authorisation.start, right.inactivity_months)
    for login in sorted(login.start for login in facts.logins if login.system == right.system):
        if login < authorisation.start:
            continue
        if login >= limit:
            break
        limit = months_end_at(login, right.inactivity_months)
    return limit


def _missing(right: Right, facts: PersonFacts, matching: list[Authorisation], at: datetime) -> Missing:
    """Why none carries the right: what lies nearest ahead, else what ended last."""
    ahead = [a.start for a in matching if a.start > at and ((end := ends_at(a, right, facts)) is None or end > a.start)]
    if ahead:
        return Missing(code=Code.AUTHORISATION_NOT_STARTED, right=right.key, since=min(ahead))
    past = [(end, a) for a in matching if (end := ends_at(a, right, facts)) is not None and end <= at]
    if not past:
        return Missing(code=Code.NOT_AUTHORISED, right=right.key)
    end, last = max(past, key=lambda pair: (pair[0], pair[1].key))
    if last.revoked_at is not None and last.revoked_at <= end:
        code = Code.REVOKED
    elif last.end is not None and last.end <= end:
        code = Code.AUTHORISATION_ENDED
    else:
        code = Code.AUTHORISATION_INACTIVE
    return Missing(code=code, right=right.key, since=end)
