"""The team as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from competence.explain import step_title
from competence.exports.sheets import FORMATS, Cell, sheet_response
from competence.outcomes import POSITION, MissingStep
from competence.policy.decision import Outcome
from competence.policy.reasons import Code, Missing
from competence.queries.standing import Standing
from competence.queries.team_lines import Line
from competence.views.common import needs_rules
from competence.views.team_selection import TeamSelection, team_selection
from lms.audit.api import record_look_ups_by_id
from lms.lib.access import logged_in
from lms.lib.clock import local_day
from lms.lib.garbage import no_search_for_circles

_TICK = timedelta(microseconds=1)


@logged_in
@require_safe
@needs_rules
@no_search_for_circles()
def team_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """The filtered team as a file. Everybody in it is somebody whom the reader manages; each is noted as looked up."""
    if fmt not in FORMATS:
        raise Http404
    selection = team_selection(request, request.GET)
    lines = selection.chosen
    people = list(dict.fromkeys(line.person_id for line in lines))
    record_look_ups_by_id("export_team", by=selection.reader, people=people, format=fmt)
    concerned = {one.right for line in lines for one in line.concerning}
    steps = {step for line in lines for one in line.concerning for step in one.missing}
    missed = {key for step in steps for key in step.requirements}
    rights = [right for right in selection.rules.rights.values() if right.key in concerned]
    requirements = [one for one in selection.rules.requirements if one.key in missed]
    header: list[Cell] = [_("Name"), _("HSA-ID"), _("Title"), _("Workplace"), _("Employed since"), _("On leave")]
    for right in rights:
        header += [right.title, _("Lacks"), _("Until and including")]
    header += [requirement.title for requirement in requirements]
    return sheet_response(
        fmt,
        file_name=f"mitt-team-{local_day(selection.moment.now).isoformat()}",
        title=_("My team"),
        header=header,
        rows=_rows(selection, [right.key for right in rights], [one.key for one in requirements]),
    )


def _rows(selection: TeamSelection, rights: list[str], requirements: list[str]) -> Iterator[list[Cell]]:
    words = {
        Outcome.ALLOWED: _("May order"),
        Outcome.ALLOWED_WITH_WARNING: _("May order, with a recommendation"),
        Outcome.DENIED: _("May not order"),
    }
    away, missing, recommended = _("Yes"), _("Missing"), _("Recommended")
    lacks = _lacks(selection)
    last_day = cache(_last_day)
    for line in selection.chosen:
        cells: list[Cell] = [
            f"{line.first_name} {line.last_name}".strip(),
            line.hsa_id,
            line.title or None,
            line.unit,
            line.starts_on,
            away if line.is_on_leave else None,
        ]
        best = _best_of(line)
        for right in rights:
            one = best.get(right)
            cells += [words[one.outcome], lacks(one.missing), last_day(one.permit_until)] if one else [None, None, None]
        if requirements:
            waits: dict[str, bool] = {}
            for step in line.missing_steps():
                for key in step.requirements:
                    waits[key] = waits.get(key, False) or step.is_blocking
            cells += [(missing if waits[key] else recommended) if key in waits else None for key in requirements]
        yield cells


def _best_of(line: Line) -> dict[str, Standing]:
    """By right, the best of a person's customer numbers."""
    best: dict[str, Standing] = {}
    for one in line.concerning:
        known = best.get(one.right)
        if known is None or POSITION[one.outcome] < POSITION[known.outcome]:
            best[one.right] = one
    return best


def _lacks(selection: TeamSelection) -> Callable[[tuple[MissingStep, ...]], str | None]:
    """What remains, in a few words; thousands lack the same."""
    rules = selection.rules

    @cache
    def text(steps: tuple[MissingStep, ...]) -> str | None:
        titles = (
            step_title(Missing(code=Code(step.code), requirement=step.requirement), rules)
            for step in steps
            if step.is_blocking
        )
        return ", ".join(dict.fromkeys(titles)) or None

    return text


def _last_day(until: datetime | None) -> Cell:
    return local_day(until - _TICK) if until else None
