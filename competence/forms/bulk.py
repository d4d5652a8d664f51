"""What is decided about many people at once: the forms of `competence.forms.member`, and the reminder's."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from competence.actions.team_reminders import LONGEST_MESSAGE
from competence.forms.member import DecisionForm


class RemindForm(DecisionForm):
    """One's own words in the mail, and whether those who were reminded lately are to be reminded again."""

    message = forms.CharField(
        label=_("Your own message"),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=_("Plain text, read by everybody whom you remind. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    again = forms.BooleanField(
        label=_("Also those who were reminded during the last seven days"),
        required=False,
    )
