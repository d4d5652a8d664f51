"""Carrying out a simulation that a page asked for: with progress, and stopped when somebody wants that."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from competence.models.requirement import RuleSetVersion
from competence.models.rule_draft import SimulationRun
from competence.policy.document import compile_rules
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from competence.simulation.run import Stopped, simulate
from competence.simulation.stored import as_data

log = structlog.get_logger(__name__)


def carry_out(public_id: str) -> None:
    """Do the run with that id, unless it has been done. Delivered twice it is done once."""
    runs = SimulationRun.objects.filter(public_id=public_id)
    taken = runs.filter(status=SimulationRun.Status.WAITING).update(status=SimulationRun.Status.RUNNING)
    if not taken:
        return
    run = runs.get()

    def progress(done: int, total: int) -> None:
        runs.update(done=done, total=total)
        if runs.filter(is_to_stop=True).exists():
            raise Stopped

    try:
        progress(0, 0)
        moment = current_moment()
        last = RuleSetVersion.objects.order_by("-version").values_list("version", flat=True).first() or 0
        found = simulate(
            compile_rules(run.document, last + 1),
            current_rule_book(),
            at=run.effective_at or moment.now,
            moment=moment,
            horizon=timedelta(days=run.horizon_days),
            progress=progress,
        )
    except Stopped:
        runs.update(status=SimulationRun.Status.STOPPED, finished_at=timezone.now())
        return
    except Exception:
        runs.update(status=SimulationRun.Status.FAILED, finished_at=timezone.now())
        log.exception("simulation.failed", run=public_id)
        raise
    runs.update(
        status=SimulationRun.Status.DONE,
        result=as_data(found),
        revision=moment.revision,
        done=found.people,
        total=found.people,
        finished_at=timezone.now(),
    )
