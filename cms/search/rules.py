"""The published requirements in the site's search: few pages, made of the rules in force, looked through in memory."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.search.excerpt import excerpt, highlight
from cms.search.hits import Hit
from cms.search.normalise import Term, index_text
from competence import api as competence

KEPT_SECONDS = 60
PREFIX_FROM = 4  # as in the search of pages
MOST = 3


@dataclass(frozen=True)
class RulePage:
    """A page of requirements as it is searched: its words as written, and as they are filed."""

    title: str
    url: str
    text: str
    normalised: str


def rule_hits(terms: list[Term]) -> list[Hit]:
    """The pages of requirements that have all of `terms`, at most three: those with the most in their title first."""
    found = [page for page in _pages() if all(_holds(page.normalised, term) for term in terms)]
    found.sort(key=lambda page: -sum(_holds(f" {index_text(page.title)} ", term) for term in terms))
    return [
        Hit(
            title=highlight(page.title, terms),
            url=page.url,
            kind=_("what a role requires"),
            path=[],
            excerpt=excerpt(page.text, terms),
        )
        for page in found[:MOST]
    ]


def _holds(normalised: str, term: Term) -> bool:
    def holds(token: str) -> bool:
        return (f" {token}" if len(token) >= PREFIX_FROM else f" {token} ") in normalised

    return holds(term.stem) or bool(term.parts and all(holds(part) for part in term.parts))


def _pages() -> list[RulePage]:
    key = f"cms.search.rules.{get_language()}"
    pages: list[RulePage] | None = cache.get(key)
    if pages is None:
        pages = _made()
        cache.set(key, pages, KEPT_SECONDS)
    return pages


def _made() -> list[RulePage]:
    try:
        roles = competence.published_rules().roles
    except LookupError:  # no rules are in force
        return []
    made = []
    for role in roles:
        words = [_("What is required"), *(one.title for one in role.requirements)]
        words += [c.title for one in role.requirements for way in one.ways for c in way.courses]
        words += [title for one in role.requirements for way in one.ways for title in way.attestations]
        words += [right.title for right in role.rights]
        text = " · ".join(dict.fromkeys(words))
        url = reverse("competence:rules_of_role", args=[role.key])
        made.append(RulePage(role.title, url, text, f" {index_text(role.title)} {index_text(text)} "))
    return made
