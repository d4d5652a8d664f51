"""Makes the site's first pages: the start page, the sections, and what is beneath them.

Run it as often as you like: a page that is there already, by its place and slug, is left as its editors have it.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.html import escape
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.models import Locale, Page, Site

from cms.content.pieces import Draft
from cms.content.tree import SITE
from cms.models import HealthCareProductPage, ProductAreaPage, StartPage
from cms.permissions import ensure_editor_group
from lms.audit.api import record_write
from lms.lib.actors import Actor

NAMESPACE = uuid.UUID("5f5d1f6c-6d0d-4e5e-9a57-2f0a4c1b7d10")
WRITTEN_AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
DOCUMENT_TITLE = "Produktområden och koder i handboken"
LINK = re.compile(r"\[\[([^|\]]+)\|([^\]]+)\]\]")
Progress = Callable[[int, int, str], None]


@transaction.atomic
def load_site(*, by: Actor, progress: Progress | None = None) -> int:
    """Make the pages that are missing, and publish them. Returns how many were made."""
    start, made_start = _start_page()
    ensure_editor_group()
    drafts = [("", start, SITE)] if made_start else []
    drafts += list(_missing(start, SITE.children, ""))
    for number, (path, page, plan) in enumerate(drafts, start=1):
        _fill(page, plan, path, start)
        if progress:
            progress(number, len(drafts), page.title)
    _point_site_at(start)
    if drafts:
        record_write("load_site", by=by, subject=f"page:{start.pk}", pages=len(drafts))
    return len(drafts)


def count_missing() -> int:
    """How many pages `load_site` would make."""
    start = StartPage.objects.first()
    if start is None:
        return 1 + _size(SITE.children)
    return _count_missing(start, SITE.children)


def _size(plans: list[Draft]) -> int:
    return sum(1 + _size(plan.children) for plan in plans)


def _count_missing(parent: Page, plans: list[Draft]) -> int:
    there = {page.slug: page for page in parent.get_children()}
    return sum(
        _count_missing(there[plan.slug], plan.children) if plan.slug in there else 1 + _size(plan.children)
        for plan in plans
    )


def _start_page() -> tuple[StartPage, bool]:
    start = StartPage.objects.first()
    if start is not None:
        return start, False
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    # Wagtail's first migration leaves a page that welcomes its installer.
    root.get_children().exact_type(Page).filter(slug="home").delete()
    root = Page.objects.get(pk=root.pk)
    start = StartPage(title=SITE.title, slug=SITE.slug, introduction=SITE.values["introduction"], live=False)
    start.translation_key = uuid.uuid5(NAMESPACE, "/")
    root.add_child(instance=start)
    return start, True


def _missing(parent: Page, plans: list[Draft], above: str) -> Iterator[tuple[str, Page, Draft]]:
    """Add what is missing as drafts without links, so that any page can be linked to when they are filled."""
    there = {page.slug: page for page in parent.get_children()}
    for plan in plans:
        path = f"{above}{plan.slug}"
        page = there.get(plan.slug)
        if page is None:
            page = plan.model(title=plan.title, slug=plan.slug, live=False)
            page.translation_key = uuid.uuid5(NAMESPACE, path)
            _set(page, plan.values, path, lambda _path: None)
            parent.add_child(instance=page)
            yield path, page, plan
        yield from _missing(page, plan.children, f"{path}/")


def _fill(page: Page, plan: Draft, path: str, start: StartPage) -> None:
    """Give the page its content with links, and publish it as of the day it was written."""

    def find(wanted: str) -> Page | None:
        return Page.objects.filter(url_path=f"{start.url_path}{wanted}/").first()

    page.refresh_from_db()
    _set(page, plan.values, path, find)
    for relation, rows in plan.related.items():
        manager = getattr(page, relation)
        manager.set([manager.model(**_row(row, find), sort_order=number) for number, row in enumerate(rows)])
    page.save_revision(log_action=False).publish(log_action=False)
    Page.objects.filter(pk=page.pk).update(first_published_at=WRITTEN_AT, last_published_at=WRITTEN_AT)


def _set(page: Page, values: dict[str, Any], path: str, find: Callable[[str], Page | None]) -> None:
    for name, value in values.items():
        field = page._meta.get_field(name)
        if isinstance(field, StreamField):
            setattr(page, name, _stream(value, path, find))
        elif isinstance(value, str) and value.startswith("@"):
            found = find(value[1:])
            setattr(page, name, found.specific if found else None)
        elif isinstance(value, str):
            setattr(page, name, _linked(value, find))
        else:
            setattr(page, name, value)


def _row(row: dict[str, Any], find: Callable[[str], Page | None]) -> dict[str, Any]:
    return {
        name: find(value[1:]) if isinstance(value, str) and value.startswith("@") else _linked(value, find)
        for name, value in row.items()
    }


def _stream(blocks: list[tuple[str, Any]], path: str, find: Callable[[str], Page | None]) -> str:
    raw = [
        {"type": kind, "value": _linked(value, find), "id": str(uuid.uuid5(NAMESPACE, f"{path}#{number}"))}
        for number, (kind, value) in enumerate(blocks)
    ]
    return json.dumps(raw)


def _linked(value: Any, find: Callable[[str], Page | None]) -> Any:
    """`value` with every `[[path|words]]` made a link, and the document in its place."""

    def link(match: re.Match[str]) -> str:
        page = find(match[1])
        return f'<a linktype="page" id="{page.pk}">{escape(match[2])}</a>' if page else escape(match[2])

    if isinstance(value, str):
        return LINK.sub(link, value)
    if isinstance(value, dict):
        return {key: _linked(item, find) for key, item in value.items()}
    if isinstance(value, list):
        return [
            {"document": _codes_document(), "description": ""} if i == "@document" else _linked(i, find) for i in value
        ]
    return value


def _codes_document() -> int:
    """The product areas and codes as a file of comma-separated values, made from the pages themselves."""
    model = get_document_model()
    document = model.objects.filter(title=DOCUMENT_TITLE).first()
    if document is None:
        rows = [
            f'"{page.iso_code}";"{page.iso_edition}";"{page.title}"'
            for kind in (ProductAreaPage, HealthCareProductPage)
            for page in kind.objects.exclude(iso_code="").order_by("iso_code", "title")
        ]
        content = "\ufeff" + "\r\n".join(['"Kod";"Utgåva";"Benämning"', *sorted(rows)]) + "\r\n"
        document = model(title=DOCUMENT_TITLE)
        document.file.save("koder-i-handboken.csv", ContentFile(content.encode()), save=False)
        document.file_size = document.file.size
        document.save()
    return int(document.pk)


def _point_site_at(start: StartPage) -> None:
    """One site, at the address of the service."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    values = {"root_page": start, "hostname": address.hostname, "port": port, "site_name": settings.WAGTAIL_SITE_NAME}
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    if any(getattr(site, name, None) != value for name, value in values.items() if name != "root_page") or (
        site.root_page_id != start.pk
    ):
        for name, value in values.items():
            setattr(site, name, value)
        site.save()
