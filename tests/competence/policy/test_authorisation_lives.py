"""When an ordering right lives, and what is said of one that does not, at the very instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from competence.policy import authorisations
from competence.policy.decision import EligibilityDecision
from competence.policy.document import compile_rules
from competence.policy.dossier import Stretch
from competence.policy.evaluate import decide
from competence.policy.facts import Appointment, Authorisation, Employment, EndingKind, Login, PersonFacts
from competence.policy.reasons import Code
from competence.policy.rules import Right
from tests.competence.policy.people import NOW, at, book_of, ended, stamp

TICK = timedelta(microseconds=1)
WORK = "employment:1"
RULES = """
systems: {shop: {title: Butiken}}
roles: {orderer: {title: Beställare}}
rights:
  lasting: {title: Bestående, system: shop, roles: [orderer]}
  waning: {title: Avtagande, system: shop, roles: [orderer], inactivity_months: 6, closing_months: 9}
requirements: []
"""
BOOK = book_of(compile_rules(yaml.safe_load(RULES), 1))
RIGHTS = BOOK.version(1).rights
# Granted on 1 October 2025: inactive when 1 April 2026 is over, closed when 1 July 2026 is.
GRANTED, INACTIVE, CLOSED = at(2025, 10, 1), at(2026, 4, 1, 22), at(2026, 7, 1, 22)


def granted(key: str = "authorisation:1", *, right: str = "waning", start: datetime = GRANTED) -> Authorisation:
    return Authorisation(key=key, employment=WORK, right=right, **stamp(start))


def logged_in(*instants: datetime) -> tuple[Login, ...]:
    return tuple(Login(key=f"login:{i}", system="shop", **stamp(one)) for i, one in enumerate(instants))


def facts_with(*rows: Authorisation, logins: tuple[datetime, ...] = ()) -> PersonFacts:
    return PersonFacts(
        employments=(Employment(key=WORK, principal="vgr", **stamp()),),
        appointments=(Appointment(key="appointment:1", employment=WORK, role="orderer", **stamp()),),
        authorisations=rows,
        logins=logged_in(*logins),
    )


def asked(facts: PersonFacts, valid_at: datetime, right: str = "waning") -> EligibilityDecision:
    return decide(facts, BOOK, right, valid_at=valid_at, known_at=at(2030, 1, 1))


def stretches(right: Right, *rows: Authorisation, logins: tuple[datetime, ...] = ()) -> tuple[Any, Any]:
    found = authorisations.life(rows[0], right, facts_with(*rows, logins=logins))
    return [tuple(one) for one in found.stretches], found.closing


def test_a_life_without_log_ins_ends_and_then_closes() -> None:
    assert stretches(RIGHTS["waning"], granted()) == ([(GRANTED, INACTIVE)], CLOSED)
    assert stretches(RIGHTS["lasting"], granted(right="lasting")) == ([(GRANTED, None)], None)


def test_a_log_in_at_the_very_limit_wakes_and_one_before_goes_on() -> None:
    limit_after = at(2026, 10, 1, 22)  # six months after 2 April, local time: INACTIVE is its first instant
    woken, _closing = stretches(RIGHTS["waning"], granted(), logins=(INACTIVE,))
    assert woken == [(GRANTED, INACTIVE), (INACTIVE, at(2026, 10, 2, 22))]
    gone_on, _closing = stretches(RIGHTS["waning"], granted(), logins=(INACTIVE - TICK,))
    assert gone_on == [(GRANTED, limit_after)]


def test_a_log_in_wakes_until_the_right_is_closed_and_not_from_then_on() -> None:
    woken, _closing = stretches(RIGHTS["waning"], granted(), logins=(CLOSED - TICK,))
    assert [one[0] for one in woken] == [GRANTED, CLOSED - TICK]
    for late in ((CLOSED,), (CLOSED, CLOSED + TICK), (CLOSED + timedelta(days=1),)):
        assert stretches(RIGHTS["waning"], granted(), logins=late) == ([(GRANTED, INACTIVE)], CLOSED)


def test_log_ins_from_before_it_was_granted_change_nothing() -> None:
    before = (GRANTED - timedelta(days=9), GRANTED - TICK)
    assert stretches(RIGHTS["waning"], granted(), logins=before) == ([(GRANTED, INACTIVE)], CLOSED)
    later = (*before, at(2026, 1, 10))
    assert stretches(RIGHTS["waning"], granted(), logins=later)[0] == [(GRANTED, at(2026, 7, 10, 22))]


def test_no_stretch_is_empty() -> None:
    never = ended(granted(right="lasting"), GRANTED, EndingKind.REVOKED)
    assert stretches(RIGHTS["lasting"], replace(never, end=GRANTED)) == ([], None)
    woken_as_it_ended = replace(granted(), end=INACTIVE)
    found, _closing = stretches(RIGHTS["waning"], woken_as_it_ended, logins=(INACTIVE,))
    assert found == [(GRANTED, INACTIVE)]


def test_it_ends_with_its_last_stretch() -> None:
    facts = facts_with(granted(), logins=(CLOSED - TICK,))
    assert authorisations.ends_at(granted(), RIGHTS["waning"], facts) == at(2027, 1, 1, 23)
    assert authorisations.ends_at(granted(right="lasting"), RIGHTS["lasting"], facts) is None
    never = replace(granted(right="lasting"), end=GRANTED)
    assert authorisations.ends_at(never, RIGHTS["lasting"], facts) == GRANTED
    assert authorisations.life(granted(), RIGHTS["waning"], facts).stretches[0] == Stretch(GRANTED, INACTIVE)


def test_an_authorisation_that_never_carries_the_right_is_none_to_wait_for() -> None:
    never = ended(granted(right="lasting"), GRANTED, EndingKind.REVOKED)
    [step] = asked(facts_with(never), GRANTED - TICK, "lasting").missing
    assert step.code is Code.NOT_AUTHORISED
    [ahead] = asked(facts_with(granted(right="lasting")), GRANTED - TICK, "lasting").missing
    assert (ahead.code, ahead.since) == (Code.AUTHORISATION_NOT_STARTED, GRANTED)


@pytest.mark.parametrize(
    ("valid_at", "until"),
    [(INACTIVE, CLOSED), (CLOSED - TICK, CLOSED), (CLOSED, None), (CLOSED + TICK, None)],
)
def test_a_log_in_is_enough_until_the_right_is_closed(valid_at: datetime, until: datetime | None) -> None:
    [step] = asked(facts_with(granted()), valid_at).missing
    assert (step.code, step.since, step.until) == (Code.AUTHORISATION_INACTIVE, INACTIVE, until)


def test_of_two_that_stopped_at_the_same_instant_the_later_key_says_why() -> None:
    stop = at(2026, 1, 1)
    revoked = ended(granted("authorisation:1", right="lasting"), stop, EndingKind.REVOKED)
    over = replace(granted("authorisation:2", right="lasting"), end=stop)
    for rows in ((revoked, over), (over, revoked)):
        [step] = asked(facts_with(*rows), NOW, "lasting").missing
        assert step.code is Code.AUTHORISATION_ENDED
    swapped = replace(revoked, key="authorisation:3")
    for rows in ((swapped, over), (over, swapped)):
        [step] = asked(facts_with(*rows), NOW, "lasting").missing
        assert step.code is Code.REVOKED
