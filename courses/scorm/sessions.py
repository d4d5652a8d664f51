"""The sequencing engine's session of an attempt: loaded, put away, and what it comes to.

Packages of SCORM 2004 with several parts, or with rules of their own, are moved through by the engine alone (those for
which `tree_for` gives a tree). A package with one part and no rules needs none, and SCORM 1.2 knows no sequencing.
Where a package is a mere list of parts (`Tree.keeps_work`), its parts' own results make the course's, as in SCORM 1.2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from uuid import UUID

from courses.models import Attempt, ScormPackage, ScoRuntime, SequencingState, SharedValue
from courses.queries.manifests import manifest_of
from courses.scorm.manifest import SCORM_12
from courses.scorm.results import Completion, Result, Success
from courses.scorm.sequencing.definition import Activity, Tree
from courses.scorm.sequencing.definition_reader import tree_of
from courses.scorm.sequencing.ending import end_attempt
from courses.scorm.sequencing.reported import take_in
from courses.scorm.sequencing.rollup import roll_up
from courses.scorm.sequencing.tracking import ObjectiveState, Session


def tree_for(package: ScormPackage) -> Tree | None:
    """The package's activities; None where there is nothing to sequence."""
    return _tree(package.public_id)


@lru_cache(maxsize=256)
def _tree(public_id: UUID) -> Tree | None:
    manifest = manifest_of(ScormPackage(public_id=public_id))
    if manifest.version == SCORM_12:
        return None
    tree = tree_of(manifest)
    return tree if len(manifest.launchable) > 1 or not tree.keeps_work else None


def load_session(attempt: Attempt) -> Session | None:
    """The session of an attempt, or None where its package has nothing to sequence."""
    tree = tree_for(attempt.edition.scorm_package)
    if tree is None:
        return None
    kept = SequencingState.objects.filter(attempt=attempt).values_list("state", flat=True).first()
    if kept is None:
        session = Session(tree, seed=attempt.public_id.hex)
        _adopt(session, attempt)
    else:
        session = Session.from_json(tree, json.loads(kept))
    if _shares_everywhere(attempt, tree):
        for target, value in SharedValue.objects.filter(
            person_id=attempt.person_id, kind=SharedValue.Kind.OBJECTIVE, target__in=targets_of(tree)
        ).values_list("target", "value"):
            session.shared[target] = ObjectiveState(**json.loads(value))
    return session


def save_session(attempt: Attempt, session: Session) -> None:
    """Put the session away, and what it shares with other packages where those can read it."""
    state = json.dumps(session.to_json(), ensure_ascii=False, separators=(",", ":"))
    SequencingState.objects.update_or_create(attempt=attempt, defaults={"state": state})
    if _shares_everywhere(attempt, session.tree):
        share(
            attempt, SharedValue.Kind.OBJECTIVE, {key: json.dumps(asdict(one)) for key, one in session.shared.items()}
        )


def share(attempt: Attempt, kind: str, values: dict[str, str]) -> None:
    """Keep what has changed of the values that outlive the attempt."""
    kept = dict(
        SharedValue.objects.filter(person_id=attempt.person_id, kind=kind, target__in=values).values_list(
            "target", "value"
        )
    )
    changed = {target: value for target, value in values.items() if kept.get(target) != value}
    SharedValue.objects.bulk_create(
        [
            SharedValue(
                person_id=attempt.person_id,
                kind=kind,
                target=target,
                value=value,
                course_id=attempt.edition.course_id,
            )
            for target, value in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["person", "kind", "target"],
        update_fields=["value", "course", "updated_at"],
    )


def targets_of(tree: Tree) -> set[str]:
    return {
        mapping.target[:500]
        for activity in tree.root.walk()
        for objective in activity.objectives
        for mapping in objective.maps
    }


def _shares_everywhere(attempt: Attempt, tree: Tree) -> bool:
    return tree.objectives_are_global and not attempt.is_preview


def _adopt(session: Session, attempt: Attempt) -> None:
    """An attempt that was begun before there was a session for it: what its parts have said, and where it was."""
    for runtime in attempt.runtimes.order_by("updated_at"):
        activity = session.tree.activities.get(runtime.item)
        if activity is None or activity.children:
            continue
        for one in session.tree.path(activity):
            session.state(one).attempts = 1
        take_in(session, activity, json.loads(runtime.data))
        if runtime.completion == Completion.COMPLETED:
            session.put(activity, activity.primary, "completed", True)
        roll_up(session, activity)
        session.has_begun = True
    if session.has_begun and attempt.current_item in session.tree.activities:
        session.suspended = attempt.current_item
        for one in session.tree.path(session.tree.activities[attempt.current_item]):
            session.state(one).is_suspended = True


def take_in_current(session: Session, runtimes: Iterable[ScoRuntime]) -> Activity | None:
    """Put what the open part has said into the session; returns the part, None when none is open."""
    current = session.current_activity()
    if current is None or not session.state(current).is_active:
        return None
    data = next((runtime.data for runtime in runtimes if runtime.item == current.identifier), "{}")
    take_in(session, current, json.loads(data))
    return current


def result_of(session: Session) -> Result:
    """What all parts come to: the root's own state. A package that lets the learner out of a run that is passed, but
    of which parts were skipped and never seen, is done as well: nobody can go back to do them."""
    root = session.tree.root
    completed = session.get(root, root.primary, "completed")
    satisfied = session.get(root, root.primary, "satisfied")
    measure = session.get(root, root.primary, "measure")
    is_over = session.current is None and session.suspended is None and session.state(root).attempts > 0
    if completed is None and satisfied and is_over:
        completed = True
    if completed:
        completion = Completion.COMPLETED
    else:
        completion = Completion.INCOMPLETE if session.state(root).attempts else Completion.NOT_ATTEMPTED
    success = Success.UNKNOWN if satisfied is None else Success.PASSED if satisfied else Success.FAILED
    return Result(completion, success, None if measure is None else max(0.0, min(1.0, measure)))


def sequenced_result(attempt: Attempt, runtime: ScoRuntime) -> Result | None:
    """The result of all parts as it stands now that `runtime` has been saved; None where no rules decide it.

    It is found on a copy: the session itself moves on only when the learner does.
    """
    tree = tree_for(attempt.edition.scorm_package)
    session = None if tree is None or tree.keeps_work else load_session(attempt)
    if session is None:
        return None
    current = take_in_current(session, [runtime])
    if current is not None and current.identifier == runtime.item:
        if runtime.has_ended:
            end_attempt(session, current)
        else:
            roll_up(session, current)
    return result_of(session)
