from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin
from cms.models.product_area import ProductAreaPage
from cms.visibility import readable


class HandbookIndexPage(SitePageMixin, BodyMixin, Page):
    """A handbook: its product areas by ISO code, its guidelines, and what is said about the handbook itself.

    There are two, and they differ in what a product page says: one for health care (HSL), one for socialtjänst (SoL).
    """

    class Kind(models.TextChoices):
        HEALTH_CARE = "health_care", _("Health care")
        SOCIAL_CARE = "social_care", _("Social care")

    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind.choices, help_text=_("Decides which product pages it can hold.")
    )

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar = [
        "cms.ProductAreaPage",
        "cms.GuidelineIndexPage",
        "cms.HandbookChangesPage",
        "cms.ContentPage",
    ]
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("kind"),
        *SitePageMixin.introduction_panels,
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/handbook_index_page.html"
    page_description = _("A handbook with product areas and guidelines.")

    class Meta:
        verbose_name = _("handbook")
        verbose_name_plural = _("handbooks")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["areas"] = readable(ProductAreaPage.objects.child_of(self), request).order_by("iso_code", "title")
        context["others"] = self.get_live_children(request).not_type(ProductAreaPage)
        return context
