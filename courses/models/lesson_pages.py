"""Courses of lessons as editors write them: Wagtail pages, with drafts, preview and scheduled publishing.

They stand on a shelf of their own beside the site, so they have no public address, whatever is done with them: learners
meet the frozen edition that publishing makes (`courses.actions.lesson_editions`).
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from courses.lessons.bank import QuestionBankBlock
from courses.lessons.blocks import LessonBlock
from courses.models.course import Course
from courses.models.lesson_content import KnowledgeTestSettings


class _OffSitePage(models.Model):
    """A page that no visitor reaches, and no search finds; editors preview it."""

    # The site's search leaves out pages that say so (cms.search.indexing).
    is_found_by_search: ClassVar[bool] = False

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404("courses are taken under /mina-kurser/")

    def serve_preview(self, request: HttpRequest, mode_name: str) -> TemplateResponse:
        # The questions' right answers are in it: for whoever edits, in the admin only.
        return TemplateResponse(request, self.template, self.get_preview_values())  # type: ignore[attr-defined]

    def get_preview_values(self) -> dict[str, Any]:
        raise NotImplementedError

    def _get_dummy_header_url(self, original_request: HttpRequest | None = None) -> str | None:
        """Wagtail makes the preview's request for the page's own address; there is none, so take the editor's."""
        return original_request.build_absolute_uri("/") if original_request else None


class CourseShelfPage(_OffSitePage, Page):  # noqa: DJ008 - Page has one
    """Where the courses of lessons stand: one shelf, beside the site."""

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = ["courses.CoursePage"]
    max_count = 1
    is_creatable = False
    page_description = _("The shelf of courses with lessons.")
    preview_modes: ClassVar = []
    template = "courses/lessons/preview_course.html"

    class Meta:
        verbose_name = _("courses with lessons")
        verbose_name_plural = _("courses with lessons")


class CoursePage(_OffSitePage, KnowledgeTestSettings, Page):  # noqa: DJ008 - Page has one
    """A course of lessons: the lessons are the pages beneath it, in their order; the knowledge test is here.

    Publishing it makes a new edition of `course`, of the lessons as they are published at that moment.
    """

    course = models.OneToOneField(
        Course, null=True, editable=False, on_delete=models.PROTECT, related_name="page", verbose_name=_("course")
    )
    test_introduction = models.TextField(
        _("introduction to the test"), max_length=600, blank=True, help_text=_("Shown before the test is started.")
    )
    questions = StreamField(QuestionBankBlock(), verbose_name=_("questions"), blank=True)

    parent_page_types: ClassVar = ["courses.CourseShelfPage"]
    subpage_types: ClassVar = ["courses.LessonPage"]
    is_creatable = False
    exclude_fields_in_copy: ClassVar = ["course"]
    page_description = _("A course of lessons with a knowledge test.")
    search_fields: ClassVar = [*Page.search_fields]
    template = "courses/lessons/preview_course.html"

    title_panels: ClassVar = [
        TitleFieldPanel(
            "title",
            help_text=_("The name among editors. What learners read is changed under Course editing, Settings."),
        )
    ]
    test_panels: ClassVar = [
        FieldPanel("test_introduction"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("draw_count"), FieldPanel("pass_percent")]),
                FieldRowPanel([FieldPanel("tries_in_a_row"), FieldPanel("wait_minutes")]),
                FieldPanel("time_limit_minutes"),
                FieldPanel("feedback"),
            ],
            heading=_("The test"),
        ),
        FieldPanel("questions"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(title_panels, heading=_("Course")),
            ObjectList(test_panels, heading=_("Knowledge test")),
            ObjectList([FieldPanel("slug")], heading=_("Address")),
        ]
    )

    class Meta:
        verbose_name = _("course with lessons")
        verbose_name_plural = _("courses with lessons")

    def clean(self) -> None:
        super().clean()
        there = len(self.questions)
        if self.draw_count and self.draw_count > there:
            raise ValidationError(
                {
                    "draw_count": _(
                        "The bank holds %(there)s questions: draw at most so many, or write more questions."
                    )
                    % {"there": there}
                }
            )

    def get_preview_values(self) -> dict[str, Any]:
        from courses.lessons.bank import freeze
        from courses.queries.examinations import answer_sheet

        lessons = list(LessonPage.objects.child_of(self).order_by("path")) if self.path else []
        titles = {lesson.pk: lesson.title for lesson in lessons}
        questions = [answer_sheet(question) for question in freeze(self.questions, titles)]
        return {"page": self, "lessons": lessons, "questions": questions}


class LessonPage(_OffSitePage, Page):  # noqa: DJ008 - Page has one
    """A lesson: what a learner reads on one page before going on."""

    introduction = models.TextField(
        _("introduction"), max_length=500, blank=True, help_text=_("One or two sentences: what this lesson gives.")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=[MinValueValidator(1)], help_text=_("About how long it takes.")
    )
    body = StreamField(LessonBlock(), verbose_name=_("content"), blank=True)

    parent_page_types: ClassVar = ["courses.CoursePage"]
    subpage_types: ClassVar = []
    page_description = _("A lesson of a course.")
    search_fields: ClassVar = [*Page.search_fields, index.SearchField("introduction")]
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("minutes"),
        FieldPanel("body"),
    ]
    template = "courses/lessons/preview_lesson.html"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def get_preview_values(self) -> dict[str, Any]:
        from courses.queries.lessons import pieces_of

        return {"page": self, "pieces": pieces_of(self.body, {}), "exercises": None}
