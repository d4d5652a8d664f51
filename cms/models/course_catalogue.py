from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin


class CourseCataloguePage(SitePageMixin, BodyMixin, Page):
    """The courses, for anybody to read about. Nobody's progress is shown here: that is in My courses."""

    parent_page_types: ClassVar = ["cms.StartPage", "cms.SectionPage"]
    subpage_types: ClassVar = []
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
