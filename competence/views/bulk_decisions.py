"""The decisions that can be made about many people at once: words, choices, whom they concern, what is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence.actions.appointments import appoint, attest, decide_level
from competence.actions.team_reminders import remind
from competence.bulk import Count, count
from competence.explain import Names
from competence.forms.bulk import RemindForm
from competence.forms.member import AppointForm, AttestForm, Choices, DecisionForm, LevelForm
from competence.models.appointment import LevelDecision
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.reminder import Reminder
from competence.permissions import Reach
from competence.policy.rules import RuleSet
from competence.queries.eligibility import Moment
from competence.queries.rights import RightsReader, attestations_asked_for, key_of
from competence.queries.standing import standings_of
from competence.queries.team_lines import on_leave_among
from competence.team_reminders import AGAIN_AFTER, has_something_to_do
from lms.lib.clock import day_ends_at, day_starts_at
from lms.users.models import User

Values = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A decision about some employments: what was chosen in the form, and how the world looks."""

    values: Values
    reach: Reach
    moment: Moment
    names: Names

    def rights(self, employments: Sequence[Employment]) -> RightsReader:
        return RightsReader(employments, moment=self.moment, names=self.names)


@dataclass(frozen=True)
class BulkDecision:
    """One kind of decision. `will`, `already` and `done` are said with a figure before them."""

    title: Any
    lead: Any
    button: Any
    form: type[DecisionForm]
    choices: Callable[[RuleSet, Moment], Choices]
    counted: Callable[[Sequence[Employment], Asked], Count]
    act: Callable[[Asked, User], Callable[[Employment], object]]
    will: Any
    already: Any
    done: Any


# --- Appointing ----------------------------------------------------------------------------------------------------
def _roles(rules: RuleSet, moment: Moment) -> Choices:
    in_use = [role.key for role in rules.roles.values() if role.period.holds(moment.now)]
    usable = CompetenceRole.objects.filter(key__in=in_use)
    return [(role.key, role.title) for role in usable]


def _count_appointing(employments: Sequence[Employment], asked: Asked) -> Count:
    role, first = asked.values["role"], asked.values["starts_on"]
    last: date | None = asked.values["ends_on"]
    rights = asked.rights(employments)
    start, end = day_starts_at(first), None if last is None else day_ends_at(last)

    def is_so(employment: Employment) -> bool:
        """Appointed during the whole time already."""
        return any(
            a.role == role and a.employment == key_of(employment) and a.holds(start) and _lasts(a.end, end)
            for a in rights.facts(employment).appointments
        )

    def hinders(employment: Employment) -> str | None:
        if role not in {one.key for one in rights.roles_for(employment)}:
            return _("The area carries no right at the person’s workplace.")
        return _not_employed_on(first, employment)

    return count(employments, asked.reach, is_so=is_so, hinders=hinders)


def _appoint(asked: Asked, by: User) -> Callable[[Employment], object]:
    values = asked.values
    role = CompetenceRole.objects.get(key=values["role"])
    return lambda employment: appoint(
        employment=employment, role=role, starts_on=values["starts_on"], ends_on=values["ends_on"], by=by
    )


# --- Deciding the level ---------------------------------------------------------------------------------------------
def _roles_with_level(rules: RuleSet, moment: Moment) -> Choices:
    return [
        ("", _("All areas")),
        *((role.key, role.title) for role in rules.roles.values() if role.needs_level_decision),
    ]


def _count_levels(employments: Sequence[Employment], asked: Asked) -> Count:
    role, level = asked.values["role"], asked.values["level"]
    rights = asked.rights(employments)
    with_level = {one.key for one in rights.rules.roles.values() if one.needs_level_decision}

    def is_so(employment: Employment) -> bool:
        held = rights.level(employment, role or None)
        return held is not None and held.level == level and held.role in (None, role or None)

    def hinders(employment: Employment) -> str | None:
        appointed = rights.appointed_roles(employment)
        if role and role not in appointed:
            return _("Not appointed to the area.")
        if not appointed & with_level:
            return _("Not appointed to any area that needs a level decision.")
        return None

    return count(employments, asked.reach, is_so=is_so, hinders=hinders)


def _decide_level(asked: Asked, by: User) -> Callable[[Employment], object]:
    values = asked.values
    role = CompetenceRole.objects.get(key=values["role"]) if values["role"] else None
    level = LevelDecision.Level(values["level"])
    return lambda employment: decide_level(employment=employment, level=level, role=role, by=by)


# --- Attesting ------------------------------------------------------------------------------------------------------
def _attestations(rules: RuleSet, moment: Moment) -> Choices:
    return list(attestations_asked_for(rules, rules.roles, moment.now))


def _count_attesting(employments: Sequence[Employment], asked: Asked) -> Count:
    name, first = asked.values["attestation"], asked.values["starts_on"]
    last: date | None = asked.values["ends_on"]
    rights = asked.rights(employments)
    start, end = day_starts_at(first), None if last is None else day_ends_at(last)

    def is_so(employment: Employment) -> bool:
        return any(
            a.attestation == name
            and a.employment in (None, key_of(employment))
            and a.holds(start)
            and _lasts(a.end, end)
            for a in rights.facts(employment).attestations
        )

    def hinders(employment: Employment) -> str | None:
        return _not_employed_on(first, employment)

    return count(employments, asked.reach, is_so=is_so, hinders=hinders)


def _attest(asked: Asked, by: User) -> Callable[[Employment], object]:
    values = asked.values
    return lambda employment: attest(
        employment=employment,
        attestation=values["attestation"],
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        by=by,
    )


# --- Reminding ------------------------------------------------------------------------------------------------------
def _count_reminding(employments: Sequence[Employment], asked: Asked) -> Count:
    now = asked.moment.now
    ids = [employment.pk for employment in employments]
    standings = standings_of(ids, asked.moment)
    away = on_leave_among(ids, now)
    people = [employment.person_id for employment in employments]
    lately = set(
        Reminder.objects.filter(employment__person__in=people, recorded_at__gt=now - AGAIN_AFTER).values_list(
            "employment__person", flat=True
        )
    )

    def hinders(employment: Employment) -> str | None:
        if not employment.person.email:
            return _("Has no e-mail address.")
        if employment.pk in away:
            return _("Is on leave.")
        if not has_something_to_do(standings[employment.pk], now):
            return _(
                "Has nothing to do: nothing that the person can mend is lacking, and nothing expires within 90 days."
            )
        return None

    def is_so(employment: Employment) -> bool:
        return employment.person_id in lately and not asked.values["again"]

    return count(employments, asked.reach, is_so=is_so, hinders=hinders)


def _remind(asked: Asked, by: User) -> Callable[[Employment], object]:
    return lambda employment: remind(employment=employment, message=asked.values["message"], by=by)


def _no_choices(rules: RuleSet, moment: Moment) -> Choices:
    return []


def _lasts(held_until: datetime | None, wanted_until: datetime | None) -> bool:
    """Whether what is held lasts as long as what is wanted."""
    return held_until is None or (wanted_until is not None and held_until >= wanted_until)


def _not_employed_on(day: date, employment: Employment) -> str | None:
    if employment.ends_on is not None and employment.ends_on < day:
        return _("The employment ends before that day.")
    if day < employment.starts_on:
        return _("Was not employed on the first day.")
    return None


BULK_DECISIONS: dict[str, BulkDecision] = {
    "utse": BulkDecision(
        title=gettext_lazy("Appoint several people"),
        lead=gettext_lazy("You answer for each of them having the competence that the task needs."),
        button=gettext_lazy("Appoint"),
        form=AppointForm,
        choices=_roles,
        counted=_count_appointing,
        act=_appoint,
        will=gettext_lazy("will be appointed"),
        already=gettext_lazy("are appointed already"),
        done=gettext_lazy("are now appointed"),
    ),
    "niva": BulkDecision(
        title=gettext_lazy("Decide the level for several people"),
        lead=gettext_lazy(
            "The level decides how much of the national course is demanded. A new decision replaces the one before."
        ),
        button=gettext_lazy("Decide"),
        form=LevelForm,
        choices=_roles_with_level,
        counted=_count_levels,
        act=_decide_level,
        will=gettext_lazy("get the level"),
        already=gettext_lazy("have that level already"),
        done=gettext_lazy("now have the level"),
    ),
    "attestera": BulkDecision(
        title=gettext_lazy("Attest for several people"),
        lead=gettext_lazy("By attesting you vouch, for each of them, for something that no course certificate shows."),
        button=gettext_lazy("Attest"),
        form=AttestForm,
        choices=_attestations,
        counted=_count_attesting,
        act=_attest,
        will=gettext_lazy("get the attestation"),
        already=gettext_lazy("have it already"),
        done=gettext_lazy("now have the attestation"),
    ),
    "paminn": BulkDecision(
        title=gettext_lazy("Remind by e-mail"),
        lead=gettext_lazy("Each gets a letter about what remains for them to do, and what expires within 90 days."),
        button=gettext_lazy("Send the reminders"),
        form=RemindForm,
        choices=_no_choices,
        counted=_count_reminding,
        act=_remind,
        will=gettext_lazy("get a reminder"),
        already=gettext_lazy("were reminded during the last seven days"),
        done=gettext_lazy("get a reminder by e-mail shortly"),
    ),
}
