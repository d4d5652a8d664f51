"""The one door for other packages."""

from competence.actions.completions import CompletionConflict, offer_completion, record_completion
from competence.actions.many_completions import record_completions
from competence.actions.rules import register_course_reference
from competence.exports.sheets import FORMATS, sheet_response
from competence.exports.statistics import (
    asked_period,
    figure_text,
    period_name,
    principal_name,
    small_groups_text,
    source_text,
    statistics_sheet,
)
from competence.permissions import manages_anybody
from competence.queries.completions import list_completions
from competence.queries.counting import completions_counting_as
from competence.queries.course_states import completions_of, course_states_of, people_who_completed
from competence.queries.digest import managers, team_digest
from competence.queries.employments import units_worked_within, workplaces_of
from competence.queries.equivalences import course_equivalences
from competence.queries.expiries import expiries_ahead, expiries_of
from competence.queries.external_courses import external_courses
from competence.queries.figures import reported_statements
from competence.queries.finishers import every_unit, people_who_finished, people_working, roles_to_choose_from
from competence.queries.needed_courses import courses_needed_by
from competence.queries.overview import overview_of
from competence.queries.published_rules import published_rules
from competence.queries.recorded import hears_of_completions, recorded_completions, stand_or_fall
from competence.queries.units import unit_named, units_to_choose_from
from competence.statistics import completion_statistics, course_titles
from competence.wording import minutes_text

__all__ = [
    "CompletionConflict",
    "FORMATS",
    "asked_period",
    "completion_statistics",
    "completions_counting_as",
    "completions_of",
    "course_equivalences",
    "courses_needed_by",
    "course_states_of",
    "course_titles",
    "expiries_ahead",
    "expiries_of",
    "every_unit",
    "external_courses",
    "figure_text",
    "hears_of_completions",
    "list_completions",
    "managers",
    "manages_anybody",
    "minutes_text",
    "offer_completion",
    "overview_of",
    "people_who_finished",
    "people_working",
    "people_who_completed",
    "published_rules",
    "period_name",
    "principal_name",
    "record_completion",
    "recorded_completions",
    "record_completions",
    "register_course_reference",
    "reported_statements",
    "roles_to_choose_from",
    "sheet_response",
    "small_groups_text",
    "source_text",
    "stand_or_fall",
    "statistics_sheet",
    "unit_named",
    "team_digest",
    "units_to_choose_from",
    "units_worked_within",
    "workplaces_of",
]
