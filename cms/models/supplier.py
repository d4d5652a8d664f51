from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, Page
from wagtail.search import index

from cms.models.mixins import BodyMixin, SitePageMixin
from cms.visibility import readable


class SupplierIndexPage(SitePageMixin, BodyMixin, Page):
    """The suppliers (försörjare), and which ordering system each uses."""

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar = ["cms.SupplierPage", "cms.ContentPage"]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/supplier_index_page.html"
    page_description = _("The list of suppliers.")

    class Meta:
        verbose_name = _("list of suppliers")
        verbose_name_plural = _("lists of suppliers")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        suppliers = readable(SupplierPage.objects.child_of(self), request)
        context["suppliers"] = suppliers.prefetch_related("ordering_systems")
        context["others"] = self.get_live_children(request).not_type(SupplierPage)
        return context


class SupplierPage(SitePageMixin, BodyMixin, Page):
    """A supplier: what it supplies, by which ordering systems, and how to reach it."""

    supplies = models.CharField(_("supplies"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)

    parent_page_types: ClassVar = ["cms.SupplierIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        FieldPanel("supplies"),
        InlinePanel("ordering_systems", heading=_("Ordering systems"), label=_("Ordering system")),
        MultiFieldPanel([FieldPanel("email"), FieldPanel("phone")], heading=_("Contact")),
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.SearchField("supplies"),
        index.RelatedFields("ordering_systems", [index.SearchField("name"), index.SearchField("used_for")]),
        *BodyMixin.body_search_fields,
    ]
    template = "cms/supplier_page.html"
    page_description = _("A supplier with its ordering systems.")

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")


class SupplierOrderingSystem(Orderable):
    """An ordering system as the supplier's page presents it. Who may order in it is competence's business."""

    supplier = ParentalKey(SupplierPage, on_delete=models.CASCADE, related_name="ordering_systems")
    name = models.CharField(_("name"), max_length=80)
    used_for = models.CharField(_("used for"), max_length=250, blank=True)
    url = models.URLField(_("address"), blank=True)

    panels: ClassVar = [FieldPanel("name"), FieldPanel("used_for"), FieldPanel("url")]

    class Meta(Orderable.Meta):
        verbose_name = _("ordering system")
        verbose_name_plural = _("ordering systems")

    def __str__(self) -> str:
        return self.name
