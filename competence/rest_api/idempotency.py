"""`Idempotency-Key` on writes, after the IETF's draft of that name.

The same key with the same request gives the first answer again, for 24 hours; with another request it is refused
(422); while the first is being carried out, too (409). A request that failed (an exception, a problem document) leaves
no trace: it has done nothing, and may be sent again.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from competence.models.idempotent_request import IdempotentRequest
from competence.rest_api.auth import caller_of
from competence.rest_api.problems import Problem, invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
# A request is carried out within a minute (the middleware sees to it); who takes longer has died.
GIVEN_UP_AFTER = timedelta(minutes=2)
_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")


def idempotently(request: HttpRequest, work: Callable[[], HttpResponse], *, is_atomic: bool = True) -> HttpResponse:
    """The answer of `work`, or the one it gave before under the request's key. Without a key it is just done.

    `is_atomic`: what `work` writes and the note of its answer are saved together or not at all, so that it is done
    once whatever happens. Without (for long work whose parts are idempotent by themselves), work that was cut off in
    the middle is done again when the request is sent again. Raises Problem (400, 409, 422).
    """
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if not _KEY.match(key):
        raise invalid(HEADER, _("An Idempotency-Key is 1 to 128 visible ASCII characters."))
    row, is_first = _claim(caller_of(request).client_id, key, _fingerprint(request))
    if not is_first:
        return _replayed(row)
    try:
        with transaction.atomic() if is_atomic else nullcontext():
            response = work()
            if response.status_code < 400:
                IdempotentRequest.objects.filter(pk=row.pk, claim=row.claim).update(
                    status=response.status_code,
                    media_type=response.headers["Content-Type"],
                    answer=_fernet().encrypt(response.content),
                )
    except BaseException:
        _forget(row)
        raise
    if response.status_code >= 400:
        _forget(row)
    return response


def _claim(client_id: str, key: str, fingerprint: str) -> tuple[IdempotentRequest, bool]:
    """The row of this key, and whether the request is now ours to carry out. Raises Problem."""
    mine = IdempotentRequest.objects.filter(client_id=client_id)
    mine.filter(begun_at__lt=Now() - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return mine.create(client_id=client_id, key=key, fingerprint=fingerprint), True
    except IntegrityError:
        row = mine.filter(key=key).first()
    if row is None:  # it failed meanwhile, and was forgotten
        return _claim(client_id, key, fingerprint)
    if row.fingerprint != fingerprint:
        raise Problem(
            "key_reused", _("The Idempotency-Key was used before with another body. Make a new key for each request.")
        )
    if row.status is None:
        # One of those who wait takes over from somebody who has died.
        dead, claim = mine.filter(pk=row.pk, status=None, begun_at__lt=Now() - GIVEN_UP_AFTER), uuid.uuid4()
        if not dead.filter(claim=row.claim).update(begun_at=Now(), claim=claim):
            raise Problem("key_in_use", headers={"Retry-After": "1"})
        row.claim = claim
        return row, True
    return row, False


def _replayed(row: IdempotentRequest) -> HttpResponse:
    try:
        content = _fernet().decrypt(bytes(row.answer))
    except InvalidToken:  # the key of the service was changed meanwhile
        raise Problem("key_reused", _("The answer to the first request can no longer be read.")) from None
    return HttpResponse(content, status=row.status, content_type=row.media_type, headers={REPLAYED: "true"})


def _forget(row: IdempotentRequest) -> None:
    IdempotentRequest.objects.filter(pk=row.pk, claim=row.claim).delete()


def _fingerprint(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"idempotent answers\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
