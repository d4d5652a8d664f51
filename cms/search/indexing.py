"""Keeps the search's entries in step with what is published."""

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.html import strip_tags
from wagtail.models import Page
from wagtail.search import index

from cms.models import SearchEntry
from cms.models.mixins import Link
from cms.search.normalise import index_text

VOCABULARY_KEY = "cms.search.vocabulary"
_BLOCK_END = re.compile(r"</(p|li|h\d|td|th|div)>|<br ?/?>")
_SPACE = re.compile(r"\s+")


def index_page(page: Page) -> None:
    """Write `page`'s entry, or take it away when the page is not published or not for readers."""
    page = page.specific
    # Courses are written in Wagtail too, but are no part of the site (courses.models.lesson_pages).
    if not page.live or not getattr(page, "is_found_by_search", True):
        remove_page(page.pk)
        return
    SearchEntry.objects.update_or_create(page_id=page.pk, defaults=entry_values(page))
    cache.delete(VOCABULARY_KEY)


def remove_page(page_id: int) -> None:
    """Take a page's entry away. It is no error if there is none."""
    SearchEntry.objects.filter(page_id=page_id).delete()
    cache.delete(VOCABULARY_KEY)


@transaction.atomic
def rebuild(*, dry_run: bool = False, progress: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Write every published page's entry anew and remove the rest. Returns how many were written and removed."""
    pages = Page.objects.live().filter(depth__gt=1).order_by("pk")
    total = pages.count()
    stale = SearchEntry.objects.exclude(page_id__in=pages.order_by().values("pk"))
    removed = stale.count()
    if dry_run:
        return total, removed
    stale.delete()
    for done, page in enumerate(pages.specific().iterator(chunk_size=200), start=1):
        index_page(page)
        if progress:
            progress(done, total)
    return total, removed


def entry_values(page: Page) -> dict[str, str]:
    """What the entry of a specific page holds."""
    pieces = [_plain(piece) for piece in _searchable(page)]
    text = " · ".join(piece for piece in pieces if piece)
    contents: list[Link] = getattr(page, "get_contents", list)()
    return {
        "title": page.title,
        "introduction": getattr(page, "introduction", ""),
        "headings": " ".join(link.title for link in contents),
        "text": text,
        "title_normalised": f" {index_text(page.title)} ",
        "body_normalised": f" {index_text(text)} ",
    }


def _searchable(instance: Any) -> Iterable[str]:
    """The values of what `search_fields` declares, the title left out."""
    for field in instance.get_search_fields():
        if isinstance(field, index.RelatedFields):
            for related in getattr(instance, field.field_name).all():
                for child in field.fields:
                    if isinstance(child, index.SearchField):
                        yield _value(child, related)
        elif isinstance(field, index.SearchField) and field.field_name != "title":
            yield _value(field, instance)


def _value(field: index.SearchField, instance: Any) -> str:
    """A field's text. Rich text keeps a space where a paragraph ends; Wagtail's own extraction is used for blocks."""
    definition = field.get_field(instance.__class__)
    raw = definition.value_from_object(instance)
    if isinstance(raw, str):
        return raw
    value = definition.get_searchable_content(raw) if hasattr(definition, "get_searchable_content") else raw
    return " · ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")


def _plain(text: str) -> str:
    return _SPACE.sub(" ", unescape(strip_tags(_BLOCK_END.sub(" ", text)))).strip()
