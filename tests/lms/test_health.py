import os
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client, override_settings

from lms.env import BASE_DIR
from tools.steps import free_port

ELSEWHERE = "192.0.2.17"


def test_live_says_ok_and_asks_nothing(client: Client) -> None:
    """No database is allowed in this test: a question to it would be an error."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_says_ok_when_database_migrations_and_cache_are(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_ready_is_503_when_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "database": "ok", "migrations": "failing", "cache": "ok"}


@pytest.mark.django_db
def test_ready_is_503_when_the_cache_is_away(client: Client) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"redis://127.0.0.1:{free_port()}"}
    with override_settings(CACHES={"default": away}):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["cache"] == "failing"


def test_without_a_database_it_lives_but_is_not_ready() -> None:
    ask = (
        "import django; django.setup(); from django.test import Client\n"
        "print(*[Client().get(path).status_code for path in ('/health/live', '/health/ready')])"
    )
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "DATABASE_URL": f"postgres://lms:none@127.0.0.1:{free_port()}/lms",
    }
    asked = subprocess.run(
        [sys.executable, "-c", ask], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["200", "503"]


def test_metrics_are_for_a_caller_on_this_machine(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"django_http_requests_before_middlewares_total" in answer.content


def test_metrics_are_refused_to_others(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_metrics_are_refused_to_what_a_proxy_on_this_machine_passes_on(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: ELSEWHERE}).status_code == 403


@override_settings(METRICS_TOKEN="the-token-of-monitoring")
def test_metrics_are_for_whoever_has_the_token(client: Client) -> None:
    right = client.get("/metrics", REMOTE_ADDR=ELSEWHERE, headers={"Authorization": "Bearer the-token-of-monitoring"})
    wrong = client.get("/metrics", REMOTE_ADDR=ELSEWHERE, headers={"Authorization": "Bearer another"})
    assert (right.status_code, wrong.status_code) == (200, 403)


def test_metrics_without_a_token_configured_take_no_empty_one(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR=ELSEWHERE, headers={"Authorization": "Bearer "})
    assert answer.status_code == 403
