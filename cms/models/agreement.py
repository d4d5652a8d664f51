from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.models.mixins import BodyMixin, SitePageMixin
from cms.visibility import readable


class AgreementIndexPage(SitePageMixin, BodyMixin, Page):
    """Agreements (avtal och överenskommelser)."""

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar = ["cms.AgreementPage", "cms.ContentPage"]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/agreement_index_page.html"
    page_description = _("The list of agreements.")

    class Meta:
        verbose_name = _("list of agreements")
        verbose_name_plural = _("lists of agreements")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["agreements"] = readable(AgreementPage.objects.child_of(self), request)
        context["others"] = self.get_live_children(request).not_type(AgreementPage)
        return context


class AgreementPage(SitePageMixin, BodyMixin, Page):
    """An agreement: between whom, about what, and for how long."""

    parties = models.CharField(_("parties"), max_length=250, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    parent_page_types: ClassVar = ["cms.AgreementIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        MultiFieldPanel(
            [FieldPanel("parties"), FieldPanel("valid_from"), FieldPanel("valid_to")], heading=_("The agreement")
        ),
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.SearchField("parties"),
        *BodyMixin.body_search_fields,
    ]
    template = "cms/agreement_page.html"
    page_description = _("An agreement with its parties, dates and documents.")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def clean(self) -> None:
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The agreement cannot end before it begins.")})
