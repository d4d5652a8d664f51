"""In front of Django: ordinary commits, saved by one statement or two.

The learner's part is read, or remembered from the last commit (`standing`); the changes are checked and put in by the
same functions as everywhere, and both rows are updated in one statement that finds the part as it was read and the
attempt open to be written; when they are not, the part is left as it is. Only what surely
changes no result is saved here (`ordinary.alters_no_result`). Everything else goes to Django untouched: a first commit
of a sitting, a farewell, a result, a flag, a refusal of any sort, a token to be renewed. The headers are those that
Django gave to the same form of commit in this process.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone
from prometheus_client import Counter

from courses.scorm import ordinary, tokens
from courses.scorm.commit import MAX_BYTES, Commit, CommitRefused, Saved, answer_of, read_commit
from courses.scorm.data_model import refused_elements
from courses.scorm.standing import Memory, Standing
from lms.lib.libpq import Statements, Unavailable

log = structlog.get_logger(__name__)
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]

SAVED = Counter("scorm_front_commits_total", "Commits of course packages saved in front of Django.")
PASSED_ON = Counter("scorm_front_passed_on_total", "Commits of course packages that the front path left to Django.")
_PATH = re.compile(r"/scorm/attempts/([0-9a-f-]{36})/commit\Z")
_OWN = {"content-length", "date"}

# $1 attempt, $2 item, $3 sitting, $4 sequence.
_READ = """
SELECT r.id, a.id, r.xmin, r.data, r.sequence, r.session_seconds, r.recent, a.launched_at, p.version
FROM courses_attempt a
JOIN courses_scoruntime r ON r.attempt_id = a.id AND r.item = $2::text
JOIN courses_courseedition e ON e.id = a.edition_id
JOIN courses_scormpackage p ON p.id = e.package_id
WHERE a.public_id = $1::uuid AND a.launch_id = $3::uuid AND a.closed_at IS NULL
  AND r.launch_id = $3::uuid AND NOT r.has_ended AND r.sequence < $4::bigint
"""
# $1 now, $2 attempt, $3 sitting, $4 runtime, $5 its version, $6 data, $7 sequence, $8 seconds, $9 recent. Who may write
# is what `actions.attempts.may_be_written` says. Sent a second time it finds another version.
_WRITE = """
WITH pen AS (
  UPDATE courses_attempt a SET last_commit_at = $1::timestamptz
  FROM courses_courseedition e JOIN courses_course c ON c.id = e.course_id
  WHERE a.id = $2::bigint AND a.launch_id = $3::uuid AND a.closed_at IS NULL AND e.id = a.edition_id
    AND (a.is_preview OR (e.published_at IS NOT NULL AND e.withdrawn_at IS NULL AND c.is_published))
  RETURNING a.id, a.status, a.outcome
)
UPDATE courses_scoruntime r
SET data = $6::text, sequence = $7::bigint, session_seconds = $8::float8, recent = $9::text,
    updated_at = $1::timestamptz
FROM pen
WHERE r.id = $4::bigint AND r.attempt_id = pen.id AND r.xmin = $5::xid AND r.launch_id = $3::uuid AND NOT r.has_ended
RETURNING r.xmin, pen.status, pen.outcome
"""
# Every step is a look-up by key, and its plan is made once: no scan of a table that was small then.
_SETTINGS = """SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET enable_material = off; SET plan_cache_mode = force_generic_plan; SET TimeZone = 'UTC'; SET jit = off"""


class Asked(NamedTuple):
    """A commit in its usual form. `form`: which headers its answer has."""

    sitting: tokens.Sitting
    commit: Commit
    form: tuple[bool, bool]


class Front:
    """The WSGI application in front of `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.statements = Statements({"read": _READ, "write": _WRITE}, _SETTINGS)
        self.memory = Memory()
        self.headers: dict[tuple[bool, bool], Headers] = {}
        self.hosts = {urlsplit(settings.BASE_URL).netloc, urlsplit(settings.BASE_URL).hostname}
        self.proxy_header, self.proxy_value = settings.SECURE_PROXY_SSL_HEADER or (None, None)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = _PATH.match(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if path is None:
            return self.application(environ, start_response)
        form = self.form_of(environ)
        asked = self.asked(environ, path[1], form) if form is not None else None
        saved = self.saved(asked) if asked is not None and asked.form in self.headers else None
        if asked is None or saved is None:
            if asked is not None:
                self.memory.forget(asked.sitting)
            PASSED_ON.inc()
            return self.application(environ, self.learning(start_response, form))
        body = json.dumps(answer_of(saved)).encode()
        SAVED.inc()
        start_response("200 OK", [*self.headers[asked.form], ("Content-Length", str(len(body)))])
        return [body]

    def form_of(self, environ: Environ) -> tuple[bool, bool] | None:
        """Whether it came by https, and from another origin; None when the commit is not in the usual form."""
        get = environ.get
        is_secure = (
            get(self.proxy_header) == self.proxy_value if self.proxy_header else get("wsgi.url_scheme") == "https"
        )
        origin = get("HTTP_ORIGIN")
        if (
            get("HTTP_HOST") not in self.hosts
            or "HTTP_COOKIE" in environ
            or origin not in {None, settings.CONTENT_ORIGIN}
            or (settings.SECURE_SSL_REDIRECT and not is_secure)
        ):
            return None
        return is_secure, origin is not None

    def asked(self, environ: Environ, attempt: str, form: tuple[bool, bool]) -> Asked | None:
        """The commit, read; None when Django must say what is wrong with it. The body stays there to be read again."""
        name, _equals, token = environ.get("QUERY_STRING", "").partition("=")
        length = environ.get("CONTENT_LENGTH") or ""
        if name != "token" or not length.isdecimal() or not 0 < int(length) <= MAX_BYTES:
            return None
        token = unquote(token)
        try:
            sitting = tokens.read("commit", token)
            if tokens.is_old(token) or sitting.attempt != UUID(attempt):
                return None
        except (tokens.InvalidToken, ValueError):
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            commit = read_commit(json.loads(body))
        except (ValueError, RecursionError, CommitRefused):
            return None
        return Asked(sitting, commit, form) if commit.trigger != "terminate" else None

    def saved(self, asked: Asked) -> Saved | None:
        """What was saved; None when nothing was, and Django must: also when the database does not answer."""
        try:
            return self._save(asked.sitting, asked.commit)
        except Unavailable as error:
            log.error("scorm.front_unavailable", error=str(error), hangs=error.hangs)
            return None

    def _save(self, sitting: tokens.Sitting, commit: Commit) -> Saved | None:
        remembered = self.memory.recall(sitting)
        if remembered is not None:
            if commit.sequence <= remembered.sequence or not is_ordinary(remembered, commit):
                return None
            saved = self._write(sitting, commit, remembered)
            if saved is not None:
                return saved
            self.memory.doubt(sitting)
        standing = self._read(sitting, commit)
        return None if standing is None or not is_ordinary(standing, commit) else self._write(sitting, commit, standing)

    def _read(self, sitting: tokens.Sitting, commit: Commit) -> Standing | None:
        launch, sequence = sitting.launch.hex.encode(), str(commit.sequence).encode()
        row = self.statements.row("read", [sitting.attempt.hex.encode(), sitting.item.encode(), launch, sequence])
        if row is None:
            return None
        runtime, attempt, version, data, before, seconds, recent, launched_at, standard = row
        return Standing(
            runtime=runtime or b"",
            attempt=attempt or b"",
            version=version or b"",
            data=json.loads(data or b"{}"),
            sequence=int(before or 0),
            seconds=seconds,
            recent=_text(recent),
            launched_at=datetime.fromisoformat(_text(launched_at)),
            standard=_text(standard),
        )

    def _write(self, sitting: tokens.Sitting, commit: Commit, standing: Standing) -> Saved | None:
        """What was saved; None when the part is no longer as it stood, or may not be written."""
        now = timezone.now()
        counted, is_too_much = ordinary.session_time(commit.changes, standing.launched_at, now)
        if is_too_much:
            return None
        data = {**standing.data, **commit.changes}
        text = ordinary.dumped(data).encode()
        seconds = standing.seconds if counted is None else repr(counted).encode()
        recent = ordinary.noted(standing.recent, now, commit.trigger, len(commit.changes))
        row = self.statements.row(
            "write",
            [
                now.isoformat().encode(),
                standing.attempt,
                sitting.launch.hex.encode(),
                standing.runtime,
                standing.version,
                text,
                str(commit.sequence).encode(),
                seconds,
                recent.encode(),
            ],
        )
        if row is None:
            return None
        after = standing._replace(
            version=row[0] or b"", data=data, sequence=commit.sequence, seconds=seconds, recent=recent
        )
        self.memory.keep(sitting, standing, after, len(text))
        return Saved(commit.sequence, _text(row[1]), _text(row[2]))

    def learning(self, start_response: StartResponse, form: tuple[bool, bool] | None) -> StartResponse:
        """`start_response`, which notes the headers of a good answer: those that are not its own belong to the form."""

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            if form is not None and status.startswith("200 ") and not any(name == "Set-Cookie" for name, _ in headers):
                self.headers[form] = [(name, value) for name, value in headers if name.lower() not in _OWN]
            return start_response(status, headers, *rest)

        return start


def is_ordinary(standing: Standing, commit: Commit) -> bool:
    """Whether the commit is all taken, and surely changes no result of the part as it stands."""
    return (
        not refused_elements(standing.standard, commit.changes)
        and ordinary.alters_no_result(standing.data, commit.changes)
        and (commit.trigger == "autosave" or not ordinary.waits_for_judgement(standing.data))
    )


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode()


def in_front_of(application: Application) -> Application:
    """`application` with the front path before it, where the database is PostgreSQL: else `application` itself."""
    return Front(application) if connection.vendor == "postgresql" else application
