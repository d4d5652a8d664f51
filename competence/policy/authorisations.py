"""Whether an ordering right has been granted and still lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from competence.policy.decision import Context
from competence.policy.dossier import Dossier, Life, Stretch
from competence.policy.facts import Authorisation, PersonFacts
from competence.policy.reasons import Code, Missing, Reason
from competence.policy.rules import Right


def judge(
    right: Right, dossier: Dossier, employment: str | None, context: Context, at: datetime
) -> tuple[Reason | None, Missing | None]:
    """The authorisation that carries `right` at `at`, as a ground, or the step that remains.

    Neither for a right that follows with the role.
    """
    if not right.needs_application:
        return None, None
    matching = [
        a
        for a in dossier.authorisations.get((employment or "", right.key), ())
        if not right.needs_customer_number or a.customer_number == context.customer_number
    ]
    best: Reason | None = None
    for authorisation in matching:
        stretches, _closing = dossier.life(authorisation, right)
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
    return None, _missing(right, dossier, matching, at)


def life(authorisation: Authorisation, right: Right, facts: PersonFacts) -> Life:
    """When `authorisation` carries `right`, and when it is closed for lack of log-ins (see `Dossier.life`)."""
    return Dossier(facts).life(authorisation, right)


def ends_at(authorisation: Authorisation, right: Right, facts: PersonFacts) -> datetime | None:
    """When it stops carrying the right for the last time, as far as is known. None: never."""
    stretches, _closing = life(authorisation, right, facts)
    return stretches[-1].end if stretches else authorisation.start


def _missing(right: Right, dossier: Dossier, matching: list[Authorisation], at: datetime) -> Missing:
    """Why none carries the right: what lies nearest ahead, else what stopped last."""
    ahead: list[datetime] = []
    stopped: list[tuple[datetime, str, Missing]] = []
    for authorisation in matching:
        stretches, closing = dossier.life(authorisation, right)
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
    authorisation: Authorisation, right: Right, stretches: Sequence[Stretch], closing: datetime | None, at: datetime
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
