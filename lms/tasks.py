"""House-keeping that belongs to no app; the timetable is `lms.timetable`."""

from celery import shared_task
from django.core.management import call_command


@shared_task(ignore_result=True)
def publish_scheduled_pages() -> None:
    """Publish and unpublish the pages whose time has come."""
    call_command("publish_scheduled")


@shared_task(ignore_result=True)
def remove_old_sessions() -> None:
    """Remove the sessions that have ended from the database."""
    call_command("clearsessions")
