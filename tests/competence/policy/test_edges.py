"""The very instants at which things begin and end, and the last word between things that are equally good.

Each stands here because a change that turned it round was once noticed by nothing else (docs/mutation.md).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import yaml

from competence.policy.decision import ANYWHERE, EligibilityDecision, Outcome
from competence.policy.document import compile_rules
from competence.policy.evaluate import decide
from competence.policy.facts import Appointment, Attestation, Authorisation, Employment, EndingKind, PersonFacts
from competence.policy.reasons import Code
from competence.policy.rules import Publication, rule_book
from competence.policy.timeline import instants, timeline
from tests.competence.policy.people import NOW, at, book_of, completed, ended, stamp

TICK = timedelta(microseconds=1)
WORK = "employment:1"
RULES = """
attestations: {knows: Kan, same: Samma}
roles:
  orderer: {title: Beställare}
  helper: {title: Hjälpare}
rights:
  small: {title: Liten, system: shop, roles: [orderer], needs_application: false}
  large: {title: Stor, system: shop, roles: [helper], includes: [small], needs_application: false, to: 2026-01-31}
requirements:
  - key: course
    title: Kurs
    scope: regional
    roles: [orderer]
    gate: block
    from: 2023-01-01
    validity_months: 12
    grace_days: 10
    alternatives: [{courses: [course]}]
"""
BASE = PersonFacts(
    employments=(Employment(key=WORK, principal="vgr", **stamp()),),
    appointments=(Appointment(key="appointment:1", employment=WORK, role="orderer", **stamp()),),
)


def asked(facts: PersonFacts, *, right: str = "small", valid_at: Any = NOW, rules: str = RULES) -> EligibilityDecision:
    book = book_of(compile_rules(yaml.safe_load(rules), 1))
    return decide(facts, book, right, valid_at=valid_at, known_at=at(2030, 1, 1))


def test_a_completion_counts_at_its_very_instant_and_not_before() -> None:
    facts = replace(BASE, completions=(completed("course", at(2026, 2, 3, 9)),))
    assert asked(facts, valid_at=at(2026, 2, 3, 9)).outcome is Outcome.ALLOWED
    assert asked(facts, valid_at=at(2026, 2, 3, 9) - TICK).outcome is Outcome.DENIED


def test_a_validity_is_over_with_the_local_day_and_so_is_the_grace() -> None:
    facts = replace(BASE, completions=(completed("course", at(2025, 1, 15, 9)),))
    # 15 January 2026 ends at 23:00 UTC; ten days later the local day begins at 23:00 UTC.
    over, grace_over = at(2026, 1, 15, 23), at(2026, 1, 25, 23)
    assert asked(facts, valid_at=over - TICK).outcome is Outcome.ALLOWED
    assert asked(facts, valid_at=over).outcome is Outcome.ALLOWED_WITH_WARNING
    assert asked(facts, valid_at=grace_over - TICK).outcome is Outcome.ALLOWED_WITH_WARNING
    assert asked(facts, valid_at=grace_over).outcome is Outcome.DENIED
    assert asked(facts, valid_at=grace_over).missing[0].code is Code.COURSE_EXPIRED


@pytest.mark.parametrize(
    ("ends_at", "code"),
    [
        (at(2026, 1, 15, 23) - TICK, Code.COURSE_MISSING),
        (at(2026, 1, 15, 23), Code.COURSE_EXPIRED),
        (at(2026, 2, 1), Code.COURSE_EXPIRED),
    ],
    ids=["before it ran out", "as it ran out", "after it ran out"],
)
def test_only_a_completion_that_ran_out_has_expired(ends_at: Any, code: Code) -> None:
    completion = ended(completed("course", at(2025, 1, 15, 9)), ends_at, EndingKind.REVOKED)
    facts = replace(BASE, completions=(completion,))
    assert [step.code for step in asked(facts, valid_at=at(2026, 2, 20)).missing] == [code]


def attested(key: str, name: str, end: Any) -> Attestation:
    return Attestation(key=key, attestation=name, employment=WORK, **stamp(end=end))


def test_of_several_attestations_the_one_that_lasts_longest_is_cited() -> None:
    rules = RULES.replace("{courses: [course]}", "{attestations: [knows]}")
    short, long = attested("short", "knows", at(2027, 1, 1)), attested("long", "knows", at(2028, 1, 1))
    endless = attested("endless", "knows", None)
    for rows, cited in (((short, long), "long"), ((long, short), "long"), ((endless, long), "endless")):
        reasons = asked(replace(BASE, attestations=rows), rules=rules).reasons
        assert [r.fact for r in reasons if r.code is Code.REQUIREMENT_MET] == [cited]


def test_of_attestations_that_last_as_long_the_first_is_cited() -> None:
    rules = RULES.replace("{courses: [course]}", "{attestations: [knows]}")
    rows = (attested("first", "knows", None), attested("second", "knows", None))
    reasons = asked(replace(BASE, attestations=rows), rules=rules).reasons
    assert [r.fact for r in reasons if r.code is Code.REQUIREMENT_MET] == ["first"]


def test_a_course_and_an_attestation_of_one_name_are_two_things() -> None:
    rules = RULES.replace("{courses: [course]}", "{courses: [same], attestations: [same]}")
    only_course = replace(BASE, completions=(completed("same", at(2026, 1, 1)),))
    both = replace(only_course, attestations=(attested("a", "same", None),))
    assert asked(only_course, rules=rules).outcome is Outcome.DENIED
    assert asked(replace(both, completions=()), rules=rules).outcome is Outcome.DENIED
    assert asked(both, rules=rules).outcome is Outcome.ALLOWED
    either = RULES.replace("{courses: [course]}", "{attestations: [same]}, {courses: [same]}")
    assert asked(only_course, rules=either).outcome is Outcome.ALLOWED
    assert asked(replace(both, completions=()), rules=either).outcome is Outcome.ALLOWED
    assert asked(BASE, rules=either).outcome is Outcome.DENIED


def test_a_greater_right_grants_only_while_it_is_in_use() -> None:
    helper = replace(BASE.appointments[0], role="helper")
    facts = replace(BASE, appointments=(helper,))
    last = at(2026, 1, 31, 23)
    assert asked(facts, valid_at=last - TICK).granting_right == "large"
    assert asked(facts, valid_at=last - TICK).outcome is Outcome.ALLOWED
    assert asked(facts, valid_at=last).outcome is Outcome.DENIED
    assert asked(facts, valid_at=last).granting_right == "small"


def test_of_ended_appointments_the_one_that_ended_last_says_why_whatever_its_key() -> None:
    first = replace(BASE.appointments[0], key="appointment:9", end=at(2025, 1, 1))
    revoked = ended(replace(BASE.appointments[0], key="appointment:1"), at(2025, 6, 1), EndingKind.REVOKED)
    for rows in ((first, revoked), (revoked, first)):
        step = asked(replace(BASE, appointments=rows)).missing[0]
        assert (step.code, step.since) == (Code.REVOKED, at(2025, 6, 1))
    later = replace(first, end=at(2025, 7, 1))
    assert asked(replace(BASE, appointments=(later, revoked))).missing[0].code is Code.NOT_APPOINTED


def test_a_version_published_at_the_very_instant_is_known() -> None:
    plain = RULES[: RULES.index("requirements:")] + "requirements: []"
    stricter = Publication(compile_rules(yaml.safe_load(RULES), 2), at(2026, 6, 1), NOW)
    first = Publication(compile_rules(yaml.safe_load(plain), 1), at(2023, 1, 1), at(2023, 1, 1))
    book = rule_book([first, stricter])
    known = decide(BASE, book, "small", valid_at=NOW, known_at=NOW)
    assert (known.outcome, known.valid_until) == (Outcome.ALLOWED, at(2026, 6, 1))
    before = decide(BASE, book, "small", valid_at=NOW, known_at=NOW - TICK)
    assert before.valid_until is None


def test_the_instants_of_any_right_are_those_of_each() -> None:
    rules = RULES.replace("needs_application: false}", "inactivity_months: 6, closing_months: 9}")
    book = book_of(compile_rules(yaml.safe_load(rules), 1))
    granted = Authorisation(key="authorisation:1", employment=WORK, right="small", **stamp(at(2025, 10, 1)))
    facts = replace(BASE, authorisations=(granted,))
    of_small = set(instants(facts, book, NOW, "small"))
    assert at(2026, 4, 1, 22) in of_small  # inactive when the day six months later is over
    assert of_small <= set(instants(facts, book, NOW))
    assert set(instants(facts, book, NOW, "large")) <= set(instants(facts, book, NOW))


def test_the_end_of_the_grace_after_a_requirement_began_is_told() -> None:
    rules = RULES.replace("from: 2023-01-01", "from: 2026-02-01").replace("    validity_months: 12\n", "")
    answer = asked(BASE, rules=rules, valid_at=at(2026, 2, 5))
    assert answer.outcome is Outcome.ALLOWED_WITH_WARNING
    assert (answer.valid_from, answer.valid_until) == (at(2026, 1, 31, 23), at(2026, 2, 10, 23))
    assert answer.next is not None
    assert answer.next.outcome is Outcome.DENIED


def test_a_timeline_has_no_gap_and_leaves_out_what_was_over_by_an_instant() -> None:
    facts = replace(BASE, completions=(completed("course", at(2025, 1, 15, 9)),))
    book = book_of(compile_rules(yaml.safe_load(RULES), 1))
    whole = timeline(facts, book, "small", ANYWHERE, NOW)
    # Not employed yet; not met; met; run out, with grace; without.
    bounds = [at(2023, 1, 1), at(2025, 1, 15, 9), at(2026, 1, 15, 23), at(2026, 1, 25, 23)]
    assert [stretch.end for stretch in whole] == [*bounds, None]
    assert [stretch.start for stretch in whole][1:] == bounds
    for index, bound in enumerate(bounds):
        assert timeline(facts, book, "small", ANYWHERE, NOW, since=bound)[0].end == whole[index + 1].end
        just_before = timeline(facts, book, "small", ANYWHERE, NOW, since=bound - TICK)
        assert [stretch.end for stretch in just_before] == [stretch.end for stretch in whole[index:]]
    assert len(timeline(facts, book, "small", ANYWHERE, NOW, since=at(2040, 1, 1))) == 1


def test_the_first_and_last_instant_at_which_a_course_counts_as_another_are_told() -> None:
    rules = f"equivalences: [{{courses: [new], counts_as: [course], from: 2026-01-01, to: 2026-05-31}}]\n{RULES}"
    rules = rules.replace("    validity_months: 12\n    grace_days: 10\n", "")
    facts = replace(BASE, completions=(completed("new", at(2025, 6, 1)),))
    first, over = at(2025, 12, 31, 23), at(2026, 5, 31, 22)
    before = asked(facts, valid_at=first - TICK, rules=rules)
    assert (before.outcome, before.valid_until) == (Outcome.DENIED, first)
    within = asked(facts, valid_at=first, rules=rules)
    assert (within.outcome, within.valid_from, within.valid_until) == (Outcome.ALLOWED, first, over)
    after = asked(facts, valid_at=over, rules=rules)
    assert (after.outcome, after.valid_from, after.valid_until) == (Outcome.DENIED, over, None)
