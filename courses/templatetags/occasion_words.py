"""When an occasion is, in words, for templates."""

from django import template

from courses.models import OccasionSession
from courses.occasion_words import time_text

register = template.Library()


@register.filter
def session_time(session: OccasionSession) -> str:
    """“onsdag 3 mars 2027 kl. 09.00–16.00”."""
    return time_text(session.starts_at, session.ends_at)
