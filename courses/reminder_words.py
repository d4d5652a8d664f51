"""What reminders say, worked out when they are sent: nothing of what has been done, or no longer holds."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competence import api as competence
from courses.messages import speaks_of
from courses.models import Message, Place
from courses.occasion_words import session_lines
from courses.queries.learner import MyCourse, course_for
from courses.reminders import DIGEST, DUE, EXPIRY, EXPIRY_DAYS, OCCASION, START, TOPICS, UNFINISHED
from lms.lib.clock import local_day
from lms.lib.mailing import Words, address_of


@speaks_of(START, topic=TOPICS[START])
def start_words(message: Message) -> Words | None:
    """The course waits; nothing when it was begun, done elsewhere, or can no longer be taken."""
    mine = _mine(message)
    if mine is None or mine.state != "new":
        return None
    words = {"course": mine.course.title, "time": competence.minutes_text(mine.course.minutes)}
    return _with_choice(
        _("You have a place on “%(course)s”") % words,
        _("You have not begun the course “%(course)s”. It takes about %(time)s. You can stop and go on as you like.")
        % words,
        address_of("courses:course", mine.course.key),
        _("To the course"),
    )


@speaks_of(UNFINISHED, topic=TOPICS[UNFINISHED])
def unfinished_words(message: Message) -> Words | None:
    """Where they left off; nothing when it was finished, or can no longer be taken."""
    mine = _mine(message)
    if mine is None or mine.state not in ("started", "failed") or not mine.can_start:
        return None
    words = {"course": mine.course.title}
    return _with_choice(
        _("You have begun “%(course)s”") % words,
        _("You have begun the course “%(course)s” and not finished it. You can go on where you left off.") % words,
        address_of("courses:course", mine.course.key),
        _("Go on with the course"),
    )


@speaks_of(DUE, topic=TOPICS[DUE])
def due_words(message: Message) -> Words | None:
    """By when it is to be finished; nothing when it is, or another day has been set."""
    mine = _mine(message)
    due_on = message.payload["due_on"]
    if mine is None or mine.state not in ("new", "started", "failed") or str(mine.due_on) != due_on:
        return None
    words = {"course": mine.course.title, "day": date_format(date.fromisoformat(due_on), "j F Y")}
    return _with_choice(
        _("Finish “%(course)s” by %(day)s") % words,
        _("You are to finish the course “%(course)s” by %(day)s, and have not done so yet.") % words,
        address_of("courses:course", mine.course.key),
        _("To the course"),
    )


@speaks_of(EXPIRY, topic=TOPICS[EXPIRY])
def expiry_words(message: Message) -> Words | None:
    """What expires, when, and why; nothing when it was renewed, or went before its time."""
    at = datetime.fromisoformat(message.payload["at"])
    ending = [one for one in competence.expiries_of(message.recipient, max(EXPIRY_DAYS)) if one.at == at]
    if not ending:
        return None
    day = date_format(ending[0].last_day, "j F Y")
    lines = [_("“%(right)s” at %(unit)s") % {"right": one.title, "unit": one.unit} for one in ending]
    why = list(dict.fromkeys(text for one in ending for text in one.texts))
    parts = [
        _("What you may order holds until and including %(day)s:") % {"day": day},
        "\n".join(f"• {line}" for line in lines),
    ]
    if why:
        parts += [_("What changes then:"), "\n".join(f"• {text}" for text in why)]
    return _with_choice(
        _("Your right to order changes after %(day)s") % {"day": day},
        "\n\n".join(parts),
        address_of("competence:my_eligibility"),
        _("See what you can do"),
    )


@speaks_of(OCCASION, topic=TOPICS[OCCASION])
def occasion_words(message: Message) -> Words | None:
    """When and where; nothing when the place was given up, the occasion is cancelled or moved, or it has begun."""
    key, _colon, day = message.key.rpartition(":")
    place = Place.objects.select_related("occasion__course").filter(public_id=key).first()
    if place is None or place.status != Place.Status.REGISTERED or not place.occasion.is_announced:
        return None
    sessions = [one for one in place.occasion.sessions.all() if local_day(one.starts_at).isoformat() == day]
    if not sessions or sessions[0].starts_at <= timezone.now():
        return None
    words = {"course": place.occasion.course.title, "day": date_format(date.fromisoformat(day), "j F")}
    parts = [
        _("You have a seat at “%(course)s”.") % words,
        f"{session_lines(sessions)}\n{place.occasion.where}",
        _("Cancel your place if you cannot come: others may be waiting for it."),
    ]
    return _with_choice(
        _("Reminder: %(course)s %(day)s") % words,
        "\n\n".join(parts),
        address_of("courses:occasion", place.occasion.public_id),
        _("See the occasion"),
    )


@speaks_of(DIGEST, topic=TOPICS[DIGEST])
def digest_words(message: Message) -> Words | None:
    """The team in numbers, without names; nothing when there is nothing to do, or they manage nobody any more."""
    team = competence.team_digest(message.recipient)
    if team is None or not team.says_something:
        return None
    lines = [
        ngettext("%(count)d decision waits for you.", "%(count)d decisions wait for you.", team.decisions)
        % {"count": team.decisions},
        ngettext(
            "%(count)d person has a right that is over within 60 days.",
            "%(count)d people have a right that is over within 60 days.",
            team.ending,
        )
        % {"count": team.ending},
        ngettext(
            "%(count)d person lacks something to be allowed to order.",
            "%(count)d people lack something to be allowed to order.",
            team.lacking,
        )
        % {"count": team.lacking},
    ]
    shown = [line for line, count in zip(lines, (team.decisions, team.ending, team.lacking), strict=True) if count]
    text = ngettext("Your team is %(count)d person.", "Your team is %(count)d people.", team.people) % {
        "count": team.people
    }
    return _with_choice(
        _("Your team this week"),
        "\n\n".join([text, "\n".join(f"• {line}" for line in shown)]),
        address_of("competence:team"),
        _("Open the team"),
    )


def _mine(message: Message) -> MyCourse | None:
    return course_for(message.recipient, message.payload["course"])


def _with_choice(subject: str, text: str, url: str, link: str) -> Words:
    """A message that one may choose not to have."""
    return Words(subject, text, url, link, _("Choose which reminders you get"), address_of("courses:message_choices"))
