"""The launcher: the page on the content origin that holds the run-time API and, in a frame within it, the package."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.template.loader import render_to_string
from django.utils import translation

from courses.actions.attempts import may_be_written
from courses.models import Attempt, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm.durations import seconds_of
from courses.scorm.launch import Learner, starting_data, with_objectives
from courses.scorm.manifest import SCORM_12, Item
from courses.scorm.runtime_files import runtime_url
from courses.scorm.sequencing.availability import what_is_possible
from courses.scorm.sequencing.reported import told
from courses.scorm.sequencing.tracking import Session
from courses.scorm.sessions import load_session, tree_for
from courses.scorm.stores import stores_for
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
        is_review=attempt.finished_at is not None and not _has_rules(attempt),
    )
    session = load_session(attempt)
    activity = None if session is None else session.tree.activities.get(item.identifier)
    if session is not None and activity is not None:
        data = with_objectives(data, told(session, activity))
    return {
        "title": item.title,
        "scripts": [
            runtime_url("scorm12.js" if manifest.version == SCORM_12 else "scorm2004.js"),
            runtime_url("answers.js"),
            runtime_url("book.js"),
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
            "shared": stores_for(attempt, item),
            "limit": _limit(item, runtime.total_seconds),
            "navigation": _navigation(session),
        },
    }


def _has_rules(attempt: Attempt) -> bool:
    """Whether the package's own rules build on what its parts say: then they are never merely looked at again."""
    tree = tree_for(attempt.edition.scorm_package)
    return tree is not None and not tree.keeps_work


def _limit(item: Item, spent: float) -> dict[str, object] | None:
    """How many seconds remain of the longest time that the part may be open, and what is to happen then."""
    longest = seconds_of(item.max_time_allowed)
    if not longest or not item.time_limit_action:
        return None
    action = item.time_limit_action.lower().replace(" ", "")
    return {
        "seconds": max(1, round(longest - spent)),
        "exits": action.startswith("exit"),
        "tells": not action.endswith("nomessage"),
    }


def _navigation(session: Session | None) -> dict[str, object] | None:
    """What a part is told when it asks what it may ask for (`adl.nav.request_valid`)."""
    if session is None:
        return None
    possible = what_is_possible(session)
    return {
        "continue": possible.can("continue"),
        "previous": possible.can("previous"),
        "choice": {name: not refusal for name, refusal in possible.choices.items()},
        "jump": {name: refusal != "not_selected" for name, refusal in possible.choices.items()},
    }


def _name(last: str, first: str) -> str:
    """The name as the standard wants it: surname first, with a comma between."""
    return ", ".join(part for part in (last, first) if part)
