"""Random rule documents that say everything a document can say."""

from __future__ import annotations

import copy
from datetime import date
from random import Random
from typing import Any

COURSES = ("course-a", "course-b", "course-c", "course-d", "course-e")
ATTESTATIONS = ("attest-x", "attest-y")
ROLES = ("role-1", "role-2", "role-3")
FORMER_ROLES = ("former-1", "former-2")
RIGHTS = ("small", "large", "per-customer")
SYSTEMS = ("system-1", "system-2")
REQUIREMENTS = ("req-0", "req-1", "req-2", "req-3")
PRINCIPALS = ("vgr", "municipality", "private")
PROFESSIONS = ("nurse", "doctor", "assistant")
PRODUCT_GROUPS = ("group-1", "group-2", "group-3")
UNITS = ("ward", "clinic", "hospital")
GATES = ("block", "block", "block", "block", "warn", "warn", "report")
Entry = dict[str, Any]


def make_document(random: Random, days: list[date]) -> Entry:
    """A document in which everything named is there, and nothing goes in a circle."""
    courses = random.sample(COURSES, len(COURSES))
    system_1 = _period(random, days, 0.08)
    return {
        "name": "random",
        "description": "random",
        "systems": {"system-1": {"title": "one", **system_1}, "system-2": {"title": "two"}},
        "product_groups": {key: key for key in PRODUCT_GROUPS},
        "attestations": {key: key for key in ATTESTATIONS},
        "professions": {key: key for key in PROFESSIONS},
        "closed_courses": {key: random.choice(days) for key in COURSES if random.random() < 0.12},
        "roles": {key: _role(random, days, key) for key in (*ROLES, *FORMER_ROLES[: random.choice((0, 0, 1))])},
        "rights": {key: _right(random, days, key, system_1) for key in random.sample(RIGHTS, len(RIGHTS))},
        # Courses are equivalent in one direction only: towards those earlier in a random order.
        "equivalences": [_equivalence(random, days, courses) for _number in range(random.choice((0, 0, 1, 1, 2, 3)))],
        "requirements": _requirements(random, days),
    }


def changed_document(random: Random, days: list[date], document: Entry) -> Entry:
    """A later version: a right dropped, requirements added or dropped, a gate or a validity changed."""
    changed = copy.deepcopy(document)
    what = random.randrange(5)
    if what == 0 and len(changed["rights"]) > 1:
        dropped = random.choice(list(changed["rights"]))
        del changed["rights"][dropped]
        for right in changed["rights"].values():
            right["includes"] = [key for key in right["includes"] if key != dropped]
    elif what == 1:
        changed["requirements"] = _requirements(random, days)
    elif what == 2:
        for requirement in changed["requirements"]:
            requirement["gate"] = random.choice(GATES)
            requirement.pop("validity_months", None)
    elif what == 3:
        role = random.choice(ROLES)
        changed["roles"][role] = _role(random, days, role)
    else:
        changed["equivalences"] = []
    return changed


def _period(random: Random, days: list[date], likely: float) -> Entry:
    """`from`, `to`, both or none of them."""
    period: Entry = {}
    if random.random() < likely:
        first, last = sorted((random.choice(days), random.choice(days)))
        if random.random() < 0.7:
            period["from"] = first
        if random.random() < 0.7:
            period["to"] = last
    return period


def _overlap(one: Entry, other: Entry) -> bool:
    """Whether two entries are in use at the same time, ever."""
    first: date = max(one.get("from", date.min), other.get("from", date.min))
    last: date = min(one.get("to", date.max), other.get("to", date.max))
    return first <= last


def _role(random: Random, days: list[date], key: str) -> Entry:
    role: Entry = {"title": key, **_period(random, days, 0.08)}
    if random.random() < 0.3:
        role["needs_level_decision"] = True
    if random.random() < 0.3:
        role["product_groups"] = random.sample(PRODUCT_GROUPS, random.randint(1, 2))
    if random.random() < 0.15:
        role["held_by_professions"] = random.sample(PROFESSIONS, random.randint(1, 2))
    # role-1 replaces former-1, which (if it is there) replaces former-2; role-2 replaces role-3.
    replaced = {"role-1": "former-1", "former-1": "former-2", "role-2": "role-3"}.get(key)
    if replaced is not None and random.random() < 0.4:
        role["replaces"] = [{"role": replaced, "from": random.choice(days)}]
    return role


def _right(random: Random, days: list[date], key: str, system_1: Entry) -> Entry:
    roles = list(ROLES) if key != "small" else ["role-1", "role-2"]
    right: Entry = {
        "title": key,
        "system": "system-2" if key == "per-customer" else "system-1",
        "roles": random.sample(roles, random.randint(1, 2)),
        "includes": ["small"] if key == "large" or (key == "per-customer" and random.random() < 0.5) else [],
        **_period(random, days, 0.08),
    }
    if key != "per-customer" and not _overlap(right, system_1):
        right.pop("from", None)
        right.pop("to", None)
    if random.random() < 0.25:
        right["principals"] = random.sample(PRINCIPALS, random.randint(1, 2))
    if key == "per-customer":
        right["needs_customer_number"] = random.random() < 0.8
    elif random.random() < 0.12:
        right["needs_application"] = False
    if random.random() < 0.5:
        right["inactivity_months"] = random.choice((6, 12))
        if random.random() < 0.5:
            right["closing_months"] = right["inactivity_months"] + 3
    return right


def _equivalence(random: Random, days: list[date], courses: list[str]) -> Entry:
    split = random.randint(1, len(courses) - 1)
    return {
        "courses": random.sample(courses[split:], min(len(courses) - split, random.choice((1, 1, 2)))),
        "counts_as": random.sample(courses[:split], min(split, random.choice((1, 1, 2, 3)))),
        **_period(random, days, 0.4),
    }


def _requirements(random: Random, days: list[date]) -> list[Entry]:
    keys = random.sample(REQUIREMENTS, random.choice((0, 1, 2, 2, 3, 4)))
    in_turn = random.sample(keys, len(keys))
    requirements = []
    for key in keys:
        after = [other for other in in_turn[: in_turn.index(key)] if random.random() < 0.3]
        requirement = _requirement(random, days, key)
        if random.random() < 0.1:
            # The same key again, for a period that begins the day after the first one's ended.
            middle = random.randrange(1, len(days))
            again = _requirement(random, days, key)
            requirement["from"], requirement["to"] = days[0], days[middle - 1]
            again["from"] = days[middle]
            again.pop("to", None)
            again["after"] = after
            requirements.append(again)
        requirement["after"] = after
        requirements.append(requirement)
    random.shuffle(requirements)
    return requirements


def _requirement(random: Random, days: list[date], key: str) -> Entry:
    requirement: Entry = {
        "key": key,
        "title": key,
        "scope": random.choice(("national", "regional", "local", "supplier")),
        "roles": random.sample(ROLES, random.randint(1, 3)),
        "gate": random.choice(GATES),
        "alternatives": [_alternative(random) for _number in range(random.choice((1, 1, 2, 2, 3)))],
        **_period(random, days, 0.3),
    }
    requirement.setdefault("from", date(2020, 1, 1))
    for name, values in (
        ("principals", PRINCIPALS),
        ("professions", PROFESSIONS),
        ("exempt_professions", PROFESSIONS),
        ("units", UNITS),
    ):
        if random.random() < 0.12:
            requirement[name] = random.sample(values, random.randint(1, 2))
    if "professions" in requirement:
        requirement.pop("exempt_professions", None)
    if random.random() < 0.4:
        requirement["validity_months"] = random.choice((6, 12, 12, 24))
    if random.random() < 0.3:
        requirement["grace_days"] = random.choice((10, 45))
    if random.random() < 0.12:
        requirement["grandfathered_before"] = random.choice(days)
    return requirement


def _alternative(random: Random) -> Entry:
    courses = random.sample(COURSES, random.choice((0, 1, 1, 1, 2)))
    attestations = [random.choice(ATTESTATIONS)] if not courses or random.random() < 0.15 else []
    alternative: Entry = {"courses": courses, "attestations": attestations}
    if random.random() < 0.12:
        alternative["only_for_level"] = random.choice(("full", "basic"))
    if random.random() < 0.12:
        alternative["is_closed"] = True
    return alternative
