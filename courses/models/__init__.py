from courses.models.assignment import CourseAssignment
from courses.models.attempt import Attempt
from courses.models.attempt_event import AttemptEvent
from courses.models.calendar_key import CalendarKey
from courses.models.certificate import Certificate, CertificateKey, CertificateRevocation
from courses.models.course import Course
from courses.models.course_edition import CourseEdition
from courses.models.edition_decision import EditionDecision
from courses.models.enrolment import Enrolment
from courses.models.evaluation import EvaluationCount, EvaluationForm, EvaluationRemark, EvaluationTurn
from courses.models.examination import DrawnQuestion, Examination
from courses.models.lesson_content import EditionLesson, EditionTest
from courses.models.lesson_pages import CoursePage, CourseShelfPage, LessonPage
from courses.models.lesson_progress import LessonProgress
from courses.models.message import Message, MessageChoice
from courses.models.occasion import Occasion, OccasionSession
from courses.models.package_trust_decision import PackageTrustDecision
from courses.models.place import Attendance, Place
from courses.models.reported_occasions import ReportedOccasionFigure
from courses.models.sco_runtime import ScoRuntime
from courses.models.scorm_package import ScormPackage
from courses.models.sequencing import SequencingState, SharedValue

__all__ = [
    "Attempt",
    "Attendance",
    "CalendarKey",
    "Certificate",
    "CertificateKey",
    "CertificateRevocation",
    "Course",
    "CourseAssignment",
    "CourseEdition",
    "CoursePage",
    "CourseShelfPage",
    "DrawnQuestion",
    "EditionLesson",
    "EditionTest",
    "AttemptEvent",
    "Course",
    "CourseEdition",
    "EditionDecision",
    "Enrolment",
    "Examination",
    "LessonPage",
    "LessonProgress",
    "EvaluationCount",
    "EvaluationForm",
    "EvaluationRemark",
    "EvaluationTurn",
    "Message",
    "MessageChoice",
    "Occasion",
    "OccasionSession",
    "PackageTrustDecision",
    "Place",
    "ReportedOccasionFigure",
    "ScoRuntime",
    "ScormPackage",
    "SequencingState",
    "SharedValue",
]
