"""Random facts about one person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from competence.policy.facts import (
    UNKNOWN_PERSON,
    Appointment,
    Attestation,
    Authorisation,
    Completion,
    Employment,
    Ending,
    EndingKind,
    Exemption,
    Level,
    LevelDecision,
    Login,
    PersonFacts,
    Suspension,
)
from tests.reference.days import ONE_DAY, first_instant
from tests.reference.rule_documents import (
    ATTESTATIONS,
    COURSES,
    FORMER_ROLES,
    PRINCIPALS,
    PROFESSIONS,
    REQUIREMENTS,
    RIGHTS,
    ROLES,
    SYSTEMS,
    UNITS,
    Entry,
)

RECORDED_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
EMPLOYMENTS = ("employment:1", "employment:2", "employment:10")
KINDS = (EndingKind.ENDED, EndingKind.ENDED, EndingKind.REVOKED, EndingKind.REVOKED, EndingKind.CORRECTED)


class Maker:
    """Makes the facts of one history."""

    def __init__(self, random: Random, days: list[date]) -> None:
        self.random = random
        self.days = days
        self.numbers = random.sample(range(1, 60), 59)

    def chance(self, likely: float) -> bool:
        return self.random.random() < likely

    def day(self) -> datetime:
        return first_instant(self.random.choice(self.days))

    def key(self, kind: str) -> str:
        return f"{kind}:{self.numbers.pop()}"

    def period(self, key: str, *, settled: bool, is_instant: bool = False) -> dict[str, Any]:
        """Key, start, end, when recorded and endings. A settled fact began early, and seldom ends."""
        start = first_instant(self.days[0]) if settled and self.chance(0.8) else self.day()
        if is_instant:
            start += timedelta(hours=self.random.choice((0, 7, 12)))
        end = None
        if not is_instant and self.chance(0.1 if settled else 0.4):
            last = self.random.choice(self.days)
            end = first_instant(last + ONE_DAY)
            if end <= start:
                end = None
        recorded = self.day() if self.chance(0.1 if settled else 0.2) else RECORDED_LONG_AGO
        return {"key": key, "start": start, "end": end, "recorded_at": recorded, "endings": self.endings(settled)}

    def endings(self, settled: bool) -> tuple[Ending, ...]:
        found: list[Ending] = []
        while len(found) < 3 and self.chance(0.05 if settled else 0.2):
            at = self.day() + timedelta(hours=self.random.choice((0, 0, 12)))
            recorded = at if self.chance(0.5) else self.day()
            found.append(Ending(at, self.random.choice(KINDS), recorded))
        return tuple(found)

    def employments(self, settled: bool) -> list[Employment]:
        made = []
        for key in EMPLOYMENTS[: self.random.choice((1, 1, 1, 2, 2, 3) if settled else (0, 1, 1, 2, 3))]:
            depth = self.random.randint(0, 3)
            made.append(
                Employment(
                    **self.period(key, settled=settled),
                    principal=self.random.choice((*PRINCIPALS, "vgr", "vgr")) if self.chance(0.97) else "",
                    units=frozenset(UNITS[:depth]),
                    profession=self.random.choice((*PROFESSIONS, "")),
                    identity=self.random.choice((None, "SE1", "SE1", "SE2")),
                )
            )
        self.random.shuffle(made)
        return made


def make_person(random: Random, days: list[date], document: Entry) -> PersonFacts:
    """Somebody: settled as `document` wants it, or at random."""
    if random.random() < 0.01:
        return UNKNOWN_PERSON
    make = Maker(random, days)
    settled = random.random() < 0.85
    employments = make.employments(settled)
    rows: dict[str, list[Any]] = {
        name: []
        for name in ("appointments", "level_decisions", "attestations", "exemptions", "authorisations", "completions")
    }
    if settled:
        for employment in employments:
            _settle(make, document, employment.key, rows)
    _add_at_random(make, [e.key for e in employments], rows, 0.25 if settled else 1.0)
    logins = [
        Login(**make.period(make.key("login"), settled=False, is_instant=True), system=random.choice(SYSTEMS))
        for _number in range(random.choice((0, 0, 1, 2, 3)))
    ]
    suspensions = [
        Suspension(**make.period(make.key("suspension"), settled=False), employment=random.choice(employments).key)
        for _number in range(random.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2)))
        if employments
    ]
    by_name: dict[str, Any] = {
        name: tuple(random.sample(found, len(found)))
        for name, found in {**rows, "logins": logins, "suspensions": suspensions}.items()
    }
    return PersonFacts(employments=tuple(employments), **by_name)


def _settle(make: Maker, document: Entry, employment: str, rows: dict[str, list[Any]]) -> None:
    """Let somebody have a right as the document wants it, but for a flaw here and there."""
    random = make.random
    right = random.choice(list(document["rights"])) if make.chance(0.4) else list(document["rights"])[0]
    role = random.choice(document["rights"][right]["roles"])
    names = [role, *(replaced["role"] for replaced in document["roles"][role].get("replaces", []))]
    if make.chance(0.95):
        fact = make.period(make.key("appointment"), settled=True)
        rows["appointments"].append(Appointment(**fact, employment=employment, role=random.choice(names)))
    if make.chance(0.9):
        rows["level_decisions"].append(_level(make, employment, random.choice((None, role)), settled=True))
    if make.chance(0.93):
        fact = make.period(make.key("authorisation"), settled=True)
        number = random.choice(("111111", "111111", "222222")) if right == "per-customer" else ""
        rows["authorisations"].append(Authorisation(**fact, employment=employment, right=right, customer_number=number))
    for requirement in document["requirements"]:
        if role in requirement["roles"] and make.chance(0.9 if requirement["gate"] == "block" else 0.4):
            alternative = random.choice(requirement["alternatives"])
            for course in alternative["courses"]:
                rows["completions"].append(_completion(make, course, settled=make.chance(0.7)))
            for name in alternative["attestations"]:
                rows["attestations"].append(_attestation(make, random.choice((None, employment)), name, settled=True))


def _add_at_random(make: Maker, employments: list[str], rows: dict[str, list[Any]], likely: float) -> None:
    random = make.random

    def often(most: int) -> range:
        return range(random.randint(0, most) if make.chance(likely) else 0)

    for _number in often(4):
        rows["completions"].append(_completion(make, random.choice(COURSES), settled=False))
    for _number in often(1):
        where = random.choice((None, *employments))
        rows["attestations"].append(_attestation(make, where, random.choice(ATTESTATIONS), settled=False))
    for _number in often(1):
        fact = make.period(make.key("exemption"), settled=False)
        where = random.choice((None, *employments))
        rows["exemptions"].append(Exemption(**fact, employment=where, requirement=random.choice(REQUIREMENTS)))
    if not employments:
        return
    for _number in often(2):
        fact = make.period(make.key("appointment"), settled=False)
        role = random.choice((*ROLES, *FORMER_ROLES))
        rows["appointments"].append(Appointment(**fact, employment=random.choice(employments), role=role))
    for _number in often(2):
        role_or_all = random.choice((None, *ROLES, FORMER_ROLES[0]))
        rows["level_decisions"].append(_level(make, random.choice(employments), role_or_all, settled=False))
    for _number in often(2):
        fact = make.period(make.key("authorisation"), settled=False)
        number = random.choice(("", "111111", "222222"))
        right = random.choice(RIGHTS)
        rows["authorisations"].append(
            Authorisation(**fact, employment=random.choice(employments), right=right, customer_number=number)
        )


def _completion(make: Maker, course: str, *, settled: bool) -> Completion:
    return Completion(**make.period(make.key("completion"), settled=settled, is_instant=True), course=course)


def _attestation(make: Maker, employment: str | None, name: str, *, settled: bool) -> Attestation:
    fact = make.period(make.key("attestation"), settled=settled)
    return Attestation(**fact, employment=employment, attestation=name)


def _level(make: Maker, employment: str, role: str | None, *, settled: bool) -> LevelDecision:
    fact = make.period(make.key("level"), settled=settled)
    return LevelDecision(**fact, employment=employment, level=make.random.choice(list(Level)), role=role)
