from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from wagtail.models import Site

from cms.models import CourseCataloguePage
from courses import api as courses
from lms.lib.access import public


@public
@require_safe
def course_catalogue(request: HttpRequest) -> HttpResponseBase:
    """Where the addresses of courses begin: leads to the site's page about them; where it has none, they stand here."""
    site = Site.find_for_request(request)
    pages = CourseCataloguePage.objects.live().public()
    page = pages.in_site(site).first() if site is not None else None
    if page is not None:
        address = page.get_url(request)
        return page.serve(request) if address == request.path else redirect(address)
    context = {"courses": courses.catalogue(), "elsewhere": courses.external_catalogue()}
    return render(request, "courses/catalogue.html", context)
