"""The site's search: published, public pages of this site, the best first, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import BooleanField, Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from rapidfuzz import fuzz, process
from wagtail.models import Page, PageViewRestriction, Site

from cms.models import SearchEntry
from cms.search.excerpt import excerpt, highlight
from cms.search.hits import Hit
from cms.search.indexing import VOCABULARY_KEY
from cms.search.normalise import WORD, Term, fold, query_terms
from cms.search.rules import rule_hits

HITS_PER_PAGE = 10
# Ranking costs by the hit: past this many, those with the words in their title are ranked and some of the others.
RANKED_AT_MOST = 400
LONGEST_QUERY = 200
MOST_TERMS = 10
PREFIX_FROM = 4  # a word of four letters or more is also found as the beginning of a longer one
LIKENESS = 72


@dataclass
class Findings:
    """What a search gave. `loosened`: no page has all the words, these have some. `suggestion`: did you mean …

    `rules`: what roles require, which is no page of the editors'; on the first page of results only.
    """

    query: str
    hits: list[Hit] = field(default_factory=list)
    page: PaginatorPage[Any] | None = None
    total: int = 0
    loosened: bool = False
    suggestion: str = ""
    rules: list[Hit] = field(default_factory=list)


def search(query: str, *, site: Site, page_number: Any = 1) -> Findings:
    """Find `query` on `site`. An empty query finds nothing."""
    query = " ".join(query.replace("\x00", " ").split())[:LONGEST_QUERY]
    terms = query_terms(query)[:MOST_TERMS]
    findings = Findings(query)
    if not terms:
        return findings
    if str(page_number) == "1":
        findings.rules = rule_hits(terms)
    readable = _readable_entries(site)
    paginator = Paginator(_matching(readable, terms, every=True), HITS_PER_PAGE)
    if not paginator.count:
        findings.suggestion = _suggestion(query)
        if len(terms) > 1:
            paginator = Paginator(_matching(readable, terms, every=False), HITS_PER_PAGE)
            findings.loosened = bool(paginator.count)
    findings.total = paginator.count
    findings.page = paginator.get_page(page_number)
    findings.hits = _hits(list(findings.page), terms, site)
    return findings


def _readable_entries(site: Site) -> QuerySet[SearchEntry]:
    """The entries of published pages of this site that anybody may read."""
    entries = SearchEntry.objects.filter(page__live=True, page__path__startswith=site.root_page.path)
    for path in PageViewRestriction.objects.values_list("page__path", flat=True):
        entries = entries.exclude(page__path__startswith=path)
    return entries


def _matching(entries: QuerySet[SearchEntry], terms: list[Term], *, every: bool) -> Any:
    match = _matching_postgresql if connection.vendor == "postgresql" else _matching_by_like
    found = match(entries, terms, every=every)
    return found.select_related("page__content_type").order_by("-rank", "title", "page_id")


def _matching_postgresql(entries: QuerySet[SearchEntry], terms: list[Term], *, every: bool) -> Any:
    """By the generated column `document`, whose index the migration made."""
    anywhere = (" & " if every else " | ").join(_tsquery(term) for term in terms)
    in_title = " | ".join(_tsquery(term, weight="A") for term in terms)

    def matches(tsquery: str) -> RawSQL:
        # The words reach the statement as a parameter; they are letters and digits only.
        sql = "cms_searchentry.document @@ to_tsquery('simple', %s)"
        return RawSQL(sql, [tsquery], output_field=BooleanField())  # noqa: S611

    found = entries.filter(matches(anywhere)).order_by()
    titled = found.filter(matches(in_title)).values("pk")[:RANKED_AT_MOST]
    others = found.values("pk")[:RANKED_AT_MOST]
    rank = RawSQL(  # noqa: S611
        "ts_rank('{0.05, 0.1, 0.3, 1.0}', cms_searchentry.document, to_tsquery('simple', %s), 1)",
        [anywhere],
        output_field=FloatField(),
    )
    return SearchEntry.objects.filter(Q(pk__in=titled) | Q(pk__in=others)).annotate(rank=rank)


def _tsquery(term: Term, weight: str = "") -> str:
    def lexeme(token: str) -> str:
        marks = ("*" if len(token) >= PREFIX_FROM else "") + weight
        return f"'{token}'" + (f":{marks}" if marks else "")

    alternatives = [lexeme(term.stem)]
    if term.parts:
        alternatives.append("(" + " & ".join(lexeme(part) for part in term.parts) + ")")
    return "(" + " | ".join(alternatives) + ")"


def _matching_by_like(entries: QuerySet[SearchEntry], terms: list[Term], *, every: bool) -> Any:
    """For SQLite, where sites are small: the same terms, looked for by LIKE in the same normalised text."""
    condition, rank = Q(), Value(0.0)
    for term in terms:
        matched = _like(term)
        condition = condition & matched if every else condition | matched
        for name, token, points in _points(term):
            when = When(**{f"{name}__contains": token}, then=Value(points))
            rank = rank + Case(when, default=Value(0.0), output_field=FloatField())  # type: ignore[assignment]
    return entries.filter(condition).annotate(rank=rank + F("page__depth") * Value(-0.01))


def _like(term: Term) -> Q:
    def holds(token: str) -> Q:
        sought = f" {token}" if len(token) >= PREFIX_FROM else f" {token} "
        return Q(title_normalised__contains=sought) | Q(body_normalised__contains=sought)

    matched = holds(term.stem)
    if term.parts:
        by_parts = Q()
        for part in term.parts:
            by_parts &= holds(part)
        matched |= by_parts
    return matched


def _points(term: Term) -> list[tuple[str, str, float]]:
    """What each way of matching is worth. A word in the title outweighs any number of words in the text."""
    points = [
        ("title_normalised", f" {term.stem} ", 8.0),
        ("title_normalised", f" {term.stem}", 4.0),
        ("body_normalised", f" {term.stem} ", 1.0),
        ("body_normalised", f" {term.stem}", 0.5),
    ]
    return points + [("title_normalised", f" {part} ", 2.0) for part in term.parts]


def _hits(entries: list[SearchEntry], terms: list[Term], site: Site) -> list[Hit]:
    steplen = Page.steplen
    first = len(site.root_page.path) + steplen
    above = {entry.page.path[:end] for entry in entries for end in range(first, len(entry.page.path), steplen)}
    titles = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    hits = []
    for entry in entries:
        page = entry.page
        kind = page.content_type.model_class()
        hits.append(
            Hit(
                title=highlight(entry.title, terms),
                url=page.get_url(current_site=site) or "",
                kind=str(kind._meta.verbose_name) if kind else "",
                path=[titles[page.path[:end]] for end in range(first, len(page.path), steplen)],
                excerpt=excerpt(entry.text, terms),
            )
        )
    return hits


def _suggestion(query: str) -> str:
    """`query` with unknown words replaced by the likest known ones, or nothing when that changes nothing."""
    known = _vocabulary()
    words, changed = [], False
    for word in WORD.findall(query):
        folded = fold(word)
        found = None
        if folded not in known and len(folded) >= 3:
            found = process.extractOne(folded, known.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
        changed = changed or found is not None
        words.append(known[found[0]] if found else word)
    return " ".join(words) if changed else ""


def _vocabulary() -> dict[str, str]:
    """The words of titles and headings, folded -> as written. Kept until a page is published or taken down."""
    known: dict[str, str] | None = cache.get(VOCABULARY_KEY)
    if known is None:
        known = {}
        for texts in SearchEntry.objects.values_list("title", "introduction", "headings").order_by("page_id"):
            for word in WORD.findall(" ".join(texts)):
                if len(word) >= 3 and not word.isdigit():
                    known.setdefault(fold(word), word.lower())
        cache.set(VOCABULARY_KEY, known, 600)
    return known
