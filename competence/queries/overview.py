"""A person's own start: rights in a line each, the next step, and what waits for a manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.employment import Employment
from competence.permissions import reach_of
from competence.policy.rules import NoRules
from competence.queries.eligibility import Moment, current_moment
from competence.queries.employments import employments_held_at
from competence.queries.needed_courses import answers_concerning
from competence.queries.rights import RightsReader
from competence.queries.waiting import count_waiting
from competence.steps import ShownStep, steps_of, waiting_of
from lms.lib.clock import local_day
from lms.users.models import User, same_person

SOON = timedelta(days=60)


@dataclass(frozen=True)
class RightLine:
    """One right at one workplace. `status`: of components/status.html."""

    workplace: str
    title: str
    area: str
    status: str
    status_text: str
    sentence: str


@dataclass(frozen=True)
class NextStep:
    """What the person can do next. `who`: who takes the step; `links`: address, words, and whether it leaves."""

    title: str
    text: str
    who: str
    minutes: str
    links: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Overview:
    """`steps_left` of the steps to the rights that concern the person. `decisions_waiting` None: no manager."""

    rights: tuple[RightLine, ...]
    next_step: NextStep | None
    steps_left: int
    is_employed: bool
    decisions_waiting: int | None


def overview_of(person: User) -> Overview:
    """What the start page says about `person`. A fixed number of queries."""
    moment = current_moment()
    reach = reach_of(person)
    waiting = count_waiting(reach, moment.now) if reach else None
    employments = list(employments_held_at(person, moment.now))
    try:
        # Whoever manages or edits is seldom about to prescribe too: to them no area is suggested.
        suggest = waiting is None and not person.groups.exists()
        lines, steps = _rights(person, employments, moment, suggest=suggest)
    except NoRules:  # before the first rules are published there is nothing to say about rights
        lines, steps = [], []
    left = [step for step in steps if not step.is_done]
    # What the person can do now comes before what others are to do.
    step = next((one for one in left if one.links and one.status == "missing"), next(iter(left), None))
    return Overview(
        rights=tuple(lines),
        next_step=_next(step) if step else None,
        steps_left=len({one.title for one in left}),
        is_employed=bool(employments),
        decisions_waiting=waiting,
    )


def _rights(
    person: User, employments: list[Employment], moment: Moment, *, suggest: bool
) -> tuple[list[RightLine], list[ShownStep]]:
    if not employments:
        return [], []
    rights = RightsReader(employments, moment=moment, addresses=True)
    claims = list(CompletionClaim.objects.filter(same_person(person)).select_related("course"))
    applications = list(
        AuthorisationApplication.objects.filter(same_person(person, "employment__person"))
        .select_related("right")
        .order_by("pk")
    )
    today = local_day(moment.now)
    lines: list[RightLine] = []
    steps: list[ShownStep] = []
    for employment in employments:
        answers, _role = answers_concerning(rights, employment, applications, suggest=suggest)
        waiting = waiting_of(employment, claims, applications)
        for answer in answers:
            last_day = answer.explained.last_day
            lines.append(
                RightLine(
                    workplace=employment.unit.name,
                    title=answer.right.title,
                    area=answer.role.title if answer.role else "",
                    **_status(answer.outcome.value, last_day if answer.is_allowed else None, today),
                    sentence=answer.explained.sentence,
                )
            )
            steps += steps_of(answer, rights.rules, waiting=waiting)
    return lines, steps


def _status(outcome: str, last_day: date | None, today: date) -> dict[str, str]:
    if last_day is not None and last_day <= today + SOON:
        return {"status": "expiring", "status_text": _("Expires soon")}
    return {"status": outcome, "status_text": ""}


def _next(step: ShownStep) -> NextStep:
    links = step.links or ()
    own = tuple((link.url, link.text, link.leaves) for link in links)
    if not own:
        own = ((reverse("competence:my_eligibility"), _("See all the steps"), False),)
    return NextStep(title=step.title, text=step.text, who=step.who, minutes=step.minutes, links=own)
