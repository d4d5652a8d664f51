from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page
from wagtail.search import index

from cms.blocks import FIELD_FEATURES
from cms.models.mixins import SitePageMixin


class HandbookChangesPage(SitePageMixin, Page):
    """The log of changes in a handbook, the newest first."""

    parent_page_types: ClassVar = ["cms.HandbookIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        InlinePanel("changes", heading=_("Changes"), label=_("Change")),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.RelatedFields(
            "changes",
            [index.SearchField("heading"), index.SearchField("text"), index.SearchField("transition_rule")],
        ),
    ]
    template = "cms/handbook_changes_page.html"
    page_description = _("The log of changes in a handbook, with transition rules.")

    class Meta:
        verbose_name = _("log of changes")
        verbose_name_plural = _("logs of changes")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        if request.GET or not getattr(request, "is_preview", False):
            context["changes"] = self.changes.select_related("page").order_by("-changed_on", "sort_order")
        else:
            context["changes"] = sorted(self.changes.all(), key=lambda change: change.changed_on, reverse=True)
        return context


class HandbookChange(Orderable):
    """A change: from when, what, and what holds for those who were prescribed something before."""

    log = ParentalKey(HandbookChangesPage, on_delete=models.CASCADE, related_name="changes")
    changed_on = models.DateField(_("applies from"))
    heading = models.CharField(_("heading"), max_length=150)
    text = RichTextField(_("what changes"), features=FIELD_FEATURES)
    transition_rule = RichTextField(
        _("transition rule"),
        features=FIELD_FEATURES,
        blank=True,
        help_text=_("What holds for products that were prescribed or ordered before the change."),
    )
    page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("page concerned")
    )

    panels: ClassVar = [
        FieldPanel("changed_on"),
        FieldPanel("heading"),
        FieldPanel("text"),
        FieldPanel("transition_rule"),
        PageChooserPanel("page"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("change")
        verbose_name_plural = _("changes")

    def __str__(self) -> str:
        return self.heading
