"""Templates have no script, style or handler of their own: the content policy would stop it, silently for us."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, templates

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
DATA_SCRIPT = re.compile(r"""<script\b[^>]*\btype=["']application/(?:ld\+)?json["'][^>]*>""")
FORBIDDEN = {
    "a script without a source": re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>"),
    "a style element": re.compile(r"<style\b"),
    "a style attribute": re.compile(r"""\sstyle\s*=\s*["'{]"""),
    "a handler attribute": re.compile(r"""\son[a-z]+\s*=\s*["'{]"""),
    "an htmx handler": re.compile(r"\s(?:data-)?hx-(?:on|vals=.js:|vars)"),
    "a javascript address": re.compile(r"""["']\s*javascript:""", re.I),
    "an address of another site": re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//"""),
    "text marked as safe": re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off"),
}
# Where one of these is meant, with the reason.
MEANT = {"templates/forms/field_help.html": "help texts are code; those of Django's password rules are a list in HTML"}


def faults_of(html: str) -> list[str]:
    html = DATA_SCRIPT.sub("", COMMENT.sub("", html))
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(html)]


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_a_template_has_nothing_inline(path: Path) -> None:
    meant = ["text marked as safe"] if name_of(path) in MEANT else []
    assert faults_of(path.read_text(encoding="utf-8")) == meant


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<a onclick="x()">',
        '<a hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<script src="https://cdn.example/x.js"></script>',
        "{{ text|safe }}",
    ],
)
def test_each_kind_is_found(html: str) -> None:
    assert len(faults_of(html)) == 1


@pytest.mark.parametrize(
    "html", ['<script src="/static/x.js" type="module"></script>', '<script type="application/json" id="a">{}</script>']
)
def test_what_is_allowed_is_not_found(html: str) -> None:
    assert faults_of(html) == []
