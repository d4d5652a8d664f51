"""Publishing and taking down are what changes the search."""

from typing import Any

from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from cms.search.indexing import index_page, remove_page


def on_published(instance: Page, **kwargs: Any) -> None:
    index_page(instance)


def on_unpublished(instance: Page, **kwargs: Any) -> None:
    remove_page(instance.pk)


def connect() -> None:
    page_published.connect(on_published, dispatch_uid="cms.search")
    page_unpublished.connect(on_unpublished, dispatch_uid="cms.search")
