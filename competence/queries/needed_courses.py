"""Which courses a person needs now: those that the steps still missing to their rights name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from competence.models.authorisation import AuthorisationApplication
from competence.models.employment import Employment
from competence.policy.rules import NoRules
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_held_at
from competence.queries.rights import RightNow, RightsReader
from lms.users.models import User, same_person


@dataclass(frozen=True)
class NeededCourse:
    """Why a person needs a course.

    `rights`: the titles of the rights that it is missing to. `is_demanded` False: recommended only. `is_choice`: what
    it is needed for can be met in another way as well.
    """

    rights: tuple[str, ...]
    is_demanded: bool
    is_choice: bool


def courses_needed_by(person: User) -> dict[str, NeededCourse]:
    """By the course's key, what `person` needs it for: for the rights that concern them, in all their employments.

    Who is not appointed yet is told of the area that they applied for, or of the likely one, as *Min behörighet* does;
    unless they hold a task here already, such as an editor's, and thus may never be going to order. A fixed number of
    queries.
    """
    moment = current_moment()
    employments = list(employments_held_at(person, moment.now))
    if not employments:
        return {}
    applications = list(
        AuthorisationApplication.objects.filter(same_person(person, "employment__person"))
        .select_related("right")
        .order_by("pk")
    )
    suggest = not person.groups.exists()
    try:
        rights = RightsReader(employments, moment=moment)
    except NoRules:
        return {}
    found: dict[str, NeededCourse] = {}
    for employment in employments:
        answers, _role = answers_concerning(rights, employment, applications, suggest=suggest)
        for answer in answers:
            _add(found, answer)
    return found


def answers_concerning(
    rights: RightsReader,
    employment: Employment,
    applications: Sequence[AuthorisationApplication],
    *,
    suggest: bool,
    asked: str = "",
) -> tuple[list[RightNow], str]:
    """The answers that concern the person in `employment`, and the role they were asked for (empty: the person's own).

    About the role that is `asked` for, else about their areas; if they have none, about the one that they applied for
    last, or, with `suggest`, the likely one. `applications`: the person's own, with their rights.
    """
    answers = rights.details(employment, asked)
    if answers:
        return answers, asked
    own = [a for a in applications if a.employment_id == employment.pk and a.right]
    last = max(own, key=lambda one: one.pk, default=None)
    if last is None and not suggest:
        return [], asked
    role = asked or rights.likely_role(employment, last.right.key if last is not None and last.right else "")
    return rights.details(employment, role), role


def _add(found: dict[str, NeededCourse], answer: RightNow) -> None:
    for step in answer.explained.missing:
        is_choice = len(step.alternatives) > 1
        for alternative in step.alternatives:
            for course in alternative.courses:
                before = found.get(course.key)
                titles = before.rights if before else ()
                found[course.key] = NeededCourse(
                    rights=titles if answer.right.title in titles else (*titles, answer.right.title),
                    is_demanded=step.is_blocking or (before is not None and before.is_demanded),
                    is_choice=is_choice and (before is None or before.is_choice),
                )
