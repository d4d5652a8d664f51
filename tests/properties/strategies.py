"""Random rules, facts and questions, small enough that they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from competence.policy.decision import Context
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
from competence.policy.rules import (
    Gate,
    Option,
    Publication,
    Requirement,
    Right,
    Role,
    RuleBook,
    RuleSet,
    rule_book,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COURSES = ("course-a", "course-b", "course-c")
ATTESTATIONS = ("attest-x", "attest-y")
ROLES = ("role-1", "role-2")
RIGHTS = ("system.small", "system.large")
EMPLOYMENTS = ("employment:1", "employment:2")
PRINCIPALS = ("vgr", "municipality")

# Times lie on a coarse grid over three years, so that they coincide often.
instants = st.integers(0, 36).map(lambda n: START + timedelta(days=30 * n))
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
appointments = st.builds(Appointment, **_common("appointment"), employment=employment, role=st.sampled_from(ROLES))
suspensions = st.builds(Suspension, **_common("suspension"), employment=employment)


@st.composite
def person_facts(draw: st.DrawFn) -> PersonFacts:
    employments = tuple(
        draw(
            st.builds(
                Employment,
                **(_common("x") | {"key": st.just(key)}),
                principal=st.sampled_from(PRINCIPALS),
                profession=st.sampled_from(("", "nurse")),
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
                    role=st.sampled_from((None, *ROLES)),
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


@st.composite
def options(draw: st.DrawFn) -> Option:
    courses = draw(st.lists(st.sampled_from(COURSES), max_size=2, unique=True))
    attestations = draw(st.lists(st.sampled_from(ATTESTATIONS), min_size=0 if courses else 1, max_size=1, unique=True))
    return Option(
        courses=tuple(courses),
        attestations=tuple(attestations),
        only_for_level=draw(st.sampled_from((None, None, Level.BASIC))),
        is_closed=False,
    )


@st.composite
def rule_sets(draw: st.DrawFn, version: int = 1) -> RuleSet:
    roles = {
        key: Role(
            key=key,
            title=key,
            needs_level_decision=draw(st.booleans()),
            product_groups=frozenset({f"group-{key}"}) if draw(st.booleans()) else frozenset(),
        )
        for key in ROLES
    }
    small, large = RIGHTS
    months = st.sampled_from((None, None, 6))
    rights = {
        small: Right(key=small, title=small, system="system", roles=(ROLES[0],), inactivity_months=draw(months)),
        large: Right(
            key=large,
            title=large,
            system="system",
            roles=ROLES,
            includes=frozenset({small}),
            needs_customer_number=draw(st.booleans()),
            principals=draw(st.sampled_from((None, frozenset({"vgr"})))),
            inactivity_months=draw(months),
        ),
    }
    requirements = tuple(
        draw(
            st.builds(
                Requirement,
                key=st.just(f"req-{index}"),
                title=st.just(""),
                scope=st.just("regional"),
                roles=st.sets(st.sampled_from(ROLES), min_size=1).map(frozenset),
                options=st.lists(options(), min_size=1, max_size=2).map(
                    # One option for every level, so that a requirement can be met at all.
                    lambda found: (*found, Option(courses=(COURSES[0],)))
                ),
                start=st.one_of(st.just(LONG_AGO), instants),
                end=ends,
                gate=st.sampled_from(Gate),
                principals=st.sampled_from((None, frozenset({"vgr"}))),
                professions=st.sampled_from((None, frozenset({"nurse"}))),
                validity_months=st.sampled_from((None, 12)),
                grace_days=st.sampled_from((0, 0, 45)),
                grandfathered_before=st.one_of(st.none(), instants),
            )
        )
        for index in range(draw(st.integers(0, 2)))
    )
    return RuleSet(version=version, roles=roles, rights=rights, requirements=requirements)


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
