"""What processes remember by themselves: a counter rises with every change of it."""

from __future__ import annotations

import pytest
from django.db import transaction

from competence.actions.epoch import bump_clients, bump_names
from competence.actions.machine_clients import deactivate_machine_client
from competence.actions.rules import register_course_reference
from competence.models.epoch import Epoch
from tests.factories.competence import BUILDER, World
from tests.factories.machine_clients import make_api_client

pytestmark = pytest.mark.django_db


def counters() -> tuple[int, int]:
    epoch = Epoch.objects.get(pk=1)
    return epoch.clients, epoch.names


def test_each_counter_rises_by_itself() -> None:
    clients, names = counters()
    bump_clients()
    assert counters() == (clients + 1, names)
    bump_names()
    assert counters() == (clients + 1, names + 1)


def test_the_row_is_made_where_it_is_missing() -> None:
    Epoch.objects.all().delete()
    bump_names()
    assert counters() == (0, 1)


def test_a_course_that_is_named_or_renamed_is_told(world: World) -> None:
    _clients, names = counters()
    for title in ("Prov", "Prov, ny"):
        register_course_reference(key="prov", title=title, level="local", by=BUILDER)
    assert counters()[1] == names + 2


def test_a_client_that_is_shut_out_is_told(world: World) -> None:
    api = make_api_client()
    clients, _names = counters()
    deactivate_machine_client(client=api.client, by=BUILDER)
    assert counters()[0] == clients + 1


def test_a_change_that_is_taken_back_was_none() -> None:
    before = counters()
    with transaction.atomic():
        bump_clients()
        transaction.set_rollback(True)
    assert counters() == before
