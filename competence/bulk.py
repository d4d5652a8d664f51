"""One decision about many people: who it concerns, who has it already, who cannot, and carrying it out.

Carried out in parts of CHUNK people, each in one transaction: a part is done or it is not, and what was done is said.
Other writers come in between, and nobody waits longer than about SECONDS: the rest is offered as a next go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from competence.actions.prepared import batched
from competence.models.employment import Employment
from competence.models.outbox import Revision
from competence.permissions import Reach
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)
CHUNK = 50
SECONDS = 20

Judge = Callable[[Employment], "str | None"]
"""What stands in the way for an employment, in words; None: nothing."""


@dataclass
class Count:
    """Whom a decision concerns. `already`: it is so. `cannot`: by reason, for whom it cannot be done."""

    will: list[Employment] = field(default_factory=list)
    already: list[Employment] = field(default_factory=list)
    cannot: dict[str, list[Employment]] = field(default_factory=dict)

    @property
    def cannot_in_all(self) -> int:
        return sum(len(those) for those in self.cannot.values())

    def fingerprint(self, *values: object) -> str:
        """Of whom it concerns and what is decided: another one means that something has changed meanwhile."""
        content = repr([sorted(e.pk for e in self.will), [str(value) for value in values]])
        return hashlib.sha256(content.encode()).hexdigest()[:32]


@dataclass
class Result:
    """What was carried out. `stopped`: why it was not carried out for `left`, who are as they were. `overtaken`: for
    whom somebody else did it, or it became impossible, since it was counted."""

    done: list[Employment] = field(default_factory=list)
    overtaken: list[Employment] = field(default_factory=list)
    left: list[Employment] = field(default_factory=list)
    stopped: str = ""


def count(
    employments: Iterable[Employment], reach: Reach, *, is_so: Callable[[Employment], bool], hinders: Judge
) -> Count:
    """Sort `employments`. Whom one may not decide about comes first: oneself, and as a deputy the manager."""
    found = Count()
    for employment in employments:
        hindrance = _not_ones_to_decide(employment, reach) or hinders(employment)
        if hindrance:
            found.cannot.setdefault(hindrance, []).append(employment)
        elif is_so(employment):
            found.already.append(employment)
        else:
            found.will.append(employment)
    return found


def carry_out(
    employments: Sequence[Employment],
    act: Callable[[Employment], object],
    recount: Callable[[Sequence[Employment]], Count],
) -> Result:
    """Do `act` for each, part by part, as far as `recount` still wants it when other writers wait.

    Stops at the first part that fails, which is taken back as a whole, and before a part when the time is up.
    """
    began = monotonic()
    result = Result()
    waiting = iter(employments)
    while part := list(islice(waiting, CHUNK)):
        if monotonic() - began > SECONDS:
            result.stopped, result.left = _("So many take more than one go."), [*part, *waiting]
            break
        try:
            with batched():
                # The lock that every change takes: from here to the end of the part nobody else decides.
                Revision.objects.select_for_update().filter(pk=1).first()
                wanted = recount(part).will
                for employment in wanted:
                    act(employment)
        except (Refusal, DatabaseError) as error:
            log.warning("bulk.stopped", error=repr(error), done=len(result.done))
            result.stopped = str(error) if isinstance(error, Refusal) else _("A technical error came in the way.")
            result.left = [*part, *waiting]
            break
        result.done += wanted
        done = {employment.pk for employment in wanted}
        result.overtaken += [employment for employment in part if employment.pk not in done]
    return result


def _not_ones_to_decide(employment: Employment, reach: Reach) -> str:
    if employment.person_id == reach.person_id:
        return _("It is you: nobody decides about themselves.")
    if not reach.decides_about(employment):
        return _("It is the manager you stand in for.")
    return ""
