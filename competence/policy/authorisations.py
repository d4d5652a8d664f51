"""Whether an ordering right has been granted and still lives."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from competence.policy.decision import Context
from competence.policy.facts import Authorisation, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.rules import Right
from lms.lib.clock import months_end_at


def judge(
    right: Right, facts: PersonFacts, employment: str | None, context: Context, at: datetime
) -> tuple[Reason | None, Missing | None]:
    """The authorisation that carries `right` at `at`, as a ground, or the step that remains.

    Neither for a right that follows with the role.
    """
    if not right.needs_application:
        return None, None
    matching = [
        a
        for a in facts.authorisations
        if a.employment == employment
        and a.right == right.key
        and (not right.needs_customer_number or a.customer_number == context.customer_number)
    ]
    best: Reason | None = None
    for authorisation in matching:
        stretches, _closing = life(authorisation, right, facts)
        stretch = next((s for s in stretches if s.start <= at and (s.end is None or at < s.end)), None)
        if stretch is None:
            continue
        if best is None or (best.until is not None and (stretch.end is None or stretch.end > best.until)):
            best = Reason(
                code=Code.AUTHORISED,
                right=right.key,
                fact=authorisation.key,
                since=authorisation.start,
                until=stretch.end,
            )
    if best is not None:
        return best, None
    return None, _missing(right, facts, matching, at)


class Stretch(NamedTuple):
    """A time in which an authorisation carries its right: its start and excluded end (None: no end is known)."""

    start: datetime
    end: datetime | None


def life(authorisation: Authorisation, right: Right, facts: PersonFacts) -> tuple[list[Stretch], datetime | None]:
    """The stretches in which `authorisation` carries the right, in order, and when it is closed for lack of log-ins.

    A stretch ends with the authorisation (its own end, or a revocation), or when `right.inactivity_months` have passed
    since the last log-in. A log-in before `right.closing_months` have passed, too, begins a new one; after that, or
    when the right has none, it changes nothing: a closed authorisation does not wake up. None: it is never closed.
    """
    start, end = authorisation.start, authorisation.end
    if right.inactivity_months is None:
        return ([Stretch(start, end)] if end is None or start < end else []), None
    stretches: list[Stretch] = []
    limit = months_end_at(start, right.inactivity_months)
    closing = _closes_at(start, right, limit)
    for login in sorted(login.start for login in facts.logins if login.system == right.system):
        if login < authorisation.start:
            continue
        if login >= closing:
            break
        if login >= limit:  # it had become inactive, and wakes
            stretches.append(Stretch(start, limit))
            start = login
        limit = months_end_at(login, right.inactivity_months)
        closing = _closes_at(login, right, limit)
    stretches.append(Stretch(start, limit))
    if end is None:
        return stretches, closing
    cut = [Stretch(s.start, min(end, s.end or end)) for s in stretches if s.start < end]
    return cut, closing


def ends_at(authorisation: Authorisation, right: Right, facts: PersonFacts) -> datetime | None:
    """When it stops carrying the right for the last time, as far as is known. None: never."""
    stretches, _closing = life(authorisation, right, facts)
    return stretches[-1].end if stretches else authorisation.start


def _closes_at(active_at: datetime, right: Right, limit: datetime) -> datetime:
    return limit if right.closing_months is None else months_end_at(active_at, right.closing_months)


def _missing(right: Right, facts: PersonFacts, matching: list[Authorisation], at: datetime) -> Missing:
    """Why none carries the right: what lies nearest ahead, else what stopped last."""
    ahead: list[datetime] = []
    stopped: list[tuple[datetime, str, Missing]] = []
    for authorisation in matching:
        stretches, closing = life(authorisation, right, facts)
        if stretches and authorisation.start > at:
            ahead.append(authorisation.start)
            continue
        why = _why_stopped(authorisation, right, stretches, closing, at)
        if why is not None and why.since is not None:
            stopped.append((why.since, authorisation.key, why))
    if ahead:
        return Missing(code=Code.AUTHORISATION_NOT_STARTED, right=right.key, since=min(ahead))
    if not stopped:
        return Missing(code=Code.NOT_AUTHORISED, right=right.key)
    return max(stopped, key=lambda found: found[:2])[2]


def _why_stopped(
    authorisation: Authorisation, right: Right, stretches: list[Stretch], closing: datetime | None, at: datetime
) -> Missing | None:
    """Why an authorisation that does not carry the right at `at` stopped. None: it did not, and never will begin."""
    end = authorisation.end
    if end is not None and end <= at and (closing is None or end <= closing):
        code = Code.REVOKED if authorisation.revoked_at is not None else Code.AUTHORISATION_ENDED
        return Missing(code=code, right=right.key, since=end)
    if not stretches:
        return None
    since = max(s.end for s in stretches if s.end is not None and s.end <= at)
    until = closing if right.closing_months is not None and closing is not None and at < closing else None
    return Missing(code=Code.AUTHORISATION_INACTIVE, right=right.key, since=since, until=until)
