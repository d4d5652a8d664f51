"""One decision about many of the team: choose, count, confirm, and what came of it. Nothing is done before the last."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competence.bulk import carry_out
from competence.models.employment import Employment
from competence.queries.deputies import deputised_manager
from competence.queries.employments import employments_in
from competence.queries.history import by_deputy
from competence.team_reminders import reminder_words
from competence.views.bulk_decisions import BULK_DECISIONS, Asked
from competence.views.common import needs_rules, reader_of
from competence.views.team_selection import TeamSelection, team_selection
from competence.wording import day_text
from lms.lib.access import logged_in
from lms.lib.mailing import text_of_mail

MOST_TICKED = 500
COUNT_STEP, DO_STEP = "rakna", "gor"
SHOWN_LETTERS = 3


@logged_in
@require_POST
@needs_rules
def bulk(request: HttpRequest, action: str) -> HttpResponse:
    """`valda`: ticked employments, or `alla` with `filter`: everybody whom it shows. `steg`: none (the form), `rakna`
    (whom it concerns), `gor` (carry out, if that is still whom it concerns).

    When one of the ticked is not within reach nothing is done for anybody, and nobody is named.
    """
    decision = BULK_DECISIONS.get(action)
    if decision is None:
        raise Http404
    query = QueryDict(request.POST.get("filter", "")[:2_000])
    selection = team_selection(request, query)
    chosen = _chosen(request, selection)
    page = {
        "decision": decision,
        "action": action,
        "chosen": chosen,
        "ticked": [] if request.POST.get("alla") else request.POST.getlist("valda")[:MOST_TICKED],
        "filter_query": query.urlencode(),
        "back_query": selection.form.query(),
    }
    if not chosen:
        return render(request, "competence/bulk_nobody.html", page, status=422)
    step = request.POST.get("steg", "")
    form = decision.form(request.POST if step else None, choices=decision.choices(selection.rules, selection.moment))
    if not step or not form.is_valid():
        return render(request, "competence/bulk_form.html", {**page, "form": form}, status=422 if step else 200)
    reader = reader_of(request)
    asked = Asked(form.cleaned_data, selection.reach, selection.moment, selection.names)
    counted = decision.counted(chosen, asked)
    fingerprint = counted.fingerprint(action, *sorted(form.cleaned_data.items()))
    has_changed = step == DO_STEP and request.POST.get("raknat") != fingerprint
    if step == DO_STEP and not has_changed and counted.will:
        result = carry_out(counted.will, decision.act(asked, reader), lambda part: decision.counted(part, asked))
        done = {**page, "result": result, "counted": counted, "values": _sent(form, request)}
        return render(request, "competence/bulk_result.html", done)
    letters = []
    if action == "paminn":
        letters = _letters(counted.will, form.cleaned_data["message"].strip(), selection)
    return render(
        request,
        "competence/bulk_count.html",
        {
            **page,
            "form": form,
            "values": _sent(form, request),
            "decided": _in_words(form),
            "counted": counted,
            "fingerprint": fingerprint,
            "has_changed": has_changed,
            "letters": letters,
        },
        status=409 if has_changed else 200,
    )


def _chosen(request: HttpRequest, selection: TeamSelection) -> list[Employment]:
    """The employments chosen; none when one of those ticked is not within reach (or there are too many)."""
    employments = employments_in(selection.reach.units(), selection.moment.now)
    if request.POST.get("alla"):
        found = employments.in_bulk([line.employment_id for line in selection.chosen])
        return [found[line.employment_id] for line in selection.chosen if line.employment_id in found]
    try:
        wanted = {uuid.UUID(one) for one in request.POST.getlist("valda")}
    except ValueError:
        return []
    found_ones = list(employments.filter(public_id__in=wanted)) if len(wanted) <= MOST_TICKED else []
    return found_ones if len(found_ones) == len(wanted) else []


def _sent(form: object, request: HttpRequest) -> list[tuple[str, str]]:
    """The form's fields as they were sent, to be sent again."""
    names = getattr(form, "fields", {})
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _in_words(form: object) -> list[tuple[str, str]]:
    """What was chosen, as the form words it."""
    found = []
    for name, field in getattr(form, "fields", {}).items():
        value = form.cleaned_data.get(name)  # type: ignore[attr-defined]
        choices = dict(getattr(field, "choices", ()))
        if value in (None, "", False) and value not in choices:
            continue
        text = choices.get(value, _("Yes") if value is True else value)
        if isinstance(value, date):
            text = day_text(value)
        found.append((str(field.label), str(text)))
    return found


def _sender(selection: TeamSelection, employment: Employment) -> str:
    """Who reminds, as the letter says it."""
    name = selection.reader.full_name
    assignment = selection.reach.deputy_for(employment)
    if assignment is None:
        return name
    return by_deputy(name, deputised_manager(assignment))


@dataclass(frozen=True)
class Letter:
    """A mail as it would be sent now."""

    to: str
    subject: str
    text: str


def _letters(will: Sequence[Employment], message: str, selection: TeamSelection) -> list[Letter]:
    """The exact letters of the first few, each in the language of its reader."""
    found = []
    for employment in will[:SHOWN_LETTERS]:
        person = employment.person
        with translation.override(person.language):
            sender = _sender(selection, employment)
            words = reminder_words(employment, message=message, sender=sender, moment=selection.moment)
            if words is not None:
                found.append(Letter(person.full_name, words.subject, text_of_mail(person.full_name, words).strip()))
    return found
