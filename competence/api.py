"""The one door for other packages."""

from competence.actions.completions import CompletionConflict, offer_completion, record_completion
from competence.actions.rules import register_course_reference
from competence.permissions import manages_anybody
from competence.queries.course_states import course_states_of

__all__ = [
    "CompletionConflict",
    "course_states_of",
    "manages_anybody",
    "offer_completion",
    "record_completion",
    "register_course_reference",
]
