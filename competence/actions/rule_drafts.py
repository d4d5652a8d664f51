"""Writing rules: drafts, their simulation, and their publication."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.rules import publish_rules
from competence.models.requirement import RuleSetVersion
from competence.models.rule_draft import RuleSetDraft, SimulationRun
from competence.policy.document import with_order
from competence.queries.rule_documents import known_here
from competence.rule_documents.check import check_text
from competence.rule_documents.words import full_sentence
from lms.audit.api import record_write
from lms.lib.errors import Refusal
from lms.users.models import User

LONGEST_HORIZON = timedelta(days=1096)


def require_manager_of_rules(by: User) -> None:
    """Raises PermissionDenied unless `by` may manage the rules."""
    if not by.has_perm("competence.manage_rules"):
        raise PermissionDenied("manage the rules")


@transaction.atomic
def create_draft(*, title: str, text: str, by: User, based_on: RuleSetVersion | None = None) -> RuleSetDraft:
    """A new draft. It may be wrong: it is checked when it is to be published."""
    require_manager_of_rules(by)
    draft = RuleSetDraft.objects.create(
        title=_named(title),
        text=_normal(text),
        based_on=based_on,
        created_by=by,
        changed_by=by,
        changed_at=timezone.now(),
    )
    record_write("create_rule_draft", by=by, subject=f"rule_draft:{draft.public_id}")
    return draft


@transaction.atomic
def save_draft(*, draft: RuleSetDraft, title: str, text: str, number: int, by: User) -> RuleSetDraft:
    """Save what was written on top of the draft's `number`. Raises Refusal when it has been saved meanwhile."""
    require_manager_of_rules(by)
    locked = _locked(draft, number)
    locked.title, locked.text = _named(title), _normal(text)
    locked.number += 1
    locked.changed_by, locked.changed_at = by, timezone.now()
    locked.save()
    record_write("save_rule_draft", by=by, subject=f"rule_draft:{locked.public_id}", number=locked.number)
    return locked


@transaction.atomic
def withdraw_draft(*, draft: RuleSetDraft, by: User) -> RuleSetDraft:
    """Lay the draft aside. It can be read, and no longer changed."""
    require_manager_of_rules(by)
    locked = _locked(draft, None)
    locked.status = RuleSetDraft.Status.WITHDRAWN
    locked.changed_by, locked.changed_at = by, timezone.now()
    locked.save()
    record_write("withdraw_rule_draft", by=by, subject=f"rule_draft:{locked.public_id}")
    return locked


@transaction.atomic
def publish_draft(
    *, draft: RuleSetDraft, number: int, by: User, in_force_from: datetime | None = None, reason: str = ""
) -> RuleSetVersion:
    """Publish the draft as it stands at `number`, from now or from `in_force_from`.

    Raises Refusal when it has been saved meanwhile, when it has errors, and when a time that has passed has no reason.
    """
    require_manager_of_rules(by)
    locked = _locked(draft, number)
    published = publish_rules(document=checked_document(locked), by=by, in_force_from=in_force_from, reason=reason)
    locked.status, locked.published_as = RuleSetDraft.Status.PUBLISHED, published
    locked.changed_by, locked.changed_at = by, timezone.now()
    locked.save()
    return published


def checked_document(draft: RuleSetDraft) -> dict[str, Any]:
    """The document that the draft says. Raises Refusal with every fault and its line when it has errors."""
    checked = check_text(draft.text, known_here())
    if checked.rules is None or checked.document is None:
        faults = " ".join(full_sentence(fault) for fault in checked.errors)
        raise Refusal(_("The rules cannot be published: %(fault)s") % {"fault": faults})
    return checked.document


@transaction.atomic
def start_simulation(
    *, draft: RuleSetDraft, by: User, effective_at: datetime | None = None, horizon: timedelta = SimulationRun.HORIZON
) -> SimulationRun:
    """Simulate the draft as it stands, in the background. Raises Refusal when it has errors."""
    require_manager_of_rules(by)
    if not timedelta(days=1) <= horizon <= LONGEST_HORIZON:
        raise Refusal(_("Look at least a day and at most three years ahead."))
    document = with_order(checked_document(draft))  # a database may lose the order, and it counts
    run = SimulationRun.objects.create(
        draft=draft,
        document=document,
        digest=digest_of(document),
        effective_at=effective_at,
        horizon_days=horizon.days,
        started_by=by,
    )
    record_write("start_simulation", by=by, subject=f"simulation:{run.public_id}")
    transaction.on_commit(lambda: _ask_for(run))
    return run


def stop_simulation(*, run: SimulationRun, by: User) -> None:
    """Ask a run to stop. It does so before the next people, and keeps no result."""
    require_manager_of_rules(by)
    SimulationRun.objects.filter(pk=run.pk, status__in=("waiting", "running")).update(is_to_stop=True)
    record_write("stop_simulation", by=by, subject=f"simulation:{run.public_id}")


def digest_of(document: Mapping[str, Any]) -> str:
    """What tells one document from another: the same for the same content, in whatever order of fields."""
    return hashlib.sha256(json.dumps(with_order(document), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _ask_for(run: SimulationRun) -> None:
    from competence.tasks import run_simulation

    run_simulation.delay(str(run.public_id))


def _locked(draft: RuleSetDraft, number: int | None) -> RuleSetDraft:
    found = RuleSetDraft.objects.select_for_update().get(pk=draft.pk)
    if not found.is_open:
        raise Refusal(_("The draft is no longer open. Make a new one from it."))
    if number is not None and found.number != number:
        raise Refusal(
            _("%(person)s saved the draft meanwhile. Nothing was overwritten: compare, and put yours in once more.")
            % {"person": found.changed_by.get_full_name() or found.changed_by.get_username()}
        )
    return found


def _named(title: str) -> str:
    if not title.strip():
        raise Refusal(_("Give the draft a name."))
    return title.strip()[:200]


def _normal(text: str) -> str:
    """`text` with line breaks as the check counts them: a browser sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
