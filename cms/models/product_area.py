from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, IsoCodeMixin, Link, SitePageMixin


class ProductAreaPage(SitePageMixin, IsoCodeMixin, BodyMixin, Page):
    """A product area (produktområde): a class or subclass of ISO 9999, and its product pages."""

    parent_page_types: ClassVar = ["cms.HandbookIndexPage", "cms.ProductAreaPage"]
    subpage_types: ClassVar = ["cms.ProductAreaPage", "cms.HealthCareProductPage", "cms.SocialCareProductPage"]
    content_panels: ClassVar = [
        *Page.content_panels,
        *IsoCodeMixin.iso_panels,
        *SitePageMixin.introduction_panels,
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *IsoCodeMixin.iso_search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/product_area_page.html"
    page_description = _("A product area by ISO code, with its products.")

    class Meta:
        verbose_name = _("product area")
        verbose_name_plural = _("product areas")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["products"] = sorted(
            self.get_live_children(request).specific(), key=lambda page: (getattr(page, "iso_code", ""), page.title)
        )
        return context

    def get_contents(self) -> list[Link]:
        return []
