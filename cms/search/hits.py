"""What a search finds."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Hit:
    """A page that was found."""

    title: SafeString
    url: str
    kind: str
    path: list[str]
    excerpt: SafeString
