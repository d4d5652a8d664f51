"""Överföring: what an ordering system's administrators are to enter by hand, and what they have entered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence.actions.transfers import mark_transferred, undo_transfer
from competence.exports.sheets import FORMATS, sheet_response
from competence.exports.transfers import HEADER, cells_of
from competence.forms.claims import ReasonForm
from competence.forms.transfers import CarriedOutForm, TransferFilter
from competence.models.transfer import TransferDone
from competence.queries.eligibility import current_moment
from competence.queries.transfers import Transfer, authorisations_in, transfers_done, transfers_waiting
from competence.system_permissions import systems_administered_by
from competence.views.common import needs_rules, reader_of
from lms.audit.api import record_look_ups
from lms.lib.access import requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import fold_identifier, fold_name

ROWS_ON_A_PAGE = 50
AT_ONCE = 200


@requires("competence.transfer_rights")
@require_safe
@needs_rules
def transfers(request: HttpRequest) -> HttpResponse:
    """What waits in the reader's systems, the oldest first; `visa=utforda`: what has been carried out."""
    systems = list(systems_administered_by(reader_of(request)))
    form = TransferFilter(request.GET, systems=systems)
    chosen = form.chosen()
    shown = chosen.get("visa", "")
    wanted = [one for one in systems if chosen.get("system", one.key) == one.key]
    context: dict[str, object] = {"systems": systems, "form": form, "visa": shown, "is_filtered": _is_filtered(chosen)}
    number = request.GET.get("page")
    if shown == "utforda":
        done = Paginator(_searched(transfers_done(wanted), chosen), ROWS_ON_A_PAGE).get_page(number)
        people = {one.authorisation.employment.person for one in done}
        context |= {"page": done}
    else:
        waiting = _matching(transfers_waiting(wanted, current_moment()), chosen)
        page = Paginator(waiting, ROWS_ON_A_PAGE).get_page(number)
        people = {one.authorisation.employment.person for one in page}
        context |= {"page": page, "total": len(waiting)}
    record_look_ups("view_transfers", by=reader_of(request), people=people, purpose="transfer")
    query = urlencode({name: value for name, value in chosen.items() if value})
    return render(request, "competence/transfers.html", {**context, "filter_query": query})


@requires("competence.transfer_rights")
@require_POST
@needs_rules
def carry_out(request: HttpRequest) -> HttpResponse:
    """Mark the chosen ones (`post`): first a page that says which and how many, then (`confirmed`) for good."""
    reader = reader_of(request)
    keys = request.POST.getlist("post")[:AT_ONCE]
    entries = [
        one
        for one in transfers_waiting(systems_administered_by(reader), current_moment(), among=authorisations_in(keys))
        if one.key in set(keys)
    ]
    if not entries:
        messages.info(request, _("Nothing that waits was chosen."))
        return redirect("competence:transfers")
    form = CarriedOutForm(request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            done = mark_transferred(
                keys=[one.key for one in entries], carried_out_on=form.cleaned_data["carried_out_on"], by=reader
            )
        except Refusal as refusal:
            form.add_error("carried_out_on", str(refusal))
        else:
            words = ngettext("%(count)d is marked as carried out.", "%(count)d are marked as carried out.", len(done))
            messages.success(request, words % {"count": len(done)})
            return redirect("competence:transfers")
    return render(
        request,
        "competence/transfers_confirm.html",
        {"entries": entries, "form": form},
        status=422 if form.errors else 200,
    )


@requires("competence.transfer_rights")
@require_http_methods(["GET", "HEAD", "POST"])
def undo_carried_out(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a mark back, with a reason. Another system's is as missing."""
    reader = reader_of(request)
    found: TransferDone = get_object_or_404(transfers_done(systems_administered_by(reader)), public_id=public_id)
    label, help_text = _("Why is the mark taken back?"), _("Write nothing about health.")
    form = ReasonForm(request.POST or None, label=label, help_text=help_text)
    if request.method == "POST" and form.is_valid():
        try:
            undo_transfer(done=found, reason=form.cleaned_data["reason"], by=reader)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The mark is taken back. The entry waits again."))
            return redirect("competence:transfers")
    return render(
        request, "competence/transfers_undo.html", {"done": found, "form": form}, status=422 if form.errors else 200
    )


@requires("competence.transfer_rights")
@require_safe
@needs_rules
def transfers_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """The filtered list as a file; each person in it is noted as looked up."""
    if fmt not in FORMATS:
        raise Http404
    reader = reader_of(request)
    systems = list(systems_administered_by(reader))
    chosen = TransferFilter(request.GET, systems=systems).chosen()
    wanted = [one for one in systems if chosen.get("system", one.key) == one.key]
    moment = current_moment()
    entries = _matching(transfers_waiting(wanted, moment), chosen)
    people = {one.authorisation.employment.person for one in entries}
    record_look_ups("export_transfers", by=reader, people=people, purpose="transfer", format=fmt)
    return sheet_response(
        fmt,
        file_name=f"overforing-{local_day(moment.now).isoformat()}",
        title=_("To transfer"),
        header=[str(text) for text in HEADER],
        rows=[cells_of(one) for one in entries],
        notes=[[_("Ordering systems: %(names)s") % {"names": ", ".join(one.name for one in wanted)}]],
    )


def _is_filtered(chosen: dict[str, str]) -> bool:
    return bool(set(chosen) - {"visa"})


def _matching(entries: Iterable[Transfer], chosen: dict[str, str]) -> list[Transfer]:
    kind, asked = chosen.get("vad"), chosen.get("sok", "")
    words, identifier = fold_name(asked).split(), fold_identifier(asked)
    found = []
    for one in entries:
        work = one.authorisation.employment
        by_name = all(word in work.person.search_name for word in words)
        by_id = bool(identifier) and work.identity is not None and identifier in work.identity.folded_value
        if (not kind or one.kind == kind) and (by_name or by_id):
            found.append(one)
    return found


def _searched(done: QuerySet[TransferDone], chosen: dict[str, str]) -> QuerySet[TransferDone]:
    asked = chosen.get("sok", "")
    if not asked:
        return done
    by_name = Q()
    for word in fold_name(asked).split():
        by_name &= Q(authorisation__employment__person__search_name__contains=word)
    by_id = Q(authorisation__employment__identity__folded_value__contains=fold_identifier(asked))
    return done.filter(by_name | by_id)
