"""The ground the tests stand on: what the migrations made is there after a test that really committed."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from django.contrib.auth.models import Permission
from wagtail.models import Page, Site

from lms.users.models import User
from tests import database, database_template


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_it_starts_with_what_the_migrations_made_and_nothing_else(turn: int) -> None:
    assert Page.objects.filter(depth=1).count() == 1
    assert Site.objects.count() == 1
    assert Permission.objects.filter(codename="add_page").exists() or Permission.objects.exists()
    assert not User.objects.exists()
    User.objects.create_user(f"test-testsson-{turn}", password="x")
    Site.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_rows_that_were_changed_taken_away_or_added_are_put_right() -> None:
    before = list(Permission.objects.order_by("pk").values_list())
    Permission.objects.filter(pk=before[0][0]).update(name="Something else")
    Permission.objects.filter(pk=before[1][0]).delete()
    User.objects.create_user("test-testsson-3").user_permissions.add(before[2][0])
    database.put_contents_back()
    assert list(Permission.objects.order_by("pk").values_list()) == before
    assert not User.objects.exists()
    assert not User.user_permissions.through.objects.exists()


class Making:
    """What was made, where migrating and copying only say that they were asked to."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.fingerprint = "first"
        self.ends_well = True
        self.patch = patch
        patch.setattr(database_template, "stamp_path", lambda of: folder / of)
        patch.setattr(database_template, "migrations_fingerprint", lambda: self.fingerprint)
        patch.setattr(database_template, "_migrate_into", self._migrate)
        patch.setattr(database_template, "_copy", lambda source, name: self.done.append("copied"))
        patch.setattr(database_template, "_is_there", lambda name: "migrated" in self.done)

    def _migrate(self, name: str) -> None:
        self.done.append("migrated")
        if not self.ends_well:
            raise KeyboardInterrupt

    def by(self, run: str, *, anew: bool = False) -> list[str]:
        """What one process of `run` does."""
        self.patch.setenv("PYTEST_XDIST_TESTRUNUID", run)
        self.done, before = [*self.done], len(self.done)
        database_template.make_test_database(anew=anew)
        return self.done[before:]


@pytest.fixture
def making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    return Making(tmp_path, monkeypatch)


def test_the_template_is_migrated_by_the_first_process_and_copied_by_all(making: Making) -> None:
    assert making.by("one", anew=True) == ["migrated", "copied"]
    assert making.by("one", anew=True) == ["copied"]
    assert making.by("two") == ["copied"], "without --create-db that of an earlier run does"
    assert making.by("three", anew=True) == ["migrated", "copied"]


def test_a_run_in_one_process_that_asks_for_a_new_template_gets_one_each_time(making: Making) -> None:
    assert making.by("", anew=True) == ["migrated", "copied"]
    assert making.by("", anew=True) == ["migrated", "copied"]


def test_a_changed_migration_makes_the_template_anew(making: Making) -> None:
    making.by("one")
    making.fingerprint = "second"
    assert making.by("two") == ["migrated", "copied"]
    assert making.by("two") == ["copied"]


def test_a_template_whose_making_was_interrupted_is_not_used(making: Making) -> None:
    making.by("one")
    making.fingerprint, making.ends_well = "second", False
    with pytest.raises(KeyboardInterrupt):
        making.by("two")
    making.fingerprint, making.ends_well = "first", True
    assert making.by("three") == ["migrated", "copied"]


@pytest.mark.parametrize(
    ("path", "marks", "fixtures", "is_pure"),
    [
        ("tests/properties/test_decision.py", [], ["tmp_path"], True),
        ("tests/properties/test_machine.py", ["django_db"], [], False),
        ("tests/properties/test_feed.py", [], ["world", "db"], False),
        ("tests/architecture/test_policy.py", [], ["transactional_db"], False),
        ("tests/competence/queries/test_team.py", [], [], False),
    ],
)
def test_only_what_asks_no_database_is_run_once(
    path: str, marks: list[str], fixtures: list[str], is_pure: bool
) -> None:
    item = SimpleNamespace(
        nodeid=f"{path}::test_something",
        fixturenames=fixtures,
        get_closest_marker=lambda name: name if name in marks else None,
    )
    assert database.is_pure(cast("pytest.Item", item)) is is_pure
