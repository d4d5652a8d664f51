"""Simulating a draft over a population: against reading those people's prepared facts, which it cannot do without.

The rate is people a second, all processes together; the baseline reads and decodes the same rows in as many processes.
SIMULATION_PEOPLE says how many people (100,000; a million takes a while to make), SIMULATION_ROUNDS how often.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

from tests.benchmarks.harness import Figure, Load, Stage
from tools.steps import BIN, ROOT

PEOPLE = int(os.environ.get("SIMULATION_PEOPLE", "100000"))
# Runs in a process of its own: the stage's settings are those of production, and this one's are not.
_MEASURE = """
import json, multiprocessing, os, statistics, time
import django
django.setup()
from datetime import UTC, datetime, timedelta
from pathlib import Path
from django.db import connections
from competence.models.employment import Employment
from competence.queries.eligibility import current_moment
from competence.queries.facts import facts_for
from competence.policy.rules import Publication, rule_book
from competence.rule_documents.check import check_text
from competence.simulation.run import CHUNK, simulate

PROCESSES = os.cpu_count() or 1
LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
# Nobody invented ever logs in: without these lines, or all of them would be denied under both.
text = Path("competence/rules/vastra_gotaland.yaml").read_text(encoding="utf-8")
text = text.replace("    inactivity_months: 12\\n", "")
now = check_text(text, version=98).rules
draft = check_text(text.replace("gate: block", "gate: block\\n    validity_months: 24"), version=99).rules
book = rule_book([Publication(now, LONG_AGO, LONG_AGO)])

def read(chunk):
    return len(facts_for(chunk))

def baseline():
    people = list(Employment.objects.order_by("person_id").values_list("person_id", flat=True).distinct())
    connections.close_all()
    began = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        done = sum(pool.imap_unordered(read, [people[i : i + CHUNK] for i in range(0, len(people), CHUNK)]))
    return done / (time.perf_counter() - began)

def measured(days):
    moment = current_moment()
    began = time.perf_counter()
    found = simulate(draft, book, at=moment.now, moment=moment, horizon=timedelta(days=days), processes=PROCESSES)
    return time.perf_counter() - began, found

rounds = [(measured(1), measured(365), baseline()) for _ in range(int(os.environ.get("SIMULATION_ROUNDS", "3")))]
total = Employment.objects.values("person_id").distinct().count()
print(json.dumps({
    "total": total,
    "looked_at": rounds[0][1][1].people,
    "changes": rounds[0][1][1].changes,
    "at_once": statistics.median(one[0][0] for one in rounds),
    "a_year": statistics.median(one[1][0] for one in rounds),
    "read": statistics.median(one[2] for one in rounds),
}))
"""


def figures(stage: Stage) -> Iterator[Figure]:
    stage.manage("load_organisation")
    stage.manage("register_courses")
    stage.manage("publish_rule_versions", "competence/rules/vastra_gotaland/versions.yaml")
    stage.manage("generate_population", f"--people={PEOPLE}", f"--processes={os.cpu_count() or 1}", "--yes-really")
    environment = {
        **os.environ,
        **stage.environment(),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }
    out = subprocess.run(
        [BIN / "python", "-c", _MEASURE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    found = json.loads(out.splitlines()[-1])
    nothing = float("nan")
    baseline = Load(found["read"], nothing, nothing, nothing, 0)
    for name, seconds in (("at its instant", found["at_once"]), ("and for a year after", found["a_year"])):
        words = f"simulation of {found['total']:,} people, {name}: {seconds:.1f} s, {found['changes']:,} changes"
        yield Figure(words, Load(found["total"] / seconds, nothing, nothing, nothing, 0), "reading them", baseline)
