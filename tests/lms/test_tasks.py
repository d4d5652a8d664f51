import os
import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads, prepare_accept_content
from wagtail.models import Page

from lms.celery import app
from lms.tasks import publish_scheduled_pages, remove_old_sessions


def test_a47_a_pickle_in_the_queue_is_not_opened(tmp_path: Path) -> None:
    """It would run whatever its maker wished."""

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "was-here"),)

    message = pickle.dumps(Evil())
    accepted = prepare_accept_content(app.conf.accept_content)
    with pytest.raises(ContentDisallowed):
        loads(message, "application/x-python-serialize", "binary", accept=accepted)
    assert not (tmp_path / "was-here").exists()
    assert app.conf.task_serializer == "json"


def test_every_task_of_the_timetable_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


@pytest.mark.django_db
def test_a_page_is_unpublished_when_its_time_is_over() -> None:
    root = Page.get_first_root_node()
    assert root is not None
    page = root.add_child(title="Nyhet", slug="nyhet", expire_at=timezone.now() - timedelta(minutes=1))
    publish_scheduled_pages()
    page.refresh_from_db()
    assert not page.live


@pytest.mark.django_db
def test_sessions_that_have_ended_are_removed_and_others_stay() -> None:
    now = timezone.now()
    for key, ends_at in (("old", now - timedelta(hours=1)), ("new", now + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="x", expire_date=ends_at)
    remove_old_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
