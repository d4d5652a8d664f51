"""Min behörighet: what is required of me, what is done, what remains, and what is known about me."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.employment import Employment
from competence.policy.rules import Role
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_held_at
from competence.queries.history import history_of, look_ups_of
from competence.queries.needed_courses import answers_concerning
from competence.queries.rights import RightNow, RightsReader
from competence.steps import ShownStep, Waiting, steps_of, waiting_of
from competence.views.common import needs_rules, reader_of
from competence.wording import minutes_text
from lms.lib.access import logged_in
from lms.users.models import same_person


@dataclass(frozen=True)
class Card:
    """A right with its steps."""

    answer: RightNow
    steps: list[ShownStep]
    minutes: str
    done: int

    @property
    def title(self) -> str:
        return self.answer.right.title

    @property
    def all_done(self) -> bool:
        return self.done == len(self.steps)


@dataclass(frozen=True)
class Workplace:
    """An employment with its rights: `cards` concern the person, `others` could."""

    employment: Employment
    cards: list[Card]
    others: list[RightNow]
    roles: list[Role]
    chosen: str
    is_appointed: bool


@logged_in
@needs_rules
def my_eligibility(request: HttpRequest) -> HttpResponse:
    """The reader's own page. `roll`: a competence role to see the demands of, where one is not appointed to it."""
    reader = reader_of(request)
    moment = current_moment()
    employments = list(employments_held_at(reader, moment.now))
    claims = list(
        CompletionClaim.objects.filter(same_person(reader))
        .select_related("course", "decided_by")
        .order_by("-created_at")
    )
    applications = list(
        AuthorisationApplication.objects.filter(same_person(reader, "employment__person")).select_related(
            "right", "decided_by"
        )
    )
    rights = RightsReader(employments, moment=moment, addresses=True)
    asked_role = request.GET.get("roll", "")
    workplaces = [_workplace(employment, rights, asked_role, claims, applications) for employment in employments]
    return render(
        request,
        "competence/my_eligibility.html",
        {
            "workplaces": workplaces,
            "claims": claims,
            "applications": applications,
            "history": history_of(reader, rights.rules),
            "look_ups": look_ups_of(reader),
            "time_left": _time_left(workplaces),
        },
    )


def _workplace(
    employment: Employment,
    rights: RightsReader,
    asked_role: str,
    claims: list[CompletionClaim],
    applications: list[AuthorisationApplication],
) -> Workplace:
    roles = rights.roles_for(employment)
    asked = asked_role if asked_role in {role.key for role in roles} else ""
    details, chosen = answers_concerning(rights, employment, applications, suggest=True, asked=asked)
    waiting = waiting_of(employment, claims, applications)
    shown = {answer.right.key for answer in details}
    return Workplace(
        employment=employment,
        cards=[_card(answer, rights, waiting) for answer in details],
        others=[answer for answer in rights.summary(employment) if answer.right.key not in shown],
        roles=roles,
        chosen=chosen,
        is_appointed=not rights.appointed_roles(employment).isdisjoint(role.key for role in roles),
    )


def _card(answer: RightNow, rights: RightsReader, waiting: Waiting) -> Card:
    steps = steps_of(answer, rights.rules, waiting=waiting)
    minutes = answer.explained.minutes_left
    return Card(
        answer=answer,
        steps=steps,
        minutes=minutes_text(minutes) if minutes else "",
        done=sum(step.is_done for step in steps),
    )


def _time_left(workplaces: list[Workplace]) -> str:
    """The time of all the steps that remain, each requirement counted once."""
    minutes: dict[str, int] = {}
    for workplace in workplaces:
        for card in workplace.cards:
            for step in card.answer.explained.missing:
                for alternative in step.alternatives[:1]:
                    for course in alternative.courses:
                        minutes[course.key] = course.minutes or 0
    total = sum(minutes.values())
    return minutes_text(total) if total else ""
