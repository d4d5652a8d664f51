"""Taking in a list of completions: what a person decides about it. The work itself is `imports.completions.runner`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath

import structlog
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from competence.imports.completions.columns import Column, guess, lacking
from competence.imports.completions.tables import as_table, layout_of
from competence.models.completion_import import CompletionImport
from competence.models.course_reference import CourseReference
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, name_of, person_or_none
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)
Status = CompletionImport.Status
MAY = "competence.import_completions"


def start_import(
    *,
    path: Path,
    file_name: str,
    source_name: str,
    by: Actor,
    course_key: str = "",
    goes_on: bool = False,
    in_background: bool = True,
) -> CompletionImport:
    """Take in the list at `path` (CSV or XLSX): it is kept, and checked in the background. Nothing is recorded before
    somebody says so, unless it `goes_on` by itself.

    `source_name`: whose list it is; the same list from the same source again records nothing twice. `course_key`: what
    the whole list is about. Raises Refusal for a file that is no list, or an unknown course. When the headings do not
    say which column is which, the list waits to be told (`choose_columns`).
    """
    _require(by)
    source = slugify(source_name)[:50]
    if not source:
        raise Refusal(_("Write whose list it is, such as Socialstyrelsen."))
    course = CourseReference.objects.filter(key=course_key).first() if course_key else None
    if course_key and course is None:
        raise Refusal(_("There is no course with the key %(key)s.") % {"key": course_key})
    with tempfile.TemporaryDirectory() as folder:
        table = as_table(path, Path(folder))
        layout = layout_of(table)
        columns = guess(layout.header)
        is_clear = not lacking(columns, has_course=course is not None)
        one = CompletionImport(
            file_name=PurePath(file_name).name[:255] or "lista",
            source=f"import:{source}",
            source_name=source_name.strip()[:120],
            course=course,
            encoding=layout.encoding,
            delimiter=layout.delimiter,
            header=layout.header,
            header_row=layout.header_row,
            columns={column.value: position for column, position in columns.items()},
            status=Status.CHECKING if is_clear else Status.COLUMNS,
            goes_on=goes_on and is_clear,
            created_by=person_or_none(by),
            created_by_name=name_of(by),
        )
        with transaction.atomic(), table.open("rb") as file:
            one.file.save("list.csv", File(file), save=False)
            one.save(force_insert=True)
            record_write("start_import", by=by, subject=_subject(one), file=one.file_name, source=one.source)
            if is_clear and in_background:
                transaction.on_commit(_ask, robust=True)
    return one


@transaction.atomic
def choose_columns(*, completion_import: CompletionImport, columns: Mapping[Column, int], by: Actor) -> None:
    """Say which column is which, and have the list checked. Raises Refusal when something is lacking or twice."""
    _require(by)
    one = _locked(completion_import, Status.COLUMNS)
    if len(set(columns.values())) < len(columns):
        raise Refusal(_("A column can hold one thing only. Choose each column once."))
    if any(not 0 <= position < len(one.header) for position in columns.values()):
        raise Refusal(_("There is no such column in the file."))
    if wrong := lacking(columns, has_course=one.course_id is not None):
        raise Refusal(" ".join(wrong))
    one.columns = {column.value: position for column, position in columns.items()}
    one.status = Status.CHECKING
    one.save(update_fields=["columns", "status"])
    record_write("choose_import_columns", by=by, subject=_subject(one))
    transaction.on_commit(_ask, robust=True)


@transaction.atomic
def record_import(*, completion_import: CompletionImport, by: Actor) -> None:
    """Record what was understood of a list that has been checked."""
    _require(by)
    one = _locked(completion_import, Status.CHECKED)
    one.status = Status.RECORDING
    one.save(update_fields=["status"])
    record_write("record_import", by=by, subject=_subject(one), rows=one.staged)
    transaction.on_commit(_ask, robust=True)


@transaction.atomic
def stop_import(*, completion_import: CompletionImport, by: Actor) -> None:
    """Stop after the part that is being worked on. What has been recorded stays, and the rest can be gone on with."""
    _require(by)
    one = _locked(completion_import, Status.CHECKING, Status.RECORDING)
    one.is_to_stop = True
    one.save(update_fields=["is_to_stop"])
    record_write("stop_import", by=by, subject=_subject(one))


@transaction.atomic
def resume_import(*, completion_import: CompletionImport, by: Actor, in_background: bool = True) -> None:
    """Go on where it was stopped, broken off or failed; or record a list that has been checked."""
    _require(by)
    one = _locked(completion_import, Status.CHECKING, Status.CHECKED, Status.RECORDING, Status.FAILED)
    one.is_to_stop = False
    if one.status == Status.FAILED:
        one.status, one.message, one.finished_at = Status.RECORDING if one.done else Status.CHECKING, "", None
    elif one.status == Status.CHECKED:
        one.status = Status.RECORDING
    one.save(update_fields=["is_to_stop", "status", "message", "finished_at"])
    record_write("resume_import", by=by, subject=_subject(one))
    if in_background:
        transaction.on_commit(_ask, robust=True)


@transaction.atomic
def discard_import(*, completion_import: CompletionImport, by: Actor) -> None:
    """Throw away what is kept of a list: file, rows and faults. What has been recorded from it stays.

    Raises Refusal while somebody is at it.
    """
    _require(by)
    one = CompletionImport.objects.select_for_update().get(pk=completion_import.pk)
    if one.is_under_way and one.claimed_until and one.claimed_until > timezone.now():
        raise Refusal(_("The list is being worked on. Stop it first."))
    if one.status != Status.DONE:
        one.status = Status.DISCARDED
        one.finished_at = timezone.now()
    one.is_under_way, one.claim = False, None
    one.save(update_fields=["status", "finished_at", "is_under_way", "claim"])
    one.rows.all().delete()
    one.faults.all().delete()
    record_write("discard_import", by=by, subject=_subject(one))
    if one.file:
        storage, name = one.file.storage, str(one.file.name)
        CompletionImport.objects.filter(pk=one.pk).update(file="")
        transaction.on_commit(lambda: storage.delete(name), robust=True)


def _require(by: Actor) -> None:
    if not isinstance(by, Machine) and not by.has_perm(MAY):
        raise PermissionDenied(MAY)


def _locked(one: CompletionImport, *statuses: str) -> CompletionImport:
    found = CompletionImport.objects.select_for_update().get(pk=one.pk)
    if found.status not in statuses:
        raise Refusal(
            _("This can no longer be done: the list is “%(status)s”.") % {"status": found.get_status_display()}
        )
    return found


def _subject(one: CompletionImport) -> str:
    return f"import:{one.public_id}"


def _ask() -> None:
    """Wake the worker. A broker that is down costs only time: waiting imports are looked for at intervals."""
    from competence.tasks import go_on_importing

    try:
        go_on_importing.delay()
    except Exception as error:  # the broker's client raises what it likes
        log.warning("import.broker_unreachable", error=repr(error))
