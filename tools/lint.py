"""All the linters, each run even when one before it fails: `make lint`.

Usage: python -m tools.lint
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import time

from tools.run import compile_messages
from tools.steps import BIN, ROOT, say

TEST = {"ENVIRONMENT": "test", "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}


def production() -> dict[str, str]:
    """Settings as in production, for `check --deploy`: nothing is connected to."""
    from lms.env import new_signing_key  # after the installation, since it needs cryptography

    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
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


def linters() -> list[tuple[str, list[str], dict[str, str]]]:
    """Title, command and environment of each."""
    manage = [str(BIN / "python"), "manage.py"]
    return [
        ("format", [str(BIN / "ruff"), "format", "--check", "."], {}),
        ("rules", [str(BIN / "ruff"), "check", "."], {}),
        ("types", [str(BIN / "mypy"), "."], TEST),
        ("templates", [str(BIN / "djhtml"), "--check", "templates"], {}),
        ("imports", [str(BIN / "lint-imports")], TEST),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], TEST),
        ("deploy check", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production()),
        ("translations", [str(BIN / "python"), "-m", "tools.messages", "check"], TEST),
    ]


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    os.environ.setdefault("ENVIRONMENT", "test")  # lms.env, below, would stop in production
    compile_messages()
    failed = []
    for title, command, env in linters():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False)
        say(f"{'ok    ' if not done.returncode else 'FAILED'} {title} ({time.monotonic() - began:.1f} s)")
        if done.returncode:
            failed.append(title)
            say(f"{done.stdout}{done.stderr}")
    if failed:
        raise SystemExit(f"lint failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
