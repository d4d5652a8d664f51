from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models.mixins import BodyMixin, SitePageMixin


class ContactPage(SitePageMixin, BodyMixin, Page):
    """How to reach those who answer for the site's parts."""

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels, *BodyMixin.body_panels]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/content_page.html"
    page_description = _("Contact cards.")

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")
