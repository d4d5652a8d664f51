"""Administering the rules: versions and drafts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from competence.actions.rule_drafts import create_draft
from competence.forms.rules import NewDraftForm
from competence.models.requirement import RuleSetVersion
from competence.models.rule_draft import RuleSetDraft
from competence.queries.rule_documents import exported
from competence.queries.rule_versions import comparison, listed_versions
from competence.views.common import reader_of
from lms.lib.access import requires
from lms.lib.errors import Refusal


@requires("competence.manage_rules")
@require_safe
def rules_admin(request: HttpRequest) -> HttpResponse:
    """The open drafts, and the versions with when they are in force, who published them and why."""
    drafts = RuleSetDraft.objects.select_related("changed_by", "based_on", "published_as")
    return render(
        request,
        "competence/rules/admin.html",
        {
            "versions": listed_versions(),
            "drafts": drafts.filter(status=RuleSetDraft.Status.OPEN),
            "withdrawn": drafts.filter(status=RuleSetDraft.Status.WITHDRAWN)[:20],
        },
    )


@requires("competence.manage_rules")
@require_http_methods(["GET", "HEAD", "POST"])
def new_draft(request: HttpRequest) -> HttpResponse:
    """Begin a draft with a version (`fran` chooses beforehand) or with a file."""
    if request.method == "POST":
        form = NewDraftForm(request.POST, request.FILES)
        if form.is_valid():
            version: RuleSetVersion | None = form.cleaned_data["version"]
            text = form.cleaned_data["file"] or (exported(version) if version else "")
            try:
                draft = create_draft(
                    title=form.cleaned_data["title"], text=text, based_on=version, by=reader_of(request)
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The draft is made. Nothing is in force before it is published."))
                return redirect("competence:draft", draft.public_id)
    else:
        form = NewDraftForm(initial={"version": request.GET.get("fran")})
    for choice in listed_versions():
        if choice.is_in_force and not form.is_bound and not request.GET.get("fran"):
            form.initial["version"] = choice.version.version
    return render(request, "competence/rules/new_draft.html", {"form": form}, status=422 if form.errors else 200)


@requires("competence.manage_rules")
@require_safe
def rules_version(request: HttpRequest, number: int) -> HttpResponse:
    """A version, and how it differs from another (`med`; the one before, unless said otherwise)."""
    found = get_object_or_404(RuleSetVersion, version=number)
    versions = listed_versions()
    asked = request.GET.get("med", "")
    earlier = [
        one.version for one in versions if one.version.in_force_from <= found.in_force_from and one.version != found
    ]
    other = earlier[0] if earlier else None
    if asked:
        other = next((one.version for one in versions if str(one.version.version) == asked), None)
        if other is None:
            raise Http404
    return render(
        request,
        "competence/rules/version.html",
        {
            "version": next(one for one in versions if one.version == found),
            "versions": [one for one in versions if one.version != found],
            "other": other,
            "comparison": comparison(other.document, found.document) if other else None,
            "text": exported(found),
        },
    )


@requires("competence.manage_rules")
@require_safe
def version_file(request: HttpRequest, number: int) -> HttpResponse:
    """The version as a file to review, keep or begin with."""
    found = get_object_or_404(RuleSetVersion, version=number)
    return yaml_response(exported(found), f"regler-version-{number}.yaml")


def yaml_response(text: str, file_name: str) -> HttpResponse:
    """A rule document to download."""
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
