"""A missing or wrong setting in production ends the start with one line that says which and how."""

import os
import subprocess
import sys

import pytest

from lms.env import BASE_DIR, new_signing_key

COMPLETE = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 30 + "-0123456789-abcdefghij-ABCDEFGHIJ",
    "BASE_URL": "https://behorighet.example.se",
    "CONTENT_ORIGIN": "https://innehall.example.se",
    "ALLOWED_HOSTS": "behorighet.example.se,innehall.example.se",
    "DATABASE_URL": "postgres://lms:none@127.0.0.1/lms",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/1",
    "MEDIA_STORAGE_URL": "s3://example",
    "EMAIL_URL": "smtp://localhost:25",
    "IDP_OIDC_PRIVATE_KEY": new_signing_key().replace("\n", "\\n"),
}
PROGRAMS = {
    "manage.py": [sys.executable, "manage.py", "check"],
    "wsgi": [sys.executable, "-c", "import lms.wsgi"],
    "celery": [sys.executable, "-c", "from lms.celery import app; app.finalize(); app.loader.import_default_modules()"],
}


def start(program: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Start with the complete settings but for `changes`; an empty value is as good as none."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, **COMPLETE, **changes}
    return subprocess.run(PROGRAMS[program], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_starts_when_nothing_is_missing(program: str) -> None:
    started = start(program)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "ENVIRONMENT"])
def test_a_missing_setting_stops_the_start_with_one_line(program: str, name: str) -> None:
    stopped = start(program, **{name: ""})
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1
    assert stopped.stderr.startswith(f"Configuration: {name} is missing; set it, for example {name}=")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("SECRET_KEY", "short"),
        ("BASE_URL", "behorighet.example.se"),
        ("CONTENT_ORIGIN", "https://behorighet.example.se"),
        ("CONTENT_ORIGIN", "https://innehall.example.se/path"),
        ("DATABASE_URL", "oracle-of-delphi"),
        ("DATABASE_URL", "postgres://lms:none@127.0.0.1:port/lms"),
        ("REDIS_URL", "memcached://127.0.0.1"),
        ("CELERY_BROKER_URL", "carrier-pigeon://loft"),
        ("MEDIA_STORAGE_URL", "/srv/media"),
        ("EMAIL_URL", "post://office"),
        ("IDP_OIDC_PRIVATE_KEY", "not a key"),
        ("IDP_OIDC_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\\nbroken\\n-----END PRIVATE KEY-----"),
        ("STATEMENT_TIMEOUT_MS", "soon"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(name: str, value: str) -> None:
    stopped = start("manage.py", **{name: value})
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1, stopped.stderr
    assert stopped.stderr.startswith(f"Configuration: {name} ")
    assert (
        "set it" in stopped.stderr or "give" in stopped.stderr or "must" in stopped.stderr or "make" in stopped.stderr
    )


def test_nothing_configured_refuses_to_start_as_production() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    words = PROGRAMS["manage.py"]
    stopped = subprocess.run(words, cwd=BASE_DIR, env=kept, capture_output=True, text=True, check=False)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("Configuration: SECRET_KEY is missing")
