from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import AgendaBlock
from cms.models.mixins import SitePageMixin


class MeetingNotePage(SitePageMixin, Page):
    """The notes of a group's meeting, in a fixed shape.

    Date, time, place, present; numbered items, each with who presented it, a text, the position taken and the further
    handling; and the next meeting.
    """

    held_on = models.DateField(_("date"))
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("to"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=150)
    present = models.TextField(_("present"), help_text=_("One on each line: name, and whom they represent."))
    items = StreamField(AgendaBlock(), verbose_name=_("items"))
    next_meeting = models.CharField(_("next meeting"), max_length=200, blank=True)

    parent_page_types: ClassVar = ["cms.GroupPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        *SitePageMixin.introduction_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("held_on"), FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("place"),
                FieldPanel("present"),
            ],
            heading=_("The meeting"),
        ),
        FieldPanel("items"),
        FieldPanel("next_meeting"),
    ]
    # Who was present is not searched for: one looks for what a meeting said, not for people.
    search_fields: ClassVar = [
        *Page.search_fields,
        *SitePageMixin.introduction_search_fields,
        index.SearchField("items"),
        index.FilterField("held_on"),
    ]
    template = "cms/meeting_note_page.html"
    page_description = _("The notes of a group's meeting.")

    class Meta:
        verbose_name = _("meeting notes")
        verbose_name_plural = _("meeting notes")

    @property
    def present_names(self) -> list[str]:
        return [line.strip() for line in self.present.splitlines() if line.strip()]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["numbered_items"] = list(enumerate(self.items, start=1))
        return context

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The meeting cannot end before it begins.")})
