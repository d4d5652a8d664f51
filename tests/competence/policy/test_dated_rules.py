"""What a rule document can say of time, of other courses and roles, and of who is concerned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.policy.document import RuleError, compile_rules
from competence.policy.evaluate import decide
from competence.policy.facts import (
    Appointment,
    Attestation,
    Authorisation,
    Employment,
    EndingKind,
    Login,
    PersonFacts,
)
from competence.policy.rules import RuleSet
from tests.competence.policy.people import NOW, at, book_of, completed, ended, stamp

EMPLOYMENT = "employment:1"
RULES = """
systems:
  shop: {title: Butiken, to: 2027-06-30}
professions: {nurse: Sjuksköterska, physician: Läkare}
attestations: {delegation: Skriftlig delegering}
closed_courses: {old-a: 2025-01-22, old-b: 2025-01-22}
roles:
  prescriber:
    title: Förskrivare
    replaces: [{role: prescriber-of-consumables, from: 2024-06-01}]
    held_by_professions: [physician]
  assistant: {title: Assistent, from: 2026-01-01}
rights:
  shop.order:
    title: Beställa
    system: shop
    roles: [prescriber]
    inactivity_months: 6
    closing_months: 12
  shop.look: {title: Titta, system: shop, roles: [assistant], needs_application: false, from: 2025-01-01}
equivalences:
  - {courses: [new], counts_as: [old-a, old-b], from: 2025-01-22}
requirements:
  - key: product
    title: Produktkurs
    scope: supplier
    roles: [prescriber]
    gate: block
    from: 2023-01-01
    after: [basics]
    exempt_professions: [physician]
    alternatives: [{courses: [product]}, {attestations: [delegation]}]
  - key: basics
    title: Grundkurs
    scope: regional
    roles: [prescriber]
    gate: block
    from: 2023-01-01
    alternatives: [{courses: [old-a, old-b]}]
  - key: local
    title: Kommunens kurs
    scope: local
    roles: [prescriber]
    gate: block
    from: 2023-01-01
    units: [borgholm]
    alternatives: [{courses: [local]}]
"""

NURSE = PersonFacts(
    employments=(
        Employment(
            key=EMPLOYMENT, principal="municipality", profession="nurse", units=frozenset({"kalmar"}), **stamp()
        ),
    ),
    appointments=(Appointment(key="appointment:1", employment=EMPLOYMENT, role="prescriber", **stamp()),),
    authorisations=(
        Authorisation(key="authorisation:1", employment=EMPLOYMENT, right="shop.order", **stamp(at(2026, 1, 15))),
    ),
    completions=(completed("new", at(2025, 3, 1)), completed("product", at(2025, 4, 1))),
)


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(RULES)
    return loaded


def rules() -> RuleSet:
    return compile_rules(document(), 1)


def ask(
    facts: PersonFacts, right: str = "shop.order", *, when: datetime = NOW, known_at: datetime | None = None
) -> EligibilityDecision:
    return decide(facts, book_of(rules()), right, valid_at=when, known_at=known_at or at(2030, 1, 1))


def codes(decision: EligibilityDecision) -> list[str]:
    return [step.code.value for step in decision.missing]


# --- Equivalences and closed courses --------------------------------------------------------------------------------
def test_a_course_that_replaces_several_counts_as_each_of_them() -> None:
    decision = ask(NURSE)
    assert decision.outcome is Outcome.ALLOWED
    cited = next(r for r in decision.reasons if r.requirement == "basics")
    assert (cited.course, cited.since) == ("new", at(2025, 3, 1))


def test_an_equivalence_does_not_hold_before_its_day() -> None:
    early = replace(NURSE, completions=(completed("new", at(2024, 3, 1)), completed("product", at(2024, 4, 1))))
    authorised = replace(NURSE.authorisations[0], **stamp(at(2024, 6, 1)))
    early = replace(early, authorisations=(authorised,))
    assert codes(ask(early, when=at(2024, 11, 30))) == ["COURSE_MISSING"]
    assert "basics" in {m.requirement for m in ask(early, when=datetime(2025, 1, 21, 22, 59, tzinfo=UTC)).missing}
    assert "basics" not in {m.requirement for m in ask(early, when=datetime(2025, 1, 21, 23, 0, tzinfo=UTC)).missing}


def test_the_old_courses_are_offered_until_they_close_and_the_new_one_after() -> None:
    nothing = replace(NURSE, completions=())

    def offered(when: datetime) -> list[tuple[str, ...]]:
        step = next(m for m in ask(nothing, when=when).missing if m.requirement == "basics")
        return [alternative.courses for alternative in step.alternatives]

    assert offered(at(2024, 5, 1)) == [("old-a", "old-b")]
    assert offered(at(2025, 5, 1)) == [("new",)]


def test_both_old_courses_still_count_and_one_of_them_leaves_the_new_one_to_take() -> None:
    both = replace(NURSE, completions=tuple(completed(c) for c in ("old-a", "old-b", "product")))
    assert ask(both).outcome is Outcome.ALLOWED
    one = replace(NURSE, completions=tuple(completed(c) for c in ("old-a", "product")))
    # What remains of the old way is closed, so only the new course is offered.
    assert [a.courses for a in ask(one).missing[0].alternatives] == [("new",)]


def test_f27_equivalences_in_a_circle_are_refused() -> None:
    circular = document()
    circular["equivalences"].append({"courses": ["old-a"], "counts_as": ["new"]})
    with pytest.raises(RuleError) as error:
        compile_rules(circular, 1)
    assert error.value.place == "equivalences"
    assert "new" in error.value.what
    assert "old-a" in error.value.what


def test_equivalences_that_give_too_many_ways_are_refused() -> None:
    many = document()
    many["requirements"][1]["alternatives"] = [{"courses": [f"c{n}" for n in range(7)]}]
    many["equivalences"] = [{"courses": [f"d{n}"], "counts_as": [f"c{n}"]} for n in range(7)]
    with pytest.raises(RuleError) as error:
        compile_rules(many, 1)
    assert error.value.place == "requirements[1].alternatives"


def test_equivalences_in_a_chain_count() -> None:
    chained = document()
    chained["equivalences"].append({"courses": ["newest"], "counts_as": ["new"], "from": "2026-01-01"})
    facts = replace(NURSE, completions=(completed("newest", at(2025, 3, 1)), completed("product")))
    book = book_of(compile_rules(chained, 1))
    before, after = (
        decide(facts, book, "shop.order", valid_at=when, known_at=at(2030, 1, 1))
        for when in (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), at(2026, 2, 1))
    )
    assert "basics" in {m.requirement for m in before.missing}
    assert after.outcome is Outcome.ALLOWED


# --- Roles ----------------------------------------------------------------------------------------------------------
def test_an_appointment_to_a_replaced_role_counts_from_the_day_of_the_merger() -> None:
    old = Appointment(key="appointment:9", employment=EMPLOYMENT, role="prescriber-of-consumables", **stamp())
    facts = replace(
        NURSE,
        appointments=(old,),
        completions=tuple(completed(c) for c in ("old-a", "old-b", "product")),
        authorisations=(replace(NURSE.authorisations[0], **stamp(at(2024, 3, 1))),),
    )
    assert codes(ask(facts, when=at(2024, 5, 31))) == ["NOT_APPOINTED"]
    after = ask(facts, when=at(2024, 6, 1))
    assert after.outcome is Outcome.ALLOWED
    assert [(r.role, r.fact) for r in after.reasons if r.code == "APPOINTED"] == [("prescriber", "appointment:9")]


def test_a_profession_may_hold_a_role_without_being_appointed_and_be_exempt_from_a_requirement() -> None:
    physician = replace(
        NURSE,
        employments=(replace(NURSE.employments[0], profession="physician"),),
        appointments=(),
        completions=(completed("new"),),
    )
    decision = ask(physician)
    assert decision.outcome is Outcome.ALLOWED
    assert "HELD_BY_PROFESSION" in {r.code.value for r in decision.reasons}
    unknown = replace(physician, employments=(replace(NURSE.employments[0], profession=""),))
    assert codes(ask(unknown)) == ["NOT_APPOINTED", "COURSE_MISSING"]


def test_a_right_that_needs_no_application_follows_with_the_role() -> None:
    assistant = replace(
        NURSE,
        appointments=(replace(NURSE.appointments[0], role="assistant"),),
        authorisations=(),
    )
    assert ask(assistant, "shop.look").outcome is Outcome.ALLOWED


@pytest.mark.parametrize(
    ("when", "why"),
    [
        (at(2024, 12, 31), "the right is not in use yet"),
        (at(2025, 12, 31), "no role that carries it is in use yet"),
        (at(2027, 7, 1), "the system is no longer in use"),
    ],
)
def test_what_is_not_in_use_is_denied(when: datetime, why: str) -> None:
    assistant = replace(NURSE, appointments=(replace(NURSE.appointments[0], role="assistant"),))
    decision = ask(assistant, "shop.look", when=when)
    assert (decision.outcome, codes(decision), decision.reasons) == (Outcome.DENIED, ["RIGHT_NOT_IN_USE"], ()), why


def test_the_answer_tells_what_will_change_and_when() -> None:
    assistant = replace(NURSE, appointments=(replace(NURSE.appointments[0], role="assistant"),), authorisations=())
    decision = ask(assistant, "shop.look")
    assert decision.valid_until == datetime(2027, 6, 30, 22, 0, tzinfo=UTC)
    assert decision.next is not None
    assert [step.code.value for step in decision.next.missing] == ["RIGHT_NOT_IN_USE"]


def test_roles_that_replace_each_other_in_a_circle_are_refused() -> None:
    circular = document()
    circular["roles"]["assistant"]["replaces"] = [{"role": "prescriber", "from": "2026-01-01"}]
    circular["roles"]["prescriber"]["replaces"] = [{"role": "assistant", "from": "2026-01-01"}]
    with pytest.raises(RuleError, match="circle"):
        compile_rules(circular, 1)


# --- Requirements ---------------------------------------------------------------------------------------------------
def test_a_local_requirement_concerns_its_units_and_those_below() -> None:
    there = replace(NURSE, employments=(replace(NURSE.employments[0], units=frozenset({"home-care", "borgholm"})),))
    assert [m.requirement for m in ask(there).missing] == ["local"]
    assert ask(NURSE).missing == ()


def test_steps_stand_in_the_order_of_their_prerequisites_and_name_them() -> None:
    steps = [m for m in ask(replace(NURSE, completions=())).missing if m.requirement]
    assert [(m.requirement, m.after) for m in steps] == [("basics", ()), ("product", ("basics",))]
    # What was done in another order counts all the same.
    product_only = replace(NURSE, completions=(completed("product"),))
    assert [(m.requirement, m.after) for m in ask(product_only).missing] == [("basics", ())]


def test_prerequisites_in_a_circle_are_refused() -> None:
    circular = document()
    circular["requirements"][1]["after"] = ["product"]
    with pytest.raises(RuleError, match="circle") as error:
        compile_rules(circular, 1)
    assert error.value.place == "requirements"


def test_a_key_may_stand_again_for_another_time_but_not_for_the_same() -> None:
    again = document()
    again["requirements"][2]["to"] = "2024-12-31"
    later = {**again["requirements"][2], "from": "2025-01-01", "to": None, "title": "Kommunens nya kurs"}
    again["requirements"].append(later)
    compiled = compile_rules(again, 1)
    old, new = (compiled.requirement("local", when) for when in (at(2024, 5, 1), at(2025, 5, 1)))
    assert old is not None
    assert new is not None
    assert (old.title, new.title) == ("Kommunens kurs", "Kommunens nya kurs")
    later["from"] = "2024-12-31"
    with pytest.raises(RuleError) as error:
        compile_rules(again, 1)
    assert error.value.place == "requirements[3].key"


def test_a_written_delegation_is_another_way() -> None:
    delegated = replace(
        NURSE,
        completions=(completed("new"),),
        attestations=(Attestation(key="attestation:1", attestation="delegation", employment=EMPLOYMENT, **stamp()),),
    )
    assert ask(delegated).outcome is Outcome.ALLOWED


# --- Inactive, active again, closed ---------------------------------------------------------------------------------
def login(when: datetime) -> Login:
    return Login(key=f"login:{when:%Y%m%d}", system="shop", **stamp(when))


def test_an_inactive_right_wakes_by_a_log_in_until_it_is_closed() -> None:
    # Granted on 15 January 2026: inactive after 15 July, closed after 15 January 2027.
    asleep = ask(NURSE, when=at(2026, 8, 1))
    assert codes(asleep) == ["AUTHORISATION_INACTIVE"]
    assert asleep.missing[0].since == datetime(2026, 7, 15, 22, 0, tzinfo=UTC)
    assert asleep.missing[0].until == datetime(2027, 1, 15, 23, 0, tzinfo=UTC)

    awake = replace(NURSE, logins=(login(at(2026, 12, 1)),))
    assert ask(awake, when=at(2026, 11, 30)).outcome is Outcome.DENIED
    decision = ask(awake, when=at(2026, 12, 1))
    assert decision.outcome is Outcome.ALLOWED
    assert decision.valid_from == at(2026, 12, 1)
    assert decision.valid_until == datetime(2027, 6, 1, 22, 0, tzinfo=UTC)

    too_late = ask(replace(NURSE, logins=(login(at(2027, 1, 16)),)), when=at(2027, 1, 17))
    assert codes(too_late) == ["AUTHORISATION_INACTIVE"]
    assert too_late.missing[0].until is None


def test_a_right_revoked_while_inactive_was_revoked() -> None:
    revoked = replace(
        NURSE,
        authorisations=(ended(NURSE.authorisations[0], at(2026, 9, 1), EndingKind.REVOKED),),
        logins=(login(at(2026, 10, 1)),),
    )
    assert codes(ask(revoked, when=at(2026, 8, 31))) == ["AUTHORISATION_INACTIVE"]
    decision = ask(revoked, when=at(2026, 10, 2))
    assert [(m.code.value, m.since) for m in decision.missing] == [("REVOKED", at(2026, 9, 1))]


def test_closing_comes_after_inactivity() -> None:
    wrong = document()
    wrong["rights"]["shop.order"]["closing_months"] = 6
    with pytest.raises(RuleError) as error:
        compile_rules(wrong, 1)
    assert error.value.place == "rights.shop.order.closing_months"


def test_a_context_without_a_role_in_use_is_denied_but_an_unknown_one_is_an_error() -> None:
    decision = decide(
        NURSE,
        book_of(rules()),
        "shop.look",
        valid_at=at(2025, 6, 1),
        known_at=NOW,
        context=Context(role="assistant"),
    )
    assert codes(decision) == ["RIGHT_NOT_IN_USE"]
