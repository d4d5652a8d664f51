"""A team as a matrix of people and rights, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from competence.models.employment import Employment
from competence.policy.decision import Outcome
from competence.policy.reasons import Code
from competence.policy.rules import Requirement, Right
from competence.queries.rights import RightNow, RightsReader
from lms.lib.clock import local_day

SOON_DAYS = 60
_MET = frozenset({Code.REQUIREMENT_MET, Code.EXEMPTED, Code.GRANDFATHERED})


@dataclass(frozen=True)
class RightCell:
    """One right of one person. `status`: of components/status.html. `reason`: the shortest that tells why.

    `answer` None: the person may not, and is not concerned; that need not be explained.
    """

    right: Right
    answer: RightNow | None
    status: str
    status_text: str
    reason: str

    @property
    def is_of_weight(self) -> bool:
        """Whether the right concerns the person, or they have it all the same."""
        return self.answer is not None and (self.answer.concerns or self.answer.is_allowed)


@dataclass(frozen=True)
class RequirementCell:
    """One requirement of one person; status "" where it does not concern the person."""

    status: str
    text: str


@dataclass(frozen=True)
class TeamRow:
    """One employment in the team. `rights` and `requirements` are in the order of the columns, None: not for them."""

    employment: Employment
    rights: list[RightCell | None]
    requirements: list[RequirementCell]
    is_on_leave: bool
    waiting: int

    @property
    def name(self) -> str:
        return self.employment.person.full_name


@dataclass(frozen=True)
class Team:
    """Rows with their columns."""

    rights: list[Right]
    requirements: list[Requirement]
    rows: list[TeamRow]


def team_of(employments: Iterable[Employment], rights: RightsReader, waiting: Mapping[int, int]) -> Team:
    """The rows of `employments`, which `rights` was made for. `waiting`: decisions by person."""
    rows = list(employments)
    kinds = {employment.unit.principal_kind for employment in rows}
    columns = [r for r in rights.rules.rights.values() if r.principals is None or r.principals & kinds]
    summaries = [_answers(employment, rights) for employment in rows]
    demands = [_requirements(summary.values()) for summary in summaries]
    asked = [one for one in rights.rules.requirements if any(one.key in demand for demand in demands)]
    today = local_day(rights.moment.now)
    return Team(
        rights=columns,
        requirements=asked,
        rows=[
            TeamRow(
                employment=employment,
                rights=[_right_cell(column, summary, today) for column in columns],
                requirements=[demand.get(one.key) or RequirementCell("", "") for one in asked],
                is_on_leave=rights.suspension(employment) is not None,
                waiting=waiting.get(employment.person_id, 0),
            )
            for employment, summary, demand in zip(rows, summaries, demands, strict=True)
        ],
    )


def _answers(employment: Employment, rights: RightsReader) -> dict[str, RightNow | None]:
    """By right, the best answer; None when it is no and concerns nobody: bounds and words would be made in vain."""
    found: dict[str, RightNow | None] = {}
    for right in rights.rights_for(employment):
        is_asked = rights.concerns(employment, right) or rights.outcome(employment, right).is_allowed
        found[right.key] = rights.best(employment, right) if is_asked else None
    return found


def _right_cell(right: Right, answers: Mapping[str, RightNow | None], today: date) -> RightCell | None:
    if right.key not in answers:
        return None
    answer = answers[right.key]
    if answer is None:
        return RightCell(right, None, "neutral", _("May not order"), _("Not appointed."))
    explained = answer.explained
    status, text, reason = answer.outcome.value, "", ""
    if answer.outcome is Outcome.DENIED:
        blocking = [step for step in explained.missing if step.is_blocking]
        reason = blocking[0].text if blocking else ""
        if len(blocking) > 1:
            reason = _("%(first)s And %(count)d more.") % {"first": reason, "count": len(blocking) - 1}
    elif explained.last_day is not None and explained.last_day <= today + timedelta(days=SOON_DAYS):
        status, text, reason = "expiring", _("May order"), explained.sentence
    elif answer.outcome is Outcome.ALLOWED_WITH_WARNING:
        reason = explained.missing[0].text if explained.missing else ""
    elif answer.includes_it:
        reason = _("By a wider right.")
    return RightCell(right, answer, status, text, reason)


def _requirements(answers: Iterable[RightNow | None]) -> dict[str, RequirementCell]:
    """The requirements that the rights which concern the person ask for."""
    found: dict[str, RequirementCell] = {}
    for answer in answers:
        if answer is None or not answer.concerns:
            continue
        for step in answer.explained.missing:
            keys = [step.requirement] if step.requirement else []
            for key in [*keys, *_also(answer, step.requirement)]:
                cell = RequirementCell("missing" if step.is_blocking else "expiring", "")
                found[key] = RequirementCell(cell.status, "" if step.is_blocking else _("Recommended"))
        for ground in answer.explained.reasons:
            if ground.requirement and ground.code in _MET:
                found.setdefault(ground.requirement, RequirementCell("done", ""))
    return found


def _also(answer: RightNow, requirement: str | None) -> tuple[str, ...]:
    return next((step.also_meets for step in answer.decision.missing if step.requirement == requirement), ())
