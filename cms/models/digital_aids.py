from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable, Page
from wagtail.search import index

from cms.models.mixins import BodyMixin, SitePageMixin


class DigitalAidsPage(SitePageMixin, BodyMixin, Page):
    """Digital aids: which are in the range, which are coming, and how many patients have one."""

    source = models.CharField(
        _("source of the figures"), max_length=250, help_text=_("Who counted, and until which date.")
    )

    parent_page_types: ClassVar = ["cms.StartPage", "cms.SectionPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        InlinePanel("aids", heading=_("Digital aids"), label=_("Digital aid")),
        FieldPanel("source"),
        InlinePanel("readings", heading=_("Readings"), label=_("Reading")),
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.RelatedFields("aids", [index.SearchField("name"), index.SearchField("description")]),
        *BodyMixin.body_search_fields,
    ]
    template = "cms/digital_aids_page.html"
    page_description = _("Digital aids, their status, and readings over time.")

    class Meta:
        verbose_name = _("page of digital aids")
        verbose_name_plural = _("pages of digital aids")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["aids"] = self.aids.all()
        context["readings"] = self.readings.all()
        return context


class DigitalAid(Orderable):
    """A digital aid and its status."""

    class Status(models.TextChoices):
        IN_RANGE = "in_range", _("In the range")
        COMING = "coming", _("Coming")

    page = ParentalKey(DigitalAidsPage, on_delete=models.CASCADE, related_name="aids")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)

    panels: ClassVar = [FieldPanel("name"), FieldPanel("description"), FieldPanel("status")]

    class Meta(Orderable.Meta):
        verbose_name = _("digital aid")
        verbose_name_plural = _("digital aids")

    def __str__(self) -> str:
        return self.name


class DigitalAidReading(Orderable):
    """How many patients had a digital aid, at one reading. The date is left empty where the source gives none."""

    page = ParentalKey(DigitalAidsPage, on_delete=models.CASCADE, related_name="readings")
    label = models.CharField(_("label"), max_length=80, help_text=_("Such as: reading 3, or June 2025."))
    read_on = models.DateField(_("date"), null=True, blank=True)
    patients = models.PositiveIntegerField(_("patients"))
    is_approximate = models.BooleanField(_("approximate"), default=False)

    panels: ClassVar = [
        FieldPanel("label"),
        FieldPanel("read_on"),
        FieldPanel("patients"),
        FieldPanel("is_approximate"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return self.label
