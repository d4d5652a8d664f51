"""Webhooks with a worker beside them, over PostgreSQL and Redis: from the change to the receiver, nothing by hand."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from competence.models.webhook import Webhook
from tests.factories.competence import make_prescriber, make_world
from tests.factories.machine_clients import make_api_client
from tests.factories.webhooks import arrived, make_webhook, numbers, turn
from tests.receiver import hanging, receiving

pytestmark = [pytest.mark.postgres, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the worker, which reads its settings from the environment."""
    monkeypatch.setenv("WEBHOOK_SECONDS", "5")


def wait_for(what: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def test_a_change_arrives_although_another_receiver_hangs(celery_worker_process: subprocess.Popen[bytes]) -> None:
    world = make_world()
    api, other = make_api_client(), make_api_client()
    with receiving() as receiver, hanging(b"HTTP/1.1 200 OK\r\n", b"X") as url:
        slow, _secret = make_webhook(other, url)
        good, secret = make_webhook(api, receiver.url)
        one = make_prescriber(world.clinic)

        turn(one)

        expected = numbers(api, good.place)
        assert expected
        wait_for(lambda: arrived(receiver) == expected)
        Verifier(secret).verify(receiver.got[0].body, receiver.got[0].headers)
        wait_for(lambda: Webhook.objects.get(pk=slow.pk).attempts >= 1)
        turn(one)
        wait_for(lambda: arrived(receiver) == numbers(api, good.place))
    assert Webhook.objects.get(pk=good.pk).attempts == 0
