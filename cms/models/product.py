"""What the product pages of the two handbooks share: a code, and a fixed row of headed parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.models import Page

from cms.blocks import FIELD_FEATURES
from cms.models.mixins import Link


@dataclass(frozen=True)
class Part:
    """A headed part of a product page. `text` is rich text as stored."""

    anchor: str
    heading: str
    text: str


def product_field(name: Any, help_text: Any = "", *, blank: bool = True) -> RichTextField:
    """A part of a product page."""
    return RichTextField(name, features=FIELD_FEATURES, blank=blank, help_text=help_text)


class ProductPageMixin(models.Model):
    """A product page: the parts named in `part_fields`, in that order, those that have a text."""

    part_fields: ClassVar[tuple[str, ...]] = ()
    handbook_kind: ClassVar[str] = ""

    class Meta:
        abstract = True

    def get_parts(self) -> list[Part]:
        """The parts that have a text, under the name of their field."""
        return [
            Part(anchor=name.replace("_", "-"), heading=self.heading_of(name), text=text)
            for name in self.part_fields
            if (text := getattr(self, name))
        ]

    def heading_of(self, name: str) -> str:
        """The name of a field as a heading."""
        heading = str(self._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        return heading[:1].upper() + heading[1:]

    def get_contents(self) -> list[Link]:
        return [Link(part.heading, f"#{part.anchor}") for part in self.get_parts()]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        context["parts"] = self.get_parts()
        return context

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Only in a handbook of its own kind."""
        return bool(super().can_create_at(parent)) and cls.belongs_in(parent)  # type: ignore[misc]

    def can_move_to(self, parent: Page) -> bool:
        """Only within a handbook of its own kind."""
        return bool(super().can_move_to(parent)) and self.belongs_in(parent)  # type: ignore[misc]

    @classmethod
    def belongs_in(cls, parent: Page) -> bool:
        """Whether `parent` is in a handbook of this page's kind."""
        from cms.models.handbook_index import HandbookIndexPage

        handbook = HandbookIndexPage.objects.ancestor_of(parent).last()
        return handbook is not None and handbook.kind == cls.handbook_kind

    def clean(self) -> None:
        super().clean()
        if self.iso_code and not self.iso_edition:  # type: ignore[attr-defined]
            raise ValidationError({"iso_edition": _("Say which edition the code is taken from.")})
