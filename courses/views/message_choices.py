"""Which reminders one gets by e-mail."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from competence import api as competence
from courses.actions.message_choices import choose_messages
from courses.models import MessageChoice
from lms.lib.access import logged_in
from lms.users.models import User

Topic = MessageChoice.Topic
HELP = {
    Topic.START: gettext_lazy("One and three weeks after you got a place on a course."),
    Topic.UNFINISHED: gettext_lazy(
        "Two and six weeks after you last worked with a course, and 7 days and a day before you are to have finished "
        "it."
    ),
    Topic.EXPIRY: gettext_lazy("60, 30 and 7 days before a right to order changes, with what is missing then."),
    Topic.OCCASION: gettext_lazy("The day before, with time and place."),
    Topic.DIGEST: gettext_lazy("Once a week, when something waits for you or somebody lacks something. Without names."),
}


class MessageChoiceForm(forms.Form):
    """A box for each topic that concerns the reader."""

    def __init__(self, *args: object, topics: list[Topic], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for topic in topics:
            self.fields[topic.value] = forms.BooleanField(label=topic.label, help_text=HELP[topic], required=False)

    def wanted(self) -> list[str]:
        """The topics whose boxes are ticked."""
        return [name for name in self.fields if self.cleaned_data[name]]


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def message_choices(request: HttpRequest) -> HttpResponse:
    """The reader's choices. Messages about decisions, cancelled occasions and the like come in any case."""
    person = cast(User, request.user)
    manages = competence.manages_anybody(person)
    topics = [topic for topic in Topic if topic is not Topic.DIGEST or manages]
    if request.method == "POST":
        form = MessageChoiceForm(request.POST, topics=topics)
        if form.is_valid():
            offered = [topic.value for topic in topics]
            choose_messages(person=person, wanted=form.wanted(), offered=offered, by=person)
            messages.success(request, _("Your choices are saved."))
            return redirect("courses:message_choices")
    unwanted = set(MessageChoice.objects.filter(person=person, is_wanted=False).values_list("topic", flat=True))
    form = MessageChoiceForm(initial={topic.value: topic.value not in unwanted for topic in topics}, topics=topics)
    return render(request, "courses/message_choices.html", {"form": form, "address": person.email})
