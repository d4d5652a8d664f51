"""What can be wrong with a row of a list: a code that is kept, and the sentence that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _


class Code(StrEnum):
    """Why a row was not taken in."""

    HSA_ID_MISSING = "HSA_ID_MISSING"
    HSA_ID_FORM = "HSA_ID_FORM"
    PERSONAL_NUMBER = "PERSONAL_NUMBER"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    TWO_PEOPLE = "TWO_PEOPLE"
    COURSE_MISSING = "COURSE_MISSING"
    UNKNOWN_COURSE = "UNKNOWN_COURSE"
    AMBIGUOUS_COURSE = "AMBIGUOUS_COURSE"
    DAY_MISSING = "DAY_MISSING"
    DAY_FORM = "DAY_FORM"
    DAY_AMBIGUOUS = "DAY_AMBIGUOUS"
    DAY_AHEAD = "DAY_AHEAD"
    DAY_LONG_AGO = "DAY_LONG_AGO"
    SCORE_FORM = "SCORE_FORM"
    OWN_ID_LONG = "OWN_ID_LONG"
    UNREADABLE = "UNREADABLE"
    TOO_MANY_CELLS = "TOO_MANY_CELLS"
    UNCLOSED_QUOTE = "UNCLOSED_QUOTE"
    NOT_YOURS = "NOT_YOURS"
    CONFLICT = "CONFLICT"
    WITHDRAWN = "WITHDRAWN"


_SENTENCES: Mapping[Code, Callable[[], str]] = {
    Code.HSA_ID_MISSING: lambda: _("Nobody is named: write the person’s HSA-ID, or VGR-ID."),
    Code.HSA_ID_FORM: lambda: _("This is no HSA-ID. One looks like SE2321000131-E000000000001."),
    Code.PERSONAL_NUMBER: lambda: _(
        "This looks like a personal identity number, which is not to be sent here. It has not been kept. Write the "
        "HSA-ID instead."
    ),
    Code.UNKNOWN_PERSON: lambda: _("Nobody here has this identity. Check it, or ask the employer to add the person."),
    Code.TWO_PEOPLE: lambda: _("The HSA-ID and the VGR-ID of this row belong to different people."),
    Code.COURSE_MISSING: lambda: _("No course is named."),
    Code.UNKNOWN_COURSE: lambda: _("There is no course with this key or title."),
    Code.AMBIGUOUS_COURSE: lambda: _("Several courses have this title. Write the key: %(keys)s."),
    Code.DAY_MISSING: lambda: _("There is no day. Write it as 2024-03-01."),
    Code.DAY_FORM: lambda: _("This is no day. Write it as 2024-03-01."),
    Code.DAY_AMBIGUOUS: lambda: _("It cannot be told which is the day and which the month. Write it as 2024-03-01."),
    Code.DAY_AHEAD: lambda: _("The day has not come yet. Nobody can have completed a course in the future."),
    Code.DAY_LONG_AGO: lambda: _("The day is before 1990, which must be a mistake."),
    Code.SCORE_FORM: lambda: _("The result must be a number from 0 to 100."),
    Code.OWN_ID_LONG: lambda: _("The number is too long: at most 100 characters."),
    Code.UNREADABLE: lambda: _("Some characters could not be read. Save the file as UTF-8, or write them anew."),
    Code.TOO_MANY_CELLS: lambda: _("The row has more cells than there are headings. A separator too many?"),
    Code.UNCLOSED_QUOTE: lambda: _(
        "Several rows were read as one: a quotation mark is opened and not closed. Remove it."
    ),
    Code.NOT_YOURS: lambda: _("This cannot be set by a list. Leave the cell empty, or remove the column."),
    Code.CONFLICT: lambda: _("The source has sent this number before, with other content."),
    Code.WITHDRAWN: lambda: _(
        "This has been recorded before and was then withdrawn as wrong. It is not recorded again by a list."
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a row: the column's heading (empty: the row as a whole), its value, and why."""

    code: Code
    column: str = ""
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def sentence(code: str, words: Mapping[str, str]) -> str:
    """Why, in the active language, and what to do."""
    text = _SENTENCES[Code(code)]() % words
    if "suggestion" in words:
        text = f"{text} {_('Did you mean “%(suggestion)s”?') % words}"
    return text


def check_that_all_have_a_sentence() -> None:
    """A new code needs its sentence."""
    if set(_SENTENCES) != set(Code):
        raise TypeError("every code of a fault has a sentence")


check_that_all_have_a_sentence()
