"""What has been decided about somebody in an employment, named so that a form can point it out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.actions.decided import Decided, Recorded
from competence.forms.member import Choices
from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.policy.rules import RuleSet
from competence.queries.held import name_of_authorisation
from competence.queries.rights import RightsReader
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import same_person

_KINDS: dict[str, tuple[type[Any], str]] = {
    "appointment": (Appointment, "role"),
    "level_decision": (LevelDecision, "role"),
    "attestation": (Attestation, ""),
    "exemption": (Exemption, ""),
    "authorisation": (Authorisation, "right"),
    "suspension": (Suspension, ""),
}
HELD = ("appointment", "level_decision", "attestation", "exemption", "authorisation")
REVOCABLE = ("level_decision", "attestation", "exemption")


def decided_facts(kinds: Iterable[str], employment: Employment, rights: RightsReader) -> list[Recorded]:
    """What holds now or will, of these kinds, in the employment or following the person. A query for each kind."""
    at = rights.moment.now
    found: list[Recorded] = []
    for kind in kinds:
        over = Ending.objects.filter(
            Q(takes_effect_at__lte=at) | Q(kind=Ending.Kind.CORRECTED), **{kind: OuterRef("pk")}
        )
        rows = _of(kind, employment).filter(~Exists(over), Q(ends_on__isnull=True) | Q(ends_on__gte=local_day(at)))
        found += rows.order_by("starts_on", "pk")
    return found


def correctable_facts(employment: Employment) -> list[Recorded]:
    """Everything that was recorded in the employment and not yet said to be an error, also what is over."""
    found: list[Recorded] = []
    for kind in _KINDS:
        wrong = Ending.objects.filter(kind=Ending.Kind.CORRECTED, **{kind: OuterRef("pk")})
        found += _of(kind, employment).filter(~Exists(wrong)).order_by("-starts_on", "-pk")
    return found


def _of(kind: str, employment: Employment) -> Any:
    model, related = _KINDS[kind]
    where = Q(employment=employment)
    if kind in ("attestation", "exemption"):
        where |= Q(employment=None) & same_person(employment.person)
    names = [name for name in (related, "recorded_by") if name]
    return model.objects.filter(where).select_related(*names)


def choices_of(facts: Iterable[Recorded], rules: RuleSet) -> Choices:
    """Key and words of each."""
    return [(key_of_fact(fact), f"{title_of(fact, rules)}, {period_of(fact)}") for fact in facts]


def key_of_fact(fact: Recorded) -> str:
    """How a form names `fact`."""
    kind = next(kind for kind, (model, _related) in _KINDS.items() if isinstance(fact, model))
    return f"{kind}:{fact.public_id}"


def fact_with_key(key: str, employment: Employment) -> Decided:
    """The fact that a form named. Raises Refusal when it is not the employment's."""
    kind, _colon, public_id = key.partition(":")
    try:
        wanted = uuid.UUID(public_id)
    except ValueError:
        wanted = None
    found = _of(kind, employment).filter(public_id=wanted).first() if kind in _KINDS and wanted else None
    if found is None:
        raise Refusal(_("There is nothing to choose"))
    fact: Decided = found
    return fact


def title_of(fact: Recorded, rules: RuleSet) -> str:
    """What was decided, in words."""
    match fact:
        case Appointment():
            return _("Appointed: %(role)s") % {"role": fact.role}
        case LevelDecision() if fact.role:
            return _("Level decided: %(level)s, %(role)s") % {"level": fact.get_level_display(), "role": fact.role}
        case LevelDecision():
            return _("Level decided: %(level)s") % {"level": fact.get_level_display()}
        case Attestation():
            return _("Attested: %(what)s") % {"what": rules.attestations.get(fact.attestation, fact.attestation)}
        case Exemption():
            requirement = rules.requirement(fact.requirement)
            return _("Exempted: %(what)s") % {"what": requirement.title if requirement else fact.requirement}
        case Authorisation():
            return _("Ordering right granted: %(right)s") % {"right": name_of_authorisation(fact)}
        case _:
            return str(fact.get_kind_display())


def period_of(fact: Recorded) -> str:
    """From which day, and until which."""
    first = date_format(fact.starts_on, "j F Y")
    if fact.ends_on is None:
        return _("from %(day)s") % {"day": first}
    return _("from %(first)s until and including %(last)s") % {
        "first": first,
        "last": date_format(fact.ends_on, "j F Y"),
    }
