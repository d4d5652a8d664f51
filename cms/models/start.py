from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from cms.models.guideline import GuidelinePage
from cms.models.health_care_product import HealthCareProductPage
from cms.models.mixins import Link, SitePageMixin
from cms.models.news import NewsIndexPage, NewsPage
from cms.models.social_care_product import SocialCareProductPage
from cms.visibility import readable


class StartPage(SitePageMixin, Page):
    """The start page: the sections as cards, what is new there and in the handbooks, safety notices, and the search.

    A section is a page straight beneath that is marked "show in menus"; their order in the tree is the order here
    and in the header.
    """

    search_hint = models.CharField(
        _("search hint"), max_length=120, blank=True, help_text=_("Examples of what one can search for.")
    )
    callout_heading = models.CharField(
        _("callout heading"), max_length=80, blank=True, help_text=_("A box beside the search, for what many come for.")
    )
    callout_text = models.TextField(_("callout text"), max_length=300, blank=True)
    callout_page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("callout page")
    )

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = [
        "cms.HandbookIndexPage",
        "cms.AgreementIndexPage",
        "cms.SectionPage",
        "cms.ContentPage",
        "cms.SupplierIndexPage",
        "cms.NewsIndexPage",
        "cms.ContactPage",
        "cms.CourseCataloguePage",
        "cms.DigitalAidsPage",
        "cms.AccessibilityStatementPage",
    ]
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        FieldPanel("search_hint"),
        MultiFieldPanel(
            [FieldPanel("callout_heading"), FieldPanel("callout_text"), PageChooserPanel("callout_page")],
            heading=_("Callout"),
        ),
    ]
    search_fields: ClassVar = [*Page.search_fields, *SitePageMixin.introduction_search_fields]
    template = "cms/start_page.html"
    page_description = _("The site's first page, with its sections and the latest news.")

    class Meta:
        verbose_name = _("start page")
        verbose_name_plural = _("start pages")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page at any depth at once, instead of two queries per level."""
        if not path_components:
            return super().route(request, path_components)
        page = Page.objects.filter(url_path=f"{self.url_path}{'/'.join(path_components)}/").specific().first()
        if page is None:
            raise Http404
        return page.route(request, [])

    def get_breadcrumbs(self, request: HttpRequest) -> list[Link]:
        return []

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["sections"] = self.get_live_children(request).in_menu()
        published = readable(NewsPage.objects.descendant_of(self), request).order_by("-published_on", "-pk")
        context["news"] = published.filter(kind=NewsPage.Kind.NEWS)[:4]
        context["safety_notices"] = published.filter(kind=NewsPage.Kind.SAFETY)[:3]
        handbook = Page.objects.descendant_of(self).type(HealthCareProductPage, SocialCareProductPage, GuidelinePage)
        context["handbook_pages"] = readable(handbook, request).order_by("-last_published_at", "title")[:4]
        context["callout_page"] = self.callout_page if self.callout_page and self.callout_page.live else None
        context["news_index"] = readable(NewsIndexPage.objects.child_of(self), request).first()
        return context

    def clean(self) -> None:
        super().clean()
        if not self.introduction:
            raise ValidationError({"introduction": _("The start page needs an introduction.")})
