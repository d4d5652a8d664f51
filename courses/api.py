"""The one door to courses for other packages. Writes take `by`, and raise `lms.lib.errors.Refusal` with a sentence."""

from courses.actions.attempts import enrol, start_attempt
from courses.actions.courses import add_edition, create_course, decide_package_trust, publish_edition
from courses.queries.catalogue import CatalogueCourse, catalogue
from courses.queries.external import DescribedCourse, external_catalogue
from courses.queries.learner import MyCourse, course_for, courses_for
from courses.scorm.demo import build_demo_package

__all__ = [
    "CatalogueCourse",
    "DescribedCourse",
    "MyCourse",
    "add_edition",
    "build_demo_package",
    "catalogue",
    "course_for",
    "courses_for",
    "create_course",
    "decide_package_trust",
    "enrol",
    "external_catalogue",
    "publish_edition",
    "start_attempt",
]
