"""Two policies: strict for everybody, one that Wagtail's admin can work under."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from lms.users.models import User


def directives(policy: str) -> dict[str, str]:
    return {words.split()[0]: " ".join(words.split()[1:]) for words in policy.split(";") if words.strip()}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/konto/login/", "/finns-inte/", "/administration/"])
def test_pages_may_run_nothing_but_the_services_own_files(client: Client, path: str) -> None:
    policy = directives(client.get(path)["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"


@pytest.mark.django_db
def test_the_admin_has_a_policy_of_its_own(client: Client) -> None:
    client.force_login(
        User.objects.create_superuser("admin17", "a@example.se", "x"), "django.contrib.auth.backends.ModelBackend"
    )
    answer = client.get("/admin/")
    assert answer.status_code == 200
    policy = directives(answer["Content-Security-Policy"])
    assert policy["script-src"] == policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe-eval" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["'self'"]),
        ({"OIDC_SERVER_URL": "https://idp.example.se/realm"}, ["'self'", "https://idp.example.se"]),
        (
            {"OIDC_SERVER_URL": "https://idp.example.se", "OIDC_ORIGINS": "https://login.example.se"},
            ["'self'", "https://login.example.se"],
        ),
    ],
    ids=["no provider", "the provider's own origin", "log-in pages elsewhere"],
)
def test_the_log_in_form_may_lead_to_the_identity_provider_and_nowhere_else(
    environment: dict[str, str], expected: list[str]
) -> None:
    script = "import json; from lms import settings as s; print(json.dumps(s.CONTENT_SECURITY_POLICY['DIRECTIVES']))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OIDC_SERVER_URL": "", "OIDC_ORIGINS": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout)["form-action"] == expected
