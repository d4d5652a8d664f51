from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.models.meeting_note import MeetingNotePage
from cms.models.mixins import BodyMixin, SitePageMixin
from cms.visibility import readable


class GroupPage(SitePageMixin, BodyMixin, Page):
    """A group of the collaboration organisation, and the notes of its meetings."""

    class Kind(models.TextChoices):
        COUNCIL = "council", _("Council")
        PREPARATION = "preparation", _("Preparation group")
        FORUM = "forum", _("Forum")
        NETWORK = "network", _("Network")
        OFFICE = "office", _("Office")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.PREPARATION)
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, help_text=_("The year that the description of the group holds for.")
    )

    parent_page_types: ClassVar = ["cms.SectionPage"]
    subpage_types: ClassVar = ["cms.MeetingNotePage"]
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("kind"),
        FieldPanel("year"),
        *SitePageMixin.introduction_panels,
        *BodyMixin.body_panels,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        *BodyMixin.body_search_fields,
    ]
    template = "cms/group_page.html"
    page_description = _("A group of the collaboration organisation, with meeting notes.")

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["notes"] = readable(MeetingNotePage.objects.child_of(self), request).order_by("-held_on")
        return context
