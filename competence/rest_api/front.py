"""In front of Django: the single check in its usual form, answered from the answer that was prepared for it.

A memo and no rule: Django has worked the answer out (`given.evaluate`), and one statement finds, all in one instant of
the database, that nothing it rests on has changed since. It also finds that the token is still there. Whatever is not
so, or not usual, goes to Django untouched, which answers, refuses, and prepares the answer for the next one. So every
refusal is Django's, and the headers are those that Django gave to the same form of question in this process.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import connection

from competence.copying import escaped
from competence.given_answers import instant_text
from competence.models.decision_log import ORDERING_CHECK
from competence.rest_api import front_metrics, purposes
from competence.rest_api.edition import edition
from competence.rest_api.front_log import LookUpLog
from competence.rest_api.middleware import DATABASE_HANGS
from competence.rest_api.prepared import key_text
from competence.rest_api.quotas import people_quota, requests_quota, take_here
from competence.rest_api.remembered import Known, known
from lms.lib.libpq import Statements, Unavailable, conninfo
from lms.lib.uuid7 import uuid7_text

log = structlog.get_logger(__name__)
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

PATH = "/api/v1/eligibility"
_HSA_ID = re.compile(r"SE\d{10}-[A-Z0-9]{1,18}\Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}\Z", re.ASCII)
_LANGUAGES = {None: "sv", "sv": "sv", "en": "en"}
_ACCEPTED = {None, "*/*", "application/json"}
# Headers of a request that make it another than the usual one.
_UNUSUAL = frozenset(
    {"HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"}
)
# Headers of an answer that are its own.
_OWN = {"content-length", "etag", "ratelimit", "ratelimit-policy", "date"}

# Every step of the statement is a look-up by key, and its plan is made once: no scan of a table that was small then.
_SETTINGS = """SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET enable_material = off; SET plan_cache_mode = force_generic_plan; SET TimeZone = 'UTC'; SET jit = off"""

# $1 hash of the token, $2 counter of clients, $3 HSA-ID, $4 key of the question, $5 edition, $6 lowest revision.
_SQL = """
SELECT greatest(statement_timestamp(), r.at), r.at, r.number, a.person_id, a.system, a.outcome, a.policy_version,
       a.digest, g.body
FROM competence_revision r, competence_epoch e, allauth_idp_oidc_token t, users_employeeidentity i,
     competence_preparedanswer a, competence_preparedfacts f, competence_givenanswer g
WHERE r.id = 1 AND r.number >= $6::bigint
  AND e.id = 1 AND e.clients = $2::bigint AND e.names = a.names
  AND t.type = 'at' AND t.hash = $1::text AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
  AND i.kind = 'hsa_id' AND i.folded_value = $3::text
  AND a.key = $4::uuid AND a.edition = $5::text AND a.person_id = i.person_id
  AND a.known_as = CASE WHEN i.line = '' THEN i.folded_value ELSE i.line END
  AND a.rules_version = (SELECT max(version) FROM competence_rulesetversion)
  AND a.start <= greatest(statement_timestamp(), r.at)
  AND (a.until IS NULL OR a.until > greatest(statement_timestamp(), r.at))
  AND f.person_id = a.person_id AND f.stale_since IS NULL AND f.stamp = a.stamp AND f.revision = a.facts_revision
  AND g.digest = a.digest
"""


class Asked(NamedTuple):
    """A question in its usual form. `form`: which headers its answer has."""

    token: str
    hsa_id: str
    right: str
    customer_number: str
    at_least: str
    purpose: str
    form: tuple[str, bool]


class Front:
    """The WSGI application in front of `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.statements = Statements({"check": _SQL}, _SETTINGS)
        self.look_ups = LookUpLog(conninfo)
        self.headers: dict[tuple[str, bool], list[tuple[str, str]]] = {}
        self.hosts = {urlsplit(settings.BASE_URL).netloc, urlsplit(settings.BASE_URL).hostname}
        self.proxy_header, self.proxy_value = settings.SECURE_PROXY_SSL_HEADER or (None, None)
        self.edition = edition().encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return self.application(environ, start_response)
        began = time.perf_counter()
        asked = self.asked(environ)
        if asked is None:
            front_metrics.count_passed_on()
            return self.application(environ, start_response)
        try:
            answer = self.answer(asked)
        except Unavailable as error:
            log.error("api.front_unavailable", error=str(error), hangs=error.hangs)
            environ[DATABASE_HANGS] = error.hangs
            answer = None
        if answer is None:
            front_metrics.count_passed_on()
            return self.application(environ, self.learning(start_response, asked.form))
        headers, body = answer
        front_metrics.count_answer(began, len(body), is_secure=asked.form[1])
        start_response("200 OK", headers)
        return [body]

    def asked(self, environ: Environ) -> Asked | None:
        """The question; None when it is not in the usual form."""
        get = environ.get
        scheme, _space, token = get("HTTP_AUTHORIZATION", "").partition(" ")
        secure = get(self.proxy_header) == self.proxy_value if self.proxy_header else get("wsgi.url_scheme") == "https"
        language = _LANGUAGES.get(get("HTTP_ACCEPT_LANGUAGE"))
        if (
            environ["REQUEST_METHOD"] != "GET"
            or scheme != "Bearer"
            or not token
            or get("HTTP_HOST") not in self.hosts
            or get("HTTP_ACCEPT") not in _ACCEPTED
            or language is None
            or (settings.SECURE_SSL_REDIRECT and not secure)
            or not environ.keys().isdisjoint(_UNUSUAL)
        ):
            return None
        given: dict[str, str] = {}
        for pair in get("QUERY_STRING", "").split("&"):
            name, equals, value = pair.partition("=")
            if not equals or not value or name in given or not value.isascii() or "%" in value or "+" in value:
                return None
            given[name] = value
        hsa_id, right, number = given.pop("hsa_id", ""), given.pop("right", ""), given.pop("customer_number", "")
        at_least, purpose = given.pop("at_least", "0"), get(purposes.ENVIRON, ORDERING_CHECK)
        if (
            given
            or not purposes.WORD.match(purpose)
            or not _HSA_ID.match(hsa_id.upper())
            or not _NUMBER.match(at_least)
        ):
            return None
        return Asked(token, hsa_id, right, number, at_least, purpose, (language, secure))

    def answer(self, asked: Asked) -> tuple[list[tuple[str, str]], bytes] | None:
        """Headers and body; None when Django must answer. Raises Unavailable."""
        token_hash = hashlib.sha256(asked.token.encode()).hexdigest()
        caller, headers = known(token_hash), self.headers.get(asked.form)
        if caller is None or headers is None or not self.look_ups.accepts():
            return None
        identity = asked.hsa_id.upper()
        key = key_text(identity, asked.right, asked.customer_number, asked.form[0], caller.principals)
        row = self.statements.row(
            "check",
            [
                token_hash.encode(),
                str(caller.clients).encode(),
                identity.encode(),
                key.encode(),
                self.edition,
                asked.at_least.encode(),
            ],
        )
        if row is None:
            return None
        found = [b"" if value is None else value for value in row]
        if found[4].decode() not in caller.caller.systems:
            return None
        usages = take_here((requests_quota(), people_quota()), caller.caller.client_id)
        if usages is None:
            return None
        body = self.written_down(asked, caller, found)
        return [
            *headers,
            ("ETag", f'W/"{found[7].decode().replace("-", "")}"'),
            ("RateLimit-Policy", ", ".join([usage.policy_header for usage in usages])),
            ("RateLimit", ", ".join([usage.header for usage in usages])),
            ("Content-Length", str(len(body))),
        ], body

    def written_down(self, asked: Asked, caller: Known, found: list[bytes]) -> bytes:
        """The answer's text, which is logged."""
        now, at, number, person, _system, outcome, version, digest, constant = [value.decode() for value in found]
        instant = datetime.fromisoformat(now)
        decision_id = uuid7_text(instant)
        self.look_ups.add(
            f"{decision_id}\t{now}\t{escaped(caller.actor)}\t{asked.purpose}\t{person}\t{asked.hsa_id}\t{escaped(asked.right)}\t"
            f"{caller.logged_question(asked.customer_number)}\t{now}\t{at}\t{outcome}\t{version}\t{number}\t{digest}"
        )
        return (
            f'{{"hsa_id":"{asked.hsa_id}",{constant[1:-1]},"revision":{number},"valid_at":"{instant_text(instant)}",'
            f'"known_at":"{_instant_text(at)}","decision_id":"{decision_id}"}}'
        ).encode()

    def learning(self, start_response: StartResponse, form: tuple[str, bool]) -> StartResponse:
        """`start_response`, which notes the headers of a good answer: those that are not its own belong to the form."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if status.startswith("200 ") and not any(name.lower() == "set-cookie" for name, _value in headers):
                self.headers[form] = [(name, value) for name, value in headers if name.lower() not in _OWN]
            return start_response(status, headers, *rest)

        return start


def in_front_of(application: Application) -> Application:
    """`application` with the front path before it, where the database is PostgreSQL: else `application` itself."""
    return Front(application) if connection.vendor == "postgresql" else application


@lru_cache(maxsize=256)
def _instant_text(text: str) -> str:
    """An instant as PostgreSQL writes it, as answers give it. The same one for as long as nothing changes."""
    return instant_text(datetime.fromisoformat(text))
