from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin


class SectionPage(SitePageMixin, BodyMixin, Page):
    """A section of the site: a text of its own, and the pages beneath as a list."""

    parent_page_types: ClassVar = ["cms.StartPage", "cms.SectionPage"]
    subpage_types: ClassVar = [
        "cms.SectionPage",
        "cms.ContentPage",
        "cms.GroupPage",
        "cms.CourseCataloguePage",
        "cms.DigitalAidsPage",
    ]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/section_page.html"
    page_description = _("A part of the site with pages beneath it.")

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["children"] = self.get_live_children(request)
        return context
