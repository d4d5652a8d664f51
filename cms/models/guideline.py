from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin
from cms.visibility import readable


class GuidelineIndexPage(SitePageMixin, Page):
    """The guidelines (riktlinjer) of a handbook, by title."""

    parent_page_types: ClassVar = ["cms.HandbookIndexPage"]
    subpage_types: ClassVar = ["cms.GuidelinePage"]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels]
    search_fields: ClassVar = [*Page.search_fields, *SitePageMixin.introduction_search_fields]
    template = "cms/guideline_index_page.html"
    page_description = _("The list of a handbook's guidelines.")

    class Meta:
        verbose_name = _("list of guidelines")
        verbose_name_plural = _("lists of guidelines")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["guidelines"] = readable(GuidelinePage.objects.child_of(self), request).order_by("title")
        return context


class GuidelinePage(SitePageMixin, BodyMixin, Page):
    """A guideline that holds across products."""

    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    parent_page_types: ClassVar = ["cms.GuidelineIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("valid_from"),
        FieldPanel("decided_by"),
        *SitePageMixin.introduction_panels,
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/guideline_page.html"
    page_description = _("A guideline that holds across products.")

    class Meta:
        verbose_name = _("guideline")
        verbose_name_plural = _("guidelines")
