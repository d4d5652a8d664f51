"""What the pages of the team have in common: who is within the reader's reach, and which of them are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from competence.explain import Names, load_names
from competence.forms.team import TeamFilter
from competence.models.employment import Employment
from competence.permissions import Reach
from competence.policy.rules import RuleSet
from competence.queries.eligibility import Moment, current_moment
from competence.queries.team_lines import (
    Line,
    TeamChoice,
    TeamCounts,
    chosen_of,
    counts_of,
    lines_of,
    team_employments,
    units_to_choose,
)
from competence.queries.waiting import people_waiting
from competence.views.common import reach_or_404, reader_of
from lms.users.models import User


@dataclass(frozen=True)
class TeamSelection:
    """The reader's team at one moment, as the filters in `form` choose from it."""

    reader: User
    reach: Reach
    moment: Moment
    names: Names
    rules: RuleSet
    form: TeamFilter
    choice: TeamChoice
    waiting: Mapping[int, int]

    @cached_property
    def lines(self) -> list[Line]:
        """Everybody at the chosen unit with the name that was searched for."""
        return lines_of(team_employments(self.reach, self.choice, self.moment.now), self.moment, self.waiting)

    @cached_property
    def chosen(self) -> list[Line]:
        """Those whom all filters choose, sorted."""
        return chosen_of(self.lines, self.choice, self.moment.now)

    @property
    def counts(self) -> TeamCounts:
        return counts_of(self.lines, self.moment.now)

    @property
    def waiting_in_all(self) -> int:
        return sum(self.waiting.values())


def team_selection(request: HttpRequest, data: Mapping[str, Any]) -> TeamSelection:
    """The reader's team as `data` (the filters as they were sent) chooses from it. Raises Http404 and NoRules."""
    reach = reach_or_404(request)
    moment = current_moment()
    names = load_names()
    rules = names.book.in_force(moment.now, moment.known_at)
    form = TeamFilter(data, rules=rules, units=units_to_choose(reach))
    return TeamSelection(
        reader=reader_of(request),
        reach=reach,
        moment=moment,
        names=names,
        rules=rules,
        form=form,
        choice=form.choice(),
        waiting=people_waiting(reach, moment.now),
    )


def employments_shown(lines: list[Line]) -> list[Employment]:
    """The employments of `lines`, in their order, with what a page shows of them. One query."""
    found = Employment.objects.select_related("person", "unit", "identity").in_bulk(
        [line.employment_id for line in lines]
    )
    return [found[line.employment_id] for line in lines]
