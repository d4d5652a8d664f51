from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin


class ContentPage(SitePageMixin, BodyMixin, Page):
    """An ordinary page of text."""

    parent_page_types: ClassVar = [
        "cms.StartPage",
        "cms.SectionPage",
        "cms.ContentPage",
        "cms.HandbookIndexPage",
        "cms.SupplierIndexPage",
        "cms.AgreementIndexPage",
    ]
    subpage_types: ClassVar = ["cms.ContentPage"]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/content_page.html"
    page_description = _("Text, tables, documents, images and links.")

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["children"] = self.get_live_children(request)
        return context
