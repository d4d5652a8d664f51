"""In production every record is one JSON object on a line of its own."""

import json
import subprocess
import sys

from lms.env import BASE_DIR
from tests.toolchain.test_production_start import COMPLETE

LOG = """
import django, logging, structlog
django.setup()
structlog.get_logger("ours").warning("thing happened", number=3)
logging.getLogger("theirs").warning("another %s", "thing")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("django.request").exception("failed\\nbadly")
"""


def test_a_record_is_one_json_object_on_one_line() -> None:
    env = {**COMPLETE, "DJANGO_SETTINGS_MODULE": "lms.settings", "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", LOG], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    records = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(r["logger"], r["level"], r["event"]) for r in records] == [
        ("ours", "warning", "thing happened"),
        ("theirs", "warning", "another thing"),
        ("django.request", "error", "failed\nbadly"),
    ]
    assert records[0]["number"] == 3
    assert records[2]["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert all(record["timestamp"].endswith("Z") for record in records)
