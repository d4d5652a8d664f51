"""House rules for page types, run by `manage.py check`."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from wagtail.blocks import Block, RawHTMLBlock, RichTextBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

FORBIDDEN_FEATURES = {"embed", "image", "code"}


def page_types() -> list[type[Page]]:
    """The page types of this site."""
    return [model for model in apps.get_app_config("cms").get_models() if issubclass(model, Page)]


@register()
def check_page_types(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Each page type says where it may stand, what may stand beneath it, and how it looks."""
    problems: list[CheckMessage] = []
    for model in page_types():
        declared = vars(model)
        problems += [
            Error(f"{model.__name__} does not declare {rule}.", obj=model, id="cms.E001")
            for rule in ("parent_page_types", "subpage_types", "page_description")
            if rule not in declared
        ]
        if not model.__name__.endswith("Page"):
            problems.append(Error(f"{model.__name__} is a page type: its name ends in Page.", obj=model, id="cms.E002"))
        try:
            get_template(model.template)
        except TemplateDoesNotExist:
            problems.append(Error(f"{model.__name__} has no template {model.template}.", obj=model, id="cms.E003"))
    return problems


@register()
def check_editors_write_no_code(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No field lets an editor write raw HTML or embed what others serve: each names its rich text features."""
    problems: list[CheckMessage] = []
    for model in apps.get_app_config("cms").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, RichTextField) and not _is_safe(field.features):
                problems.append(Error(f"{field} must name safe rich text features.", obj=field, id="cms.E004"))
            if isinstance(field, StreamField):
                problems += [
                    Error(f"{field} holds {type(block).__name__}, which is not safe.", obj=field, id="cms.E005")
                    for block in _blocks(field.stream_block)
                    if isinstance(block, (RawHTMLBlock, EmbedBlock))
                    or (isinstance(block, RichTextBlock) and not _is_safe(block.features))
                ]
    return problems


def _is_safe(features: Sequence[str] | None) -> bool:
    return features is not None and not FORBIDDEN_FEATURES.intersection(features)


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    children = getattr(block, "child_blocks", {})
    for child in children.values() if hasattr(children, "values") else ():
        yield from _blocks(child)
    if hasattr(block, "child_block"):
        yield from _blocks(block.child_block)
