"""The facts of N people, for the policy, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.completion import Completion
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.policy import facts
from lms.lib.clock import day_ends_at, day_starts_at

_ENDED = (
    ("employment", "employment__person_id"),
    ("suspension", "suspension__employment__person_id"),
    ("appointment", "appointment__employment__person_id"),
    ("level_decision", "level_decision__employment__person_id"),
    ("attestation", "attestation__person_id"),
    ("exemption", "exemption__person_id"),
    ("authorisation", "authorisation__employment__person_id"),
    ("completion", "completion__person_id"),
)


def facts_for(person_ids: Iterable[int]) -> dict[int, facts.PersonFacts]:
    """Everything recorded about each of the people, whenever it was recorded. The policy sorts out what counts when.

    A person without any fact is there, with empty facts. Always the same number of queries.
    """
    ids = list(person_ids)
    endings = _endings(ids)

    def common(row: Any, kind: str) -> dict[str, Any]:
        return {
            "key": f"{kind}:{row.pk}",
            "recorded_at": row.recorded_at,
            "endings": endings.get((kind, row.pk), ()),
        }

    def dated(row: Any, kind: str) -> dict[str, Any]:
        return {**common(row, kind), **_period(row.starts_on, row.ends_on)}

    found: dict[int, dict[str, list[Any]]] = {person: defaultdict(list) for person in ids}
    for e in Employment.objects.filter(person_id__in=ids).select_related("unit", "identity").order_by("pk"):
        found[e.person_id]["employments"].append(
            facts.Employment(
                **dated(e, "employment"),
                principal=e.unit.principal_kind,
                units=frozenset({e.unit.key}),
                profession=e.profession,
                identity=e.identity.folded_value if e.identity else None,
            )
        )
    for a in (
        Appointment.objects.filter(employment__person_id__in=ids).select_related("employment", "role").order_by("pk")
    ):
        found[a.employment.person_id]["appointments"].append(
            facts.Appointment(
                **dated(a, "appointment"), employment=_key("employment", a.employment_id), role=a.role.key
            )
        )
    for d in (
        LevelDecision.objects.filter(employment__person_id__in=ids).select_related("employment", "role").order_by("pk")
    ):
        found[d.employment.person_id]["level_decisions"].append(
            facts.LevelDecision(
                **dated(d, "level_decision"),
                employment=_key("employment", d.employment_id),
                role=d.role.key if d.role else None,
                level=facts.Level(d.level),
            )
        )
    for t in Attestation.objects.filter(person_id__in=ids).order_by("pk"):
        found[t.person_id]["attestations"].append(
            facts.Attestation(
                **dated(t, "attestation"),
                employment=_key("employment", t.employment_id) if t.employment_id else None,
                attestation=t.attestation,
            )
        )
    for x in Exemption.objects.filter(person_id__in=ids).order_by("pk"):
        found[x.person_id]["exemptions"].append(
            facts.Exemption(
                **dated(x, "exemption"),
                employment=_key("employment", x.employment_id) if x.employment_id else None,
                requirement=x.requirement,
            )
        )
    for s in Suspension.objects.filter(employment__person_id__in=ids).select_related("employment").order_by("pk"):
        found[s.employment.person_id]["suspensions"].append(
            facts.Suspension(**dated(s, "suspension"), employment=_key("employment", s.employment_id))
        )
    for g in (
        Authorisation.objects.filter(employment__person_id__in=ids).select_related("employment", "right").order_by("pk")
    ):
        found[g.employment.person_id]["authorisations"].append(
            facts.Authorisation(
                **dated(g, "authorisation"),
                employment=_key("employment", g.employment_id),
                right=g.right.key,
                customer_number=g.customer_number,
            )
        )
    for n in SystemLogin.objects.filter(person_id__in=ids).select_related("system").order_by("pk"):
        found[n.person_id]["logins"].append(
            facts.Login(**common(n, "login"), start=n.logged_in_at, system=n.system.key)
        )
    for c in Completion.objects.filter(person_id__in=ids).select_related("course").order_by("pk"):
        found[c.person_id]["completions"].append(
            facts.Completion(**common(c, "completion"), start=c.completed_at, course=c.course.key)
        )
    return {person: _person_facts(rows) for person, rows in found.items()}


def _person_facts(rows: dict[str, list[Any]]) -> facts.PersonFacts:
    by_name: dict[str, Any] = {name: tuple(found) for name, found in rows.items()}
    return facts.PersonFacts(**by_name)


def _endings(ids: list[int]) -> dict[tuple[str, int], tuple[facts.Ending, ...]]:
    """Endings by the fact that they end: one query for each kind of fact."""
    found: dict[tuple[str, int], list[facts.Ending]] = defaultdict(list)
    for kind, path in _ENDED:
        rows = Ending.objects.filter(**{f"{path}__in": ids}).order_by("pk")
        for fact_id, at, ending_kind, recorded_at in rows.values_list(
            f"{kind}_id", "takes_effect_at", "kind", "recorded_at"
        ):
            found[kind, fact_id].append(facts.Ending(at, facts.EndingKind(ending_kind), recorded_at))
    return {key: tuple(rows) for key, rows in found.items()}


def _key(kind: str, pk: int) -> str:
    return f"{kind}:{pk}"


def _period(starts_on: date, ends_on: date | None) -> dict[str, datetime | None]:
    return {"start": day_starts_at(starts_on), "end": None if ends_on is None else day_ends_at(ends_on)}
