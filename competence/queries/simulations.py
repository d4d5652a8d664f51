"""The simulations that those whom rules concern are to find."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from competence.models.rule_draft import RuleSetDraft, SimulationRun

MOST = 20


def latest_simulations() -> list[SimulationRun]:
    """The latest finished simulation of each draft that was not laid aside, the latest first. One query."""
    done = SimulationRun.objects.filter(status=SimulationRun.Status.DONE)
    latest = done.filter(draft=OuterRef("draft")).order_by("-started_at", "-pk").values("pk")[:1]
    rows = done.exclude(draft__status=RuleSetDraft.Status.WITHDRAWN).filter(pk=Subquery(latest))
    return list(rows.select_related("draft").defer("result", "document").order_by("-started_at", "-pk")[:MOST])
