"""The ordering right that was granted: does it live?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from competence.policy.facts import Authorisation
from competence.policy.reasons import Code, Missing, Reason
from tests.reference.days import after_months
from tests.reference.situation import Way, greatest_key, lasts_longest


def ask_authorisation(way: Way) -> tuple[Reason | None, Missing | None]:
    """The ground or the missing step."""
    right = way.document["rights"][way.right]
    # 'A right that needs no application is not asked for one.'
    if right.get("needs_application") is False:
        return None, None
    # 'An authorisation counts if it belongs to the way's employment and to the granting right, and, for a right per
    # customer number, has the number asked about.'
    counting = [
        authorisation
        for authorisation in way.facts.authorisations
        if authorisation.employment == way.employment_key
        and authorisation.right == way.right
        and (not right.get("needs_customer_number") or authorisation.customer_number == way.context.customer_number)
    ]
    # 'Of several that hold, the one that lasts longest until it ends or becomes inactive is cited.'
    holding = []
    for authorisation in counting:
        for begin, end in _stretches(authorisation, way):
            if begin <= way.now and (end is None or way.now < end):
                holding.append(replace(authorisation, end=end))
    if holding:
        cited = lasts_longest(holding)[0]
        ground = Reason(code=Code.AUTHORISED, right=way.right, fact=cited.key, since=cited.start, until=cited.end)
        return ground, None
    # 'AUTHORISATION_NOT_STARTED with the nearest start, if one that holds at some time is to start.'
    to_start = [a.start for a in counting if way.now < a.start and (a.end is None or a.start < a.end)]
    if to_start:
        return None, Missing(code=Code.AUTHORISATION_NOT_STARTED, right=way.right, since=min(to_start))
    # 'Else, of those that held at some time or were ended before they began, the one that stopped last says why (of
    # several that stopped at the same instant, the one whose key is greatest as a text), since it stopped.'
    stopped = [replace(a, end=at) for a in counting if (at := _stopped_at(a, way)) is not None]
    if not stopped:
        return None, Missing(code=Code.NOT_AUTHORISED, right=way.right)
    last = greatest_key(lasts_longest(stopped))
    as_it_was = next(a for a in counting if a.key == last.key)
    if not _stopped_at_its_end(as_it_was, way):
        # '... with `until` the instant at which it is closed, if the right has `closing_months` and that instant is
        # still to come.'
        closes = _closes(as_it_was, way)
        until = closes if closes is not None and way.now < closes else None
        return None, Missing(code=Code.AUTHORISATION_INACTIVE, right=way.right, since=last.end, until=until)
    # 'REVOKED if a revocation was the end, else AUTHORISATION_ENDED.'
    code = Code.REVOKED if as_it_was.revoked_at is not None else Code.AUTHORISATION_ENDED
    return None, Missing(code=code, right=way.right, since=last.end)


def _stretches(authorisation: Authorisation, way: Way) -> list[tuple[datetime, datetime | None]]:
    """The stretches of time in which it holds.

    'It holds from its start until its end or a revocation, except where it is inactive.'
    """
    end = authorisation.end
    return [
        (begin, stop if end is None else end if stop is None else min(stop, end))
        for begin, stop in _active(authorisation, way)
        if end is None or begin < end
    ]


def _active(authorisation: Authorisation, way: Way) -> list[tuple[datetime, datetime | None]]:
    """The stretches in which it is active, whether it has ended or not."""
    right = way.document["rights"][way.right]
    months = right.get("inactivity_months")
    if months is None:
        return [(authorisation.start, None)]
    # 'It is closed at the instant it becomes inactive, unless the right has `closing_months`.'
    months_to_close = right.get("closing_months") or months
    logins = [login.start for login in way.facts.logins if login.system == right["system"]]
    stretches = [(authorisation.start, after_months(authorisation.start, months))]
    closes = after_months(authorisation.start, months_to_close)
    for login in sorted(logins):
        # 'A log-in counts if it comes at or after the start, and before the authorisation is closed.'
        if not authorisation.start <= login < closes:
            continue
        begin, inactive = stretches[-1]
        if login < inactive:
            stretches[-1] = (begin, after_months(login, months))
        else:
            # '... and a log-in in between makes it active again from that log-in on.'
            stretches.append((login, after_months(login, months)))
        closes = after_months(login, months_to_close)
    return [(begin, inactive) for begin, inactive in stretches]


def _closes(authorisation: Authorisation, way: Way) -> datetime | None:
    """When it is closed: reckoned from its start, or the latest log-in that counts."""
    right = way.document["rights"][way.right]
    months = right.get("closing_months") or right.get("inactivity_months")
    if months is None:
        return None
    closes = after_months(authorisation.start, months)
    for login in sorted(login.start for login in way.facts.logins if login.system == right["system"]):
        if authorisation.start <= login < closes:
            closes = after_months(login, months)
    return closes


def _stopped_at_its_end(authorisation: Authorisation, way: Way) -> bool:
    """'One whose end has passed, no later than it was closed, stopped at that end.'"""
    closes = _closes(authorisation, way)
    end = authorisation.end
    return end is not None and end <= way.now and (closes is None or end <= closes)


def _stopped_at(authorisation: Authorisation, way: Way) -> datetime | None:
    """When it stopped, if it has: at its end, or 'when it last became inactive'."""
    if _stopped_at_its_end(authorisation, way):
        return authorisation.end
    stops = [stop for _begin, stop in _active(authorisation, way) if stop is not None and stop <= way.now]
    return max(stops, default=None)
