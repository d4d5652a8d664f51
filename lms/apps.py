from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"

    def ready(self) -> None:
        # The house rules register themselves; and without our Celery application here, whoever sends a task (the web
        # server, a command) would look for another's broker.
        from lms import celery, checks  # noqa: F401
        from lms.lib import instants, lookups  # noqa: F401
