"""Rule documents from files: read whole, within bounds, as UTF-8."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from competence.rule_documents.reading import MOST_BYTES
from lms.lib.errors import Refusal


def read_rule_file(path: Path) -> str:
    """The text of a rule document. Raises Refusal when it cannot be read."""
    try:
        with path.open("rb") as file:
            return decoded(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from error


def decoded(content: bytes) -> str:
    """A file's bytes as text. Raises Refusal when they are too many, or no UTF-8."""
    if len(content) > MOST_BYTES:
        raise Refusal(
            _("The file is too large: a rule document has at most %(most)d kB.") % {"most": MOST_BYTES // 1024}
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(_("The file is not text in UTF-8. Save it as UTF-8 and try again.")) from error
