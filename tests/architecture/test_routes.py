"""Every route says who may use it: ours with a word of `lms.lib.access`, others' by the list here."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("lms.", "cms.", "courses.", "competence.")
# Routes of other projects, by the start of their path, with who may use them.
THIRD_PARTY = {
    "konto/": "allauth: log-in and one's own account; each view guards itself",
    "admin/": "Wagtail's editing, for those with wagtailadmin.access_admin",
    "dokument/": "Wagtail's documents, public unless their collection is private",
    "identity/o/": "allauth's provider: tokens for machine clients",
    ".well-known/": "allauth's provider: discovery and keys, public",
    "^": "Wagtail's pages, public unless marked private",
    "_util/": "Wagtail: password of a private page",
}


def leaves(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every route below these patterns, with its view."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from leaves(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def origin_of(view: Any) -> str:
    """The module that a view comes from, behind partials and class based views."""
    view = getattr(view, "func", view)
    view = getattr(view, "view_class", view)
    return str(getattr(view, "__module__", type(view).__module__))


def is_ninja(view: Any) -> bool:
    return origin_of(view).startswith("ninja.")


def undeclared(patterns: list[Any]) -> list[str]:
    """Routes of ours without `access`, and routes of others that the list does not name."""
    problems = []
    for path, view in leaves(patterns):
        origin = origin_of(view)
        if is_ninja(view):
            continue  # operations have their own test
        if getattr(view, "access", ""):
            continue
        if origin.startswith(OURS):
            problems.append(f"{path}: {origin} does not say who may use it")
        elif not path.startswith(tuple(THIRD_PARTY)):
            problems.append(f"{path}: {origin} is not in the list of other projects' routes")
    return problems


def test_every_route_says_who_may_use_it() -> None:
    assert undeclared(get_resolver().url_patterns) == []


def ninja_operations() -> list[tuple[str, Any]]:
    from ninja.main import NinjaAPI

    apis = {
        id(api): api
        for _path, view in leaves(get_resolver().url_patterns)
        if is_ninja(view)
        for api in [part for part in _reachable(view) if isinstance(part, NinjaAPI)]
    }
    return [
        (f"{','.join(operation.methods)} {path}", operation)
        for api in apis.values()
        for _prefix, router in api._routers
        for path, path_view in router.path_operations.items()
        for operation in path_view.operations
    ]


def _reachable(view: Any) -> Iterator[Any]:
    """What a view made by ninja holds on to: partial arguments, closures and bound objects, one level deep each."""
    yield from getattr(view, "keywords", {}).values()
    yield from getattr(view, "args", ())
    for cell in getattr(getattr(view, "func", view), "__closure__", None) or ():
        held = cell.cell_contents
        yield held
        for operation in getattr(held, "operations", []):
            yield operation.api
    for operation in getattr(getattr(view, "__self__", None), "operations", []):
        yield operation.api


def test_every_operation_of_the_api_needs_a_token() -> None:
    open_ones = [name for name, operation in ninja_operations() if not operation.auth_callbacks]
    assert open_ones == []


def test_a_route_without_a_word_is_found() -> None:
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    view.__module__ = "courses.views.forgotten"
    assert undeclared([path("x/", view)]) == ["x/: courses.views.forgotten does not say who may use it"]
    view.__module__ = "somebody.else"
    assert undeclared([path("x/", view)]) == ["x/: somebody.else is not in the list of other projects' routes"]


@pytest.mark.parametrize("name", ["public", "logged_in", "signed_token"])
def test_the_words_of_access_are_kept_by_what_wraps_them(name: str) -> None:
    from django.http import HttpRequest, HttpResponse
    from django.views.decorators.http import require_POST

    from lms.lib import access

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert require_POST(getattr(access, name)(view)).access
