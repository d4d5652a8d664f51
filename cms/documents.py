"""Documents that editors upload: of known types, and what their names say they are."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm

MAX_BYTES = 50 * 1024 * 1024
MAX_FILM_BYTES = 500 * 1024 * 1024
FILM_KINDS = {"mp4", "webm"}
# How files of each kind begin. Text kinds have no signature; they must not begin like a page or an image.
SIGNATURES = {
    "pdf": b"%PDF-",
    "docx": b"PK\x03\x04",
    "odt": b"PK\x03\x04",
    "pptx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "webm": b"\x1a\x45\xdf\xa3",
}
TEXT_KINDS = {"csv", "txt", "vtt"}


class DocumentForm(BaseDocumentForm):
    """Refuses a file whose beginning is not that of its kind, such as a web page named `.pdf`.

    What is let in is served as a download all the same, with its type fixed and scripts off.
    """

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" not in self.changed_data:
            return file
        kind = file.name.rpartition(".")[2].lower()
        if kind in FILM_KINDS and file.size > MAX_FILM_BYTES:
            raise ValidationError(_("The film is larger than 500 MB."))
        if kind not in FILM_KINDS and file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than 50 MB."))
        beginning = file.read(1024)
        file.seek(0)
        is_other = kind in SIGNATURES and not beginning.startswith(SIGNATURES[kind])
        if is_other or (kind == "mp4" and beginning[4:8] != b"ftyp"):
            raise ValidationError(
                _("The file is not what its name says. Save it anew from the programme it was made in.")
            )
        if kind == "vtt" and not beginning.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
            raise ValidationError(_("The file is no WebVTT: it does not begin with WEBVTT."))
        if kind in TEXT_KINDS and (b"\x00" in beginning or beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")):
            raise ValidationError(_("The file is not plain text."))
        return file
