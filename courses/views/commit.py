"""Where the launcher saves what a package writes. Called from the content origin, without cookies."""

from __future__ import annotations

import json
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from courses.scorm import tokens
from courses.scorm.commit import MAX_BYTES, CommitRefused, answer_of, read_commit, save_commit
from lms.lib.access import signed_token


@csrf_exempt  # no cookie counts here: the signed token in the address is the only key
@signed_token
def commit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Save one commit. The body is JSON whatever its content type says, since a closing page may send only text."""
    origin = request.headers.get("Origin")
    if origin not in {None, settings.CONTENT_ORIGIN}:
        return JsonResponse({"code": "origin"}, status=403)
    response = _answer(request, public_id)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Origin"
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    if request.method == "OPTIONS":
        allowed = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
        return HttpResponse(status=204, headers={**allowed, "Access-Control-Max-Age": "7200"})
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})
    try:
        token = request.GET.get("token", "")
        sitting = tokens.read("commit", token)
        if sitting.attempt != public_id:
            raise CommitRefused("token", 403)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise CommitRefused("too_large", 413)
        saved = save_commit(sitting, read_commit(_decoded(request.body)))
    except tokens.ExpiredToken:
        return JsonResponse({"code": "expired"}, status=403)
    except tokens.InvalidToken:
        return JsonResponse({"code": "token"}, status=403)
    except CommitRefused as refusal:
        return JsonResponse({"code": refusal.code}, status=refusal.status)
    answer = answer_of(saved)
    if tokens.is_old(token):
        answer["token"] = tokens.sign("commit", sitting)
    return JsonResponse(answer)


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CommitRefused("form", 400) from error
