"""E-mail that a right becomes inactive unless one logs in. Not sent when somebody has logged in meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.actions.reminders import DISTANCES
from competence.models.authorisation import Authorisation
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.notice_words import speaks_of
from competence.notices import note_for
from competence.outbox import listens_to
from competence.queries.eligibility import current_moment
from competence.queries.lapses import lapses_of
from lms.lib.clock import local_day
from lms.lib.mailing import Words, address_of


@listens_to("authorisation.lapsing")
def note_the_lapse(event: OutboxEvent) -> None:
    """The person is to hear of it."""
    if event.person is not None:
        note_for(event, [event.person])


@speaks_of("authorisation.lapsing")
def lapse_words(notice: Notice) -> Words | None:
    """Until when, and what to do. Nothing when the lapse is no longer ahead at that instant."""
    rows = Authorisation.objects.filter(public_id=notice.payload["authorisation"])
    authorisation = rows.select_related("employment", "right__system").first()
    if authorisation is None:
        return None
    lapses_at = datetime.fromisoformat(notice.payload["lapses_at"])
    ahead = lapses_of([authorisation], timedelta(days=max(DISTANCES)), current_moment())
    if [lapse.at for lapse in ahead] != [lapses_at]:
        return None
    last_day = local_day(lapses_at) - timedelta(days=1)
    words = {"system": authorisation.right.system.name, "day": date_format(last_day, "j F Y")}
    return Words(
        _("Log in to %(system)s by %(day)s to keep your ordering right") % words,
        _(
            "You have not logged in to %(system)s for a long time. If you do not log in by %(day)s your ordering right "
            "becomes inactive, and you must apply for a new one. If you no longer need it, you need do nothing."
        )
        % words,
        address_of("competence:my_eligibility"),
        _("My eligibility"),
    )
