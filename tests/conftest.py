"""What all tests stand on. A part that this machine lacks skips its tests with the reason; under CI=true they fail."""

import gc
import os
import shutil
import subprocess
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings

from competence.rest_api import counting
from tests import database, database_template, network
from tests.effort import choose_effort
from tests.live import LiveProduct, serve_product
from tools.steps import BIN, ROOT, STRICT

choose_effort()
gc.disable()  # until all tests are collected: what is made until then stays, and is not looked through time and again
pytest_plugins = ["tests.browser.fixtures", "tests.factories.fixtures"]


def lacking(reason: str) -> NoReturn:
    """End this test: skipped with the reason, or failed where a part that cannot run counts as a failure."""
    if STRICT:
        pytest.fail(f"{reason} (CI is set: a part that cannot run is a failure)", pytrace=False)
    pytest.skip(reason)


# --- The database ---------------------------------------------------------------------------------------------------
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if database.is_pure(item):
            item.add_marker(pytest.mark.pure)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        lacking("needs PostgreSQL: set DATABASE_URL, or run `make test`")
    if (item.get_closest_marker("redis") or item.get_closest_marker("worker")) and not django_settings.REDIS_URL:
        lacking("needs Redis: set REDIS_URL, or run `make test`")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    if database.is_transactional(item):
        with database.unblocked(item.config):
            database.put_contents_back()
    return result


@pytest.fixture(scope="session")
def django_db_createdb(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    django_db_createdb: bool,
    django_db_keepdb: bool,
    django_db_use_migrations: bool,
) -> Iterator[bool]:
    """Make the test database anew when a migration changed, or when the last session did not end in order.

    It becomes a copy of the template, unless pytest was told to keep no database or to leave migrations out.
    """
    stamp, value = database.stamp_path(), database.migrations_fingerprint()
    with database.exclusive(stamp):
        is_current = stamp.is_file() and stamp.read_text() == value
        stamp.unlink(missing_ok=True)
        if not (django_db_keepdb and django_db_use_migrations):
            yield django_db_createdb or not is_current
            return
        if django_db_createdb or not is_current:
            with database.unblocked(request.config):
                database_template.make_test_database(anew=django_db_createdb)
        yield False
        stamp.write_text(value)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, request: pytest.FixtureRequest) -> Iterator[None]:
    with database.unblocked(request.config):
        database.copy_contents()
    with pytest.MonkeyPatch.context() as patch:
        database.leave_flushing_to_us(patch)
        yield


# --- What a test must not share with another ------------------------------------------------------------------------
@pytest.fixture(scope="session", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads in a folder that goes away; a Redis database for each process of a parallel run."""
    media = tmp_path_factory.mktemp("media")
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(media)}}
    values: dict[str, Any] = {"MEDIA_ROOT": str(media), "STORAGES": {**django_settings.STORAGES, "default": storage}}
    if django_settings.REDIS_URL:
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        url = f"{django_settings.REDIS_URL.rstrip('/')}/{number}"
        values |= {"REDIS_URL": url}
        values |= {"CACHES": {"default": {**django_settings.CACHES["default"], "LOCATION": url}}}
    with override_settings(**values):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()
    counting.forget_all()


@pytest.fixture(scope="session", autouse=True)
def _no_connections_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        network.block_outside(patch)
        yield


@pytest.fixture
def media_folder() -> Iterator[Path]:
    """The folder that uploads go to, empty at the start and emptied at the end."""
    folder = Path(default_storage.location)  # type: ignore[attr-defined]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# --- Real servers ---------------------------------------------------------------------------------------------------
@pytest.fixture
def live_product(transactional_db: None) -> Iterator[LiveProduct]:
    """The product on both origins, served by threads from the test database."""
    with serve_product() as product:
        yield product
    assert not product.errors, f"a view raised: {product.errors!r}"


@pytest.fixture
def celery_worker_process(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of its own, over Redis, on the test database; tasks are really queued."""
    from lms.celery import app

    if connection.vendor != "postgresql":
        lacking("a worker beside the tests needs PostgreSQL: run `make test`")
    values = connection.settings_dict
    address = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    base, _slash, number = settings.REDIS_URL.rpartition("/")
    broker = f"{base}/{int(number) + 32}"  # beside the cache's database, which tests empty
    env = {
        **os.environ,
        "TEST_WITH_WORKER": "true",
        "DATABASE_URL": f"postgres://{address}",
        "REDIS_URL": settings.REDIS_URL,
        "CELERY_BROKER_URL": broker,
        "MEDIA_STORAGE_URL": f"file://{settings.MEDIA_ROOT}",
    }
    log = (tmp_path / "worker.log").open("wb")
    words = ["-m", "celery", "--app", "lms.celery", "worker", "--pool", "solo", "--loglevel", "INFO"]
    before = {"task_always_eager": app.conf.task_always_eager, "broker_url": app.conf.broker_url}
    app.conf.update(task_always_eager=False, broker_url=broker)
    app._after_fork()  # type: ignore[attr-defined]  # forget the connections to the broker of before
    process = subprocess.Popen([BIN / "python", *words], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 180
        while b" ready." not in (tmp_path / "worker.log").read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((tmp_path / "worker.log").read_text(errors="replace"))
            time.sleep(0.1)
        yield process
    finally:
        app.conf.update(**before)
        app._after_fork()  # type: ignore[attr-defined]
        process.terminate()
        process.wait(120)
        log.close()
