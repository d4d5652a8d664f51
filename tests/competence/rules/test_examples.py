"""The rules of other regions, as data alone: typical people under each, allowed and denied, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.policy.document import compile_rules
from competence.policy.facts import Appointment, Attestation, Employment, Login, PersonFacts
from competence.policy.rules import Publication, RuleBook, RuleSet, rule_book
from competence.rule_documents.check import check_text
from competence.rule_documents.checks.references import Known
from lms.env import BASE_DIR
from lms.lib.clock import day_starts_at
from tests.competence.policy.people import ALLOWED, EMPLOYMENT, ask, at, book_of, codes, completed, stamp
from tests.competence.policy.people import authorised as authorised_for

FOLDER = Path(BASE_DIR) / "competence" / "rules"
EXAMPLES = ("vastmanland", "kalmar", "jonkoping", "skane", "nav")
ORDER = "websesam.forskriva"


@cache
def rules_of(name: str) -> RuleSet:
    courses = yaml.safe_load((FOLDER / "examples" / "courses.yaml").read_text(encoding="utf-8"))
    known = Known(courses={course["key"] for course in courses}, professions=(), units=())
    checked = check_text((FOLDER / "examples" / f"{name}.yaml").read_text(encoding="utf-8"), known)
    assert checked.faults == ()
    assert checked.rules is not None
    return checked.rules


def book(name: str) -> RuleBook:
    return book_of(rules_of(name))


def somebody(
    *courses: str,
    role: str = "",
    profession: str = "",
    right: str = "",
    authorised: datetime | None = None,
    **more: Any,
) -> PersonFacts:
    """Employed, appointed to `role`, with `right` granted and `courses` completed."""
    return PersonFacts(
        employments=(Employment(key=EMPLOYMENT, principal="vgr", profession=profession, **stamp()),),
        appointments=(Appointment(key="appointment:1", employment=EMPLOYMENT, role=role, **stamp()),) if role else (),
        authorisations=(authorised_for(right, authorised),) if right else (),
        completions=tuple(completed(course) for course in courses),
        **more,
    )


def steps(decision: EligibilityDecision) -> list[tuple[str, str | None]]:
    return [(step.code.value, step.requirement) for step in decision.missing]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_right_in_every_respect(name: str) -> None:
    assert rules_of(name).requirements


# --- Västmanland ----------------------------------------------------------------------------------------------------
def vastmanland(*courses: str, profession: str, role: str = "forskrivare") -> EligibilityDecision:
    person = somebody(*courses, role=role, profession=profession, right=ORDER)
    return ask(person, ORDER, book=book("vastmanland"), context=Context(role=role))


def test_vastmanland_exempts_physicians() -> None:
    assert vastmanland(profession="physician").outcome is Outcome.ALLOWED


def test_vastmanland_demands_both_courses_of_a_nurse_in_order() -> None:
    answer = vastmanland(profession="nurse")
    assert steps(answer) == [("COURSE_MISSING", "nationell"), ("COURSE_MISSING", "regional-grund")]
    assert [step.after for step in answer.missing] == [(), ("nationell",)]
    assert vastmanland("nationell-hjalpmedel", "vastmanland-grund", profession="nurse").outcome is Outcome.ALLOWED


@pytest.mark.parametrize("profession", ["occupational-therapist", "physiotherapist", "speech-therapist"])
def test_vastmanland_demands_the_course_in_websesam_of_three_professions(profession: str) -> None:
    answer = vastmanland("nationell-hjalpmedel", "vastmanland-grund", profession=profession)
    assert steps(answer) == [("COURSE_MISSING", "websesam")]


def test_vastmanlands_product_course_comes_after_the_others() -> None:
    answer = vastmanland(profession="physiotherapist", role="forskrivare-lyft")
    assert [step.requirement for step in answer.missing] == ["nationell", "regional-grund", "websesam", "lyft"]
    assert answer.missing[-1].after == ("nationell", "regional-grund", "websesam")
    everything = ("nationell-hjalpmedel", "vastmanland-grund", "vastmanland-websesam", "vastmanland-lyft")
    assert vastmanland(*everything, profession="physiotherapist", role="forskrivare-lyft").allowed


def test_vastmanlands_physician_needs_the_product_course_alone() -> None:
    answer = vastmanland(profession="physician", role="forskrivare-lyft")
    assert steps(answer) == [("COURSE_MISSING", "lyft")]


# --- Kalmar ---------------------------------------------------------------------------------------------------------
def kalmar(*logins: datetime, granted: datetime) -> EligibilityDecision:
    person = somebody(
        "kalmar-introduktion",
        role="forskrivare",
        right=ORDER,
        authorised=granted,
        logins=tuple(Login(key=f"login:{when}", system="websesam", **stamp(when)) for when in logins),
    )
    return ask(person, ORDER, book=book("kalmar"))


def test_kalmar_makes_inactive_after_six_months() -> None:
    assert kalmar(granted=at(2025, 10, 1)).allowed  # five months
    assert codes(kalmar(granted=at(2025, 8, 1))) == ["AUTHORISATION_INACTIVE"]  # seven


def test_kalmar_lets_a_log_in_make_it_active_again_within_twelve_months() -> None:
    assert kalmar(at(2026, 2, 1), granted=at(2025, 3, 1)).allowed


def test_kalmar_closes_after_twelve_months() -> None:
    assert codes(kalmar(at(2026, 3, 1), granted=at(2025, 1, 1))) == ["AUTHORISATION_INACTIVE"]


# --- Jönköping ------------------------------------------------------------------------------------------------------
def jonkoping(profession: str, group: str, *courses: str) -> EligibilityDecision:
    person = somebody(*courses, profession=profession)
    return ask(person, ORDER, book=book("jonkoping"), context=Context(product_group=group))


def test_jonkoping_gives_the_right_by_profession_and_area() -> None:
    answer = jonkoping("nurse", "inkontinens", "jonkoping-forskrivning")
    assert answer.allowed
    assert [reason.code.value for reason in answer.reasons] == ["EMPLOYED", "HELD_BY_PROFESSION", "REQUIREMENT_MET"]


def test_jonkoping_gives_a_nurse_no_right_in_another_area() -> None:
    assert codes(jonkoping("nurse", "forflyttning", "jonkoping-forskrivning")) == ["NOT_APPOINTED"]


def test_jonkoping_demands_the_course_all_the_same() -> None:
    assert codes(jonkoping("speech-therapist", "kommunikation")) == ["COURSE_MISSING"]


# --- Skåne ----------------------------------------------------------------------------------------------------------
def test_skanes_manager_may_delegate_in_writing() -> None:
    delegated = Attestation(key="attestation:1", attestation="skriftlig-delegering", employment=EMPLOYMENT, **stamp())
    with_it = somebody(role="forskrivare", right=ORDER, attestations=(delegated,))
    without = somebody(role="forskrivare", right=ORDER)
    assert ask(with_it, ORDER, book=book("skane")).allowed
    answer = ask(without, ORDER, book=book("skane"))
    assert codes(answer) == ["COURSE_MISSING"]
    assert [alternative.attestations for alternative in answer.missing[0].alternatives] == [
        (),
        ("skriftlig-delegering",),
    ]


# --- NAV ------------------------------------------------------------------------------------------------------------
COMMON, TEST, COURSE = "nav-nettkurs-bestilling", "nav-prove-forflytning", "nav-kurs-forflytning"


def nav(*courses: str, group: str = "forflytning") -> EligibilityDecision:
    person = somebody(*courses, role="bestiller-forflytning", right="nav.bestille")
    return ask(person, "nav.bestille", book=book("nav"), context=Context(product_group=group))


def test_nav_approves_by_e_learning_test_and_practical_course() -> None:
    assert nav(COMMON, TEST, COURSE).allowed
    answer = nav(COMMON, TEST)
    assert steps(answer) == [("COURSE_MISSING", "forflytning")]
    assert answer.missing[0].alternatives[0].courses == (COURSE,)


def test_nav_approves_for_one_product_group_at_a_time() -> None:
    assert "NOT_APPOINTED" in codes(nav(COMMON, TEST, COURSE, group="bad"))


# --- Västra Götaland over time --------------------------------------------------------------------------------------
def test_the_consumables_of_vastra_gotaland_were_renamed_in_2024() -> None:
    titles = []
    names = [f"vastra_gotaland/{day}" for day in ("2023-01-01", "2024-01-01", "2025-01-22")]
    for name in (*names, "vastra_gotaland"):
        checked = check_text((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        assert checked.faults == ()
        assert checked.rules is not None
        titles.append(checked.rules.roles["prescriber-consumables"].title)
        assert ("orderer" in checked.rules.roles) is ("2023" not in name)
    assert titles == [
        "Förskrivare av läkemedelsnära produkter",
        "Förskrivare av förbrukningsartiklar",
        "Förskrivare av förbrukningsartiklar",
        "Förskrivare av förbrukningsartiklar",
    ]


@pytest.mark.parametrize(
    ("principal", "day", "allowed"),
    [
        ("vgr", "2025-02-28", True),
        ("vgr", "2025-03-01", False),
        ("municipality", "2025-02-28", True),
        ("municipality", "2025-03-01", True),
    ],
)
def test_since_march_2025_the_regions_own_prescribers_create_no_withdrawals(
    principal: str, day: str, allowed: bool
) -> None:
    listed = yaml.safe_load((FOLDER / "vastra_gotaland" / "versions.yaml").read_text(encoding="utf-8"))
    publications = []
    for number, one in enumerate(listed, 1):
        text = (FOLDER / "vastra_gotaland" / one["file"]).resolve().read_text(encoding="utf-8")
        starts_at = day_starts_at(one["in_force_from"])
        publications.append(Publication(compile_rules(yaml.safe_load(text), number), starts_at, starts_at))
    courses = ("national-forbrukningsartiklar", "regional-lmn", "regional-forskrivare")
    person = somebody(*courses, role="prescriber-consumables", right="sesamlmn.order")
    person = replace(person, employments=tuple(replace(one, principal=principal) for one in person.employments))
    answer = ask(
        person,
        "sesamlmn.withdrawal",
        book=rule_book(publications),
        valid_at=day_starts_at(date.fromisoformat(day)),
    )
    assert answer.allowed is allowed, answer.missing
    if not allowed:
        assert codes(answer) == ["RIGHT_NOT_FOR_PRINCIPAL"]


def test_an_old_regional_course_counts_for_its_own_area_and_no_wider() -> None:
    old = somebody("national-hjalpmedel", "regional-rorelse", role="prescriber-mobility", right="websesam.health-care")
    levels = ALLOWED.level_decisions
    assert ask(replace(old, level_decisions=levels)).allowed
    other = somebody(
        "national-hjalpmedel", "regional-rorelse", role="prescriber-medical-treatment", right="websesam.health-care"
    )
    answer = ask(replace(other, level_decisions=levels), context=Context(role="prescriber-medical-treatment"))
    assert steps(answer) == [("COURSE_MISSING", "regional-medical-treatment")]
    assert answer.missing[0].alternatives[0].courses == ("regional-forskrivare",)
