"""A draft of the rules: written, checked, compared, laid aside."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence.actions.rule_drafts import save_draft, withdraw_draft
from competence.forms.rules import DraftForm
from competence.models.rule_draft import RuleSetDraft
from competence.queries.rule_documents import known_here
from competence.queries.rule_versions import comparison, listed_versions
from competence.rule_documents.check import Checked, check_text
from competence.rule_documents.faults import Fault
from competence.rule_documents.words import sentence, severity_text
from competence.views.common import reader_of
from competence.views.rule_admin import yaml_response
from lms.lib.access import requires
from lms.lib.errors import Refusal

MANAGE = "competence.manage_rules"


@dataclass(frozen=True)
class ShownFault:
    """A fault in words."""

    fault: Fault
    severity: str
    text: str


@dataclass(frozen=True)
class NumberedLine:
    """A line of the text with the faults that stand in it."""

    number: int
    text: str
    faults: tuple[ShownFault, ...]


def draft_or_404(public_id: uuid.UUID) -> RuleSetDraft:
    """The draft with its authors."""
    drafts = RuleSetDraft.objects.select_related("created_by", "changed_by", "based_on", "published_as")
    return get_object_or_404(drafts, public_id=public_id)


def shown_faults(checked: Checked) -> list[ShownFault]:
    """The faults in words, in the order of the lines."""
    return [ShownFault(fault, severity_text(fault.severity), sentence(fault)) for fault in checked.faults]


def numbered(text: str, faults: list[ShownFault]) -> list[NumberedLine]:
    """The lines that have faults, each with two lines around it, numbered as the check counts."""
    by_line: dict[int, list[ShownFault]] = {}
    for one in faults:
        by_line.setdefault(one.fault.line or 1, []).append(one)
    near = {line + step for line in by_line for step in range(-2, 3)}
    lines = text.split("\n")
    return [
        NumberedLine(number, lines[number - 1], tuple(by_line.get(number, ())))
        for number in sorted(near)
        if 1 <= number <= len(lines)
    ]


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The text with everything that is wrong with it. Saving checks it; it may be saved with errors."""
    found = draft_or_404(public_id)
    text, conflict = found.text, False
    form = DraftForm(initial={"title": found.title, "text": found.text, "number": found.number})
    if request.method == "POST":
        form = DraftForm(request.POST, request.FILES)
        if form.is_valid():
            text = form.cleaned_data["file"] or form.cleaned_data["text"]
            try:
                save_draft(
                    draft=found,
                    title=form.cleaned_data["title"],
                    text=text,
                    number=form.cleaned_data["number"],
                    by=reader_of(request),
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                conflict = True
            else:
                messages.success(request, _("The draft is saved and checked."))
                return redirect("competence:draft", found.public_id)
        else:
            text = request.POST.get("text", "")
    checked = check_text(text.replace("\r\n", "\n"), known_here())
    faults = shown_faults(checked)
    return render(
        request,
        "competence/rules/draft.html",
        {
            "draft": found,
            "form": form,
            "checked": checked,
            "faults": faults,
            "lines": numbered(text.replace("\r\n", "\n"), faults),
            "theirs": found.text if conflict else "",
            "tab": "draft",
        },
        status=409 if conflict else 422 if form.errors else 200,
    )


@requires(MANAGE)
@require_safe
def draft_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draft as it was written, as a file."""
    found = draft_or_404(public_id)
    return yaml_response(found.text, f"{slugify(found.title) or 'regler'}.yaml")


@requires(MANAGE)
@require_safe
def compare_draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How the draft differs from the version in force, or from another (`med`)."""
    found = draft_or_404(public_id)
    versions = listed_versions()
    asked = request.GET.get("med", "")
    other = next((one for one in versions if (str(one.version.version) == asked if asked else one.is_in_force)), None)
    if asked and other is None:
        raise Http404
    checked = check_text(found.text, known_here())
    # What is missing or malformed cannot be told in words.
    can_be_told = checked.document is not None and (checked.rules is not None or _is_sound(checked))
    return render(
        request,
        "competence/rules/compare.html",
        {
            "draft": found,
            "versions": versions,
            "other": other,
            "checked": checked,
            "comparison": comparison(other.version.document, checked.document)
            if other and checked.document is not None and can_be_told
            else None,
            "tab": "compare",
        },
    )


def _is_sound(checked: Checked) -> bool:
    from competence.rule_documents.structure import structural_faults

    return not structural_faults(checked.document)


@requires(MANAGE)
@require_POST
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Lay the draft aside."""
    found = draft_or_404(public_id)
    try:
        withdraw_draft(draft=found, by=reader_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("competence:draft", found.public_id)
    messages.success(request, _("The draft is laid aside. It can still be read."))
    return redirect("competence:rules_admin")
