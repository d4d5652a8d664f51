"""A certificate as a page to keep and print: PDF/UA-1, set by typst in the fonts that we ship."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Literal

import segno
import structlog
import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from competence import api as competence
from courses.models import Certificate
from lms.lib.mailing import address_of

log = structlog.get_logger(__name__)
TEMPLATE = Path(__file__).with_name("certificate.typ")
_FONTS = settings.BASE_DIR / "node_modules" / "@expo-google-fonts"
FONT_FOLDERS = (
    _FONTS / "atkinson-hyperlegible-next" / "400Regular",
    _FONTS / "atkinson-hyperlegible-next" / "600SemiBold",
    _FONTS / "atkinson-hyperlegible-next" / "700Bold",
    _FONTS / "noto-sans-arabic" / "700Bold",
)
"""What these lack is taken from typst's own fonts (Greek, Cyrillic, Hebrew)."""
STANDARD: Literal["ua-1"] = "ua-1"


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate, in Swedish. The same bytes each time, for the same facts."""
    data = json.dumps({"facts": facts_of(certificate)})
    try:
        return _compiled(certificate, data, [STANDARD])
    except typst.TypstError as error:
        # A name in letters that no font of ours has (an emoji, Chinese) cannot be PDF/UA, which wants each readable.
        # Better a page with a gap, still tagged, than none: the page of verification shows the name in full.
        log.warning("certificate.not_accessible", certificate=str(certificate.public_id), error=str(error))
        return _compiled(certificate, data, [])


def verification_address(certificate: Certificate) -> str:
    """The public page of the certificate."""
    return address_of("courses:verify_certificate", certificate.shown_code)


def facts_of(certificate: Certificate) -> dict[str, object]:
    """What the page says, in Swedish: each fact that is certified, and how to check it. Text only, never markup."""
    with translation.override("sv"):
        rows = [
            (_("Completed"), _day(certificate.completed_at)),
            (_("Extent"), competence.minutes_text(certificate.minutes)),
            (_("Issued by"), certificate.issuer_name),
            (_("Issued"), _day(certificate.issued_at)),
        ]
        if certificate.edition is not None:
            rows.insert(2, (_("Edition of the course"), str(certificate.edition)))
        address = verification_address(certificate)
        return {
            "title": _("Course certificate"),
            "name": certificate.person_name,
            "has_completed": _("has completed the course"),
            "course": certificate.course_title,
            "rows": rows,
            "check_title": _("Check that it is genuine"),
            "check": _("The page below shows what is certified, and whether the certificate still holds."),
            "code_label": _("Code"),
            "code": certificate.shown_code,
            "address": address,
            "address_shown": address.split("://", 1)[1],
            "qr_alt": _("QR code that leads to the page where the certificate is checked: %(address)s")
            % {"address": address},
            "qr": segno.make(address, error="m").svg_inline(border=0, dark="#0a474e"),
            "issuer": certificate.issuer_name,
            "year": localtime(certificate.issued_at).year,
            "month": localtime(certificate.issued_at).month,
            "day": localtime(certificate.issued_at).day,
        }


def _compiled(certificate: Certificate, data: str, standards: list[Literal["ua-1"]]) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"data": data},
        pdf_standards=[*standards],
        timestamp=int(certificate.issued_at.timestamp()),
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in FONT_FOLDERS])


def _day(moment: object) -> str:
    return date_format(localtime(moment), "j F Y")  # type: ignore[arg-type]
