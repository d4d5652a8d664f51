"""What editors upload: refused when it is not what it says, and served so that nothing in it runs."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture
from wagtail.documents import get_document_model

from cms.models import SiteImage, StartPage
from lms.users.models import User


@pytest.fixture
def admin_client(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def png(name: str, extra: bytes = b"", kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Picture.new("RGB", (64, 48), "teal").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue() + extra)


HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", SVG),
        ("a.png", SVG),
        ("a.html", HTML),
        ("a.png", HTML),
        ("a.php", b"<?php"),
        ("a.jpg", b"<?php"),
    ],
)
def test_a10_what_is_no_image_is_refused(admin_client: Client, media_folder: Any, name: str, content: bytes) -> None:
    response = admin_client.post("/admin/images/add/", {"title": "x", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    assert not SiteImage.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", HTML),
        ("a.svg", SVG),
        ("a.php", b"<?php"),
        ("a.exe", b"MZ"),
        ("a.pdf", HTML),
        ("a.docx", HTML),
        ("a.xlsx", b"%PDF-1.7"),
        ("a.txt", HTML),
        ("a.csv", b" \n" + SVG),
        ("a.pdf.html", b"%PDF-1.7"),
        ("a.mp4", HTML),
        ("a.webm", HTML),
        ("a.vtt", b"Undertexter"),
        ("a.txt", b"text\x00MZ"),
    ],
)
def test_a10_a_document_that_is_not_what_it_says_is_refused(
    admin_client: Client, media_folder: Any, name: str, content: bytes
) -> None:
    response = admin_client.post("/admin/documents/add/", {"title": "x", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    assert not get_document_model().objects.exists()


def test_a10_a_document_leaves_as_an_inert_download(admin_client: Client, media_folder: Any) -> None:
    polyglot = SimpleUploadedFile("rutin.pdf", b"%PDF-1.7\n" + HTML)
    assert admin_client.post("/admin/documents/add/", {"title": "Rutin", "file": polyglot}).status_code == 302
    response = admin_client.get(get_document_model().objects.get().url)
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves its spool file open
def test_a10_an_image_leaves_encoded_anew_under_its_own_type(admin_client: Client, media_folder: Any) -> None:
    for name, kind in (("a.gif", "GIF"), ("b.png", "PNG"), ("c.jpg", "JPEG")):
        upload = png(name, HTML, kind)
        assert admin_client.post("/admin/images/add/", {"title": name, "file": upload}).status_code == 302
    for picture in SiteImage.objects.all():
        for spec in ("original", "width-32|format-webp", "fill-20x20"):
            response = admin_client.get(picture.get_rendition(spec).url)
            content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
            assert b"<script>" not in content, (picture.title, spec)
            assert response["Content-Type"].startswith("image/")
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response["Content-Security-Policy"]
            assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["../original_images/a.png", "..%2foriginal_images%2fa.png", "a.svg", "a.html", "finns-inte.png", "."]
)
def test_a10_the_image_address_reaches_nothing_but_renditions(
    client: Client, start: StartPage, media_folder: Any, name: str
) -> None:
    (media_folder / "original_images").mkdir()
    (media_folder / "original_images" / "a.png").write_bytes(b"x")
    (media_folder / "images").mkdir()
    (media_folder / "images" / "a.svg").write_bytes(SVG)
    assert client.get(f"/bild/{name}").status_code == 404
