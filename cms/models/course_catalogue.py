from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin
from courses import api as courses


class CourseCataloguePage(SitePageMixin, BodyMixin, Page):
    """The courses, for anybody to read about. Nobody's progress is shown here: that is in My courses."""

    parent_page_types: ClassVar = ["cms.StartPage", "cms.SectionPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/course_catalogue_page.html"
    page_description = _("The courses that can be taken.")

    class Meta:
        verbose_name = _("course catalogue")
        verbose_name_plural = _("course catalogues")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["courses"] = courses.catalogue()
        context["elsewhere"] = courses.external_catalogue()
        return context
