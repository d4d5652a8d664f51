"""Which packages' own results count."""

from datetime import datetime

from courses.models import Course, PackageTrustDecision
from lms.lib.clock import local_day


def decision_in_force(course: Course, at: datetime) -> PackageTrustDecision | None:
    """The decision that holds for `course` on the local day of `at`: the last made of those that have begun."""
    return course.trust_decisions.filter(from_on__lte=local_day(at)).order_by("-decided_at", "-id").first()


def is_package_trusted(course: Course, at: datetime) -> bool:
    """Whether a result reported at `at` by this course's package counts without anybody's attestation."""
    decision = decision_in_force(course, at)
    return decision is not None and decision.is_trusted
