"""What an editor can put into a lesson. No raw HTML, no embeds: nothing here runs code of anybody else.

The reader's page is drawn from these alone, works without JavaScript, and shows a missing image or file as missing.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from lms.lib.blocks import DescribedDocumentBlock, DescribedImageBlock

TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]
FIELD_FEATURES = ["bold", "italic", "ol", "ul", "link"]
FILM_KINDS = ("mp4", "webm")


class NoteBlock(blocks.StructBlock):
    """A box that stands out."""

    kind = blocks.ChoiceBlock(
        choices=[("info", _("Good to know")), ("warning", _("Important"))], default="info", label=_("Kind")
    )
    heading = blocks.CharBlock(label=_("Heading"), max_length=120)
    text = blocks.RichTextBlock(label=_("Text"), features=FIELD_FEATURES)

    class Meta:
        label = _("Box")
        icon = "warning"
        template = "courses/lessons/blocks/note.html"


class FactsBlock(blocks.StructBlock):
    """Terms, each with what it means or what applies."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    facts = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("term", blocks.CharBlock(label=_("Term"), max_length=120)),
                ("meaning", blocks.RichTextBlock(label=_("Meaning"), features=FIELD_FEATURES)),
            ]
        ),
        label=_("Facts"),
        min_num=1,
    )

    class Meta:
        label = _("Terms and facts")
        icon = "list-ul"
        template = "courses/lessons/blocks/facts.html"


class CaseBlock(blocks.StructBlock):
    """Something that happens at work, and how one might think: opened when the reader has thought for themselves."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=150)
    situation = blocks.RichTextBlock(label=_("What happens"), features=FIELD_FEATURES)
    thoughts = blocks.RichTextBlock(label=_("How one might think"), features=FIELD_FEATURES)

    class Meta:
        label = _("Case")
        icon = "user"
        template = "courses/lessons/blocks/case.html"


class FilmBlock(blocks.StructBlock):
    """A film of our own with captions, and the same in words for those who neither see nor hear it."""

    title = blocks.CharBlock(label=_("Title"), max_length=150)
    film = DocumentChooserBlock(label=_("Film"), help_text=_("MP4 or WebM, uploaded among the documents."))
    captions = DocumentChooserBlock(label=_("Captions"), help_text=_("Swedish captions: a WebVTT file (.vtt)."))
    transcript = blocks.RichTextBlock(
        label=_("In words"), features=FIELD_FEATURES, help_text=_("All that is said, and what is shown.")
    )

    class Meta:
        label = _("Film")
        icon = "media"
        template = "courses/lessons/blocks/film.html"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        wrong: dict[str, ValidationError] = {}
        if result["film"].file_extension not in FILM_KINDS:
            wrong["film"] = ValidationError(_("Choose an MP4 or WebM file."))
        if result["captions"].file_extension != "vtt":
            wrong["captions"] = ValidationError(_("Choose a WebVTT file (.vtt)."))
        if wrong:
            raise blocks.StructBlockValidationError(block_errors=wrong)
        return result


class FileBlock(DescribedDocumentBlock):
    class Meta:
        label = _("File")
        template = "courses/lessons/blocks/file.html"


class LinkOutBlock(blocks.StructBlock):
    """A link to another place, which opens there."""

    url = blocks.URLBlock(label=_("Address"))
    text = blocks.CharBlock(label=_("Link text"), max_length=150)
    description = blocks.CharBlock(label=_("Description"), required=False, max_length=250)

    class Meta:
        label = _("Link")
        icon = "link"
        template = "courses/lessons/blocks/link_out.html"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if not result["url"].startswith(("https://", "http://")):
            error = ValidationError(_("The address begins with https://."))
            raise blocks.StructBlockValidationError(block_errors={"url": error})
        return result


class ChecklistBlock(blocks.StructBlock):
    """Things to tick for oneself. What is ticked is kept, and decides nothing."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=150)
    points = blocks.ListBlock(blocks.CharBlock(label=_("Point"), max_length=250), label=_("Points"), min_num=1)

    class Meta:
        label = _("Checklist")
        icon = "tick-inverse"


class ReflectionBlock(blocks.StructBlock):
    """A question to write about for oneself. What is written is kept for the learner, and nobody else reads it."""

    question = blocks.CharBlock(label=_("Question"), max_length=300)
    thoughts = blocks.RichTextBlock(label=_("Thoughts to compare with"), required=False, features=FIELD_FEATURES)

    class Meta:
        label = _("Reflection")
        icon = "edit"


def packages_to_choose_from() -> list[tuple[str, str]]:
    """The courses that are packages, by key; those that learners cannot take say why."""
    from courses.queries.exercise_faults import titles_to_choose

    return titles_to_choose()


class PackageChoiceBlock(blocks.ChoiceBlock):
    """One of the packages. What is chosen is held against the list when it is saved, and not at each reading of it."""

    def normalize_choice(self, value: Any) -> Any:
        return value


class PackageBlock(blocks.StructBlock):
    """A course package as an exercise: it is played in the lesson, and the lesson shows how far the learner is.

    Unless `is_required` it is the learner's choice: the lesson is done without it.
    """

    course = PackageChoiceBlock(choices=packages_to_choose_from, label=_("Package"))
    text = blocks.CharBlock(label=_("What the learner does"), required=False, max_length=300)
    is_required = blocks.BooleanBlock(
        label=_("Must be finished before the lesson is done"),
        required=False,
        default=False,
        help_text=_("Packages need JavaScript. While the package cannot be taken, the lesson is done without it."),
    )

    class Meta:
        label = _("Exercise (package)")
        icon = "media"


class LessonBlock(blocks.StreamBlock):
    """A lesson from top to bottom."""

    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=150, template="courses/lessons/blocks/heading.html"
    )
    text = blocks.RichTextBlock(
        label=_("Text"), icon="pilcrow", features=TEXT_FEATURES, template="courses/lessons/blocks/text.html"
    )
    note = NoteBlock()
    facts = FactsBlock()
    case = CaseBlock()
    picture = DescribedImageBlock()
    film = FilmBlock()
    file = FileBlock()
    link = LinkOutBlock()
    checklist = ChecklistBlock()
    reflection = ReflectionBlock()
    package = PackageBlock()
