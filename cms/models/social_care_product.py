from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.models.mixins import IsoCodeMixin, Link, SitePageMixin
from cms.models.product import ProductPageMixin, product_field


class SocialCareProductPage(ProductPageMixin, SitePageMixin, IsoCodeMixin, Page):
    """A product in the handbook for socialtjänst, where it is part of a granted measure (beviljad insats)."""

    handbook_kind = "social_care"
    part_fields = ("granted_measure", "who_is_responsible", "criteria", "goal", "instructions")

    granted_measure = product_field(_("granted measure"), _("The measure that the product is part of."))
    who_is_responsible = product_field(_("who is responsible"), _("Who assesses the need and who orders."))
    criteria = product_field(_("criteria"), _("Which needs the product may be used for."))
    goal = product_field(_("goal"), _("What the product is to achieve for the person."))
    instructions = product_field(_("instructions"), _("Trying out, instructing; what to mind."))
    cost_responsibility = models.CharField(_("cost responsibility"), max_length=250, blank=True)

    parent_page_types: ClassVar = ["cms.ProductAreaPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *IsoCodeMixin.iso_panels,
        *SitePageMixin.introduction_panels,
        MultiFieldPanel([FieldPanel(name) for name in part_fields], heading=_("Assessment and ordering")),
        FieldPanel("cost_responsibility"),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *IsoCodeMixin.iso_search_fields,
        *SitePageMixin.introduction_search_fields,
        *(index.SearchField(name) for name in part_fields),
        index.SearchField("cost_responsibility"),
    ]
    template = "cms/social_care_product_page.html"
    page_description = _("A product in the handbook for social care.")

    class Meta:
        verbose_name = _("product, social care")
        verbose_name_plural = _("products, social care")

    def get_contents(self) -> list[Link]:
        contents = super().get_contents()
        if self.cost_responsibility:
            contents.append(Link(self.heading_of("cost_responsibility"), "#kostnad"))
        return contents
