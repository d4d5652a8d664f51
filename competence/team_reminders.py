"""What a reminder says: what remains for the person to do in an employment, and what expires, as of now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from competence.explain import Explained
from competence.models.employment import Employment
from competence.models.reminder import Reminder
from competence.policy.reasons import Code
from competence.queries.eligibility import Moment
from competence.queries.rights import RightsReader
from competence.queries.standing import Standing
from competence.queries.team_lines import within
from competence.wording import WHO_TAKES, Who, day_text, minutes_text
from lms.lib.clock import local_day
from lms.lib.mailing import Words, address_of

EXPIRES_DAYS = 90
AGAIN_AFTER = timedelta(days=7)


def has_something_to_do(standings: Iterable[Standing], now: datetime) -> bool:
    """Whether a reminder would have something to say: a step that is the person's own, or a permit soon over."""
    soon = within(EXPIRES_DAYS, now)
    return any(
        one.concerns
        and (
            one.permit_ends_by(soon)
            or any(WHO_TAKES.get(Code(step.code), Who.PERSON) is Who.PERSON for step in one.missing)
        )
        for one in standings
    )


def reminder_words(employment: Employment, *, message: str, sender: str, moment: Moment) -> Words | None:
    """The exact mail about `employment` as of `moment`; None when nothing is left to say."""
    rights = RightsReader([employment], moment=moment, addresses=True)
    answers = rights.details(employment)
    lines = list(dict.fromkeys(line for answer in answers for line in _steps(answer.explained)))
    last = local_day(within(EXPIRES_DAYS, moment.now))
    ending = [
        _("Your right “%(right)s” holds until and including %(day)s.")
        % {"right": answer.right.title, "day": day_text(answer.explained.last_day)}
        for answer in answers
        if answer.is_allowed and answer.explained.last_day is not None and answer.explained.last_day < last
    ]
    ending = list(dict.fromkeys(ending))
    if not lines and not ending:
        return None
    parts = [_("%(sender)s wants to remind you, at %(unit)s.") % {"sender": sender, "unit": employment.unit.name}]
    if message:
        parts.append(_("Message from %(sender)s:") % {"sender": sender} + f"\n{message}")
    if ending:
        parts.append("\n".join(ending))
    if lines:
        parts.append(_("This remains for you to do:") + "\n" + "\n".join(f"• {line}" for line in lines))
    return Words(
        _("Reminder: your right to order medical aids"),
        "\n\n".join(parts),
        address_of("competence:my_eligibility"),
        _("See all the steps"),
    )


def words_of_reminder(reminder: Reminder, sender: str, moment: Moment) -> Words | None:
    """The mail of `reminder` as of `moment`."""
    return reminder_words(reminder.employment, message=reminder.message, sender=sender, moment=moment)


def _steps(explained: Explained) -> list[str]:
    found = []
    for step in explained.missing:
        if step.who is not Who.PERSON:
            continue
        text = step.text
        if step.minutes:
            text = _("%(step)s About %(time)s.") % {"step": text, "time": minutes_text(step.minutes)}
        if not step.is_blocking:
            text = _("%(step)s (Recommended.)") % {"step": text}
        found.append(text)
    return found
