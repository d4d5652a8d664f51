"""Every instant at which an answer might change: rather too many than too few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from competence.policy.facts import PersonFacts
from tests.reference.days import after_days, after_months, as_day, begins, ends, first_instant
from tests.reference.documents import Document, Published
from tests.reference.situation import LISTS


def instants_of(known: PersonFacts, versions: list[Published]) -> Iterator[datetime]:
    """Where a fact, a version, something in a version, or something that is reckoned from them begins or ends."""
    for name in LISTS:
        for fact in getattr(known, name):
            yield fact.start
            if fact.end is not None:
                yield fact.end
    for version in versions:
        yield version.in_force_from
        document = version.document
        yield from _of_a_document(document)
        for requirement in document.get("requirements") or []:
            yield from _of_a_requirement(requirement, known)
        for right in document["rights"].values():
            for months in (right.get("inactivity_months"), right.get("closing_months")):
                if months is not None:
                    for authorisation in known.authorisations:
                        yield after_months(authorisation.start, months)
                    for login in known.logins:
                        yield after_months(login.start, months)


def _of_a_document(document: Document) -> Iterator[datetime]:
    dated: list[dict[str, Any]] = [
        *[system or {} for system in (document.get("systems") or {}).values()],
        *document["roles"].values(),
        *document["rights"].values(),
        *(document.get("requirements") or []),
        *(document.get("equivalences") or []),
    ]
    for role in document["roles"].values():
        dated.extend(role.get("replaces") or [])
    for entry in dated:
        for instant in (begins(entry), ends(entry)):
            if instant is not None:
                yield instant
    for day in (document.get("closed_courses") or {}).values():
        yield first_instant(as_day(day))


def _of_a_requirement(requirement: dict[str, Any], known: PersonFacts) -> Iterator[datetime]:
    grace_days = requirement.get("grace_days") or 0
    if requirement.get("grandfathered_before") is not None:
        yield first_instant(as_day(requirement["grandfathered_before"]))
    start = begins(requirement)
    if start is not None:
        yield after_days(start, grace_days)
    if requirement.get("validity_months") is not None:
        for completion in known.completions:
            over = after_months(completion.start, requirement["validity_months"])
            yield over
            yield after_days(over, grace_days)
