"""Making, publishing and withdrawing courses."""

from __future__ import annotations

from datetime import date
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.actions.editions import decide_same_course, needs_decision
from courses.actions.keys import require_free_key
from courses.actions.packages import discard_package, require_editor, take_in_package
from courses.models import Course, CourseEdition, PackageTrustDecision
from courses.publish import publish_course
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, name_of, person_or_none
from lms.lib.errors import Refusal


def create_course(
    *,
    key: str,
    title: str,
    minutes: int,
    source: IO[bytes],
    file_name: str,
    by: Actor,
    description: str = "",
    language: str = "sv",
    level: str = Course.Level.REGIONAL,
) -> Course:
    """A new course with its first edition, neither of them published yet.

    `title` may be empty: then it is the package's own. Raises Refusal when the key is taken or the package unusable.
    """
    require_editor(by)
    require_free_key(key)
    package = take_in_package(source=source, file_name=file_name, by=by)
    try:
        with transaction.atomic():
            course = Course.objects.create(
                key=key,
                title=title or package.title[:250],
                minutes=minutes,
                description=description,
                language=language,
                level=level,
            )
            CourseEdition.objects.create(course=course, number=1, package=package)
            record_write("create_course", by=by, subject=f"course:{key}")
    except BaseException:
        discard_package(package)
        raise
    return course


def add_edition(*, course: Course, source: IO[bytes], file_name: str, by: Actor) -> CourseEdition:
    """A new edition of `course`, not published yet. Raises Refusal when the package is unusable or already there."""
    require_editor(by)
    package = take_in_package(source=source, file_name=file_name, by=by)
    try:
        with transaction.atomic():
            Course.objects.select_for_update().get(pk=course.pk)
            newest = course.editions.select_related("package").first()
            if newest is not None and newest.scorm_package.sha256 == package.sha256:
                raise Refusal(
                    _("This very package is already edition %(number)s of the course.") % {"number": newest.number}
                )
            number = newest.number + 1 if newest is not None else 1
            edition = CourseEdition.objects.create(course=course, number=number, package=package)
            record_write("add_edition", by=by, subject=f"course:{course.key}", number=number)
    except BaseException:
        discard_package(package)
        raise
    return edition


@transaction.atomic
def publish_edition(*, edition: CourseEdition, by: Actor, same_because: str = "") -> CourseEdition:
    """New attempts get this edition from now on; running ones stay on theirs. Publishes the course as well.

    An edition that follows another needs the reason why it is the same course (`courses.actions.editions`).
    """
    require_editor(by)
    if edition.withdrawn_at is not None:
        raise Refusal(_("A withdrawn edition cannot be published again. Upload the package as a new edition."))
    course = edition.course
    if needs_decision(edition):
        decide_same_course(edition=edition, reason=same_because, by=by)
    if edition.published_at is None:
        edition.published_at = timezone.now()
        edition.save(update_fields=["published_at"])
    course.is_published = True
    course.save(update_fields=["is_published"])
    publish_course(course, by=by)
    record_write("publish_edition", by=by, subject=f"course:{course.key}", number=edition.number)
    return edition


@transaction.atomic
def withdraw_edition(*, edition: CourseEdition, by: Actor) -> CourseEdition:
    """Stop an edition at once: nobody starts it, and running attempts on it can write no more."""
    require_editor(by)
    if not edition.is_live:
        raise Refusal(_("Only a published edition can be withdrawn."))
    edition.withdrawn_at = timezone.now()
    edition.save(update_fields=["withdrawn_at"])
    course = edition.course
    if not course.editions.filter(published_at__isnull=False, withdrawn_at=None).exists():
        course.is_published = False
        course.save(update_fields=["is_published"])
    record_write("withdraw_edition", by=by, subject=f"course:{course.key}", number=edition.number)
    return edition


@transaction.atomic
def unpublish_course(*, course: Course, by: Actor) -> Course:
    """Hide the course: nobody starts it, and running attempts can write no more until it is published again."""
    require_editor(by)
    course.is_published = False
    course.save(update_fields=["is_published"])
    record_write("unpublish_course", by=by, subject=f"course:{course.key}")
    return course


@transaction.atomic
def edit_course(*, course: Course, title: str, minutes: int, description: str, level: str, by: Actor) -> Course:
    """Change what is said of a course. What has been completed is not touched."""
    require_editor(by)
    course.title, course.minutes, course.description, course.level = title, minutes, description, level
    course.save(update_fields=["title", "minutes", "description", "level"])
    if course.is_published:
        publish_course(course, by=by)
    record_write("edit_course", by=by, subject=f"course:{course.key}")
    return course


@transaction.atomic
def decide_package_trust(
    *, course: Course, is_trusted: bool, from_on: date, reason: str, by: Actor
) -> PackageTrustDecision:
    """Decide whether the package's own result counts from `from_on`. An administrator's decision, with a reason."""
    if not isinstance(by, Machine) and not by.has_perm("courses.decide_package_trust"):
        raise PermissionDenied("courses.decide_package_trust")
    if not reason.strip():
        raise Refusal(_("Give the reason for the decision."))
    decision = PackageTrustDecision.objects.create(
        course=course,
        is_trusted=is_trusted,
        from_on=from_on,
        reason=reason.strip(),
        decided_by=person_or_none(by),
        decided_by_name=name_of(by)[:150],
    )
    record_write("decide_package_trust", by=by, subject=f"course:{course.key}", is_trusted=is_trusted)
    return decision
