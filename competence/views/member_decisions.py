"""The decisions that a manager can make about a member of the team: words, choices, and what is carried out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence.actions.appointments import appoint, attest, decide_level, revoke_appointment
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import end_suspension, suspend
from competence.forms.member import (
    AppointForm,
    AttestForm,
    Choices,
    GrantForm,
    LeaveForm,
    LevelForm,
    ReturnForm,
    RevokeForm,
)
from competence.models.appointment import Appointment, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment, Suspension
from competence.models.ordering_system import OrderingRight
from competence.queries.eligibility import current_moment
from competence.queries.rights import RightsReader, attestations_asked_for, key_of
from competence.views.decision import Decision, Values
from competence.views.member_endings import ENDINGS
from lms.lib.errors import Refusal
from lms.users.models import User


# --- The choices that remain ---------------------------------------------------------------------------------------
def _roles(rights: RightsReader, employment: Employment) -> Choices:
    held = rights.current_roles(employment)
    usable = CompetenceRole.objects.filter(key__in=[role.key for role in rights.roles_in_use()])
    return [(role.key, role.title) for role in usable if role.key not in held]


def _roles_with_level(rights: RightsReader, employment: Employment) -> Choices:
    own = [
        (role.key, role.title)
        for role in rights.roles_for(employment)
        if role.needs_level_decision and role.key in rights.appointed_roles(employment)
    ]
    return [("", _("All areas")), *own]


def _attestations(rights: RightsReader, employment: Employment) -> Choices:
    roles = rights.appointed_roles(employment) or {role.key for role in rights.roles_for(employment)}
    return list(attestations_asked_for(rights.rules, roles, rights.moment.now))


def _rights(rights: RightsReader, employment: Employment) -> Choices:
    return [(right.key, right.title) for right in rights.rights_for(employment)]


def _appointments_held(rights: RightsReader, employment: Employment) -> Choices:
    return [(str(a.public_id), str(a.role)) for a in _held(Appointment, "appointments", "role", rights, employment)]


def _authorisations_held(rights: RightsReader, employment: Employment) -> Choices:
    return [
        (str(a.public_id), f"{a.right} ({a.customer_number})" if a.customer_number else str(a.right))
        for a in _held(Authorisation, "authorisations", "right", rights, employment)
    ]


def _held(model: Any, name: str, related: str, rights: RightsReader, employment: Employment) -> list[Any]:
    facts = getattr(rights.facts(employment), name)
    keys = [
        int(fact.key.partition(":")[2])
        for fact in facts
        if fact.employment == key_of(employment) and (fact.end is None or fact.end > rights.moment.now)
    ]
    return list(model.objects.filter(pk__in=keys).select_related(related).order_by("pk"))


# --- What is carried out -------------------------------------------------------------------------------------------
def _appoint(employment: Employment, values: Values, by: User) -> object:
    role = CompetenceRole.objects.get(key=values["role"])
    return appoint(employment=employment, role=role, starts_on=values["starts_on"], ends_on=values["ends_on"], by=by)


def _decide_level(employment: Employment, values: Values, by: User) -> object:
    role = CompetenceRole.objects.get(key=values["role"]) if values["role"] else None
    return decide_level(employment=employment, level=LevelDecision.Level(values["level"]), role=role, by=by)


def _attest(employment: Employment, values: Values, by: User) -> object:
    return attest(
        employment=employment,
        attestation=values["attestation"],
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        by=by,
    )


def _grant(employment: Employment, values: Values, by: User) -> object:
    return grant_authorisation(
        employment=employment,
        right=OrderingRight.objects.get(key=values["right"]),
        customer_number=values["customer_number"].strip(),
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        by=by,
    )


def _revoke_right(employment: Employment, values: Values, by: User) -> object:
    held = Authorisation.objects.get(public_id=values["what"], employment=employment)
    return revoke_authorisation(authorisation=held, reason=values["reason"], by=by)


def _revoke_appointment(employment: Employment, values: Values, by: User) -> object:
    held = Appointment.objects.get(public_id=values["what"], employment=employment)
    return revoke_appointment(appointment=held, reason=values["reason"], by=by)


def _suspend(employment: Employment, values: Values, by: User) -> object:
    return suspend(employment=employment, starts_on=values["starts_on"], ends_on=values["ends_on"], by=by)


def _end_leave(employment: Employment, values: Values, by: User) -> object:
    current = _current_leave(employment)
    if current is None:
        raise Refusal(_("The person is not on leave."))
    return end_suspension(suspension=current, back_on=values["back_on"], by=by)


def _current_leave(employment: Employment) -> Suspension | None:
    rights = RightsReader([employment], moment=current_moment())
    current = rights.suspension(employment)
    return Suspension.objects.get(pk=int(current.key.partition(":")[2])) if current else None


DECISIONS: dict[str, Decision] = {
    "utse": Decision(
        title=gettext_lazy("Appoint"),
        lead=gettext_lazy("You answer for the person having the competence that the task needs."),
        button=gettext_lazy("Appoint"),
        form=AppointForm,
        choices=_roles,
        preset="roll",
        carry_out=_appoint,
        done=gettext_lazy("%(person)s is appointed."),
    ),
    "niva": Decision(
        title=gettext_lazy("Decide the level"),
        lead=gettext_lazy(
            "The level decides how much of the national course is demanded. A new decision replaces the one before."
        ),
        button=gettext_lazy("Decide"),
        form=LevelForm,
        choices=_roles_with_level,
        preset="roll",
        carry_out=_decide_level,
        done=gettext_lazy("The level is decided for %(person)s."),
    ),
    "attestera": Decision(
        title=gettext_lazy("Attest"),
        lead=gettext_lazy("By attesting you vouch for something that no course certificate shows."),
        button=gettext_lazy("Attest"),
        form=AttestForm,
        choices=_attestations,
        preset="vad",
        carry_out=_attest,
        done=gettext_lazy("Attested for %(person)s."),
    ),
    "medge": Decision(
        title=gettext_lazy("Grant an ordering right"),
        lead=gettext_lazy(
            "Without an application. The person may order only when the rest of the requirements are met too."
        ),
        button=gettext_lazy("Grant the right"),
        form=GrantForm,
        choices=_rights,
        preset="ratt",
        carry_out=_grant,
        done=gettext_lazy("The ordering right is granted to %(person)s."),
    ),
    "aterkalla-ratt": Decision(
        title=gettext_lazy("Revoke an ordering right"),
        lead=gettext_lazy(
            "It takes effect at once: the next time an ordering system asks, the answer is no. "
            "The person is told by e-mail."
        ),
        button=gettext_lazy("Revoke now"),
        form=RevokeForm,
        choices=_authorisations_held,
        preset="vad",
        carry_out=_revoke_right,
        done=gettext_lazy("The ordering right is revoked for %(person)s."),
        colour="danger",
    ),
    "aterkalla-uppdrag": Decision(
        title=gettext_lazy("Revoke an appointment"),
        lead=gettext_lazy(
            "It takes effect at once, for every ordering right that rests on the appointment. "
            "The person is told by e-mail."
        ),
        button=gettext_lazy("Revoke now"),
        form=RevokeForm,
        choices=_appointments_held,
        preset="vad",
        carry_out=_revoke_appointment,
        done=gettext_lazy("The appointment is revoked for %(person)s."),
        colour="danger",
    ),
    "ledighet": Decision(
        title=gettext_lazy("Register leave"),
        lead=gettext_lazy("During the leave the person may not order. Do not write why: it is not asked."),
        button=gettext_lazy("Register leave"),
        form=LeaveForm,
        carry_out=_suspend,
        done=gettext_lazy("The leave is registered for %(person)s."),
    ),
    "ater": Decision(
        title=gettext_lazy("Register the return"),
        lead=gettext_lazy("From that day the person’s rights hold again, if the requirements are met."),
        button=gettext_lazy("Register the return"),
        form=ReturnForm,
        carry_out=_end_leave,
        done=gettext_lazy("The return is registered for %(person)s."),
    ),
    **ENDINGS,
}
