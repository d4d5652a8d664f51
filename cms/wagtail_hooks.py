"""What we change in Wagtail's editing and in how it writes out rich text."""

from typing import Any

from django.templatetags.static import static
from django.utils.html import escape, format_html
from wagtail import hooks
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler


class PublishedPageLinkHandler(PageLinkHandler):
    """Links to pages: all of a text in one query, and none to a page that is not published."""

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Page | None]:
        pages = Page.objects.live().in_bulk([attrs["id"] for attrs in attrs_list if str(attrs.get("id")).isdigit()])
        return [pages.get(int(attrs["id"])) if str(attrs.get("id")).isdigit() else None for attrs in attrs_list]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        return [f'<a href="{escape(page.url)}">' if page and page.url else "<a>" for page in cls.get_many(attrs_list)]


@hooks.register("register_rich_text_features", order=1000)  # type: ignore[untyped-decorator]
def link_to_published_pages_only(features: Any) -> None:
    features.register_link_type(PublishedPageLinkHandler)


@hooks.register("insert_global_admin_css")  # type: ignore[untyped-decorator]
def own_colours() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/wagtail-admin.css"))
