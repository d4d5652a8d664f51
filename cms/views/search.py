from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Site

from cms.search.query import search
from lms.lib.access import public


@public
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """The search and its results: `?q=` the words, `?sida=` the page of results."""
    site = Site.find_for_request(request)
    findings = search(request.GET.get("q", ""), site=site, page_number=request.GET.get("sida", 1))
    return render(request, "cms/search.html", {"findings": findings, "query": findings.query})
