"""Simulating a draft over a population: against reading those people's prepared facts, which it cannot do without.

Two drafts: one that touches every demand there is, and one that touches one role's. The rate is people a second, all
processes together; the baseline reads and decodes everybody's rows in as many processes.
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
text = Path("competence/rules/vastra_gotaland.yaml").read_text(encoding="utf-8")
now = check_text(text, version=98).rules
draft = check_text(text.replace("gate: block", "gate: block\\n    validity_months: 24"), version=99).rules
place = text.index("    gate: block\\n", text.index("  - key: regional-mobility\\n"))
narrow = check_text(text[:place] + "    validity_months: 24\\n" + text[place:], version=99).rules
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

def measured(draft, days):
    moment = current_moment()
    began = time.perf_counter()
    found = simulate(draft, book, at=moment.now, moment=moment, horizon=timedelta(days=days), processes=PROCESSES)
    return time.perf_counter() - began, found

ROUNDS = int(os.environ.get("SIMULATION_ROUNDS", "3"))
rounds = [(measured(draft, 1), measured(draft, 365), measured(narrow, 1), baseline()) for _ in range(ROUNDS)]
total = Employment.objects.values("person_id").distinct().count()
print(json.dumps({
    "total": total,
    "looked_at": rounds[0][1][1].people,
    "changes": rounds[0][0][1].changes,
    "changes_in_a_year": rounds[0][1][1].changes,
    "at_once": statistics.median(one[0][0] for one in rounds),
    "a_year": statistics.median(one[1][0] for one in rounds),
    "narrow": statistics.median(one[2][0] for one in rounds),
    "narrow_changes": rounds[0][2][1].changes,
    "narrow_looked_at": rounds[0][2][1].people,
    "read": statistics.median(one[3] for one in rounds),
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
    drafts = (
        ("every demand limited in time, at its instant", found["at_once"], found["looked_at"], found["changes"]),
        ("the same, and for a year after", found["a_year"], found["looked_at"], found["changes_in_a_year"]),
        ("one role's demand, at its instant", found["narrow"], found["narrow_looked_at"], found["narrow_changes"]),
    )
    for name, seconds, looked_at, changes in drafts:
        words = (
            f"simulation of {found['total']:,} people, {name}: {seconds:.1f} s, {looked_at:,} looked at, "
            f"{changes:,} changes"
        )
        yield Figure(words, Load(found["total"] / seconds, nothing, nothing, nothing, 0), "reading them", baseline)
