"""The forms of evaluations: the questions to a learner, and the writing of questions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.evaluation_questions import LONGEST_TEXT, MOST_QUESTIONS, Kind, Question
from courses.models import EvaluationRemark
from lms.users.models import User

SCALE_WORDS = (_("1 – not at all"), "2", "3", "4", _("5 – very"))
NEW_LINES = 2


class AnswerForm(forms.Form):
    """The questions of a course. None must be answered, but one at least."""

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            field: forms.Field
            if question.kind is Kind.TEXT:
                field = forms.CharField(
                    label=question.text,
                    required=False,
                    max_length=LONGEST_TEXT,
                    help_text=_("Write nothing that shows who you are, and nothing about patients."),
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
            else:
                words = SCALE_WORDS if question.kind is Kind.SCALE else question.answers
                field = forms.ChoiceField(
                    label=question.text,
                    required=False,
                    choices=list(zip(question.answers, words, strict=True)),
                    widget=forms.RadioSelect,
                )
            self.fields[question.key] = field


class QuestionForm(forms.Form):
    """One question. `key` is that of a question asked before; a new one gets its own."""

    key = forms.SlugField(max_length=40, required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Question"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=_("How it is answered"),
        choices=[
            (Kind.SCALE.value, _("From 1 to 5")),
            (Kind.CHOICE.value, _("One of some answers")),
            (Kind.TEXT.value, _("In one’s own words")),
        ],
    )
    options = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        max_length=2_000,
        help_text=_("One on each line. Only for “One of some answers”."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def question(self) -> Question | None:
        """What was written; None for an empty line."""
        values = self.cleaned_data
        if not values["text"].strip():
            return None
        kind = Kind(values["kind"])
        lines = [line.strip() for line in values["options"].splitlines() if line.strip()]
        options = tuple(lines) if kind is Kind.CHOICE else ()
        return Question(values["key"] or uuid.uuid4().hex[:12], kind, values["text"].strip(), options)


QuestionFormSet = forms.formset_factory(QuestionForm, extra=NEW_LINES, max_num=MOST_QUESTIONS + NEW_LINES)


class EvaluationSettingsForm(forms.Form):
    is_open = forms.BooleanField(label=_("Ask those who have finished the course"), required=False)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who is told of remarks?"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("They get an e-mail when there is something new to read."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        permission = Permission.objects.filter(content_type__app_label="courses", codename="edit_courses")
        field.queryset = (
            User.objects.filter(
                Q(groups__permissions__in=permission) | Q(user_permissions__in=permission), is_active=True
            )
            .distinct()
            .order_by("first_name", "last_name")
        )


class RemarkForm(forms.Form):
    status = forms.ChoiceField(label=_("What becomes of it"), choices=EvaluationRemark.Status.choices)
    reply = forms.CharField(
        label=_("A word about it"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
