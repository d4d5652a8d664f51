"""What templates about courses need."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from competence import api as competence

register = template.Library()


@register.filter
def duration(minutes: int) -> str:
    """A number of minutes for people: “1 hour 30 minutes”."""
    return competence.minutes_text(minutes)


# The standard's words for how far a part has come and how it went.
_STATES: dict[str, Any] = {
    "not attempted": _("not begun"),
    "incomplete": _("begun"),
    "completed": _("gone through"),
    "passed": _("passed"),
    "failed": _("failed"),
    "unknown": _("no result"),
}


@register.filter
def state_word(state: str) -> str:
    """A state of a part for people; a word of the package's own as it stands."""
    return str(_STATES.get(state, state))


@register.filter
def time_spent(seconds: int) -> str:
    """Seconds for people, by whole minutes from two minutes on."""
    if seconds < 120:
        return ngettext("%d second", "%d seconds", seconds) % seconds
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return gettext("%(minutes)d minutes") % {"minutes": minutes}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
