"""An ordering system that follows the feed keeps a right copy, whoever is killed. `make follow` does it at length."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from competence.models.machine_client import Scope
from tests.factories.competence import World
from tests.factories.machine_clients import make_api_client
from tests.following.players import Follower, Server
from tests.following.writing import make_people, people_of, write_changes
from tools.steps import free_port

CHANGES, PEOPLE = 400, 30


@pytest.fixture
def server(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Server]:
    values = connection.settings_dict
    address = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    environment = {"DATABASE_URL": f"postgres://{address}", "MEDIA_STORAGE_URL": f"file://{settings.MEDIA_ROOT}"}
    made = Server(free_port(), environment, tmp_path / "server.log", workers=1)
    made.start()
    yield made
    made.stop()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_copy_is_right_after_server_and_follower_were_killed(server: Server, world: World, tmp_path: Path) -> None:
    people = people_of(make_people(world, PEOPLE))
    client = make_api_client(scopes=[Scope.ELIGIBILITY_READ])
    follower = Follower(
        server.address,
        client.client.client_id,
        client.secret,
        tmp_path / "copy.sqlite3",
        tmp_path / "follower.log",
    )
    half_way = threading.Event()

    def write() -> None:
        try:
            write_changes(people, CHANGES, 1, lambda made: half_way.set() if made > CHANGES / 2 else None)
        finally:
            half_way.set()
            connections.close_all()

    follower.start()
    writer = threading.Thread(target=write)
    writer.start()
    half_way.wait()
    server.kill()
    follower.kill()
    follower.start()  # finds nobody at first, and waits
    server.start()
    writer.join()

    assert follower.is_running(), follower.log.read_text()
    assert follower.stop() == 0, follower.log.read_text()
    code, said = follower.check("--statements", "5")
    assert code == 0, said
    assert "0 differ" in said
    assert "5 statements verified offline, 0 differ" in said


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_copy_that_is_wrong_is_found(server: Server, world: World, tmp_path: Path) -> None:
    make_people(world, 6)
    client = make_api_client(scopes=[Scope.ELIGIBILITY_READ])
    follower = Follower(
        server.address,
        client.client.client_id,
        client.secret,
        tmp_path / "copy.sqlite3",
        tmp_path / "follower.log",
        ("--from-start",),
    )
    assert follower.check()[0] == 0
    with sqlite3.connect(follower.copy) as database:
        database.execute("UPDATE outcome SET outcome = 'denied' WHERE outcome = 'allowed'")

    code, said = follower.check()

    assert code == 1
    assert "differs: " in said
