"""The frozen values that cross the door."""

from competence.actions.completions import CompletionConflict
from competence.actions.many_completions import Answer, Reported
from competence.policy.decision import Context, EligibilityDecision, Outcome
from competence.policy.reasons import Alternative, Code, Missing, Reason
from competence.queries.completions import ShownCompletion
from competence.queries.course_states import CourseState
from competence.queries.digest import TeamDigest
from competence.queries.equivalences import CourseEquivalence
from competence.queries.expiries import Expiry
from competence.queries.external_courses import ExternalCourse
from competence.queries.figures import ReportedStatement
from competence.queries.needed_courses import NeededCourse
from competence.queries.overview import NextStep, Overview, RightLine
from competence.queries.recorded import RecordedCompletion
from competence.small_groups import Figure
from competence.statistics import PRINCIPALS, CompletionStatistics, Question, Step

__all__ = [
    "Alternative",
    "Answer",
    "Code",
    "CompletionConflict",
    "CompletionStatistics",
    "Context",
    "CourseEquivalence",
    "CourseState",
    "EligibilityDecision",
    "Expiry",
    "ExternalCourse",
    "Figure",
    "Missing",
    "NeededCourse",
    "NextStep",
    "Outcome",
    "Overview",
    "PRINCIPALS",
    "Question",
    "Reason",
    "RecordedCompletion",
    "Reported",
    "ReportedStatement",
    "RightLine",
    "ShownCompletion",
    "Step",
    "TeamDigest",
]
