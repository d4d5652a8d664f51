"""What people look for, and what an organiser fills in about an occasion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence import api as competence
from courses.actions.occasions import OccasionPlan, SessionPlan
from courses.models import Course, Occasion
from courses.queries.occasions import Viewer, Wanted, course_choices, town_choices
from courses.queries.people import person_named
from lms.lib.clock import STOCKHOLM
from lms.users.models import EmployeeIdentity, User


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class DayField(forms.DateField):
    """A day such as 2027-03-01, which is what the browser's own field sends."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=DayInput(),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": gettext_lazy("Write the day as 2027-03-01.")},
            **kwargs,
        )


class ClockField(forms.TimeField):
    """A time of day such as 09:00; 9.00 is understood too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=ClockInput(),
            input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
            error_messages={"invalid": gettext_lazy("Write the time as 09:00.")},
            **kwargs,
        )


class OccasionFilter(forms.Form):
    """The public list's filter; `wanted` is what it asks for."""

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter-%s", use_required_attribute=False)
        courses, towns = course_choices(viewer), town_choices(viewer)
        # What was asked for stays a choice when its last occasion is gone: an old link is answered, with none.
        asked = str(self.data.get("course", ""))
        if asked and asked not in dict(courses) and (known := dict(competence.course_titles()).get(asked)):
            courses.append((asked, known))
        town = str(self.data.get("town", ""))[:80]
        if town and town not in dict(towns):
            towns.append((town, town))
        self.fields["course"] = forms.ChoiceField(
            label=_("Course"), required=False, choices=[("", _("All courses")), *courses]
        )
        self.fields["town"] = forms.ChoiceField(
            label=_("Place"), required=False, choices=[("", _("All places")), *towns]
        )
        self.fields["from"] = DayField(label=_("From day"), required=False)
        self.fields["to"] = DayField(label=_("To day"), required=False)
        self.fields["free"] = forms.BooleanField(label=_("With free seats only"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("from") and values.get("to") and values["from"] > values["to"]:
            self.add_error("to", _("The last day is before the first."))
        return values

    def wanted(self) -> Wanted:
        """What a valid form asks for; one that was not filled in asks for all."""
        if not self.is_bound:
            return Wanted()
        values = self.cleaned_data
        return Wanted(values["course"], values["town"], values["from"], values["to"], values["free"])


class SessionForm(forms.Form):
    """One session: a day and two times on it."""

    public_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    day = DayField(label=gettext_lazy("Day"), required=False)
    begins = ClockField(label=gettext_lazy("Begins"), required=False)
    ends = ClockField(label=gettext_lazy("Ends"), required=False)
    topic = forms.CharField(label=gettext_lazy("About"), max_length=150, required=False)
    room = forms.CharField(label=gettext_lazy("Room, if another"), max_length=150, required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.is_empty:
            for name in ("day", "begins", "ends"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill in the day, when it begins and when it ends."))
            if values.get("begins") and values.get("ends") and values["ends"] <= values["begins"]:
                self.add_error("ends", _("A session must end after it begins."))
        return values

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is filled in: then there is no such session."""
        return not any(self.cleaned_data.get(name) for name in ("day", "begins", "ends", "topic", "room")) and not any(
            self.data.get(self.add_prefix(name)) for name in ("day", "begins", "ends")
        )

    def plan(self) -> SessionPlan:
        values = self.cleaned_data
        return SessionPlan(
            starts_at=datetime.combine(values["day"], values["begins"], STOCKHOLM),
            ends_at=datetime.combine(values["day"], values["ends"], STOCKHOLM),
            topic=values["topic"].strip(),
            room=values["room"].strip(),
            public_id=values["public_id"],
        )


SessionForms = forms.formset_factory(SessionForm, extra=2, max_num=60, absolute_max=80)


def sessions_as_initial(occasion: Occasion) -> list[dict[str, Any]]:
    """The occasion's sessions as the forms show them."""
    rows = []
    for session in occasion.sessions.all():
        begins, ends = session.starts_at.astimezone(STOCKHOLM), session.ends_at.astimezone(STOCKHOLM)
        rows.append(
            {
                "public_id": session.public_id,
                "day": begins.date(),
                "begins": begins.time(),
                "ends": ends.time(),
                "topic": session.topic,
                "room": session.room,
            }
        )
    return rows


class PersonField(forms.CharField):
    """A user name, HSA-ID or VGR-ID; its value is the person."""

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        if not text:
            return None
        person = person_named(text)
        if person is None:
            raise forms.ValidationError(_("There is nobody with the user name or HSA-ID “%(text)s”.") % {"text": text})
        return person


class OccasionForm(forms.Form):
    """All of an occasion but its sessions."""

    town = forms.CharField(label=gettext_lazy("Town"), max_length=80, required=False)
    venue = forms.CharField(label=gettext_lazy("Address and room"), max_length=200, required=False)
    video_url = forms.URLField(
        label=gettext_lazy("Video link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Only those who have a seat see it."),
    )
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=5000)
    register_by = DayField(label=gettext_lazy("Last day to register"))
    teacher = PersonField(
        label=gettext_lazy("Responsible teacher"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("User name or HSA-ID. The teacher sees the participants and notes who came."),
    )
    note = forms.CharField(
        label=gettext_lazy("To the participants"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What to bring, where to park, how to find the room."),
    )

    def __init__(self, data: Any = None, *, course: Course, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        courses = [(key, title) for key, title in competence.course_titles() if key != course.key]
        self.fields["prerequisites"] = forms.MultipleChoiceField(
            label=_("Must be completed before"),
            required=False,
            choices=courses,
            widget=forms.CheckboxSelectMultiple,
        )
        web = Course.objects.exclude(kind=Course.Kind.OCCASION).filter(is_published=True).order_by("title")
        self.fields["web_part"] = forms.ModelChoiceField(
            label=_("Part on the web"),
            queryset=web,
            required=False,
            empty_label=_("None"),
            help_text=_("A web course that must be completed too before the course counts."),
        )
        units = competence.units_to_choose_from()
        top = min((depth for _key, _name, depth in units), default=0)
        self.fields["commissioned_by"] = forms.ChoiceField(
            label=_("For"),
            required=False,
            choices=[("", _("Everybody")), *((key, "\u2003" * (depth - top) + name) for key, name, depth in units)],
            help_text=_("Commissioned by an employer: only those who work there see it and can register."),
        )
        self.order_fields(
            [
                *("town", "venue", "video_url", "seats", "register_by", "teacher"),
                *("commissioned_by", "web_part", "prerequisites", "note"),
            ]
        )

    def plan(self, sessions: list[SessionPlan]) -> OccasionPlan:
        """What valid forms say."""
        return OccasionPlan(sessions=sessions, **{name: self.cleaned_data[name] for name in self.fields})


def as_initial(occasion: Occasion) -> dict[str, Any]:
    """The occasion as the form shows it."""
    names = ("town", "venue", "video_url", "seats", "register_by", "note", "prerequisites", "web_part")
    return {
        **{name: getattr(occasion, name) for name in names},
        "teacher": name_to_type(occasion.teacher),
        "commissioned_by": occasion.commissioned_by.key if occasion.commissioned_by else "",
    }


def name_to_type(person: User | None) -> str:
    """By what the person is found again: the HSA-ID where there is one."""
    if person is None:
        return ""
    identity = person.identities.filter(kind=EmployeeIdentity.Kind.HSA_ID).order_by("pk").first()
    return identity.value if identity else person.username


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Those who have registered are told it."),
    )


class CopyForm(forms.Form):
    first_day = DayField(label=gettext_lazy("First day"))


class ParticipantForm(forms.Form):
    person = PersonField(label=gettext_lazy("User name or HSA-ID"), max_length=150)


class NewOccasionCourseForm(forms.ModelForm[Course]):
    """A course that is held on site or by video: it has no package, only occasions."""

    class Meta:
        model = Course
        fields = ["title", "key", "minutes", "level", "description"]
        help_texts = {
            "key": gettext_lazy(
                "A short name for addresses and reports, such as forskrivarkurs-2025. It cannot be changed later."
            ),
            "minutes": gettext_lazy("About how many minutes the course takes."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
