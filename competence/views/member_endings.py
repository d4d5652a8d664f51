"""Exempting, and what ends, is taken back, or was recorded in error: a manager's decisions about a member."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from competence.actions.appointments import grant_exemption
from competence.actions.decided import correct_decision, end_decision, revoke_decision
from competence.forms.member import Choices, CorrectForm, EndForm, ExemptForm, RevokeForm
from competence.models.employment import Employment
from competence.queries.rights import RightsReader
from competence.views.decided import HELD, REVOCABLE, choices_of, correctable_facts, decided_facts, fact_with_key
from competence.views.decision import Decision, Values
from lms.users.models import User


def _requirements(rights: RightsReader, employment: Employment) -> Choices:
    roles = rights.appointed_roles(employment) or {role.key for role in rights.roles_for(employment)}
    at = rights.moment.now
    return [
        (one.key, one.title)
        for one in rights.rules.requirements
        if one.roles & roles and one.start <= at and (one.end is None or at < one.end)
    ]


def _all_held(rights: RightsReader, employment: Employment) -> Choices:
    return choices_of(decided_facts(HELD, employment, rights), rights.rules)


def _revocable(rights: RightsReader, employment: Employment) -> Choices:
    return choices_of(decided_facts(REVOCABLE, employment, rights), rights.rules)


def _correctable(rights: RightsReader, employment: Employment) -> Choices:
    return choices_of(correctable_facts(employment), rights.rules)


def _exempt(employment: Employment, values: Values, by: User) -> object:
    return grant_exemption(
        employment=employment,
        requirement=values["requirement"],
        reason=values["reason"],
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        by=by,
    )


def _end(employment: Employment, values: Values, by: User) -> object:
    fact = fact_with_key(values["what"], employment)
    return end_decision(fact=fact, employment=employment, last_day=values["last_day"], reason=values["reason"], by=by)


def _revoke(employment: Employment, values: Values, by: User) -> object:
    fact = fact_with_key(values["what"], employment)
    return revoke_decision(fact=fact, employment=employment, reason=values["reason"], by=by)


def _correct(employment: Employment, values: Values, by: User) -> object:
    fact = fact_with_key(values["what"], employment)
    return correct_decision(fact=fact, employment=employment, reason=values["reason"], by=by)


ENDINGS: dict[str, Decision] = {
    "undanta": Decision(
        title=gettext_lazy("Exempt from a requirement"),
        lead=gettext_lazy("The person need not meet the requirement, in this employment. You answer for the reason."),
        button=gettext_lazy("Exempt"),
        form=ExemptForm,
        choices=_requirements,
        preset="krav",
        carry_out=_exempt,
        done=gettext_lazy("%(person)s is exempted."),
    ),
    "avsluta": Decision(
        title=gettext_lazy("End something on a day"),
        lead=gettext_lazy(
            "It holds until the last day, that day included. What is to stop at once is revoked instead."
        ),
        button=gettext_lazy("End it"),
        form=EndForm,
        choices=_all_held,
        preset="vad",
        carry_out=_end,
        done=gettext_lazy("The end is registered for %(person)s."),
    ),
    "aterkalla": Decision(
        title=gettext_lazy("Revoke a level, an attestation or an exemption"),
        lead=gettext_lazy("It takes effect at once, for every ordering right that rests on it."),
        button=gettext_lazy("Revoke now"),
        form=RevokeForm,
        choices=_revocable,
        preset="vad",
        carry_out=_revoke,
        done=gettext_lazy("It is revoked for %(person)s."),
        colour="danger",
    ),
    "felregistrerat": Decision(
        title=gettext_lazy("Note what was recorded in error"),
        lead=gettext_lazy(
            "What never held, such as a decision about the wrong person. It is taken away from the day it began, and "
            "history tells that it was an error. What was true but is over is ended instead."
        ),
        button=gettext_lazy("Note the error"),
        form=CorrectForm,
        choices=_correctable,
        preset="vad",
        carry_out=_correct,
        done=gettext_lazy("The error is noted for %(person)s."),
        colour="danger",
    ),
}
