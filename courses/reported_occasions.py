"""Reading figures about occasions that others have counted from a CSV file: all of it, or nothing."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions.occasion_figures import report_occasion_figure
from courses.models import ReportedOccasionFigure
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

COLUMNS = ("period_from", "period_to", "measure", "town", "count", "approximate", "source")
# What the suppliers have told of the occasions they held before they were kept here, with its source in each row.
PUBLISHED_FIGURES = Path(__file__).parent / "data_files" / "reported_occasions.csv"


class FileRefused(Refusal):
    """The file is not taken. The sentence names every fault by its row and column; nothing was written."""


@transaction.atomic
def load_reported_occasions(content: bytes, *, by: Actor, dry_run: bool = False) -> tuple[int, int]:
    """Keep every figure of the file. Returns how many are new, and how many were known before.

    UTF-8, commas or semicolons, a header with `COLUMNS` (the row with number 1). Raises FileRefused.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(_("The file is not UTF-8.")) from error
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.split("\n", 1)[0] else ",")
    header = [name.strip() for name in next(lines, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise FileRefused(_("The file lacks the columns %(columns)s.") % {"columns": ", ".join(missing)})
    before, faults, rows = ReportedOccasionFigure.objects.count(), [], 0
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        rows += 1
        values = {**dict.fromkeys(COLUMNS, ""), **dict(zip(header, (cell.strip() for cell in cells), strict=False))}
        found = _faults_of(values)
        if not found:
            try:
                report_occasion_figure(**_read(values), by=by)
            except Refusal as refusal:
                found = [str(refusal)]
        faults += [_("row %(row)d") % {"row": lines.line_num} + f": {fault}" for fault in found]
    if faults:
        raise FileRefused("\n".join(faults))
    new = ReportedOccasionFigure.objects.count() - before
    if dry_run:
        transaction.set_rollback(True)
    return new, rows - new


def _read(values: dict[str, str]) -> dict[str, Any]:
    return {
        "period_from": date.fromisoformat(values["period_from"]),
        "period_to": date.fromisoformat(values["period_to"]),
        "measure": values["measure"],
        "town": values["town"],
        "count": int(values["count"]),
        "is_approximate": values["approximate"] == "yes",
        "source": values["source"],
    }


def _faults_of(values: dict[str, str]) -> list[str]:
    faults = []
    for column in ("period_from", "period_to"):
        try:
            date.fromisoformat(values[column])
        except ValueError:
            said = _("“%(value)s” is not a day such as 2023-12-31.") % {"value": values[column]}
            faults.append(f"{column}: {said}")
    digits = values["count"]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        faults.append("count: " + _("“%(value)s” is not a whole number.") % {"value": digits})
    if values["approximate"] not in {"", "yes"}:
        faults.append("approximate: " + _("Write yes, or nothing."))
    return faults
