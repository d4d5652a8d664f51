"""Reminding somebody of what they lack."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.models.employment import Employment
from competence.models.reminder import Reminder
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

LONGEST_MESSAGE = 500


@transaction.atomic
def remind(*, employment: Employment, by: Actor, message: str = "") -> Reminder:
    """Have the person reminded by e-mail of what they lack, or what expires, in `employment`.

    The mail is written when it is sent, and dropped if nothing is lacking any more. Raises PermissionDenied unless `by`
    may decide about the employment, Refusal when there is no address or the message is too long.
    """
    as_deputy = require_decider(by, employment)
    message = message.strip()
    if len(message) > LONGEST_MESSAGE:
        raise Refusal(_("The message is too long: at most %(count)d characters.") % {"count": LONGEST_MESSAGE})
    if not employment.person.email:
        raise Refusal(_("%(person)s has no e-mail address.") % {"person": employment.person})
    change = begin_change(by=by, as_deputy=as_deputy)
    reminder = change.record(Reminder(employment=employment, message=message))
    record_write("remind", by=by, subject=f"employment:{employment.public_id}", person=employment.person)
    change.announce("reminder.made", person=employment.person, reminder=str(reminder.public_id))
    return reminder
