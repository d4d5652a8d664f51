"""One person's facts as known, arranged so that many instants and rights can be judged without searching again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

from competence.policy.facts import Authorisation, Completion, Fact, PersonFacts
from competence.policy.rules import Right
from lms.lib.clock import months_end_at

F = TypeVar("F", bound=Fact)
K = TypeVar("K")


class Stretch(NamedTuple):
    """A time in which an authorisation carries its right: its start and excluded end (None: no end is known)."""

    start: datetime
    end: datetime | None


class Life(NamedTuple):
    """The stretches of an authorisation, in order, and when it is closed for lack of log-ins (None: never)."""

    stretches: tuple[Stretch, ...]
    closing: datetime | None


class Dossier:
    """`facts` as known (see `facts.as_known_at`), by what is asked for. What is worked out once is kept.

    Holds nothing that the facts do not say, and does not change with what is asked of it.
    """

    __slots__ = (
        "_expiries",
        "_lives",
        "appointments",
        "attestations",
        "authorisations",
        "completions",
        "exemptions",
        "facts",
        "level_decisions",
        "logins",
        "suspensions",
    )

    def __init__(self, facts: PersonFacts) -> None:
        self.facts = facts
        self.appointments = _by(facts.appointments, lambda a: a.employment)
        self.level_decisions = _by(facts.level_decisions, lambda d: d.employment)
        self.suspensions = _by(facts.suspensions, lambda s: s.employment)
        self.attestations = _by(facts.attestations, lambda a: a.attestation)
        self.exemptions = _by(facts.exemptions, lambda e: e.requirement)
        self.authorisations = _by(facts.authorisations, lambda a: (a.employment, a.right))
        self.completions = _by(facts.completions, lambda c: c.course)
        self.logins = {
            system: sorted(login.start for login in logins)
            for system, logins in _by(facts.logins, lambda login: login.system).items()
        }
        self._expiries: dict[tuple[int, int], datetime] = {}
        self._lives: dict[tuple[int, str, int | None, int | None], Life] = {}

    def runs_out_at(self, completion: Completion, months: int) -> datetime:
        """When a validity of `months` is over for `completion`."""
        key = (id(completion), months)
        found = self._expiries.get(key)
        if found is None:
            found = self._expiries[key] = months_end_at(completion.start, months)
        return found

    def life(self, authorisation: Authorisation, right: Right) -> Life:
        """When `authorisation` carries `right`.

        A stretch ends with the authorisation (its own end, or a revocation), or when `right.inactivity_months` have
        passed since the last log-in. A log-in before `right.closing_months` have passed, too, begins a new one; after
        that, or when the right has none, it changes nothing: a closed authorisation does not wake up.
        """
        key = (id(authorisation), right.system, right.inactivity_months, right.closing_months)
        found = self._lives.get(key)
        if found is None:
            found = self._lives[key] = _life(authorisation, right, self.logins.get(right.system, ()))
        return found


def dossier_of(known: PersonFacts | Dossier) -> Dossier:
    """The dossier of `known`, which may be one already."""
    return known if isinstance(known, Dossier) else Dossier(known)


def _by(facts: Iterable[F], key: Callable[[F], K]) -> dict[K, list[F]]:
    found: dict[K, list[F]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return found


def _life(authorisation: Authorisation, right: Right, logins: Iterable[datetime]) -> Life:
    start, end = authorisation.start, authorisation.end
    if right.inactivity_months is None:
        return Life((Stretch(start, end),) if end is None or start < end else (), None)
    stretches: list[Stretch] = []
    limit = months_end_at(start, right.inactivity_months)
    closing = _closes_at(start, right, limit)
    for login in logins:
        if login < authorisation.start:
            continue
        if login >= closing:
            break
        if login >= limit:  # it had become inactive, and wakes
            stretches.append(Stretch(start, limit))
            start = login
        limit = months_end_at(login, right.inactivity_months)
        closing = _closes_at(login, right, limit)
    stretches.append(Stretch(start, limit))
    if end is not None:
        stretches = [Stretch(s.start, min(end, s.end or end)) for s in stretches if s.start < end]
    return Life(tuple(stretches), closing)


def _closes_at(active_at: datetime, right: Right, limit: datetime) -> datetime:
    return limit if right.closing_months is None else months_end_at(active_at, right.closing_months)
