"""The single check: with its token, its decision, its words and its log, over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks.harness import Figure, Stage, compare
from tools.steps import BIN, ROOT

# Runs in a process of its own: the stage's settings are those of production, and this one's are not.
_PREPARE = """
import json, os
import django
django.setup()
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from datetime import timedelta
from competence.models.machine_client import Scope
from competence.actions.machine_clients import create_machine_client
from tests.factories.competence import BUILDER, make_prescriber, make_world
world = make_world()
person = make_prescriber(world.clinic)
made = create_machine_client(
    name="bench", systems=["websesam"], scopes=[Scope.ELIGIBILITY_READ], principal_kinds=[], by=BUILDER
)
token = Token(type=Token.Type.ACCESS_TOKEN, client=Client.objects.get(pk=made.client.client_id))
token.expires_at = timezone.now() + timedelta(hours=1)
token.set_scopes([Scope.ELIGIBILITY_READ.value])
token.set_value("benchmark")
token.save()
print(json.dumps({"hsa_id": person.hsa_id}))
"""


def figures(stage: Stage) -> Iterator[Figure]:
    environment = {
        **os.environ,
        **stage.environment(),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }
    out = subprocess.run(
        [BIN / "python", "-c", _PREPARE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    hsa_id = json.loads(out.splitlines()[-1])["hsa_id"]
    stage.secrets.update(API_REQUESTS_PER_MINUTE="100000000", API_ANSWERS_PER_HOUR="100000000")
    product = stage.product()
    asking = replace(product, headers={**product.headers, "Authorization": "Bearer benchmark"})
    path = f"/api/v1/eligibility?hsa_id={hsa_id}&right=websesam.health-care"
    yield compare("eligibility: one check, logged and explained", asking, path, stage.bare_wsgi(), "/", goal=0.7)
    yield compare("eligibility: one check, logged and explained", asking, path, stage.bare_django(), "/", goal=0.8)
