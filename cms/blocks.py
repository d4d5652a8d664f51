"""What an editor can put on a page. No raw HTML, no embeds: nothing here fetches from or runs code of anybody else."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

from competence import api as competence
from lms.lib.blocks import DescribedDocumentBlock, DescribedImageBlock

# What rich text may hold. Images, embeds and code are left out on purpose; `cms.checks` watches over it.
TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]
FIELD_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]
INLINE_FEATURES = ["bold", "italic", "link"]


class HeadingBlock(blocks.CharBlock):
    """A heading of the second level: it becomes an entry in the page's list of contents."""

    class Meta:
        label = _("Heading")
        icon = "title"
        template = "cms/blocks/heading.html"

    def get_context(self, value: str, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["anchor"] = anchor_for(value)
        return context


def anchor_for(heading: str) -> str:
    """The fragment that a heading is linked by."""
    return slugify(heading) or "del"


class AlertBlock(blocks.StructBlock):
    """A box that stands out: something to know, to mind, or to act upon."""

    kind = blocks.ChoiceBlock(
        choices=[("info", _("Information")), ("warning", _("Important")), ("danger", _("Safety"))],
        default="info",
        label=_("Kind"),
        search_index=False,
    )
    heading = blocks.CharBlock(label=_("Heading"), max_length=120)
    text = blocks.RichTextBlock(label=_("Text"), features=FIELD_FEATURES)

    class Meta:
        label = _("Alert box")
        icon = "warning"
        template = "cms/blocks/alert.html"


class TableBlock(blocks.StructBlock):
    """A table with a caption, which says what the figures are, from where, and of what date."""

    caption = blocks.CharBlock(
        label=_("Caption"),
        max_length=250,
        help_text=_("What the table shows. Name the source and the date of figures."),
    )
    table = TypedTableBlock(
        [
            ("text", blocks.CharBlock(required=False, label=_("Text"))),
            ("rich_text", blocks.RichTextBlock(required=False, label=_("Formatted text"), features=INLINE_FEATURES)),
            ("number", blocks.DecimalBlock(required=False, label=_("Number"), template="cms/blocks/number.html")),
        ],
        label=_("Table"),
    )

    class Meta:
        label = _("Table")
        icon = "table"
        template = "cms/blocks/table.html"


class DocumentsBlock(blocks.StructBlock):
    """Documents to download, each with its type and size."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    documents = blocks.ListBlock(DescribedDocumentBlock(), label=_("Documents"), min_num=1)

    class Meta:
        label = _("Documents")
        icon = "doc-full-inverse"
        template = "cms/blocks/documents.html"


class AccordionItemBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=150)
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES)

    class Meta:
        label = _("Part")


class AccordionBlock(blocks.StructBlock):
    """Parts that open one at a time, for questions and answers. Not for what everybody must read."""

    items = blocks.ListBlock(AccordionItemBlock(), label=_("Parts"), min_num=1)

    class Meta:
        label = _("Accordion")
        icon = "list-ul"
        template = "cms/blocks/accordion.html"


class FigureBlock(DescribedImageBlock):
    class Meta:
        label = _("Figure")


class ContactCardBlock(blocks.StructBlock):
    """How to reach a function. Prefer functions to persons: a function answers when somebody is on holiday."""

    name = blocks.CharBlock(label=_("Name"), max_length=120)
    role = blocks.CharBlock(label=_("Helps with"), required=False, max_length=200)
    email = blocks.EmailBlock(label=_("E-mail"), required=False)
    phone = blocks.CharBlock(label=_("Telephone"), required=False, max_length=40)
    hours = blocks.CharBlock(label=_("Hours"), required=False, max_length=120)

    class Meta:
        label = _("Contact card")
        icon = "user"
        template = "cms/blocks/contact_card.html"


class LinkBlock(blocks.StructBlock):
    """A link to a page of this site, or to an address elsewhere: exactly one of the two."""

    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    url = blocks.URLBlock(label=_("Address elsewhere"), required=False)
    text = blocks.CharBlock(label=_("Link text"), required=False, max_length=150)
    description = blocks.CharBlock(label=_("Description"), required=False, max_length=250)

    class Meta:
        label = _("Link")
        icon = "link"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if bool(result["page"]) == bool(result["url"]):
            raise blocks.StructBlockValidationError(
                block_errors={"page": ValidationError(_("Choose a page or give an address, one of the two."))}
            )
        if result["url"] and not result["text"]:
            raise blocks.StructBlockValidationError(
                block_errors={"text": ValidationError(_("Write a link text that says where the link leads."))}
            )
        return result


class LinkListBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    links = blocks.ListBlock(LinkBlock(), label=_("Links"), min_num=1)

    class Meta:
        label = _("List of links")
        icon = "link"
        template = "cms/blocks/link_list.html"


def roles_to_choose_from() -> list[tuple[str, str]]:
    """The roles of the rules in force; none before rules are published."""
    try:
        return [(role.key, role.title) for role in competence.published_rules().roles]
    except LookupError:
        return []


class RoleRequirementsBlock(blocks.StructBlock):
    """What a role requires, always from the rules in force: nothing is copied, so nothing grows old."""

    role = blocks.ChoiceBlock(choices=roles_to_choose_from, label=_("Role"), search_index=False)

    class Meta:
        label = _("What a role requires")
        icon = "clipboard-list"
        template = "cms/blocks/role_requirements.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        try:
            context["rules"] = competence.published_rules(value.get("role") or "")
        except LookupError:  # no rules are in force
            return context
        context["role"] = context["rules"].role(value.get("role"))
        return context


class BodyBlock(blocks.StreamBlock):
    """The body of an ordinary page."""

    heading = HeadingBlock()
    text = blocks.RichTextBlock(
        label=_("Text"), icon="pilcrow", features=TEXT_FEATURES, template="cms/blocks/text.html"
    )
    alert = AlertBlock()
    table = TableBlock()
    documents = DocumentsBlock()
    accordion = AccordionBlock()
    figure = FigureBlock()
    contact = ContactCardBlock()
    links = LinkListBlock()
    requirements = RoleRequirementsBlock()


class AgendaItemBlock(blocks.StructBlock):
    """One numbered item of a meeting's notes. The number is its place in the list."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=200)
    presenter = blocks.CharBlock(label=_("Presented by"), required=False, max_length=150)
    text = blocks.RichTextBlock(label=_("Text"), features=FIELD_FEATURES)
    position = blocks.RichTextBlock(label=_("Position taken"), required=False, features=FIELD_FEATURES)
    follow_up = blocks.RichTextBlock(label=_("Further handling"), required=False, features=FIELD_FEATURES)

    class Meta:
        label = _("Item")
        icon = "list-ol"
        template = "cms/blocks/agenda_item.html"


class AgendaBlock(blocks.StreamBlock):
    """The items of a meeting, in order."""

    item = AgendaItemBlock()
