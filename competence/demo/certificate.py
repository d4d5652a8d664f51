"""A certificate as somebody might have got it elsewhere: one page of PDF, written by hand."""

from __future__ import annotations

from datetime import date


def certificate_pdf(*, name: str, course: str, completed_on: date) -> bytes:
    """A valid PDF of one page (A4), with a line that says that it is invented."""
    lines = [
        (28, 740, "Kursbevis"),
        (14, 690, name),
        (14, 660, f"har genomfört utbildningen {course}"),
        (14, 630, f"den {completed_on.isoformat()} med godkänt kunskapstest."),
        (10, 90, "Påhittat intyg för demonstration. Personen finns inte."),
    ]
    text = "".join(f"BT /F1 {size} Tf 72 {height} Td ({_escaped(line)}) Tj ET\n" for size, height, line in lines)
    content = text.encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (sv-SE) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    document = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    document += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return document


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
