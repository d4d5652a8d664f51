"""Which children of a cluster take part, and in which order: selection and randomisation (SR.1, SR.2). Pure.

The same learner in the same attempt always gets the same draw: it follows from the session's seed.
"""

from __future__ import annotations

import random
from collections.abc import Collection

from courses.scorm.sequencing.definition import Activity
from courses.scorm.sequencing.tracking import Session


def prepare(session: Session, cluster: Activity, timings: Collection[str]) -> None:
    """Select and shuffle the children of a cluster that is not under way, where its timing is one of `timings`."""
    state = session.state(cluster)
    draw = random.Random(f"{session.seed}:{cluster.identifier}:{state.attempts}")  # noqa: S311 (a draw, no secret)
    names = [child.identifier for child in session.available(cluster)]
    if cluster.selection in timings and cluster.select_count is not None:
        everybody = [child.identifier for child in cluster.children]
        if cluster.select_count < len(everybody):
            chosen = set(draw.sample(everybody, cluster.select_count))
            names = [name for name in everybody if name in chosen]
        state.available = names
    if cluster.randomisation in timings and cluster.reorder:
        draw.shuffle(names)
        state.available = names


def prepare_all(session: Session) -> None:
    """At the first beginning of a session: every cluster's draw."""
    for activity in session.tree.root.walk():
        if activity.children and session.state(activity).attempts == 0:
            prepare(session, activity, {"once", "onEachNewAttempt"})
