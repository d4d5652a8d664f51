"""A manager's team in a few numbers, for a mail that names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from competence.permissions import current_assignments, current_deputies, reach_of
from competence.policy.rules import NoRules
from competence.queries.eligibility import current_moment
from competence.queries.team_lines import TeamChoice, counts_of, lines_of, team_employments
from competence.queries.waiting import count_waiting, people_waiting
from lms.users.models import User

MOST = 5_000


@dataclass(frozen=True)
class TeamDigest:
    """How many in the team: `decisions` that wait for the manager, people whose permit is soon over (`ending`), and
    who lack something for a right that concerns them (`lacking`), of `people` in all.

    Of more than MOST people only the decisions are counted: who leads so many follows them in the statistics.
    """

    decisions: int
    people: int
    ending: int = 0
    lacking: int = 0

    @property
    def says_something(self) -> bool:
        """Whether there is anything for the manager to look at."""
        return bool(self.decisions or self.ending or self.lacking)


def managers() -> Iterator[User]:
    """Everybody who manages somebody today, or stands in for a manager."""
    ids = current_assignments().values("person").union(current_deputies().values("person"))
    people = User.objects.filter(pk__in=[row["person"] for row in ids], is_active=True)
    yield from people.select_related("merged_into").order_by("pk")


def team_digest(manager: User) -> TeamDigest | None:
    """The team of `manager` as of now, as the team page counts it; None: they manage nobody, or there are no rules."""
    reach = reach_of(manager)
    if not reach:
        return None
    moment = current_moment()
    decisions, team = count_waiting(reach, moment.now), team_employments(reach, TeamChoice(), moment.now)
    people = team.count()
    if people > MOST:
        return TeamDigest(decisions, people)
    try:
        lines = lines_of(team, moment, people_waiting(reach, moment.now))
    except NoRules:
        return None
    counts = counts_of(lines, moment.now)
    return TeamDigest(decisions, people, ending=counts.ending, lacking=counts.denied)
