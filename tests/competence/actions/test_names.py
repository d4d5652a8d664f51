"""Roles, rights and systems are called what the rules in force call them."""

from __future__ import annotations

import copy
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import yaml
from django.utils import timezone

from competence.actions.names import name_after_rules_in_force
from competence.actions.rules import publish_rules
from competence.models.competence_role import CompetenceRole
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.queries.rules import current_rule_book
from competence.tasks import follow_rules_in_force
from tests.factories.competence import BUILDER, RULES, World

pytestmark = pytest.mark.django_db


def document(**changes: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(RULES.read_text(encoding="utf-8")), default=str))
    loaded = copy.deepcopy(loaded)
    loaded["roles"]["orderer"]["title"] = changes.get("role", "Beställare")
    loaded["rights"]["websesam.unit"]["title"] = changes.get("right", "Till enhet")
    return loaded


def title_of(key: str) -> str:
    return CompetenceRole.objects.get(key=key).title


def test_a_version_in_force_at_once_renames_at_once(world: World) -> None:
    publish_rules(document=document(role="Den som beställer", right="Till förråd"), by=BUILDER)
    assert title_of("orderer") == "Den som beställer"
    assert OrderingRight.objects.get(key="websesam.unit").title == "Till förråd"


def test_f26_a_version_for_later_renames_when_its_time_has_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = title_of("orderer")
    tomorrow = timezone.now() + timedelta(days=1)
    later = document(role="Morgondagens beställare")
    later["roles"]["newcomer"] = {"title": "Ny roll"}
    publish_rules(document=later, by=BUILDER, in_force_from=tomorrow)
    assert title_of("orderer") == before
    assert title_of("newcomer") == "Ny roll"  # has a row at once, so that the coming rules can be spoken of
    assert follow_rules_in_force() == current_rule_book().in_force(timezone.now(), timezone.now()).version
    assert title_of("orderer") == before

    publish_rules(document=later, by=BUILDER)
    assert name_after_rules_in_force() == 3
    assert title_of("orderer") == "Morgondagens beställare"


def test_a_version_for_the_past_that_is_not_in_force_now_renames_nothing(world: World) -> None:
    before = title_of("orderer")
    publish_rules(
        document=document(role="Forntida beställare"),
        by=BUILDER,
        in_force_from=datetime(2022, 1, 1, tzinfo=timezone.get_current_timezone()),
        reason="Så var det",
    )
    assert title_of("orderer") == before


def test_days_systems_and_what_became_of_a_role_follow_the_rules(world: World) -> None:
    merged = document()
    merged["systems"] = {"websesam": {"title": "webSesam"}}
    merged["roles"]["newcomer"] = {
        "title": "Ny roll",
        "from": "2026-02-01",
        "to": "2030-12-31",
        "replaces": [{"role": "care-staff", "from": "2026-02-01"}],
    }
    publish_rules(document=merged, by=BUILDER)
    role = CompetenceRole.objects.get(key="newcomer")
    assert (role.starts_on, role.ends_on) == (date(2026, 2, 1), date(2030, 12, 31))
    assert CompetenceRole.objects.get(key="care-staff").replaced_by == role
    assert OrderingSystem.objects.get(key="websesam").name == "webSesam"


def test_without_rules_there_are_no_names_to_give() -> None:
    assert name_after_rules_in_force() == 0
