"""Blocks that the site's pages and the courses' lessons have in common."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock


class DescribedImageBlock(blocks.StructBlock):
    """An image. A text for those who do not see it is obligatory."""

    image = ImageChooserBlock(label=_("Image"))
    alt_text = blocks.CharBlock(
        label=_("Alternative text"),
        max_length=250,
        help_text=_("Say what the image shows, for those who do not see it."),
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        label = _("Picture")
        icon = "image"
        template = "components/picture.html"


class DescribedDocumentBlock(blocks.StructBlock):
    """A document to download, with what it is."""

    document = DocumentChooserBlock(label=_("Document"))
    description = blocks.CharBlock(label=_("Description"), required=False, max_length=200)

    class Meta:
        label = _("Document")
        icon = "doc-full"
