from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.models.mixins import BodyMixin, SitePageMixin


class AccessibilityStatementPage(SitePageMixin, BodyMixin, Page):
    """The accessibility statement that the law on digital public service (DOS-lagen) demands, with a way to report."""

    class Conformance(models.TextChoices):
        FULL = "full", _("Fully accessible")
        PARTLY = "partly", _("Partly accessible")
        NOT = "not", _("Not accessible")

    conformance = models.CharField(
        _("conformance"), max_length=10, choices=Conformance.choices, default=Conformance.PARTLY
    )
    assessed_on = models.DateField(_("assessed on"))
    assessed_how = models.CharField(_("how it was assessed"), max_length=300)
    report_email = models.EmailField(_("e-mail for reports"))
    report_phone = models.CharField(_("telephone for reports"), max_length=40, blank=True)

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar[list[str]] = []
    max_count = 1
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        FieldPanel("conformance"),
        MultiFieldPanel([FieldPanel("assessed_on"), FieldPanel("assessed_how")], heading=_("Assessment")),
        MultiFieldPanel([FieldPanel("report_email"), FieldPanel("report_phone")], heading=_("How to report")),
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.SearchField("assessed_how"),
        *BodyMixin.body_search_fields,
    ]
    template = "cms/accessibility_statement_page.html"
    page_description = _("How accessible the site is, and how to report what is not.")

    class Meta:
        verbose_name = _("accessibility statement")
        verbose_name_plural = _("accessibility statements")
