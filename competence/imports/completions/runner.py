"""Carrying out an import: part by part, one import at a time, to be stopped and broken off anywhere.

Each part is a transaction that also notes how far the import has come. Whoever is killed leaves a claim behind, which
runs out within a minute; whoever goes on then begins where the last part ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from itertools import islice
from uuid import UUID

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.imports.completions.known_rows import Range
from competence.imports.completions.recording import CLAIM, Overtaken, foresee, ranges_of, record
from competence.imports.completions.staging import Staging
from competence.imports.completions.tables import Layout, rows_of
from competence.models.completion_import import CompletionImport
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal
from lms.lib.side_by_side import side_by_side, side_by_side_in_order

log = structlog.get_logger(__name__)
CHUNK = 5_000
Status = CompletionImport.Status


def waiting_imports() -> list[int]:
    """The imports that are to be gone on with, the oldest first."""
    rows = CompletionImport.objects.filter(status__in=(Status.CHECKING, Status.RECORDING), is_to_stop=False)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def go_on_with(pk: int, *, processes: int = 1) -> Iterator[CompletionImport]:
    """Work on the import until it is checked, done or stopped; yields how it stands after each part. What fails for
    good is noted as failed, so that it stops no other.

    Nothing while somebody else is at this import or another one. Several processes need PostgreSQL, and no transaction
    around.
    """
    claim = take(pk)
    if claim is None:
        return
    try:
        for _part in _parts(pk, claim, processes):
            yield CompletionImport.objects.get(pk=pk)
            if not _held(pk, claim).filter(is_to_stop=False).exists():
                break
    except Overtaken:
        log.warning("import.overtaken", completion_import=pk)
    except Refusal as refusal:
        _held(pk, claim).update(status=Status.FAILED, message=str(refusal), finished_at=timezone.now())
    except (OperationalError, InterfaceError):
        raise  # the database is away: it is gone on with when it is back
    except Exception:
        log.exception("import.failed", completion_import=pk)
        text = _("A technical fault stopped it; those who run the service find it in the log.")
        _held(pk, claim).update(status=Status.FAILED, message=text, finished_at=timezone.now())
    finally:
        let_go(pk, claim)
    yield CompletionImport.objects.get(pk=pk)


def take(pk: int) -> UUID | None:
    """Take the import, if nobody else is at it or at another one; the claim, or None."""
    now, claim = timezone.now(), uuid.uuid4()
    CompletionImport.objects.filter(is_under_way=True, claimed_until__lt=now).update(is_under_way=False, claim=None)
    wanted = CompletionImport.objects.filter(
        pk=pk, status__in=(Status.CHECKING, Status.RECORDING), is_to_stop=False, is_under_way=False
    )
    try:
        with transaction.atomic():
            taken = wanted.update(is_under_way=True, claim=claim, claimed_until=now + CLAIM)
    except IntegrityError:  # the constraint: another import is under way
        return None
    return claim if taken else None


def let_go(pk: int, claim: UUID) -> None:
    """The import is anybody's again."""
    _held(pk, claim).update(is_under_way=False, claim=None, claimed_until=None)


def _held(pk: int, claim: UUID) -> QuerySet[CompletionImport]:
    return CompletionImport.objects.filter(pk=pk, claim=claim)


def _parts(pk: int, claim: UUID, processes: int) -> Iterator[None]:
    one = CompletionImport.objects.select_related("course", "created_by").get(pk=pk)
    if one.status == Status.CHECKING:
        if not one.is_read:
            yield from _read(one, claim, processes)
        if one.file:
            one.file.delete(save=False)
            _held(pk, claim).update(file="")
        if not one.goes_on:
            for people in ranges_of(one, after=one.foreseen_through):
                foresee(pk, claim, people)
                yield
        _held(pk, claim).update(status=Status.RECORDING if one.goes_on else Status.CHECKED)
        if not one.goes_on:
            return
        yield
    by: Actor = one.created_by or Machine(one.created_by_name)
    work = partial(_record, pk, claim, by)
    ranges = ranges_of(one)
    for _done in side_by_side(work, ranges, processes):
        yield
    _held(pk, claim).update(status=Status.DONE, finished_at=timezone.now())


def _record(pk: int, claim: UUID, by: Actor, people: Range) -> None:
    record(pk, claim, people, by)


def _read(one: CompletionImport, claim: UUID, processes: int) -> Iterator[None]:
    """Stage what has not been read yet of the file. Chunks are understood side by side and written one after the other,
    so that all before `rows_read` has been written and nothing behind it."""
    staging = Staging(one)
    layout = Layout(one.encoding, one.delimiter, one.header_row, one.header)
    with one.file.open("rb") as file:
        chunks = _chunks(islice(rows_of(file, layout), one.rows_read, None))
        for understood in side_by_side_in_order(staging.understand, chunks, processes):
            with transaction.atomic():
                understood.write(one.pk)
                held = _held(one.pk, claim).update(
                    rows_read=F("rows_read") + understood.read,
                    staged=F("staged") + understood.staged,
                    faulty=F("faulty") + understood.read - understood.staged,
                    claimed_until=timezone.now() + CLAIM,
                )
                if not held:
                    raise Overtaken
            yield
    if not _held(one.pk, claim).update(is_read=True):
        raise Overtaken


Row = tuple[int, list[str], bool]


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
