"""Each code of the decision, in the situation that it is for. `docs/eligibility.md` has the same rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from competence.policy.decision import Context, Outcome
from competence.policy.evaluate import UnanswerableQuestion
from competence.policy.facts import (
    UNKNOWN_PERSON,
    Appointment,
    Attestation,
    Employment,
    EndingKind,
    Exemption,
    Level,
    LevelDecision,
    Login,
    Suspension,
)
from competence.policy.rules import NoRules, Requirement, RuleSet
from tests.competence.policy.people import (
    ALLOWED,
    EMPLOYMENT,
    HEALTH_CARE,
    LONG_AGO,
    MOBILITY,
    NOW,
    ask,
    at,
    authorised,
    book_of,
    codes,
    completed,
    ended,
    real_rules,
    stamp,
)

TICK = timedelta(microseconds=1)


def with_requirement(**changes: object) -> RuleSet:
    """The real rules with the regional mobility requirement changed."""
    rules = real_rules()

    def changed(requirement: Requirement) -> Requirement:
        return replace(requirement, **changes) if requirement.key == "regional-mobility" else requirement  # type: ignore[arg-type]

    return replace(rules, requirements=tuple(changed(r) for r in rules.requirements))


def test_somebody_with_everything_is_allowed_and_told_why() -> None:
    decision = ask(ALLOWED)
    assert decision.outcome is Outcome.ALLOWED
    assert codes(decision) == []
    assert [r.code.value for r in decision.reasons] == [
        "EMPLOYED",
        "APPOINTED",
        "REQUIREMENT_MET",
        "REQUIREMENT_MET",
        "AUTHORISED",
    ]
    assert decision.reasons[2].course == "national-hjalpmedel"


def test_unknown_person() -> None:
    decision = ask(UNKNOWN_PERSON)
    assert decision.outcome is Outcome.DENIED
    assert codes(decision)[0] == "UNKNOWN_PERSON"


def test_not_employed() -> None:
    left = replace(ALLOWED, employments=(ended(ALLOWED.employments[0], at(2026, 1, 1)),))
    decision = ask(left)
    assert decision.outcome is Outcome.DENIED
    # Appointment, level and right ended with the employment; the courses follow the person.
    assert codes(decision) == ["NOT_EMPLOYED", "NOT_APPOINTED", "LEVEL_NOT_DECIDED", "NOT_AUTHORISED"]


def test_not_appointed() -> None:
    assert codes(ask(replace(ALLOWED, appointments=()))) == ["NOT_APPOINTED"]


def test_a_revoked_appointment_says_revoked() -> None:
    revoked = ended(ALLOWED.appointments[0], at(2026, 2, 1), EndingKind.REVOKED)
    decision = ask(replace(ALLOWED, appointments=(revoked,)))
    assert [(m.code.value, m.role) for m in decision.missing] == [("REVOKED", MOBILITY)]


def test_an_appointment_that_ran_out_is_not_a_revocation() -> None:
    over = replace(ALLOWED.appointments[0], end=at(2026, 2, 1))
    assert codes(ask(replace(ALLOWED, appointments=(over,)))) == ["NOT_APPOINTED"]


def test_level_not_decided() -> None:
    assert codes(ask(replace(ALLOWED, level_decisions=()))) == ["LEVEL_NOT_DECIDED"]


def test_course_missing_offers_only_what_can_still_be_taken() -> None:
    decision = ask(replace(ALLOWED, completions=(completed("national-hjalpmedel"),)))
    assert codes(decision) == ["COURSE_MISSING"]
    assert [a.courses for a in decision.missing[0].alternatives] == [("regional-forskrivare",)]


def test_an_old_regional_course_counts_for_its_own_area_and_no_other() -> None:
    facts = replace(
        ALLOWED,
        completions=(completed("national-hjalpmedel"), completed("regional-rorelse")),
        appointments=(
            *ALLOWED.appointments,
            Appointment(key="appointment:2", employment=EMPLOYMENT, role="prescriber-medical-treatment", **stamp()),
        ),
    )
    assert ask(facts, context=Context(product_group="rorelse")).allowed
    other = ask(facts, context=Context(product_group="medicinsk-behandling"))
    assert codes(other) == ["COURSE_MISSING"]
    assert ask(facts).allowed  # asked without a group: some prescribing is allowed


@pytest.mark.parametrize(
    ("level", "missing"),
    [(Level.BASIC, []), (Level.FULL, ["COURSE_MISSING"])],
    ids=["basic level decided", "full course decided"],
)
def test_the_basic_level_counts_only_by_the_managers_decision(level: Level, missing: list[str]) -> None:
    facts = replace(
        ALLOWED,
        completions=(completed("regional-forskrivare"),),
        level_decisions=(LevelDecision(key="level:1", employment=EMPLOYMENT, level=level, **stamp()),),
        attestations=(Attestation(key="attestation:1", attestation="national-hjalpmedel-basic", **stamp()),),
    )
    assert codes(ask(facts)) == missing


def test_course_expired_at_the_end_of_the_local_day() -> None:
    book = book_of(with_requirement(validity_months=12))
    facts = replace(
        ALLOWED, completions=(completed("national-hjalpmedel"), completed("regional-forskrivare", at(2025, 3, 2, 9)))
    )
    # Completed on 2 March 2025: valid through 2 March 2026, Stockholm.
    last = at(2026, 3, 2, 23)
    assert ask(facts, valid_at=last - TICK, known_at=last, book=book).outcome is Outcome.ALLOWED
    expired = ask(facts, valid_at=last, known_at=last, book=book)
    assert codes(expired) == ["COURSE_EXPIRED"]
    assert expired.missing[0].since == last
    assert ask(facts, valid_at=NOW, known_at=last, book=book).valid_until == last


def test_grace_after_expiry_warns_before_it_denies() -> None:
    book = book_of(with_requirement(validity_months=12, grace_days=30))
    facts = replace(
        ALLOWED, completions=(completed("national-hjalpmedel"), completed("regional-forskrivare", at(2025, 3, 2, 9)))
    )
    in_grace = ask(facts, valid_at=at(2026, 3, 20), known_at=at(2026, 3, 20), book=book)
    assert in_grace.outcome is Outcome.ALLOWED_WITH_WARNING
    assert codes(in_grace) == ["COURSE_EXPIRED"]
    assert ask(facts, valid_at=at(2026, 4, 2), known_at=at(2026, 4, 2), book=book).outcome is Outcome.DENIED


def test_attestation_missing() -> None:
    facts = replace(
        ALLOWED,
        appointments=(Appointment(key="a", employment=EMPLOYMENT, role="orderer", **stamp()),),
        authorisations=(authorised("websesam.unit"),),
    )
    decision = ask(facts, "websesam.unit")
    assert codes(decision) == ["ATTESTATION_MISSING"]
    assert decision.missing[0].alternatives[0].attestations == ("unit-introduction",)


def test_exempted() -> None:
    facts = replace(
        ALLOWED,
        completions=(completed("national-hjalpmedel"),),
        exemptions=(Exemption(key="x", requirement="regional-mobility", **stamp()),),
    )
    decision = ask(facts)
    assert decision.allowed
    assert "EXEMPTED" in [r.code.value for r in decision.reasons]


def test_grandfathered() -> None:
    book = book_of(with_requirement(grandfathered_before=at(2024, 1, 1)))
    decision = ask(replace(ALLOWED, completions=(completed("national-hjalpmedel"),)), book=book)
    assert decision.allowed
    assert "GRANDFATHERED" in [r.code.value for r in decision.reasons]
    late = replace(
        ALLOWED,
        completions=(completed("national-hjalpmedel"),),
        appointments=(replace(ALLOWED.appointments[0], start=at(2024, 1, 1)),),
    )
    assert codes(ask(late, book=book)) == ["COURSE_MISSING"]


def test_who_would_be_grandfathered_once_appointed_is_not_told_to_take_the_course() -> None:
    book = book_of(with_requirement(grandfathered_before=at(2027, 1, 1)))
    facts = replace(ALLOWED, completions=(completed("national-hjalpmedel"),), appointments=())
    assert codes(ask(facts, book=book)) == ["NOT_APPOINTED"]


def test_requirement_recommended_in_social_care() -> None:
    facts = replace(
        ALLOWED,
        employments=(replace(ALLOWED.employments[0], principal="municipality"),),
        appointments=(Appointment(key="a", employment=EMPLOYMENT, role="social-care-orderer", **stamp()),),
        authorisations=(authorised("websesam.social-care"),),
        completions=(),
    )
    decision = ask(facts, "websesam.social-care")
    assert decision.outcome is Outcome.ALLOWED_WITH_WARNING
    assert [r.code.value for r in decision.reasons][-2:] == ["REQUIREMENT_RECOMMENDED", "AUTHORISED"]
    assert [(m.code.value, m.is_blocking) for m in decision.missing] == [("COURSE_MISSING", False)]


def test_right_not_for_principal() -> None:
    facts = replace(
        ALLOWED,
        appointments=(Appointment(key="a", employment=EMPLOYMENT, role="social-care-orderer", **stamp()),),
        authorisations=(authorised("websesam.social-care"),),
    )
    assert "RIGHT_NOT_FOR_PRINCIPAL" in codes(ask(facts, "websesam.social-care"))


def test_suspended_and_back() -> None:
    leave = Suspension(key="s", employment=EMPLOYMENT, **stamp(at(2026, 2, 1)))
    assert codes(ask(replace(ALLOWED, suspensions=(leave,)))) == ["SUSPENDED"]
    back = ended(leave, at(2026, 3, 1))
    assert ask(replace(ALLOWED, suspensions=(back,))).allowed


def test_not_authorised() -> None:
    assert codes(ask(replace(ALLOWED, authorisations=()))) == ["NOT_AUTHORISED"]


def test_authorisation_not_started() -> None:
    ahead = replace(authorised(start=at(2026, 4, 1)), recorded_at=LONG_AGO)
    decision = ask(replace(ALLOWED, authorisations=(ahead,)))
    assert codes(decision) == ["AUTHORISATION_NOT_STARTED"]
    assert decision.valid_until == at(2026, 4, 1)  # denied until then


def test_authorisation_ended() -> None:
    over = authorised(end=at(2026, 2, 1))
    assert codes(ask(replace(ALLOWED, authorisations=(over,)))) == ["AUTHORISATION_ENDED"]


def test_authorisation_inactive_after_twelve_months_without_a_log_in() -> None:
    old = authorised(start=at(2025, 1, 10, 8))
    assert codes(ask(replace(ALLOWED, authorisations=(old,)))) == ["AUTHORISATION_INACTIVE"]
    login = Login(key="l", system="websesam", **stamp(at(2025, 12, 1)))
    assert ask(replace(ALLOWED, authorisations=(old,), logins=(login,))).allowed
    other_system = replace(login, system="sesamlmn")
    assert not ask(replace(ALLOWED, authorisations=(old,), logins=(other_system,))).allowed


def test_a_log_in_after_the_lapse_does_not_wake_the_right() -> None:
    old = authorised(start=at(2025, 1, 10, 8))
    late = Login(key="l", system="websesam", **stamp(at(2026, 2, 1)))
    assert codes(ask(replace(ALLOWED, authorisations=(old,), logins=(late,)))) == ["AUTHORISATION_INACTIVE"]


def test_revoked() -> None:
    revoked = ended(authorised(), at(2026, 3, 1), EndingKind.REVOKED)
    decision = ask(replace(ALLOWED, authorisations=(revoked,)))
    assert [(m.code.value, m.right) for m in decision.missing] == [("REVOKED", HEALTH_CARE)]


def test_an_answer_of_before_the_revocation_stays_explained() -> None:
    revoked = ended(authorised(), at(2026, 3, 1), EndingKind.REVOKED)
    facts = replace(ALLOWED, authorisations=(revoked,))
    assert ask(facts, known_at=at(2026, 3, 1) - TICK).allowed
    assert not ask(facts, known_at=at(2026, 3, 1)).allowed


def test_a_corrected_fact_never_held_but_was_believed() -> None:
    wrong = ended(completed("regional-forskrivare"), at(2026, 3, 1), EndingKind.CORRECTED)
    facts = replace(ALLOWED, completions=(completed("national-hjalpmedel"), wrong))
    assert not ask(facts, valid_at=at(2026, 2, 1)).allowed
    assert ask(facts, valid_at=at(2026, 2, 1), known_at=at(2026, 2, 20)).allowed


def test_a_greater_right_includes_the_right_to_order_for_the_unit() -> None:
    decision = ask(ALLOWED, "websesam.unit")
    assert decision.allowed
    assert decision.granting_right == HEALTH_CARE


def test_two_employers_the_right_holds_only_where_it_was_given() -> None:
    other = Employment(key="employment:2", principal="municipality", identity="SE2", **stamp())
    facts = replace(ALLOWED, employments=(*ALLOWED.employments, other))
    assert ask(facts, context=Context(identity="SE1")).allowed
    assert not ask(facts, context=Context(identity="SE2")).allowed


def test_a_right_per_customer_number_holds_for_that_number() -> None:
    facts = replace(
        ALLOWED,
        appointments=(Appointment(key="a", employment=EMPLOYMENT, role="prescriber-consumables", **stamp()),),
        completions=(completed("national-forbrukningsartiklar"), completed("regional-lmn")),
        authorisations=(authorised("sesamlmn.order", customer_number="123456"),),
    )
    assert ask(facts, "sesamlmn.order", context=Context(customer_number="123456")).allowed
    assert codes(ask(facts, "sesamlmn.order", context=Context(customer_number="654321"))) == ["NOT_AUTHORISED"]


def test_one_course_that_meets_two_requirements_is_one_step() -> None:
    rules = real_rules()
    twin = replace(next(r for r in rules.requirements if r.key == "regional-mobility"), key="twin")
    book = book_of(replace(rules, requirements=(*rules.requirements, twin)))
    decision = ask(replace(ALLOWED, completions=(completed("national-hjalpmedel"),)), book=book)
    assert len(decision.missing) == 1
    assert {decision.missing[0].requirement, *decision.missing[0].also_meets} == {"regional-mobility", "twin"}


@pytest.mark.parametrize(
    ("right", "context", "what"),
    [
        ("no.such-right", Context(), "right"),
        (HEALTH_CARE, Context(product_group="no-such-group"), "product_group"),
        (HEALTH_CARE, Context(role="no-such-role"), "role"),
    ],
)
def test_a_question_that_the_rules_do_not_know_is_an_error_and_no_permit(
    right: str, context: Context, what: str
) -> None:
    with pytest.raises(UnanswerableQuestion) as error:
        ask(ALLOWED, right, context=context)
    assert error.value.what == what


def test_without_rules_there_is_an_error_and_no_permit() -> None:
    with pytest.raises(NoRules):
        ask(ALLOWED, valid_at=at(2022, 1, 1))
    with pytest.raises(NoRules):
        ask(ALLOWED, known_at=LONG_AGO - TICK)
