"""Every process of the demo leads to the site, whatever port the process itself was given."""

import subprocess
import sys

import pytest

from tools.run import demo_environment
from tools.steps import ROOT


def test_the_worker_of_the_demo_writes_addresses_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "CONTENT_ORIGIN"):
        monkeypatch.delenv(name, raising=False)
    worker = {**demo_environment(8123), "PORT": "8223"}  # as honcho numbers the second process
    read = "from django.conf import settings; print(settings.BASE_URL, settings.CONTENT_ORIGIN)"
    answer = subprocess.run(
        [sys.executable, "-c", read],
        cwd=ROOT,
        env={**worker, "DJANGO_SETTINGS_MODULE": "lms.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["http://127.0.0.1:8123", "http://localhost:8123"]
