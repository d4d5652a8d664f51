"""Publishing rules, and naming the things that they speak of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.epoch import bump_names
from competence.actions.names import name_after, name_after_rules_in_force
from competence.models.course_reference import CourseReference
from competence.models.requirement import RuleSetVersion
from competence.policy.document import with_order
from competence.queries.rule_documents import known_here
from competence.rule_documents.check import check_document
from competence.rule_documents.words import full_sentence
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal


@transaction.atomic
def publish_rules(
    *, document: dict[str, Any], by: Actor, in_force_from: datetime | None = None, reason: str = ""
) -> RuleSetVersion:
    """Publish `document` as the next version of the rules, in force from now unless said otherwise.

    Back-dating needs a reason. Raises Refusal with every fault and its place when the document is wrong or speaks of
    what is not registered. Roles, rights and systems are named after it as soon as it is in force.
    """
    change = begin_change(by=by)
    version = (RuleSetVersion.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    checked = check_document(document, known_here(), version=version)
    rules = checked.rules
    if rules is None:
        faults = " ".join(full_sentence(fault) for fault in checked.errors)
        raise Refusal(_("The rules cannot be published: %(fault)s") % {"fault": faults})
    starts = in_force_from or change.at
    if starts < change.at and not reason.strip():
        raise Refusal(_("Give a reason: these rules are to be in force from a time that has passed."))
    published = change.record(
        RuleSetVersion(version=version, document=with_order(document), in_force_from=starts, reason=reason.strip())
    )
    name_after(rules, renames=False)
    if starts <= change.at:
        name_after_rules_in_force()
    record_write("publish_rules", by=by, subject=f"rules:{version}")
    change.announce("rules.published", person=None, version=version)
    return published


@transaction.atomic
def register_course_reference(
    *,
    key: str,
    title: str,
    level: str,
    by: Actor,
    minutes: int | None = None,
    url: str = "",
    is_external: bool = False,
    ended_on: date | None = None,
) -> CourseReference:
    """Name a course that requirements and completions may speak of. The same key again renames it."""
    reference, created = CourseReference.objects.update_or_create(
        key=key,
        defaults={
            "title": title,
            "level": level,
            "minutes": minutes,
            "url": url,
            "is_external": is_external,
            "ended_on": ended_on,
        },
    )
    bump_names()
    record_write("register_course_reference" if created else "change_course_reference", by=by, subject=f"course:{key}")
    return reference
