"""Mitt team for a manager of some 2,000 people, and the report of 10,000: a reader for each worker.

The p50 is what the manager waits: the goals are 300 ms for the page, 0.5 s for CSV and 2 s for XLSX.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks.harness import ROUNDS, WORKERS, Figure, Load, Stage, Target, fetch, put_load
from tools.steps import BIN, ROOT

# Runs in a process of its own: the stage's settings are those of production, and this one's are not.
_PREPARE = """
import json
import django
django.setup()
from datetime import date
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from competence.actions.employments import assign_manager
from competence.generation import generate_population
from competence.invention import Plan
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit
from tests.factories.competence import BUILDER, LONG_AGO, make_person, make_world

if not OrganisationUnit.objects.exists():  # alone; after another benchmark there is an organisation
    make_world()
root = OrganisationUnit.objects.get(depth=1)
plan = Plan(people=10_000, completions_per_person=8, seed=7, until=date.today())
for _done in generate_population(plan, by=BUILDER):
    pass

def session_of(person):
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"

some, everybody = make_person(username="bench-some"), make_person(username="bench-all")
assign_manager(person=everybody, unit=root, starts_on=LONG_AGO, by=BUILDER)
managed = 0
for unit in OrganisationUnit.objects.filter(key__startswith=plan.prefix).order_by("key"):
    if managed < 2_000:
        assign_manager(person=some, unit=unit, starts_on=LONG_AGO, by=BUILDER)
        managed += Employment.objects.filter(unit=unit).count()
print(json.dumps({"some": session_of(some), "all": session_of(everybody)}))
"""


def figures(stage: Stage) -> Iterator[Figure]:
    environment = {
        **os.environ,
        **stage.environment(),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }
    made = subprocess.run(
        [BIN / "python", "-c", _PREPARE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-3000:]
    cookies = json.loads(made.stdout.splitlines()[-1])
    product, bare = stage.product(), stage.bare_django()
    some = replace(product, headers={**product.headers, "Cookie": cookies["some"]})
    everybody = replace(product, headers={**product.headers, "Cookie": cookies["all"]})
    yield _alone("team of 2,000: the page", some, "/mitt-team/", bare)
    yield _alone("team of 2,000: what expires, 100 on the page", some, "/mitt-team/?sortera=gar-ut&antal=100", bare)
    yield _alone("team of 2,000: requirements", some, "/mitt-team/?visa=krav&saknar=nagot", bare)
    yield _alone("team of 10,000: as CSV", everybody, "/mitt-team/fil.csv", bare)
    yield _alone("team of 10,000: as XLSX", everybody, "/mitt-team/fil.xlsx", bare)


def _alone(name: str, target: Target, path: str, bare: Target) -> Figure:
    """As `harness.compare`, with a client for each worker, so that nobody waits for another."""
    status, body = fetch(target.address, path, target.headers)
    assert status == 200, f"{path} answered {status}: {body[:300]!r}"
    rounds = [
        (put_load(target, path, clients=WORKERS, seconds=6), put_load(bare, "/", clients=WORKERS))
        for _ in range(ROUNDS)
    ]
    return Figure(name, _median([one for one, _ in rounds]), bare.name, _median([two for _, two in rounds]))


def _median(loads: list[Load]) -> Load:
    def middle(name: str) -> float:
        return float(statistics.median(getattr(load, name) for load in loads))

    return Load(middle("rate"), middle("p50_ms"), middle("p99_ms"), middle("cpu_ms"), 0)
