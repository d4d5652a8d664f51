"""What templates about courses need."""

from __future__ import annotations

from django import template

from competence import api as competence

register = template.Library()


@register.filter
def duration(minutes: int) -> str:
    """A number of minutes for people: “1 hour 30 minutes”."""
    return competence.minutes_text(minutes)
