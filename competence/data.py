"""The frozen values that cross the door."""

from competence.actions.completions import CompletionConflict
from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.policy.reasons import Alternative, Code, Missing, Reason
from competence.queries.course_states import CourseState

__all__ = [
    "Alternative",
    "Code",
    "CompletionConflict",
    "Context",
    "CourseState",
    "EligibilityDecision",
    "Missing",
    "Outcome",
    "Reason",
]
