"""Which pages anybody may read: published, and neither restricted nor beneath a restricted page.

The same as `live().public()`, but the restrictions are read once for a request however many lists it shows.
"""

from typing import Any

from django.http import HttpRequest
from wagtail.models import PageViewRestriction


def readable(pages: Any, request: HttpRequest) -> Any:
    """Those of `pages` (a query set of any page type) that a visitor may read."""
    pages = pages.filter(live=True)
    for path in restricted_paths(request):
        pages = pages.exclude(path__startswith=path)
    return pages


def restricted_paths(request: HttpRequest) -> list[str]:
    """The tree paths of restricted pages; what is beneath them is restricted too."""
    paths: list[str] | None = getattr(request, "_restricted_paths", None)
    if paths is None:
        paths = list(PageViewRestriction.objects.values_list("page__path", flat=True))
        request._restricted_paths = paths  # type: ignore[attr-defined]
    return paths
