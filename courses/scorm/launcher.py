"""The launcher: the page on the content origin that holds the run-time API and, in a frame within it, the package."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.template.loader import render_to_string
from django.utils import translation

from courses.actions.attempts import may_be_written
from courses.models import ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm.launch import Learner, shared_data, starting_data
from courses.scorm.manifest import SCORM_12
from courses.scorm.runtime_files import runtime_url
from courses.scorm.tokens import InvalidToken, Sitting, read, sign, sign_content


def launcher_url(sitting: Sitting) -> str:
    """The address to put into the player's frame."""
    return f"{settings.CONTENT_ORIGIN}/launch/{sign('launch', sitting)}/"


def commit_url(sitting: Sitting) -> str:
    """Where the launcher sends what the package writes, on the service's own origin."""
    return f"{settings.BASE_URL}/scorm/attempts/{sitting.attempt}/commit"


def serve_launcher(request: HttpRequest, rest: str) -> HttpResponseBase:
    token = rest.removesuffix("/")
    try:
        sitting = read("launch", token)
    except InvalidToken:
        return HttpResponseForbidden()
    runtime = (
        ScoRuntime.objects.select_related("attempt__edition__course", "attempt__edition__package", "attempt__person")
        .filter(attempt__public_id=sitting.attempt, item=sitting.item)
        .first()
    )
    if runtime is None or not may_be_written(runtime.attempt):
        return HttpResponseForbidden()
    with translation.override(runtime.attempt.person.language):
        page = render_to_string("courses/launcher.html", _context(runtime, sitting))
    return HttpResponse(page, headers={"Content-Security-Policy": launcher_policy(sitting)})


def launcher_policy(sitting: Sitting) -> str:
    """The launcher runs no script but its own, frames the package, and saves to one address."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; base-uri 'none'; "
        f"form-action 'none'; connect-src {commit_url(sitting)}; frame-ancestors {settings.BASE_URL}"
    )


def _context(runtime: ScoRuntime, sitting: Sitting) -> dict[str, object]:
    attempt = runtime.attempt
    package = attempt.edition.scorm_package
    manifest = manifest_of(package)
    item = manifest.item(sitting.item)
    assert item is not None
    assert item.path is not None
    data = starting_data(
        manifest.version,
        item,
        Learner(attempt.person.public_id.hex, _name(attempt.person.last_name, attempt.person.first_name)),
        stored=json.loads(runtime.data),
        total_seconds=runtime.total_seconds,
        has_been_here=runtime.launch_id is not None,
        has_ended=runtime.has_ended,
        is_review=attempt.finished_at is not None,
    )
    return {
        "title": item.title,
        "scripts": [
            runtime_url("scorm12.js" if manifest.version == SCORM_12 else "scorm2004.js"),
            runtime_url("guard.js"),
            runtime_url("saver.js"),
            runtime_url("launcher.js"),
        ],
        "style": runtime_url("launcher.css"),
        "config": {
            "version": manifest.version,
            "attempt": str(attempt.public_id),
            "launch": str(sitting.launch),
            "isFenced": attempt.launch_id != sitting.launch,
            "sequence": runtime.sequence if runtime.launch_id == sitting.launch else 0,
            "commitUrl": commit_url(sitting),
            "token": sign("commit", sitting),
            "parentOrigin": settings.BASE_URL,
            "contentUrl": f"/p/{sign_content(package.public_id)}/{quote(item.path)}{item.suffix}",
            "data": data,
            "shared": {
                "names": item.shared_data,
                "stores": shared_data(
                    manifest,
                    [
                        (part.item, json.loads(part.data))
                        for part in attempt.runtimes.order_by("updated_at")
                        if item.shared_data
                    ],
                ),
            },
        },
    }


def _name(last: str, first: str) -> str:
    """The name as the standard wants it: surname first, with a comma between."""
    return ", ".join(part for part in (last, first) if part)
