"""Publishing a draft: now, ahead, or with a reason from a time that has passed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from competence.actions.rule_drafts import digest_of, publish_draft
from competence.forms.rules import PublishForm
from competence.models.rule_draft import RuleSetDraft, SimulationRun
from competence.queries.eligibility import current_moment
from competence.queries.rule_documents import known_here
from competence.queries.rule_versions import comparison, listed_versions
from competence.rule_documents.check import Checked, check_text
from competence.views.common import reader_of
from competence.views.rule_draft import MANAGE, draft_or_404, shown_faults
from lms.lib.access import requires
from lms.lib.errors import Refusal


@dataclass(frozen=True)
class Foreseen:
    """What the latest simulation of this very text says: people by kind of change. `is_old`: facts changed since."""

    run: SimulationRun
    loses: int
    gains: int
    warned: int
    cleared: int
    is_old: bool


def foreseen(draft: RuleSetDraft, checked: Checked) -> Foreseen | None:
    """The latest simulation of the draft as it stands, if there is one."""
    if checked.document is None or checked.rules is None:
        return None
    runs = draft.simulations.filter(digest=digest_of(checked.document), status=SimulationRun.Status.DONE)
    run = runs.order_by("-finished_at").first()
    if run is None or run.result is None:
        return None
    affected = run.result["affected"]
    numbers = {kind: int(affected.get(kind, 0)) for kind in ("loses", "gains", "warned", "cleared")}
    return Foreseen(run=run, is_old=current_moment().revision != run.revision, **numbers)


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What will happen, and the question whether it is to."""
    found = draft_or_404(public_id)
    if not found.is_open:
        return redirect("competence:draft", found.public_id)
    form = PublishForm(initial={"number": found.number})
    if request.method == "POST":
        form = PublishForm(request.POST)
        if form.is_valid():
            instant = form.instant()
            try:
                published = publish_draft(
                    draft=found,
                    number=form.cleaned_data["number"],
                    in_force_from=instant,
                    reason=form.cleaned_data["reason"],
                    by=reader_of(request),
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                since = date_format(timezone.localtime(published.in_force_from), "DATETIME_FORMAT")
                messages.success(
                    request,
                    _("Version %(number)d is published and in force from %(since)s.")
                    % {"number": published.version, "since": since},
                )
                return redirect("competence:rules_version", published.version)
    checked = check_text(found.text, known_here())
    versions = listed_versions()
    current = next((one for one in versions if one.is_in_force), None)
    return render(
        request,
        "competence/rules/publish.html",
        {
            "draft": found,
            "form": form,
            "checked": checked,
            "faults": shown_faults(checked),
            "foreseen": foreseen(found, checked),
            "current": current,
            "coming": [one for one in versions if one.is_coming],
            "comparison": comparison(current.version.document, checked.document)
            if current and checked.rules is not None and checked.document is not None
            else None,
            "tab": "publish",
        },
        status=422 if form.errors else 200,
    )
