"""Everything about one member of the team, within one employment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from competence.models.appointment import Appointment
from competence.models.authorisation import Authorisation, AuthorisationApplication
from competence.models.change_report import ChangeReport
from competence.models.completion import CompletionClaim
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit
from competence.policy.facts import Level
from competence.queries.eligibility import current_moment
from competence.queries.employments import current_employments
from competence.queries.history import history_of
from competence.queries.rights import RightNow, RightsReader, key_of
from competence.queries.transitions import rights_to_do_anew
from competence.steps import ShownStep, steps_of, waiting_of
from competence.views.common import needs_rules, reach_or_404, reader_of
from competence.views.decided import REVOCABLE, decided_facts, key_of_fact, title_of
from lms.audit.api import record_look_up
from lms.lib.access import logged_in
from lms.users.models import same_person


@dataclass(frozen=True)
class MemberRight:
    """A right with its steps as the manager sees them."""

    answer: RightNow
    steps: list[ShownStep]


def employment_or_404(units: QuerySet[OrganisationUnit], employment_id: uuid.UUID) -> Employment:
    """An employment, present or past, at the reader's units."""
    return get_object_or_404(
        Employment.objects.filter(unit__in=units).select_related("person", "unit", "identity"),
        public_id=employment_id,
    )


@logged_in
@require_safe
@needs_rules
def member(request: HttpRequest, employment_id: uuid.UUID) -> HttpResponse:
    """One person in one employment. The look-up is noted, and the person can see it."""
    reader = reader_of(request)
    reach = reach_or_404(request)
    employment = employment_or_404(reach.units(), employment_id)
    person = employment.person
    moment = current_moment()
    record_look_up("view_member", by=reader, person=person, subject=f"employment:{employment.public_id}")
    rights = RightsReader([employment], moment=moment)
    claims = list(CompletionClaim.objects.filter(same_person(person)).select_related("course").order_by("-created_at"))
    applications = list(
        AuthorisationApplication.objects.filter(employment=employment, submitted_at__isnull=False).select_related(
            "right"
        )
    )
    waiting = waiting_of(employment, claims, applications)
    is_current = current_employments(moment.now).filter(pk=employment.pk).exists()
    anew = rights_to_do_anew(employment, rights) if is_current else []
    details = rights.details(employment)
    shown_rights = {(answer.right.key, answer.role) for answer in details}
    details += [answer for answer in anew if (answer.right.key, answer.role) not in shown_rights]
    shown = {answer.right.key for answer in details}
    level = rights.level(employment)
    return render(
        request,
        "competence/member.html",
        {
            "employment": employment,
            "person": person,
            "is_current": is_current,
            "is_self": person.pk == reader.pk,
            "is_managers": person.pk != reader.pk and not reach.decides_about(employment),
            "can_decide": is_current and reach.decides_about(employment),
            "rights": [
                MemberRight(answer, steps_of(answer, rights.rules, waiting=waiting, for_manager=is_current))
                for answer in details
            ],
            "others": [answer for answer in rights.summary(employment) if answer.right.key not in shown],
            "appointments": _holding(Appointment, employment, rights, "appointments"),
            "authorisations": _holding(Authorisation, employment, rights, "authorisations"),
            "anew": anew,
            "reports": ChangeReport.objects.filter(employment=employment, handled__isnull=True).order_by("pk"),
            "decided": [
                (key_of_fact(fact), title_of(fact, rights.rules), fact)
                for fact in decided_facts(REVOCABLE, employment, rights)
            ],
            "suspension": rights.suspension(employment),
            "level": level,
            "is_basic_level": level is not None and level.level is Level.BASIC,
            "claims": [claim for claim in claims if claim.course.key in waiting.courses and claim.status == "waiting"],
            "applications": [a for a in applications if a.status == AuthorisationApplication.Status.SUBMITTED],
            "history": history_of(person, rights.rules, employment),
        },
    )


def _holding(
    model: type[Appointment] | type[Authorisation], employment: Employment, rights: RightsReader, name: str
) -> list[Appointment] | list[Authorisation]:
    """The facts that hold now or will."""
    own = getattr(rights.facts(employment), name)
    keys = {
        int(fact.key.partition(":")[2])
        for fact in own
        if fact.employment == key_of(employment) and (fact.end is None or fact.end > rights.moment.now)
    }
    related = "role" if model is Appointment else "right"
    return list(model.objects.filter(pk__in=keys).select_related(related).order_by("starts_on", "pk"))  # type: ignore[return-value]
