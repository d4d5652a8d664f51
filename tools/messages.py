"""The Swedish catalogue: every translatable string of the code and the templates, without GNU gettext.

Usage: python -m tools.messages check      each string has a Swedish translation; exit code 1 otherwise
       python -m tools.messages update     add what is missing, untranslated, at the end of the catalogue
       python -m tools.messages unused     list the entries that nothing asks for
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from tools.steps import ROOT, Stop, say

CATALOGUE = ROOT / "lms" / "locale" / "sv" / "LC_MESSAGES" / "django.po"
SOURCES = ("cms", "competence", "courses", "lms", "templates")
Spec = tuple[int | tuple[int, str], ...] | None
KEYWORDS: dict[str, Spec] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Found = tuple[str | None, str | tuple[str, ...], str]  # context, message (or singular and plural), where


def sources() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def messages_in(path: Path) -> Iterator[Found]:
    """The strings that `path` gives to gettext."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django's own tool makes code of a template; a line's indentation means nothing in it.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    options = {"encoding": "utf-8"}
    for line, message, _comments, context in extract(
        "python", io.BytesIO(text.encode()), keywords=KEYWORDS, options=options
    ):
        yield context, message, f"{path.relative_to(ROOT)}:{line}"


def all_messages() -> dict[tuple[str | None, str], Found]:
    """Every string, once, by its context and its (singular) text."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    found: dict[tuple[str | None, str], Found] = {}
    for path in sources():
        for context, message, where in messages_in(path):
            singular = message if isinstance(message, str) else message[0]
            if singular and not (isinstance(message, str) and (context, singular) in found):
                found[context, singular] = (context, message, where)
    return found


def read_catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="sv", domain="django", abort_invalid=True)


def is_translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    parts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(parts) and bool(parts)


def untranslated() -> list[str]:
    """What is wrong with the catalogue, a line each."""
    catalogue, problems = read_catalogue(), []
    for (context, singular), (_context, message, where) in all_messages().items():
        entry = catalogue.get(singular, context)
        if not is_translated(entry):
            problems.append(f"{where}: no Swedish for {singular!r}")
        elif entry and not isinstance(message, str) and not entry.pluralizable:
            problems.append(f"{where}: no plural forms for {singular!r}")
    for entry in catalogue:
        for error in entry.check(catalogue) if entry.id and entry.string else []:
            problems.append(f"{entry.id!r}: {error}")
    return problems


def update() -> int:
    """Add what is missing, and say how many. Entries that are there stay as they are, in their order."""
    catalogue, added = read_catalogue(), 0
    for (context, singular), (_context, message, _where) in all_messages().items():
        if catalogue.get(singular, context) is None:
            catalogue.add(message, context=context)
            added += 1
    if added:
        with CATALOGUE.open("wb") as file:
            write_po(file, catalogue, width=120, omit_header=False, no_location=True)
    return added


def unused() -> list[str]:
    asked_for = all_messages()
    entries = [(entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]) for entry in read_catalogue()]
    return [singular for context, singular in entries if singular and (context, singular) not in asked_for]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=["check", "update", "unused"])
    job = parser.parse_args().job
    if job == "update":
        say(f"{update()} strings added to {CATALOGUE.relative_to(ROOT)}; give them their Swedish.")
    elif job == "unused":
        say("\n".join(unused()) or "Every entry is asked for.")
    elif problems := untranslated():
        raise Stop("\n".join([*problems, f"{len(problems)} strings are not translated."]))
    else:
        say(f"All {len(all_messages())} strings have a Swedish translation.")


if __name__ == "__main__":
    main()
