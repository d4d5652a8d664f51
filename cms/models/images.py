"""Images. Only renditions are ever served, by `cms.views.media`: what an editor uploaded is not."""

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class SiteImage(AbstractImage):
    """An image in the library. The text for those who do not see it belongs to each use: `FigureBlock`."""

    credit = models.CharField(_("credit"), max_length=150, blank=True, help_text=_("Who made the image."))

    admin_form_fields: ClassVar = (*Image.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")


class SiteRendition(AbstractRendition):
    """An image in one size, encoded anew by us."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_per_filter")
        ]

    @property
    def url(self) -> str:
        """An address on this origin, whatever the storage: the content policy allows no other."""
        return reverse("cms:image", args=[self.file.name.rpartition("/")[2]])
