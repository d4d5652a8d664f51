"""What an editor fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Course
from courses.queries.learners import STATES
from lms.lib.clock import local_day


class PackageField(forms.FileField):
    """A zip file. Its content is judged by `courses.scorm.package`, never by its name or what the browser says."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("SCORM package"),
            help_text=_("The zip file as the authoring tool exported it: SCORM 1.2 or SCORM 2004."),
            error_messages={
                "required": _("Choose the zip file again. For safety, browsers do not keep a chosen file."),
                "empty": _("The file is empty. Export the course anew from the authoring tool."),
            },
            widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
            **kwargs,
        )


class NewCourseForm(forms.ModelForm[Course]):
    package = PackageField()

    class Meta:
        model = Course
        fields = ["title", "key", "minutes", "level", "language", "description"]
        help_texts = {
            "title": _("Leave empty to use the package's own title."),
            "key": _(
                "A short name for addresses and reports, such as forskrivarkurs-2025. It cannot be changed later."
            ),
            "minutes": _("About how many minutes the course takes."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    field_order = ["package", "title", "key", "minutes", "level", "language", "description"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False


class NewLessonCourseForm(forms.ModelForm[Course]):
    class Meta:
        model = Course
        fields = ["title", "key", "minutes", "level", "language", "description"]
        help_texts = {
            "key": _(
                "A short name for addresses and reports, such as forskrivarkurs-2025. It cannot be changed later."
            ),
            "minutes": _("About how many minutes the course takes."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class CourseDetailsForm(forms.ModelForm[Course]):
    class Meta:
        model = Course
        fields = ["title", "minutes", "level", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class NewEditionForm(forms.Form):
    package = PackageField()


class SameCourseForm(forms.Form):
    """Why a new edition is the same course as those before it."""

    reason = forms.CharField(
        label=_("Why it is the same course"),
        help_text=_("For example: spelling and pictures are mended, what one learns is the same."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OwnCourseForm(forms.ModelForm[Course]):
    """The name of the course that an edition becomes, and why it is another."""

    reason = forms.CharField(
        label=_("Why it is another course"),
        help_text=_("For example: the content is new, so that everybody is to take it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Course
        fields = ["title", "key", "minutes"]
        help_texts = {
            "key": _("A short name for addresses and reports, such as forskrivarkurs-2025. It cannot be changed later.")
        }


class TrustForm(forms.Form):
    """Whether the package's own result counts, from when, and why."""

    is_trusted = forms.TypedChoiceField(
        label=_("The package's own result"),
        choices=[
            ("", _("Choose")),
            ("yes", _("counts by itself")),
            ("no", _("must be attested by the manager")),
        ],
        coerce=lambda value: value == "yes",
    )
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_on"].initial = local_day(timezone.now())


class ParticipantFilter(forms.Form):
    """Which of a course's participants to show."""

    search = forms.CharField(label=_("Name"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *STATES])
