from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.models.mixins import BodyMixin, SitePageMixin
from cms.visibility import readable

NEWS_PER_PAGE = 20


class NewsIndexPage(SitePageMixin, Page):
    """All news and safety notices, the newest first. `?visa=sakerhet` shows the safety notices alone."""

    parent_page_types: ClassVar = ["cms.StartPage"]
    subpage_types: ClassVar = ["cms.NewsPage"]
    content_panels: ClassVar = [*Page.content_panels, *SitePageMixin.introduction_panels]
    search_fields: ClassVar = [*Page.search_fields, *SitePageMixin.introduction_search_fields]
    template = "cms/news_index_page.html"
    max_count = 1
    page_description = _("The list of news and safety notices.")

    class Meta:
        verbose_name = _("news list")
        verbose_name_plural = _("news lists")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        items = readable(NewsPage.objects.child_of(self), request).order_by("-published_on", "-pk")
        only_safety = request.GET.get("visa") == "sakerhet"
        if only_safety:
            items = items.filter(kind=NewsPage.Kind.SAFETY)
        context["only_safety"] = only_safety
        context["news"] = Paginator(items, NEWS_PER_PAGE).get_page(request.GET.get("sida"))
        return context


class NewsPage(SitePageMixin, BodyMixin, Page):
    """A piece of news, or a safety notice (säkerhetsmeddelande) about a product."""

    class Kind(models.TextChoices):
        NEWS = "news", _("News")
        SAFETY = "safety", _("Safety notice")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NEWS)
    published_on = models.DateField(
        _("date"), default=timezone.localdate, help_text=_("Shown with the news, and decides the order.")
    )
    products = models.CharField(
        _("products concerned"),
        max_length=250,
        blank=True,
        help_text=_("For a safety notice: product names and article numbers."),
    )
    # Not `action`: a control of that name hides the form's own, and Wagtail could not save drafts by itself.
    what_to_do = models.TextField(
        _("what to do"), max_length=500, blank=True, help_text=_("For a safety notice: what the reader must do now.")
    )

    parent_page_types: ClassVar = ["cms.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("kind"),
        FieldPanel("published_on"),
        *SitePageMixin.introduction_panels,
        MultiFieldPanel([FieldPanel("products"), FieldPanel("what_to_do")], heading=_("Safety notice")),
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.SearchField("products"),
        index.SearchField("what_to_do"),
        *BodyMixin.body_search_fields,
        index.FilterField("kind"),
        index.FilterField("published_on"),
    ]
    template = "cms/news_page.html"
    page_description = _("A piece of news or a safety notice.")

    class Meta:
        verbose_name = _("news page")
        verbose_name_plural = _("news pages")

    @property
    def is_safety_notice(self) -> bool:
        return self.kind == self.Kind.SAFETY

    def get_contents(self) -> list[Any]:
        """A piece of news is short: no list of contents."""
        return []
