"""Deciding whether a new edition is the same course, and making a course of its own of one that is not."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions.keys import require_free_key
from courses.actions.packages import require_editor
from courses.models import Course, CourseEdition, EditionDecision
from lms.audit.api import record_write
from lms.lib.actors import Actor, name_of, person_or_none
from lms.lib.errors import Refusal


def needs_decision(edition: CourseEdition) -> bool:
    """Whether somebody must say, before it is published, that this edition is the same course as those before it."""
    if edition.published_at is not None or edition.course.kind != Course.Kind.PACKAGE:
        return False
    others = CourseEdition.objects.filter(course=edition.course, published_at__isnull=False)
    return others.exists() and not edition.decisions.exists()


@transaction.atomic
def decide_same_course(*, edition: CourseEdition, reason: str, by: Actor) -> EditionDecision:
    """Decide that `edition` is the same course: what was completed in earlier editions counts as before."""
    require_editor(by)
    decision = _decide(edition, is_same=True, was_of="", reason=reason, by=by)
    record_write("decide_same_course", by=by, subject=f"course:{edition.course.key}", number=edition.number)
    return decision


@transaction.atomic
def make_own_course(*, edition: CourseEdition, key: str, title: str, minutes: int, reason: str, by: Actor) -> Course:
    """Decide that `edition`, which is not published, is another course, and make it one with a key of its own.

    Nothing that was completed in the old course counts for it, unless the rules say so by an equivalence. Raises
    Refusal when the key is taken or the edition has been published.
    """
    require_editor(by)
    edition = CourseEdition.objects.select_for_update(of=("self",)).select_related("course").get(pk=edition.pk)
    old = edition.course
    if edition.published_at is not None:
        raise Refusal(
            _("The edition has been published, and belongs to its course. Upload the package as a new course.")
        )
    require_free_key(key)
    course = Course.objects.create(
        key=key,
        title=title,
        minutes=minutes,
        description=old.description,
        language=old.language,
        level=old.level,
        kind=old.kind,
    )
    was_number, edition.course, edition.number = edition.number, course, 1
    edition.save(update_fields=["course", "number"])
    _decide(edition, is_same=False, was_of=old.key, reason=reason, by=by)
    record_write("make_own_course", by=by, subject=f"course:{key}", was_of=old.key, was_number=was_number)
    return course


def _decide(edition: CourseEdition, *, is_same: bool, was_of: str, reason: str, by: Actor) -> EditionDecision:
    if not reason.strip():
        raise Refusal(_("Give the reason for the decision."))
    return EditionDecision.objects.create(
        edition=edition,
        is_same_course=is_same,
        was_of=was_of,
        reason=reason.strip()[:500],
        decided_by=person_or_none(by),
        decided_by_name=name_of(by)[:150],
    )
