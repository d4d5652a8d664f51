"""The worker beside the tests takes what the tests put into its queue."""

import subprocess

import pytest

from lms.celery import app


@pytest.mark.worker
def test_a_real_worker_answers_over_its_own_broker(celery_worker_process: subprocess.Popen[bytes]) -> None:
    answers = app.control.broadcast("ping", reply=True, timeout=120, limit=1) or []  # there is one worker
    assert [list(answer.values()) for answer in answers] == [[{"ok": "pong"}]]
    assert celery_worker_process.poll() is None
