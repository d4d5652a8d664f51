"""When and where, in words: the same in pages, e-mail and files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from courses.models import OccasionSession
from lms.lib.clock import STOCKHOLM


def time_text(starts_at: datetime, ends_at: datetime) -> str:
    """“onsdag 3 mars 2027 kl. 09.00–16.00”; with both days where it ends on another."""
    first, last = starts_at.astimezone(STOCKHOLM), ends_at.astimezone(STOCKHOLM)
    words = {"day": date_format(first, "l j F Y"), "from": _clock(first), "to": _clock(last)}
    if first.date() == last.date():
        return _("%(day)s, %(from)s–%(to)s") % words
    return _("%(day)s, %(from)s – %(last_day)s, %(to)s") % {**words, "last_day": date_format(last, "l j F Y")}


def session_text(session: OccasionSession) -> str:
    """When it is, what about, and in which other room."""
    parts = [time_text(session.starts_at, session.ends_at), session.topic, session.room]
    return " · ".join(part for part in parts if part)


def session_lines(sessions: Iterable[OccasionSession]) -> str:
    """A line for each session."""
    return "\n".join(f"– {session_text(session)}" for session in sessions)


def hours_of(length: timedelta) -> Decimal:
    """Hours, to a tenth."""
    return (Decimal(round(length.total_seconds())) / 3600).quantize(Decimal("0.1"))


def hours_text(hours: Decimal) -> str:
    """“4” or “1,5”."""
    whole = hours == hours.to_integral_value()
    return number_format(hours, decimal_pos=0 if whole else 1, use_l10n=True, force_grouping=True)


def _clock(local: datetime) -> str:
    return date_format(local, _("H:i"))
