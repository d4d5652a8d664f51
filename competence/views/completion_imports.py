"""Lists of completions: sent in, checked, recorded, and what is wrong with them fetched to be corrected."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence.actions import completion_imports as actions
from competence.exports.sheets import FORMATS, Row, sheet_response
from competence.forms.completion_imports import ColumnsForm, ImportForm
from competence.imports.completions.columns import TITLES, Column, protected, unread
from competence.imports.completions.faults import sentence
from competence.imports.completions.tables import SAMPLE_ROWS, Layout, rows_of
from competence.models.completion_import import CompletionImport, ImportFault
from competence.views.common import reader_of
from lms.lib.access import requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.lib.uploads import receives_file

FAULTS_ON_A_PAGE = 50
IMPORTS_SHOWN = 50


@requires(actions.MAY)
@require_http_methods(["GET", "HEAD", "POST"])
@receives_file("IMPORT_MAX_BYTES")
def completion_imports(request: HttpRequest) -> HttpResponse:
    """The lists of before, and the form for a new one."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            one = _start(request, form.cleaned_data)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("competence:completion_import", one.public_id)
    context = {
        "form": form,
        "imports": CompletionImport.objects.select_related("course", "created_by")[:IMPORTS_SHOWN],
        "max_bytes": settings.IMPORT_MAX_BYTES,
    }
    return render(request, "competence/imports/list.html", context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, values: dict[str, Any]) -> CompletionImport:
    file = values["file"]
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(file, TemporaryUploadedFile):
            path = Path(file.temporary_file_path())
        else:
            path = Path(folder) / "list"
            path.write_bytes(file.read())
        return actions.start_import(
            path=path,
            file_name=file.name,
            source_name=values["source_name"],
            course_key=values["course"].key if values["course"] else "",
            by=reader_of(request),
        )


@requires(actions.MAY)
@require_safe
def completion_import(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How a list stands, and what is wrong with it."""
    return _render(request, _import_or_404(public_id))


def _render(
    request: HttpRequest, one: CompletionImport, form: ColumnsForm | None = None, status: int = 200
) -> HttpResponse:
    columns = {Column(name): position for name, position in one.columns.items()}
    sample = _sample(one) if one.status == CompletionImport.Status.COLUMNS else []
    if one.status == CompletionImport.Status.COLUMNS and form is None:
        form = _columns_form(one, sample, initial={name: str(position) for name, position in one.columns.items()})
    faults = Paginator(one.faults.all(), FAULTS_ON_A_PAGE).get_page(request.GET.get("sida"))
    return render(
        request,
        "competence/imports/import.html",
        {
            "one": one,
            "form": form,
            "sample": sample,
            "chosen": [(TITLES[column], one.header[position]) for column, position in columns.items()],
            "unread": unread(one.header, columns),
            "protected": list(protected(one.header, columns).values()),
            "faults": [(fault, sentence(fault.code, fault.words)) for fault in faults],
            "page_of_faults": faults,
            "formats": FORMATS,
        },
        status=status,
    )


@requires(actions.MAY)
@require_POST
def columns(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Which column is which."""
    one = _import_or_404(public_id)
    form = _columns_form(one, _sample(one), data=request.POST)
    if form.is_valid():
        try:
            actions.choose_columns(completion_import=one, columns=form.columns(), by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("competence:completion_import", one.public_id)
    if one.status != CompletionImport.Status.COLUMNS:
        messages.error(request, _("The columns have been chosen already."))
        return redirect("competence:completion_import", one.public_id)
    return _render(request, one, form, status=422)


@requires(actions.MAY)
@require_POST
def record_import(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _do(request, public_id, actions.record_import, "")


@requires(actions.MAY)
@require_POST
def stop_import(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _do(request, public_id, actions.stop_import, _("It stops after the rows that are being worked on."))


@requires(actions.MAY)
@require_POST
def resume_import(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _do(request, public_id, actions.resume_import, "")


@requires(actions.MAY)
@require_POST
def discard_import(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _do(request, public_id, actions.discard_import, _("What was kept of the list has been thrown away."))


@requires(actions.MAY)
@require_safe
def faults_file(request: HttpRequest, public_id: uuid.UUID, fmt: str) -> HttpResponse:
    """The rows that were not taken in, as they stand in the list, with why: to be corrected and sent in again."""
    one = _import_or_404(public_id)
    if fmt not in FORMATS or not one.faults.exists():
        raise Http404
    return sheet_response(
        fmt,
        file_name=f"rader-att-ratta-{local_day(one.created_at).isoformat()}",
        title=_("Rows to correct"),
        header=[*one.header, _("Row in the list"), _("What is wrong")],
        rows=_rows_to_correct(one),
    )


def _rows_to_correct(one: CompletionImport) -> Iterator[Row]:
    width = len(one.header)
    faults: Iterator[ImportFault] = one.faults.order_by("row", "pk").iterator(chunk_size=2_000)
    for row, those in groupby(faults, key=lambda fault: fault.row):
        several = list(those)
        cells = [str(cell) for cell in several[0].cells[:width]]
        reasons = [
            f"{f.column}: {sentence(f.code, f.words)}" if f.column else sentence(f.code, f.words) for f in several
        ]
        yield [*cells, *[""] * (width - len(cells)), row, " ".join(reasons)]


def _do(request: HttpRequest, public_id: uuid.UUID, action: Callable[..., object], done: str) -> HttpResponse:
    one = _import_or_404(public_id)
    try:
        action(completion_import=one, by=reader_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return redirect("competence:completion_import", one.public_id)


def _import_or_404(public_id: uuid.UUID) -> CompletionImport:
    return get_object_or_404(CompletionImport.objects.select_related("course", "created_by"), public_id=public_id)


def _columns_form(one: CompletionImport, sample: list[list[str]], **kwargs: Any) -> ColumnsForm:
    return ColumnsForm(header=one.header, sample=sample[0] if sample else [], **kwargs)


def _sample(one: CompletionImport) -> list[list[str]]:
    """The first rows of the file, as long as it is there."""
    if not one.file:
        return []
    layout = Layout(one.encoding, one.delimiter, one.header_row, one.header)
    width = len(one.header)
    found: list[list[str]] = []
    with one.file.open("rb") as file:
        try:
            for _number, cells, _together in rows_of(file, layout):
                found.append([*cells[:width], *[""] * (width - len(cells))])
                if len(found) == SAMPLE_ROWS:
                    break
        except Refusal:
            return found
    return found
