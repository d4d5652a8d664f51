"""What is recorded about a person, in words, newest first; and who has looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.completion import Completion
from competence.models.decision_log import DecisionLog
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.models.fact import Fact
from competence.models.merge import PersonMerge
from competence.policy.rules import RuleSet
from competence.queries.deputies import deputised_changes
from lms.audit.models import AuditEvent
from lms.lib.clock import local_day
from lms.users.models import User, records_of, same_person

LOOK_UPS_READ = 300
# How a fact is found from an `Ending`, and the person's employment from the fact.
_OF_EMPLOYMENT: tuple[tuple[type[Any], str], ...] = (
    (Appointment, "role"),
    (LevelDecision, "role"),
    (Suspension, ""),
    (Authorisation, "right"),
)
_ENDINGS = (
    "employment",
    "suspension__employment",
    "appointment__employment",
    "level_decision__employment",
    "authorisation__employment",
)


@dataclass(frozen=True)
class HistoryEvent:
    """Something that was recorded at `at`. `by`: a person's name, or the name of what recorded it."""

    at: datetime
    title: str
    text: str
    by: str


def history_of(person: User, rules: RuleSet, employment: Employment | None = None) -> list[HistoryEvent]:
    """What is recorded about `person`: all of it, or (for a manager) what follows the person and what belongs to
    `employment`. A fixed number of queries."""
    found = [_event(fact, rules) for fact in _facts(person, employment)]
    found += [_ended(ending, rules) for ending in _endings(person, employment)]
    managers = deputised_changes([event.at for event in found])
    found = [
        replace(event, by=by_deputy(event.by, managers[event.at])) if event.at in managers else event for event in found
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)


def by_deputy(deputy: str, manager: str) -> str:
    """Who decided, when it was a deputy."""
    return _("%(deputy)s, as deputy for %(manager)s") % {"deputy": deputy, "manager": manager}


def _facts(person: User, employment: Employment | None) -> Iterator[Fact]:
    records = records_of(person.as_one_pk)
    where: dict[str, Any] = {"pk": employment.pk} if employment else {"person__in": records}
    yield from Employment.objects.filter(**where).select_related("unit", "recorded_by")
    within: dict[str, Any] = {"employment": employment} if employment else {"employment__person__in": records}
    for model, related in _OF_EMPLOYMENT:
        names = ["recorded_by", *([related] if related else [])]
        yield from model.objects.filter(**within).select_related(*names)
    own = Q(employment=employment) | Q(employment=None) if employment else Q()
    yield from Attestation.objects.filter(own, person__in=records).select_related("recorded_by")
    yield from Exemption.objects.filter(own, person__in=records).select_related("recorded_by")
    yield from Completion.objects.filter(person__in=records).select_related("course", "recorded_by")
    if employment is None:
        of_person = Q(person__in=records) | Q(into__in=records)
        yield from PersonMerge.objects.filter(of_person).select_related("recorded_by", "person", "into")


def _endings(person: User, employment: Employment | None) -> Iterator[Ending]:
    records = records_of(person.as_one_pk)
    condition = Q(completion__person__in=records)
    for path in _ENDINGS:
        condition |= Q(**{path: employment}) if employment else Q(**{f"{path}__person__in": records})
    for name in ("attestation", "exemption"):
        own = Q(**{f"{name}__person__in": records})
        if employment:
            own &= Q(**{f"{name}__employment": employment}) | Q(**{f"{name}__employment": None})
        condition |= own
    if employment is None:
        condition |= Q(person_merge__person__in=records) | Q(person_merge__into__in=records)
    return (
        Ending.objects.filter(condition)
        .select_related(
            "recorded_by",
            "employment__unit",
            "suspension",
            "appointment__role",
            "level_decision__role",
            "authorisation__right",
            "attestation",
            "exemption",
            "completion__course",
            "person_merge__person",
            "person_merge__into",
        )
        .iterator()
    )


def _event(fact: Fact, rules: RuleSet) -> HistoryEvent:
    return HistoryEvent(at=fact.recorded_at, title=_title(fact, rules), text=_text(fact), by=_recorded_by(fact))


def _title(fact: Model, rules: RuleSet) -> str:
    match fact:
        case Employment():
            return _("Employed: %(unit)s") % {"unit": fact.unit}
        case Appointment():
            return _("Appointed: %(role)s") % {"role": fact.role}
        case LevelDecision() if fact.role:
            return _("Level decided: %(level)s, %(role)s") % {"level": fact.get_level_display(), "role": fact.role}
        case LevelDecision():
            return _("Level decided: %(level)s") % {"level": fact.get_level_display()}
        case Suspension() if fact.kind == Suspension.Kind.LEAVE:
            return _("On leave")
        case Suspension():
            return _("Barred")
        case Authorisation():
            number = f" ({fact.customer_number})" if fact.customer_number else ""
            return _("Ordering right granted: %(right)s") % {"right": f"{fact.right}{number}"}
        case Attestation():
            title = rules.attestations.get(fact.attestation, fact.attestation)
            return _("Attested: %(what)s") % {"what": title}
        case Exemption():
            requirement = rules.requirement(fact.requirement)
            return _("Exempted: %(what)s") % {"what": requirement.title if requirement else fact.requirement}
        case Completion():
            return _("Course completed: %(course)s") % {"course": fact.course}
        case PersonMerge():
            return _("Records made one: %(one)s and %(other)s") % {"one": fact.person, "other": fact.into}
        case _:
            return str(fact)


def _text(fact: Fact) -> str:
    if isinstance(fact, Completion):
        return _("Completed %(day)s.") % {"day": _day(local_day(fact.completed_at))}
    if isinstance(fact, PersonMerge):
        return fact.reason
    starts_on: date = fact.starts_on  # type: ignore[attr-defined]
    ends_on: date | None = fact.ends_on  # type: ignore[attr-defined]
    if ends_on is not None:
        text = _("From %(first)s until and including %(last)s.") % {"first": _day(starts_on), "last": _day(ends_on)}
    else:
        text = _("From %(first)s.") % {"first": _day(starts_on)}
    return f"{text} {fact.reason}" if isinstance(fact, Exemption) else text


def _ended(ending: Ending, rules: RuleSet) -> HistoryEvent:
    facts = ("employment", "suspension", "appointment", "level_decision", "attestation", "exemption", "authorisation")
    fact = next(
        found for name in (*facts, "completion", "person_merge") if (found := getattr(ending, name)) is not None
    )
    words = {
        Ending.Kind.ENDED.value: _("Ended. %(what)s"),
        Ending.Kind.REVOKED.value: _("Revoked. %(what)s"),
        Ending.Kind.CORRECTED.value: _("Recorded in error. %(what)s"),
    }
    day = _("Takes effect %(day)s.") % {"day": _day(local_day(ending.takes_effect_at))}
    return HistoryEvent(
        at=ending.recorded_at,
        title=words[ending.kind] % {"what": _title(fact, rules)},
        text=f"{day} {ending.reason}".strip(),
        by=_recorded_by(ending),
    )


def _recorded_by(fact: Fact) -> str:
    person = fact.recorded_by
    return person.full_name if isinstance(person, User) else machine_name(fact.recorded_by_name)


def machine_name(name: str) -> str:
    """The name of a machine for people: what kind of thing it is, and its own name."""
    kind, _colon, own = name.partition(":")
    if kind == "client":
        return _("The system %(name)s") % {"name": own}
    if kind in {"command", "import", "job"}:
        return _("Read in from another register")
    return own or name


def _day(day: date) -> str:
    return date_format(day, "j F Y")


@dataclass(frozen=True)
class LookUp:
    """Somebody looked at the person's data on `day`, `count` times, the last time `at`."""

    day: date
    at: datetime
    who: str
    what: str
    count: int


def look_ups_of(person: User, limit: int = 30) -> list[LookUp]:
    """Who has looked, of the latest LOOK_UPS_READ times; the same one on the same day is one line. Two queries."""
    rows: list[tuple[datetime, str, str]] = []
    events = AuditEvent.objects.filter(same_person(person), kind=AuditEvent.Kind.LOOK_UP).exclude(actor=person)
    for event in events.select_related("actor").order_by("-at")[:LOOK_UPS_READ]:
        who = event.actor.full_name if event.actor else machine_name(event.actor_name)
        rows.append((event.at, who, _look_up_text(event.action)))
    asked = DecisionLog.objects.filter(same_person(person)).order_by("-asked_at")[:LOOK_UPS_READ]
    for asked_at, asked_by in asked.values_list("asked_at", "asked_by"):
        rows.append((asked_at, machine_name(asked_by), _("Asked whether you may order")))
    found: dict[tuple[date, str, str], LookUp] = {}
    for at, who, what in sorted(rows, reverse=True):
        key = (local_day(at), who, what)
        earlier = found.get(key)
        found[key] = LookUp(
            day=key[0], at=earlier.at if earlier else at, who=who, what=what, count=earlier.count + 1 if earlier else 1
        )
    return list(found.values())[:limit]


def _look_up_text(action: str) -> str:
    return {
        "view_member": _("Opened your page in the team"),
        "view_time_machine": _("Looked at your eligibility at some date"),
        "view_claim": _("Opened a certificate that you sent in"),
        "view_claim_file": _("Opened the file of a certificate that you sent in"),
        "view_application": _("Opened your application for an ordering right"),
        "export_team": _("Fetched the team as a file"),
        "find_deputy": _("Looked for a deputy and found you"),
    }.get(action, _("Looked you up"))
