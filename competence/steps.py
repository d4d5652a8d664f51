"""A right as a list of steps in their order, the done ones among them, with what the reader can do about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from competence.explain import Ground, NamedCourse, Step
from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.employment import Employment
from competence.policy.reasons import Code
from competence.policy.rules import RuleSet
from competence.queries.rights import RightNow
from competence.wording import Who, minutes_text
from lms.lib.clock import local_day

_EMPLOYMENT = (Code.EMPLOYED, Code.NOT_EMPLOYED, Code.UNKNOWN_PERSON, Code.RIGHT_NOT_FOR_PRINCIPAL)
_CAN_APPLY = (Code.NOT_AUTHORISED, Code.AUTHORISATION_ENDED, Code.AUTHORISATION_INACTIVE)


@dataclass(frozen=True)
class Link:
    """Something to do about a step. `leaves`: the address is outside this service."""

    url: str
    text: str
    leaves: bool = False


@dataclass(frozen=True)
class ShownStep:
    """A step as the page shows it. `status` is one of components/status.html's."""

    title: str
    status: str
    status_text: str
    text: str
    who: str = ""
    minutes: str = ""
    until: date | None = None
    links: tuple[Link, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.status == "done"


@dataclass(frozen=True)
class Waiting:
    """What the person has sent in and nobody has decided: course keys with the day, and right keys with a number."""

    courses: Mapping[str, date] = field(default_factory=dict)
    rights: Mapping[str, str] = field(default_factory=dict)


def waiting_of(
    employment: Employment, claims: Iterable[CompletionClaim], applications: Iterable[AuthorisationApplication]
) -> Waiting:
    """What has been sent in and awaits a decision, as far as it concerns `employment`."""
    return Waiting(
        courses={
            claim.course.key: local_day(claim.created_at)
            for claim in claims
            if claim.status == CompletionClaim.Status.WAITING
        },
        rights={
            a.right.key: a.case_number
            for a in applications
            if a.employment_id == employment.pk
            and a.right is not None
            and a.status == AuthorisationApplication.Status.SUBMITTED
        },
    )


def steps_of(answer: RightNow, rules: RuleSet, *, waiting: Waiting, for_manager: bool = False) -> list[ShownStep]:
    """The steps to the right, done and left, in the order in which the rules name them."""
    found: list[tuple[int, ShownStep]] = [
        (_place(ground.code, ground.requirement, rules), _done(ground, rules))
        for ground in answer.explained.reasons
        if ground.code != Code.REQUIREMENT_RECOMMENDED
    ]
    for step in answer.explained.missing:
        shown = _left(step, answer, waiting=waiting, for_manager=for_manager)
        found.append((_place(step.code, step.requirement, rules), shown))
    return [step for _position, step in sorted(found, key=lambda pair: pair[0])]


def _place(code: str, requirement: str | None, rules: RuleSet) -> int:
    if code in _EMPLOYMENT:
        return 0
    if code == Code.SUSPENDED:
        return 1
    if requirement is not None:
        keys = [one.key for one in rules.requirements]
        return 10 + (keys.index(requirement) if requirement in keys else len(keys))
    if code == Code.LEVEL_NOT_DECIDED:
        return 3
    if code in (Code.APPOINTED, Code.HELD_BY_PROFESSION, Code.NOT_APPOINTED):
        return 2
    return 1000


def _done(ground: Ground, rules: RuleSet) -> ShownStep:
    requirement = rules.requirement(ground.requirement or "")
    if requirement is not None:
        title = requirement.title
    elif ground.code == Code.EMPLOYED:
        title = _("Employment")
    elif ground.code in (Code.APPOINTED, Code.HELD_BY_PROFESSION):
        title = _("Appointment")
    else:
        title = _("Ordering right")
    return ShownStep(title=title, status="done", status_text="", text=ground.text, until=ground.until)


def _left(step: Step, answer: RightNow, *, waiting: Waiting, for_manager: bool) -> ShownStep:
    courses = [course for alternative in step.alternatives for course in alternative.courses]
    sent = next((waiting.courses[course.key] for course in courses if course.key in waiting.courses), None)
    number = waiting.rights.get(step.right or "")
    who = step.who
    status, status_text, text = "missing", "", step.text
    if not step.is_blocking:
        status, status_text = "expiring", _("Recommended")
    elif step.who is Who.NOBODY:
        status, status_text = "pending", _("Begins later")
    elif step.who is not Who.PERSON:
        status_text = _("Remains")
    else:
        status_text = _("Remains")
    if sent is not None:
        status, status_text, who = "pending", "", Who.MANAGER
        text = _("The certificate has been sent in. The manager is to look at it.")
    elif number and step.code in _CAN_APPLY:
        status, status_text, who = "pending", "", Who.MANAGER
        text = _("Application %(number)s has been sent in. The manager is to decide.") % {"number": number}
    links: tuple[Link, ...] = ()
    if for_manager:
        links = _manager_links(step, answer.employment)
    elif status != "pending":
        links = _person_links(step, courses, answer)
    return ShownStep(
        title=step.title,
        status=status,
        status_text=status_text,
        text=text,
        who=_who_text(who, for_manager=for_manager),
        minutes=minutes_text(step.minutes) if step.minutes and sent is None else "",
        links=links,
        after=step.after,
    )


def _who_text(who: Who, *, for_manager: bool) -> str:
    if who is Who.PERSON:
        return _("The person does this") if for_manager else _("You do this")
    if who is Who.MANAGER:
        return _("You as manager do this") if for_manager else _("Your manager does this")
    if who is Who.EMPLOYER:
        return _("The employer does this")
    return ""


def _person_links(step: Step, courses: list[NamedCourse], answer: RightNow) -> tuple[Link, ...]:
    links: list[Link] = []
    for course in courses:
        if course.url:
            text = _("To the course") if len(courses) == 1 else _("To %(course)s") % {"course": course.title}
            links.append(Link(course.url, text, leaves=course.is_external))
        if course.is_external:
            text = _("Register the certificate")
            if len(courses) > 1:
                text = _("Register the certificate of %(course)s") % {"course": course.title}
            links.append(Link(f"{reverse('competence:claim_completion')}?{urlencode({'kurs': course.key})}", text))
    if step.code in _CAN_APPLY and step.right:
        query = urlencode({"anstallning": str(answer.employment.public_id), "ratt": step.right})
        links.append(Link(f"{reverse('competence:apply')}?{query}", _("Apply")))
    return tuple(links)


def _manager_links(step: Step, employment: Employment) -> tuple[Link, ...]:
    def to(action: str, text: str, **query: str) -> Link:
        address = reverse("competence:member_action", args=[employment.public_id, action])
        return Link(f"{address}?{urlencode(query)}" if query else address, text)

    links: list[Link] = []
    match step.code:
        case Code.NOT_APPOINTED:
            links.append(to("utse", _("Appoint"), roll=step.role or ""))
        case Code.REVOKED if step.role:
            links.append(to("utse", _("Appoint again"), roll=step.role))
        case Code.LEVEL_NOT_DECIDED:
            links.append(to("niva", _("Decide the level"), roll=step.role or ""))
        case Code.SUSPENDED:
            links.append(to("ater", _("Register the return")))
        case Code.NOT_AUTHORISED | Code.AUTHORISATION_ENDED | Code.AUTHORISATION_INACTIVE if step.right:
            links.append(to("medge", _("Grant the right"), ratt=step.right))
        case Code.REVOKED if step.right:
            links.append(to("medge", _("Grant the right again"), ratt=step.right))
    for alternative in step.alternatives:
        for key, title in alternative.attestations:
            links.append(to("attestera", _("Attest: %(what)s") % {"what": title}, vad=key))
    return tuple(links)
