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
    """One right of one person. `status`: of components/status.html. `reason`: the shortest that tells why."""

    answer: RightNow
    status: str
    status_text: str
    reason: str

    @property
    def last_day(self) -> date | None:
        """The last day of a permit, when one is known."""
        return self.answer.explained.last_day if self.answer.is_allowed else None


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


@dataclass(frozen=True)
class Wanted:
    """Whom to show. `status`: an outcome, `leave`, a number of days within which a permit ends, or "" for all.

    `right`: the key of a right to look at, or "" for every right that concerns the person.
    """

    status: str = ""
    right: str = ""

    @property
    def is_everybody(self) -> bool:
        return not self.status and not self.right


def wanted_of(employments: Iterable[Employment], rights: RightsReader, wanted: Wanted) -> list[Employment]:
    """Those of `employments`, which `rights` was made for, that are wanted. Decides no more than it must."""
    return [employment for employment in employments if _is_wanted(employment, rights, wanted)]


def _is_wanted(employment: Employment, rights: RightsReader, wanted: Wanted) -> bool:
    if wanted.status == "leave":
        return rights.suspension(employment) is not None
    looked_at = [
        right
        for right in rights.rights_for(employment)
        if (right.key == wanted.right if wanted.right else rights.concerns(employment, right))
    ]
    if wanted.status in set(Outcome):
        return any(rights.outcome(employment, right) is Outcome(wanted.status) for right in looked_at)
    if wanted.status:
        limit = local_day(rights.moment.now) + timedelta(days=int(wanted.status))
        return any(_ends_by(limit, employment, right, rights) for right in looked_at)
    return not wanted.right or any(rights.concerns(employment, right) for right in looked_at)


def _ends_by(limit: date, employment: Employment, right: Right, rights: RightsReader) -> bool:
    if not rights.outcome(employment, right).is_allowed:
        return False
    last_day = rights.best(employment, right).explained.last_day
    return last_day is not None and last_day <= limit


def team_of(employments: Iterable[Employment], rights: RightsReader, waiting: Mapping[int, int]) -> Team:
    """The rows of `employments`, which `rights` was made for. `waiting`: decisions by person."""
    rows = list(employments)
    kinds = {employment.unit.principal_kind for employment in rows}
    columns = [r for r in rights.rules.rights.values() if r.principals is None or r.principals & kinds]
    summaries = [{answer.right.key: answer for answer in rights.summary(employment)} for employment in rows]
    demands = [_requirements(summary.values()) for summary in summaries]
    asked = [one for one in rights.rules.requirements if any(one.key in demand for demand in demands)]
    today = local_day(rights.moment.now)
    return Team(
        rights=columns,
        requirements=asked,
        rows=[
            TeamRow(
                employment=employment,
                rights=[_right_cell(summary.get(column.key), today) for column in columns],
                requirements=[demand.get(one.key) or RequirementCell("", "") for one in asked],
                is_on_leave=rights.suspension(employment) is not None,
                waiting=waiting.get(employment.person_id, 0),
            )
            for employment, summary, demand in zip(rows, summaries, demands, strict=True)
        ],
    )


def _right_cell(answer: RightNow | None, today: date) -> RightCell | None:
    if answer is None:
        return None
    explained = answer.explained
    status, text, reason = answer.outcome.value, "", ""
    if answer.outcome is Outcome.DENIED:
        blocking = [step for step in explained.missing if step.is_blocking]
        reason = blocking[0].text if blocking else ""
        if len(blocking) > 1:
            reason = _("%(first)s And %(count)d more.") % {"first": reason, "count": len(blocking) - 1}
        if not answer.concerns:
            status, text, reason = "neutral", _("May not order"), _("Not appointed.")
    elif explained.last_day is not None and explained.last_day <= today + timedelta(days=SOON_DAYS):
        status, text, reason = "expiring", _("May order"), explained.sentence
    elif answer.outcome is Outcome.ALLOWED_WITH_WARNING:
        reason = explained.missing[0].text if explained.missing else ""
    elif answer.includes_it:
        reason = _("By a wider right.")
    return RightCell(answer=answer, status=status, status_text=text, reason=reason)


def _requirements(answers: Iterable[RightNow]) -> dict[str, RequirementCell]:
    """The requirements that the rights which concern the person ask for."""
    found: dict[str, RequirementCell] = {}
    for answer in answers:
        if not answer.concerns:
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
