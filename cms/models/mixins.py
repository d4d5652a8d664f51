"""What the site's page types share. Mixins, so that Wagtail's own `Page` stays the base of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageViewRestriction, Site
from wagtail.search import index

from cms.blocks import BodyBlock, anchor_for
from cms.visibility import readable
from lms.lib.keeping import say_how_long_to_keep

if TYPE_CHECKING:
    from django.template.response import TemplateResponse


class Link(NamedTuple):
    """A title and where it leads."""

    title: str
    url: str


class SitePageMixin(models.Model):
    """The introduction, the path down to the page, and how long others may keep a copy of it.

    A page type that has `get_contents` shows a list of contents, when it has three entries or more.
    """

    introduction = models.TextField(
        _("introduction"),
        max_length=500,
        blank=True,
        help_text=_("One or two sentences that say what the page is for. Shown first on the page and in lists."),
    )

    introduction_panels: ClassVar = [FieldPanel("introduction")]
    introduction_search_fields: ClassVar = [index.SearchField("introduction")]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        context["breadcrumbs"] = self.get_breadcrumbs(request)
        context["contents"] = getattr(self, "get_contents", list)()
        return context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> TemplateResponse:
        response: TemplateResponse = super().serve(request, *args, **kwargs)  # type: ignore[misc]
        response.add_post_render_callback(lambda rendered: say_how_long_to_keep(request, rendered))
        return response

    def get_breadcrumbs(self, request: HttpRequest) -> list[Link]:
        """The pages above this one, from the start page down. A draft that has no place yet has none."""
        site = Site.find_for_request(request)
        if site is None or not self.path:  # type: ignore[attr-defined]
            return []
        above = self.get_ancestors().filter(depth__gte=site.root_page.depth)  # type: ignore[attr-defined]
        return [Link(page.title, page.get_url(request, current_site=site) or "") for page in above]

    def get_live_children(self, request: HttpRequest) -> Any:
        """The pages straight beneath this one that anybody may read, with what lists show of them in the same query."""
        return readable(self.get_children(), request).select_related("search_entry")  # type: ignore[attr-defined]

    def get_view_restrictions(self) -> Any:
        """The restrictions on this page and on those above it: by their paths, in one query."""
        path, step = self.path, self.steplen  # type: ignore[attr-defined]
        paths = [path[:end] for end in range(step, len(path) + 1, step)]
        # An alias is as restricted as the page that it stands for.
        on_them = Q(page__path__in=paths) | Q(page__aliases__path__in=paths)
        return PageViewRestriction.objects.filter(on_them).distinct()


class BodyMixin(models.Model):
    """A body of blocks."""

    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    body_panels: ClassVar = [FieldPanel("body")]
    body_search_fields: ClassVar = [index.SearchField("body")]

    class Meta:
        abstract = True

    def get_contents(self) -> list[Link]:
        """The headings of the body."""
        return [
            Link(str(block.value), f"#{anchor_for(str(block.value))}")
            for block in self.body
            if block.block_type == "heading"
        ]


class IsoCodeMixin(models.Model):
    """A code of ISO 9999 (assistive products), with the edition it is taken from: codes change between editions."""

    iso_code = models.CharField(
        _("ISO code"),
        max_length=8,
        blank=True,
        validators=[
            RegexValidator(r"\A\d{2}( \d{2}){0,2}\Z", _("Write the code in pairs of digits, such as 12 22 03."))
        ],
        help_text=_("Pairs of digits with spaces: 12, 12 22 or 12 22 03."),
    )
    iso_edition = models.CharField(
        _("edition of the code"),
        max_length=40,
        blank=True,
        help_text=_("The edition of the standard that the code is taken from, such as SS-EN ISO 9999:2022."),
    )

    iso_panels: ClassVar = [FieldPanel("iso_code"), FieldPanel("iso_edition")]
    iso_search_fields: ClassVar = [index.SearchField("iso_code", boost=2)]

    class Meta:
        abstract = True
