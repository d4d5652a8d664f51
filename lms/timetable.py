"""What is done at intervals, by Celery beat.

Nothing is right only because one of these ran: each does what is due, whenever that was. `expires` keeps a queue that
nobody empties from filling with the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

TIMETABLE: dict[str, Any] = {
    "deliver the outbox": {
        "task": "competence.tasks.deliver_outbox",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "name things after the rules in force": {
        "task": "competence.tasks.follow_rules_in_force",
        "schedule": timedelta(minutes=15),
        "options": {"expires": 900},
    },
    "tell of rights that will lapse": {
        "task": "competence.tasks.send_reminders",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "send what waits for webhooks": {
        "task": "competence.tasks.wake_webhooks",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "watch what machine clients ask": {
        "task": "competence.tasks.watch_for_harvesting",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "go on rebuilding the stored state": {
        "task": "competence.tasks.go_on_rebuilding",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "announce what time has brought": {
        "task": "competence.tasks.announce_changes",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "send e-mail about courses": {
        "task": "courses.tasks.send_messages",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "complete the courses of those who have done the web part": {
        "task": "courses.tasks.complete_places",
        "schedule": timedelta(minutes=2),
        "options": {"expires": 120},
    },
    "mark knowledge tests whose time is over": {
        "task": "courses.tasks.settle_examinations",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "remind of courses": {
        "task": "courses.tasks.remind",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "go on with lists of completions": {
        "task": "competence.tasks.go_on_importing",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "show what was answered about courses": {
        "task": "courses.tasks.release_evaluations",
        "schedule": timedelta(days=1),
        "options": {"expires": 86400},
    },
    "publish scheduled pages": {
        "task": "lms.tasks.publish_scheduled_pages",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "remove old sessions": {
        "task": "lms.tasks.remove_old_sessions",
        "schedule": timedelta(days=1),
        "options": {"expires": 3600},
    },
}
