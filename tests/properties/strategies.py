"""Random rules, facts and questions, small enough that they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from competence.policy.decision import Context
from competence.policy.document import compile_rules
from competence.policy.facts import (
    Appointment,
    Attestation,
    Authorisation,
    Completion,
    Employment,
    Ending,
    EndingKind,
    Exemption,
    Fact,
    Level,
    LevelDecision,
    Login,
    PersonFacts,
    Suspension,
)
from competence.policy.rules import Publication, RuleBook, RuleSet, rule_book
from lms.lib.clock import day_starts_at

START = date(2024, 1, 1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COURSES = ("course-a", "course-b", "course-c")
ATTESTATIONS = ("attest-x", "attest-y")
ROLES = ("role-1", "role-2")
FORMER = "former"
RIGHTS = ("system.small", "system.large")
EMPLOYMENTS = ("employment:1", "employment:2")
PRINCIPALS = ("vgr", "municipality")
UNITS = ("ward", "hospital")

# Times lie on a coarse grid over three years, so that they coincide often.
days = st.integers(0, 36).map(lambda n: START + timedelta(days=30 * n))
instants = days.map(day_starts_at)
ends = st.one_of(st.none(), instants)


@dataclass(frozen=True)
class Case:
    """A whole question."""

    facts: PersonFacts
    book: RuleBook
    right: str
    context: Context
    valid_at: datetime
    known_at: datetime


endings = st.lists(
    st.builds(Ending, at=instants, kind=st.sampled_from(EndingKind), recorded_at=instants), max_size=2
).map(tuple)


def _common(prefix: str) -> dict[str, st.SearchStrategy[object]]:
    return {
        "key": st.integers(0, 9999).map(lambda n: f"{prefix}:{n}"),
        "start": instants,
        "end": ends,
        "recorded_at": instants,
        "endings": endings,
    }


F = TypeVar("F", bound=Fact)


def _many(strategy: st.SearchStrategy[F], size: int = 3) -> st.SearchStrategy[tuple[F, ...]]:
    return st.lists(strategy, max_size=size, unique_by=lambda fact: fact.key).map(tuple)


employment = st.sampled_from(EMPLOYMENTS)
completions = st.builds(Completion, **(_common("completion") | {"end": st.none(), "course": st.sampled_from(COURSES)}))
authorisations = st.builds(
    Authorisation,
    **_common("authorisation"),
    employment=employment,
    right=st.sampled_from(RIGHTS),
    customer_number=st.sampled_from(("", "111111")),
)
appointments = st.builds(
    Appointment, **_common("appointment"), employment=employment, role=st.sampled_from((*ROLES, FORMER))
)
suspensions = st.builds(Suspension, **_common("suspension"), employment=employment)


@st.composite
def person_facts(draw: st.DrawFn) -> PersonFacts:
    employments = tuple(
        draw(
            st.builds(
                Employment,
                **(_common("x") | {"key": st.just(key)}),
                principal=st.sampled_from(PRINCIPALS),
                profession=st.sampled_from(("", "nurse", "doctor")),
                units=st.sampled_from((frozenset(), frozenset(UNITS), frozenset(UNITS[1:]))),
                identity=st.sampled_from((None, "SE1")),
            )
        )
        for key in EMPLOYMENTS[: draw(st.integers(0, 2))]
    )
    return PersonFacts(
        employments=employments,
        appointments=draw(_many(appointments)),
        level_decisions=draw(
            _many(
                st.builds(
                    LevelDecision,
                    **_common("level"),
                    employment=employment,
                    level=st.sampled_from(Level),
                    role=st.sampled_from((None, *ROLES, FORMER)),
                ),
                2,
            )
        ),
        attestations=draw(
            _many(
                st.builds(
                    Attestation,
                    **_common("attestation"),
                    employment=st.one_of(st.none(), employment),
                    attestation=st.sampled_from(ATTESTATIONS),
                )
            )
        ),
        exemptions=draw(
            _many(
                st.builds(
                    Exemption,
                    **_common("exemption"),
                    employment=st.one_of(st.none(), employment),
                    requirement=st.sampled_from(("req-0", "req-1")),
                ),
                1,
            )
        ),
        suspensions=draw(_many(suspensions, 1)),
        authorisations=draw(_many(authorisations)),
        logins=draw(_many(st.builds(Login, **(_common("login") | {"end": st.none()}), system=st.just("system")), 2)),
        completions=draw(_many(completions, 4)),
    )


periods = st.one_of(
    st.just({}),
    st.just({}),
    st.builds(lambda day: {"from": day}, days),
    st.builds(lambda day: {"to": day}, days),
    st.builds(lambda one, other: {"from": min(one, other), "to": max(one, other)}, days, days),
)


def _maybe(draw: st.DrawFn, name: str, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    """The field in one case of four."""
    return {name: draw(values)} if draw(st.integers(0, 3)) == 3 else {}


@st.composite
def alternatives(draw: st.DrawFn) -> dict[str, Any]:
    courses = draw(st.lists(st.sampled_from(COURSES), max_size=2, unique=True))
    attestations = draw(st.lists(st.sampled_from(ATTESTATIONS), min_size=0 if courses else 1, max_size=1, unique=True))
    return {
        "courses": courses,
        "attestations": attestations,
        **_maybe(draw, "only_for_level", st.just("basic")),
        **_maybe(draw, "is_closed", st.booleans()),
    }


@st.composite
def requirements(draw: st.DrawFn, index: int) -> dict[str, Any]:
    return {
        "key": f"req-{index}",
        "title": f"req-{index}",
        "scope": "regional",
        "roles": sorted(draw(st.sets(st.sampled_from(ROLES), min_size=1))),
        "gate": draw(st.sampled_from(("block", "warn", "report"))),
        "from": date(2000, 1, 1),
        **draw(periods),
        # One alternative for every level, so that a requirement can be met at all.
        "alternatives": [*draw(st.lists(alternatives(), min_size=1, max_size=2)), {"courses": [COURSES[0]]}],
        "after": ["req-0"] if index and draw(st.booleans()) else [],
        **_maybe(draw, "principals", st.just(["vgr"])),
        **draw(st.sampled_from(({}, {}, {}, {"professions": ["nurse"]}, {"exempt_professions": ["nurse"]}))),
        **_maybe(draw, "units", st.just([UNITS[0]])),
        **_maybe(draw, "validity_months", st.just(12)),
        **_maybe(draw, "grace_days", st.just(45)),
        **_maybe(draw, "grandfathered_before", days),
    }


@st.composite
def roles(draw: st.DrawFn, key: str) -> dict[str, Any]:
    return {
        "title": key,
        "needs_level_decision": draw(st.booleans()),
        "product_groups": [f"group-{key}"] if draw(st.booleans()) else [],
        **_maybe(draw, "replaces", st.builds(lambda day: [{"role": FORMER, "from": day}], days)),
        **_maybe(draw, "held_by_professions", st.just(["doctor"])),
        **_maybe(draw, "to", days),
    }


@st.composite
def rights(draw: st.DrawFn, key: str) -> dict[str, Any]:
    is_large = key == RIGHTS[1]
    return {
        "title": key,
        "system": "system",
        "roles": list(ROLES) if is_large else [ROLES[0]],
        "includes": [RIGHTS[0]] if is_large else [],
        "needs_customer_number": is_large and draw(st.booleans()),
        **_maybe(draw, "needs_application", st.just(False)),
        **(_maybe(draw, "principals", st.just(["vgr"])) if is_large else {}),
        **draw(
            st.sampled_from(
                ({}, {}, {"inactivity_months": 6}, {"inactivity_months": 6, "closing_months": 9}),
            )
        ),
        **_maybe(draw, "to", days),
    }


@st.composite
def rule_sets(draw: st.DrawFn, version: int = 1) -> RuleSet:
    """Compiled from a document, as every rule set is."""
    document = {
        "name": "rules",
        "description": "rules",
        "systems": {
            "system": {"title": "system", **_maybe(draw, "from", days.map(lambda day: day - timedelta(days=2000)))}
        },
        "product_groups": {f"group-{key}": key for key in ROLES},
        "attestations": dict(zip(ATTESTATIONS, ATTESTATIONS, strict=True)),
        "professions": {"nurse": "nurse", "doctor": "doctor"},
        "closed_courses": _maybe(draw, COURSES[1], days),
        "roles": {key: draw(roles(key)) for key in ROLES},
        "rights": {key: draw(rights(key)) for key in RIGHTS},
        "equivalences": [
            {"courses": [COURSES[2]], "counts_as": counts_as, **draw(periods)}
            for counts_as in draw(st.sampled_from(([], [[COURSES[0]]], [[COURSES[1], COURSES[0]]])))
        ],
        "requirements": [draw(requirements(index)) for index in range(draw(st.integers(0, 2)))],
    }
    return compile_rules(document, version)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    first = Publication(draw(rule_sets(1)), LONG_AGO, LONG_AGO)
    if draw(st.booleans()):
        return rule_book([first])
    return rule_book([first, Publication(draw(rule_sets(2)), draw(instants), draw(instants))])


contexts = st.builds(
    Context,
    customer_number=st.sampled_from((None, "111111")),
    identity=st.sampled_from((None, "SE1", "SE2")),
    principals=st.sampled_from((None, frozenset({"vgr"}))),
)
cases = st.builds(
    Case,
    facts=person_facts(),
    book=books(),
    right=st.sampled_from(RIGHTS),
    context=contexts,
    valid_at=instants,
    known_at=instants,
)
