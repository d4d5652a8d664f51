"""How the site's first pages are written down: a tree of drafts, with blocks as plain values.

In any text `[[path|words]]` becomes a link to the page at `path` (below the start page), once all pages are there.
"""

from dataclasses import dataclass, field
from typing import Any

from wagtail.models import Page

Block = tuple[str, Any]


@dataclass
class Draft:
    """A page that is to be made, with the pages beneath it. `related` holds rows of inline panels by their name."""

    model: type[Page]
    slug: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    children: list["Draft"] = field(default_factory=list)
    related: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def draft(
    model: type[Page],
    slug: str,
    title: str,
    introduction: str = "",
    *,
    children: list[Draft] | None = None,
    related: dict[str, list[dict[str, Any]]] | None = None,
    **values: Any,
) -> Draft:
    """A page in short."""
    return Draft(model, slug, title, {"introduction": introduction, **values}, children or [], related or {})


def heading(words: str) -> Block:
    return "heading", words


def text(html: str) -> Block:
    return "text", html


def alert(kind: str, title: str, html: str) -> Block:
    return "alert", {"kind": kind, "heading": title, "text": html}


def accordion(*items: tuple[str, str]) -> Block:
    return "accordion", {"items": [{"heading": title, "text": html} for title, html in items]}


def contact(name: str, role: str, email: str = "", phone: str = "", hours: str = "") -> Block:
    return "contact", {"name": name, "role": role, "email": email, "phone": phone, "hours": hours}


def table(caption: str, columns: list[tuple[str, str]], rows: list[list[Any]]) -> Block:
    """`columns`: of kind (text, rich_text or number) and heading."""
    return "table", {
        "caption": caption,
        "table": {
            "columns": [{"type": kind, "heading": title} for kind, title in columns],
            "rows": [{"values": row} for row in rows],
        },
    }


def item(title: str, presenter: str, html: str, position: str = "", follow_up: str = "") -> Block:
    """An item of a meeting's notes."""
    return "item", {
        "heading": title,
        "presenter": presenter,
        "text": html,
        "position": position,
        "follow_up": follow_up,
    }


def items(*lines: str) -> str:
    """A list in rich text."""
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)
