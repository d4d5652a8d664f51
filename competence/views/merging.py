"""Personposter: an administrator finds people's records, merges two that are one person's, splits them, changes
identifiers, and notes which completed course was recorded in error."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from competence.actions.identities import (
    merge_people,
    move_identity,
    replace_identity,
    separate_identity,
    split_people,
)
from competence.actions.wrong_completions import withdraw_completion
from competence.forms.claims import ReasonForm
from competence.forms.merging import FindForm, IdentityForm
from competence.models.completion import Completion
from competence.models.employment import Employment
from competence.models.merge import IdentityChange, PersonMerge
from competence.queries.eligibility import current_moment
from competence.queries.history import HistoryEvent, history_of
from competence.queries.rules import current_rule_book
from competence.views.common import needs_rules, reader_of
from lms.audit.api import record_look_up, record_look_ups
from lms.lib.access import requires
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User, fold_identifier, fold_name

ROWS_ON_A_PAGE = 25


@dataclass(frozen=True)
class Record:
    """One record, with what is recorded under it."""

    person: User
    identities: list[EmployeeIdentity]
    employments: list[Employment]
    history: list[HistoryEvent]


@requires("competence.merge_people")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Find records by name or identifier. `med`: a record that another is to be merged with."""
    form = FindForm(request.GET)
    asked = form.asked()
    other = _person_or_none(request.GET.get("med", ""))
    found = _found(asked) if asked else User.objects.none()
    if other is not None:
        found = found.exclude(pk=other.pk).filter(merged_into__isnull=True)
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    record_look_ups("find_people", by=reader_of(request), people=page.object_list, purpose="merge")
    return render(request, "competence/people.html", {"form": form, "asked": asked, "page": page, "other": other})


@requires("competence.merge_people")
@require_safe
@needs_rules
def person_record(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """One record: its identifiers, what was merged with it, and what has been done to it."""
    person = get_object_or_404(User.objects.select_related("merged_into"), public_id=person_id)
    record_look_up("view_person_record", by=reader_of(request), person=person, purpose="merge")
    merges = PersonMerge.objects.filter(Q(person=person) | Q(into=person)).select_related(
        "person", "into", "recorded_by"
    )
    split = merges.prefetch_related("endings__recorded_by").order_by("-pk")
    changes = IdentityChange.objects.filter(Q(person=person) | Q(moved_to=person)).select_related(
        "identity", "replaces", "recorded_by", "moved_to"
    )
    return render(
        request,
        "competence/person_record.html",
        {
            "record": _record(person),
            "merges": split,
            "changes": changes.order_by("-pk"),
            "completions": _completions(person),
        },
    )


@requires("competence.merge_people")
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def merge(request: HttpRequest, person_id: uuid.UUID, into_id: uuid.UUID) -> HttpResponse:
    """Both records side by side, and a reason; sent in, they are one."""
    absorbed = get_object_or_404(User, public_id=person_id)
    into = get_object_or_404(User, public_id=into_id)
    form = _reason_form(request, _("How do you know that they are the same person?"))
    if request.method == "POST" and form.is_valid():
        try:
            merge_people(absorbed=absorbed, into=into, reason=form.cleaned_data["reason"], by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The records are merged into %(person)s.") % {"person": into})
            return redirect("competence:person_record", into.public_id)
    elif request.method != "POST":
        record_look_ups("view_person_record", by=reader_of(request), people=[absorbed, into], purpose="merge")
    return render(
        request,
        "competence/merge_people.html",
        {"absorbed": _record(absorbed), "into": _record(into), "form": form},
        status=422 if form.errors else 200,
    )


@requires("competence.merge_people")
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Two records again, with a reason."""
    found = get_object_or_404(PersonMerge.objects.select_related("person", "into"), public_id=public_id)
    form = _reason_form(request, _("How do you know that they are two people?"))
    if request.method == "POST" and form.is_valid():
        try:
            split_people(merge=found, reason=form.cleaned_data["reason"], by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("They are two records again."))
            return redirect("competence:person_record", found.into.public_id)
    return render(
        request,
        "competence/split_people.html",
        {"merge": found, "form": form},
        status=422 if form.errors else 200,
    )


@requires("competence.merge_people")
@require_http_methods(["GET", "HEAD", "POST"])
def change_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace an identifier by another, separate it from the one it replaced, or move it to another person."""
    identity = get_object_or_404(EmployeeIdentity.objects.select_related("person"), pk=pk)
    form = IdentityForm(request.POST or None, identity=identity)
    if request.method == "POST" and form.is_valid():
        values, by = form.cleaned_data, reader_of(request)
        try:
            if values["what"] == "replace":
                replace_identity(identity=identity, value=values["value"], reason=values["reason"], by=by)
            elif values["what"] == "separate":
                separate_identity(identity=identity, reason=values["reason"], by=by)
            else:
                move_identity(identity=identity, to=values["to"], reason=values["reason"], by=by)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The identifier is changed."))
            return redirect("competence:person_record", identity.person.public_id)
    return render(
        request,
        "competence/change_identity.html",
        {"identity": identity, "form": form},
        status=422 if form.errors else 200,
    )


@requires("competence.merge_people")
@require_http_methods(["GET", "HEAD", "POST"])
def wrong_completion(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A completed course that was recorded in error, with the reason why it never counted."""
    found = get_object_or_404(Completion.objects.select_related("person", "course"), public_id=public_id)
    form = _reason_form(request, _("What was wrong?"))
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_completion(completion=found, reason=form.cleaned_data["reason"], by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%(course)s” no longer counts.") % {"course": found.course})
            return redirect("competence:person_record", found.person.public_id)
    return render(
        request,
        "competence/wrong_completion.html",
        {"completion": found, "form": form},
        status=422 if form.errors else 200,
    )


def _completions(person: User) -> QuerySet[Completion]:
    """Those that count: none that was recorded in error."""
    found = Completion.objects.filter(person=person, endings__isnull=True).select_related("course")
    return found.order_by("-completed_at", "-pk")


def _found(asked: str) -> QuerySet[User]:
    by_name = Q()
    for word in fold_name(asked).split():
        by_name &= Q(search_name__contains=word)
    identity = EmployeeIdentity.objects.filter(person=OuterRef("pk"), folded_value__startswith=fold_identifier(asked))
    found = User.objects.filter(by_name | Exists(identity)).select_related("merged_into")
    return found.prefetch_related("identities").order_by("last_name", "first_name", "pk")


def _person_or_none(public_id: str) -> User | None:
    try:
        return User.objects.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _record(person: User) -> Record:
    moment = current_moment()
    return Record(
        person=person,
        identities=list(person.identities.order_by("pk")),
        employments=list(person.employments.select_related("unit").order_by("-starts_on", "pk")),
        history=history_of(person, current_rule_book().in_force(moment.now, moment.known_at)),
    )


def _reason_form(request: HttpRequest, label: str) -> ReasonForm:
    return ReasonForm(
        request.POST or None, label=label, help_text=_("It is kept on record. Write nothing about health.")
    )
