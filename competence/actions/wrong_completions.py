"""Taking back a completion that was recorded in error."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.endings import end_fact
from competence.models.completion import Completion
from competence.models.ending import Ending
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal


@transaction.atomic
def withdraw_completion(*, completion: Completion, reason: str, by: Actor) -> Ending:
    """Record that `completion` was recorded in error. What was answered before stays explained.

    Raises PermissionDenied unless `by` may correct people's records, Refusal without a reason and when it is done.
    """
    if not isinstance(by, Machine) and not by.has_perm("competence.merge_people"):
        raise PermissionDenied("withdraw a completion")
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    change = begin_change(by=by)
    if completion.endings.exists():
        raise Refusal(_("It has been noted already that it was recorded in error."))
    ending = end_fact(completion, change, kind=Ending.Kind.CORRECTED, at=change.at, reason=reason.strip())
    record_write("withdraw_completion", by=by, subject=f"completion:{completion.public_id}", person=completion.person)
    change.announce("completion.withdrawn", person=completion.person, completion=str(completion.public_id))
    return ending
