from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Page
from wagtail.search import index

from cms.models.mixins import IsoCodeMixin, Link, SitePageMixin
from cms.models.product import ProductPageMixin, product_field


class HealthCareProductPage(ProductPageMixin, SitePageMixin, IsoCodeMixin, Page):
    """A product in the handbook for health care: who may prescribe it, to whom, how, and at whose cost."""

    handbook_kind = "health_care"
    part_fields = (
        "who_may_prescribe",
        "criteria",
        "goal",
        "instructions",
        "follow_up",
        "patient_responsibility",
        "number",
    )

    who_may_prescribe = product_field(_("who may prescribe"), _("Professions and the competence they need."))
    criteria = product_field(_("criteria"), _("Which needs the product may be prescribed for."))
    goal = product_field(_("goal"), _("What the product is to achieve for the patient."))
    instructions = product_field(_("instructions"), _("Trying out, adapting, instructing; what to mind."))
    follow_up = product_field(_("evaluation and follow-up"), _("When and how the result is followed up."))
    patient_responsibility = product_field(_("the patient's responsibility"), _("Care, cleaning, charging, returning."))
    number = product_field(_("number"), _("How many a patient can have."))
    cost_adult = models.CharField(
        _("cost responsibility, adult"), max_length=250, blank=True, help_text=_("Who pays for an adult.")
    )
    cost_child = models.CharField(
        _("cost responsibility, child"), max_length=250, blank=True, help_text=_("Who pays for a child.")
    )
    ordering_system = models.CharField(
        _("ordering system"), max_length=120, blank=True, help_text=_("Where the product is ordered.")
    )
    supplier = models.ForeignKey(
        "cms.SupplierPage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
    )

    parent_page_types: ClassVar = ["cms.ProductAreaPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *IsoCodeMixin.iso_panels,
        *SitePageMixin.introduction_panels,
        MultiFieldPanel([FieldPanel(name) for name in part_fields], heading=_("Prescribing")),
        MultiFieldPanel([FieldPanel("cost_adult"), FieldPanel("cost_child")], heading=_("Cost responsibility")),
        MultiFieldPanel(
            [FieldPanel("ordering_system"), PageChooserPanel("supplier", "cms.SupplierPage")], heading=_("Ordering")
        ),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *IsoCodeMixin.iso_search_fields,
        *SitePageMixin.introduction_search_fields,
        *(index.SearchField(name) for name in part_fields),
        index.SearchField("cost_adult"),
        index.SearchField("cost_child"),
        index.SearchField("ordering_system"),
    ]
    template = "cms/health_care_product_page.html"
    page_description = _("A product in the handbook for health care.")

    class Meta:
        verbose_name = _("product, health care")
        verbose_name_plural = _("products, health care")

    def get_contents(self) -> list[Link]:
        contents = super().get_contents()
        if self.cost_adult or self.cost_child or self.ordering_system or self.supplier_id:
            contents.append(Link(str(_("Cost responsibility and ordering")), "#kostnad-bestallning"))
        return contents
