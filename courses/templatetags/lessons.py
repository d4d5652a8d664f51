"""Filters for the pages of lessons."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def item(values: Mapping[str, Any], key: str) -> Any:
    """The value under `key`, or None."""
    return values.get(key) if values else None
