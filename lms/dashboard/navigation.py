"""What the header and the footer offer, according to who one is.

Everything is worked out when a template asks for it: a page that shows no menu (an editor's page, a fragment for htmx)
costs no query. A page right below the start page is a section, in the header's menu, when an editor has marked it
"show in menus"; otherwise (about the site, accessibility, personal data) the footer links to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from cms.visibility import readable
from competence import api as competence

COLOUR_SCHEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Link:
    """A link in a menu. `current` is what `aria-current` says: `page`, `true` (something below it) or nothing;
    `text` is what one finds there."""

    url: str
    label: str
    icon: str = ""
    current: str = ""
    text: str = ""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav_site`, `nav_footer`, `nav_personal`, `colour_scheme`, `contact_email`."""
    pages: Any = SimpleLazyObject(lambda: list(_top_pages(request)))
    return {
        "nav_site": SimpleLazyObject(lambda: [_page_link(page, request) for page in pages if page.show_in_menus]),
        "nav_footer": SimpleLazyObject(lambda: [_page_link(page, request) for page in pages if not page.show_in_menus]),
        "nav_personal": SimpleLazyObject(lambda: list(personal_links(request))),
        "colour_scheme": colour_scheme(request),
        "contact_email": settings.CONTACT_EMAIL,
    }


def colour_scheme(request: HttpRequest) -> str:
    """The chosen scheme, or `auto`: as the device has it."""
    chosen = request.COOKIES.get("colour_scheme", "auto")
    return chosen if chosen in COLOUR_SCHEMES else "auto"


def personal_links(request: HttpRequest) -> Iterator[Link]:
    """The sections of the service that this person may use, in the order of the header.

    Who has not logged in is offered their own pages (the way there asks them to), and the occasions, which are public.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        sections = [
            ("dashboard:start", _("My pages"), "", "home", True),
            ("courses:occasions", _("Course occasions"), "", "calendar", True),
        ]
    else:
        sections = [
            ("dashboard:start", _("My pages"), "", "home", True),
            (
                "competence:my_eligibility",
                _("My eligibility"),
                _("What you may order, why, and what remains to be done."),
                "shield",
                True,
            ),
            (
                "courses:my_courses",
                _("My courses"),
                _("The courses you can take, have begun and have finished."),
                "course",
                True,
            ),
            (
                "competence:team",
                _("My team"),
                _("Who may order what, what expires, and what waits for your decision."),
                "people",
                competence.manages_anybody(user),
            ),
            (
                "competence:people",
                _("People’s records"),
                _("Merge records that are one person’s, split them, and change HSA-IDs."),
                "people",
                user.has_perm("competence.merge_people"),
            ),
            (
                "competence:transfers",
                _("Transfer"),
                _("Rights to enter by hand in the ordering systems that you administer."),
                "arrow",
                user.has_perm("competence.transfer_rights"),
            ),
            (
                "dashboard:statistics",
                _("Statistics"),
                _("Completed courses per course, month and principal."),
                "chart",
                user.has_perm("competence.view_statistics"),
            ),
            (
                "competence:completion_imports",
                _("Course lists"),
                _("Take in lists from Socialstyrelsen and others, and correct what is wrong in them."),
                "upload",
                user.has_perm("competence.import_completions"),
            ),
            (
                "competence:find_person",
                _("Look somebody up"),
                _("What somebody may, might or will be able to order at a date, and why."),
                "clock",
                user.has_perm("competence.view_any_history"),
            ),
            (
                "competence:rules_admin",
                _("The rules"),
                _("Write, check, simulate and publish the rules of who may order what."),
                "certificate",
                user.has_perm("competence.manage_rules"),
            ),
            (
                "competence:machine_clients",
                _("Machine clients"),
                _("The systems that ask by the API: what they may, their secrets, and whom they look up."),
                "shield",
                user.has_perm("competence.manage_machine_clients"),
            ),
            (
                "courses:editor_list",
                _("Course editing"),
                _("Upload course packages, and publish or withdraw them."),
                "edit",
                user.has_perm("courses.edit_courses"),
            ),
            (
                "wagtailadmin_home",
                _("Site editing"),
                _("Write in the handbook and publish news."),
                "file",
                user.has_perm("wagtailadmin.access_admin"),
            ),
        ]
    for name, label, text, icon, may_see in sections:
        if may_see:
            try:
                url = reverse(name)
            except NoReverseMatch:
                continue
            yield Link(url, label, icon, _current(url, request), text)


def _top_pages(request: HttpRequest) -> Iterator[Page]:
    site = Site.find_for_request(request)
    if site is not None:
        yield from readable(site.root_page.get_children(), request)


def _page_link(page: Page, request: HttpRequest) -> Link:
    url = page.get_url(request) or "/"
    return Link(url, page.title, current=_current(url, request))


def _current(url: str, request: HttpRequest) -> str:
    if request.path == url:
        return "page"
    return "true" if url != "/" and request.path.startswith(url) else ""
