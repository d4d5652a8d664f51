"""Which column of a list holds what: guessed from its headings, or said by a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.users.models import fold_name


class Column(StrEnum):
    """What a column may hold. `VGR_ID` names a person within VGR; `OWN_ID` is what the list's source calls the row."""

    HSA_ID = "hsa_id"
    VGR_ID = "vgr_id"
    COURSE = "course"
    COMPLETED = "completed"
    SCORE = "score"
    OWN_ID = "own_id"


TITLES: Mapping[Column, Promise] = {
    Column.HSA_ID: _("HSA-ID"),
    Column.VGR_ID: _("VGR-ID"),
    Column.COURSE: _("Course (key or title)"),
    Column.COMPLETED: _("Day when it was completed"),
    Column.SCORE: _("Result in per cent"),
    Column.OWN_ID: _("The source’s own number for the completion"),
}

# Headings as they are met, folded and without spaces, hyphens and the like.
_NAMES: Mapping[Column, frozenset[str]] = {
    Column.HSA_ID: frozenset({"hsaid", "hsa", "employeehsaid", "hsaidentitet"}),
    Column.VGR_ID: frozenset({"vgrid", "vgr", "användarevgr"}),
    Column.COURSE: frozenset(
        {"kurs", "kursnyckel", "kursnamn", "utbildning", "kurstitel", "course", "coursekey", "kursenstitel"}
    ),
    Column.COMPLETED: frozenset(
        {
            "genomförd",
            "genomfördden",
            "genomfört",
            "datum",
            "slutdatum",
            "kursbevisdatum",
            "genomförandedatum",
            "avslutad",
            "godkänd",
            "godkändden",
            "completed",
            "completedat",
            "completedon",
            "datumförgenomförande",
        }
    ),
    Column.SCORE: frozenset({"resultat", "poäng", "procent", "score", "resultatiprocent"}),
    Column.OWN_ID: frozenset({"kursbevisnummer", "intygsnummer", "bevisnummer", "ownid", "sourceid", "löpnummer"}),
}

# What a completion has besides, and what nobody sets by a list: where it is counted, by whom and when it was recorded,
# what it warns of, and what only a manager decides. A row that says something there is refused.
PROTECTED = frozenset(
    {
        "behörighet",
        "enhetförstatistik",
        "flags",
        "flaggor",
        "huvudman",
        "huvudmannatyp",
        "nivå",
        "principal",
        "principalkind",
        "recordedat",
        "recordedby",
        "registrerad",
        "registreradav",
        "roll",
        "kompetensroll",
        "skyddadidentitet",
        "isprotected",
        "source",
        "källa",
    }
)

Columns = Mapping[Column, int]


def folded(heading: str) -> str:
    """A heading as it is compared: only letters and digits, without case."""
    return "".join(char for char in fold_name(heading) if char.isalnum())


def guess(header: Sequence[str]) -> dict[Column, int]:
    """The columns that the headings name; of two alike the first."""
    found: dict[Column, int] = {}
    for position, heading in enumerate(header):
        name = folded(heading)
        for column, names in _NAMES.items():
            if name in names:
                found.setdefault(column, position)
    return found


def protected(header: Sequence[str], columns: Columns) -> dict[int, str]:
    """The columns that nobody may set by a list, with their headings."""
    used = set(columns.values())
    return {p: heading for p, heading in enumerate(header) if p not in used and folded(heading) in PROTECTED}


def unread(header: Sequence[str], columns: Columns) -> list[str]:
    """The headings of columns that are not looked at."""
    seen = set(columns.values()) | protected(header, columns).keys()
    return [heading for p, heading in enumerate(header) if p not in seen and heading.strip()]


def lacking(columns: Columns, *, has_course: bool) -> list[str]:
    """What must be said before a list can be read, in words. `has_course`: all rows are of one course."""
    found = []
    if Column.HSA_ID not in columns and Column.VGR_ID not in columns:
        found.append(str(_("Say which column holds the HSA-ID, or the VGR-ID.")))
    if Column.COURSE not in columns and not has_course:
        found.append(str(_("Say which column holds the course, or choose the course that the whole list is about.")))
    if Column.COMPLETED not in columns:
        found.append(str(_("Say which column holds the day.")))
    return found
