"""The Celery application. Tasks live in each app's `tasks.py`."""

import os

from celery import Celery

from lms.lib.folder_broker import make_known

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
make_known()
app = Celery("lms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
