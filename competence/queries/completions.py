"""The completions behind a figure, for those who may see persons. Whoever is shown is noted as looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from competence.models.completion import Completion
from competence.statistics import Question, completions_asked_for
from lms.audit.api import record_look_ups
from lms.users.models import User

PAGE_SIZE = 50


@dataclass(frozen=True)
class ShownCompletion:
    """One completion. Of a person with protected identity neither name nor unit is told."""

    name: str
    unit: str
    course: str
    completed_at: datetime
    is_protected: bool


def list_completions(question: Question, *, page: str, by: User) -> Page[ShownCompletion]:
    """A page of what the figures for `question` count, latest first, in a fixed number of queries.

    Raises PermissionDenied unless `by` may see persons in statistics.
    """
    if not by.has_perm("competence.view_person_statistics"):
        raise PermissionDenied("see persons in statistics")
    found = completions_asked_for(question).select_related("person", "course", "unit").order_by("-completed_at", "-pk")
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    people = {c.person_id: c.person for c in shown if not c.person.is_protected}
    record_look_ups("view_completions", by=by, people=people.values(), purpose="statistics")
    return Page([_shown(completion) for completion in shown], shown.number, cast("Any", shown.paginator))


def _shown(completion: Completion) -> ShownCompletion:
    protected = completion.person.is_protected
    unit = "" if protected or completion.unit is None else str(completion.unit)
    return ShownCompletion(
        name=_("Protected identity") if protected else completion.person.full_name,
        unit=unit,
        course=completion.course.title,
        completed_at=completion.completed_at,
        is_protected=protected,
    )
