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
from competence.rest_api.quotas import take_here
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
_WITH_MICROSECONDS = len("2026-03-01 08:00:00.000001+01")
# Headers of an answer that are its own.
_OWN = {"content-length", "etag", "ratelimit", "ratelimit-policy", "date"}

# Every step of the statement is a look-up by key, and its plan is made once: no scan of a table that was small then.
_SETTINGS = """SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET enable_material = off; SET plan_cache_mode = force_generic_plan; SET TimeZone = 'Europe/Stockholm'; SET jit = off"""

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


class Found(NamedTuple):
    """The columns that the statement finds, in text, but for the answer's own text."""

    now: str
    at: str
    number: str
    person: str
    system: str
    outcome: str
    policy_version: str
    digest: str


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
        query = get("QUERY_STRING", "")
        if not query.isascii() or "%" in query or "+" in query:
            return None
        given: dict[str, str] = {}
        for pair in query.split("&"):
            name, _equals, value = pair.partition("=")
            if not value or name in given:
                return None
            given[name] = value
        hsa_id, right, number = given.pop("hsa_id", ""), given.pop("right", ""), given.pop("customer_number", "")
        at_least, purpose = given.pop("at_least", "0"), get(purposes.ENVIRON)
        if purpose is None:
            purpose = ORDERING_CHECK
        elif not purposes.WORD.match(purpose):
            return None
        if given or not _HSA_ID.match(hsa_id.upper()) or not _NUMBER.match(at_least):
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
        *known_columns, constant = row
        found = Found(*[str(value, "ascii") for value in known_columns if value is not None])
        if found.system not in caller.caller.systems:
            return None
        usage = take_here(caller.caller.client_id)
        if usage is None:
            return None
        body = self.written_down(asked, caller, found, constant or b"")
        return [
            *headers,
            ("ETag", f'W/"{found.digest.replace("-", "")}"'),
            ("RateLimit-Policy", usage[0]),
            ("RateLimit", usage[1]),
            ("Content-Length", str(len(body))),
        ], body

    def written_down(self, asked: Asked, caller: Known, found: Found, constant: bytes) -> bytes:
        """The answer's text, which is logged. Its constant part is never decoded."""
        now, at, number, person, _system, outcome, version, digest = found
        decision_id = uuid7_text(datetime.fromisoformat(now))
        self.look_ups.add(
            f"{decision_id}\t{now}\t{escaped(caller.actor)}\t{asked.purpose}\t{person}\t{asked.hsa_id}\t{escaped(asked.right)}\t"
            f"{caller.logged_question(asked.customer_number)}\t{now}\t{at}\t{outcome}\t{version}\t{number}\t{digest}"
        )
        end = (
            f',"revision":{number},"valid_at":"{_instant_text(now)}","known_at":"{_instant_text(at)}",'
            f'"decision_id":"{decision_id}"}}'
        )
        return b'{"hsa_id":"%b",%b%b' % (asked.hsa_id.encode(), constant[1:-1], end.encode())

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


def _instant_text(text: str) -> str:
    """An instant as PostgreSQL writes it in Stockholm's time, as answers give it."""
    if len(text) == _WITH_MICROSECONDS:
        return f"{text[:10]}T{text[11:]}:00"
    return instant_text(datetime.fromisoformat(text))  # PostgreSQL leaves out noughts at the end
