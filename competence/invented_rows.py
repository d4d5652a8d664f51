"""Invented lives as rows to be copied into the tables, and as facts: the same, said twice, and a test compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from competence.actions.completions import fingerprint_of
from competence.copying import NewRows, new_keys
from competence.invention import PROFESSION, Completed, Job, Life, Plan
from competence.models.appointment import Appointment, LevelDecision
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.completion import Completion
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.policy import facts
from competence.prepared_facts import NOT_YET
from lms.lib.clock import day_starts_at
from lms.users.models import EmployeeIdentity, User, fold_identifier, fold_name

FAMILY_NAME = "Exempelsson"
# What is varied for each table; what all rows have alike is given when they are written.
_COLUMNS: dict[type[Model], tuple[str, ...]] = {
    User: ("id", "public_id", "username", "first_name", "search_name"),
    EmployeeIdentity: ("id", "person_id", "value", "folded_value"),
    Employment: ("id", "public_id", "person_id", "unit_id", "identity_id", "starts_on"),
    Appointment: ("id", "public_id", "employment_id", "role_id", "starts_on"),
    LevelDecision: ("id", "public_id", "employment_id", "role_id", "starts_on"),
    Authorisation: ("id", "public_id", "employment_id", "right_id", "starts_on"),
    SystemLogin: ("id", "public_id", "person_id", "system_id", "logged_in_at"),
    Completion: (
        "id",
        "public_id",
        "person_id",
        "course_id",
        "completed_at",
        "source_id",
        "fingerprint",
        "unit_id",
        "principal_kind",
    ),
    Ending: ("id", "public_id", "person_id", "kind", "takes_effect_at", "employment_id", "completion_id"),
}
_TITLE = "Arbetsterapeut"
# All rows of a table have these values, beside those of the change that records them.
ALIKE: dict[type[Model], dict[str, object]] = {
    User: {"last_name": FAMILY_NAME, "password": "!"},  # nobody can log in with it
    EmployeeIdentity: {"kind": EmployeeIdentity.Kind.HSA_ID.value},
    Employment: {"title": _TITLE, "profession": PROFESSION},
    LevelDecision: {"level": LevelDecision.Level.FULL.value},
    Completion: {"flags": []},
}
FACTS = tuple(model for model in _COLUMNS if model not in (User, EmployeeIdentity))


class Made:
    """Some lives with their primary keys: `tables` of rows, and `facts` by person, recorded at NOT_YET.

    In a transaction, for the keys. `fingerprint_of` and the folding are the product's own.
    """

    def __init__(self, plan: Plan, lives: Sequence[Life]) -> None:
        self.plan = plan
        self.tables = {model: NewRows(model, columns) for model, columns in _COLUMNS.items()}
        self.facts: dict[int, facts.PersonFacts] = {}
        self._keys = {model: iter(new_keys(model, count)) for model, count in _counts(lives).items()}
        for life in lives:
            self._add(life)

    def _row(self, model: type[Model], *values: object) -> int:
        """Add a row; returns its key."""
        key = next(self._keys[model])
        self.tables[model].values.append((key, *values))
        return key

    def _add(self, life: Life) -> None:
        number = f"{life.number:06d}"
        name = f"Person {number}"
        username, search_name = f"{self.plan.prefix}{number}", fold_name(f"{name} {FAMILY_NAME}")
        person = self._row(User, life.public_id, username, name, search_name)
        found: dict[str, list[Any]] = {}
        for position, job in enumerate(life.jobs):
            for kind, fact in self._employed(person, job, f"SE2321000131-P{self.plan.seed}J{position}N{number}"):
                found.setdefault(kind, []).append(fact)
        unit, principal = life.jobs[0].place.pk, life.jobs[0].place.principal
        for position, one in enumerate(life.completions):
            source_id, digest = f"{life.number}-{position}", fingerprint_of(person, one.course[1], one.at, None)
            key = self._row(
                Completion, one.public_id, person, one.course[0], one.at, source_id, digest, unit, principal
            )
            found.setdefault("completions", []).append(self._completed(person, key, one))
        lists: dict[str, Any] = {kind: tuple(several) for kind, several in found.items()}
        self.facts[person] = facts.PersonFacts(**lists)

    def _employed(self, person: int, job: Job, hsa_id: str) -> Iterator[tuple[str, facts.Fact]]:
        """The rows of a job; yields each fact with the name of its kind."""
        starts_on, start, folded = job.starts_on, day_starts_at(job.starts_on), fold_identifier(hsa_id)
        identity = self._row(EmployeeIdentity, person, hsa_id, folded)
        pk = self._row(Employment, job.public_id, person, job.place.pk, identity, starts_on)
        employment = f"employment:{pk}"
        left = self._ended(person, Ending.Kind.ENDED.value, pk, None, *job.left) if job.left else ()
        yield (
            "employments",
            facts.Employment(
                key=employment,
                start=start,
                recorded_at=NOT_YET,
                endings=left,
                principal=job.place.principal,
                units=job.place.above,
                profession=PROFESSION,
                identity=folded,
            ),
        )
        if job.role is None:
            return
        common: dict[str, Any] = {"start": start, "recorded_at": NOT_YET, "employment": employment}
        role, role_key = job.role.role
        key = self._row(Appointment, job.appointment, pk, role, starts_on)
        yield "appointments", facts.Appointment(key=f"appointment:{key}", role=role_key, **common)
        key = self._row(LevelDecision, job.level, pk, role, starts_on)
        yield (
            "level_decisions",
            facts.LevelDecision(key=f"level_decision:{key}", role=role_key, level=facts.Level.FULL, **common),
        )
        if job.authorisation is None:
            return
        key = self._row(Authorisation, job.authorisation, pk, job.role.right[0], starts_on)
        yield "authorisations", facts.Authorisation(key=f"authorisation:{key}", right=job.role.right[1], **common)
        system, system_key = job.role.system
        for at, public_id in job.logins:
            key = self._row(SystemLogin, public_id, person, system, at)
            yield "logins", facts.Login(key=f"login:{key}", start=at, recorded_at=NOT_YET, system=system_key)

    def _completed(self, person: int, key: int, one: Completed) -> facts.Completion:
        corrected = Ending.Kind.CORRECTED.value
        endings = self._ended(person, corrected, None, key, one.at, one.withdrawn) if one.withdrawn else ()
        return facts.Completion(
            key=f"completion:{key}", start=one.at, recorded_at=NOT_YET, endings=endings, course=one.course[1]
        )

    def _ended(
        self, person: int, kind: str, employment: int | None, completion: int | None, at: datetime, public_id: object
    ) -> tuple[facts.Ending, ...]:
        self._row(Ending, public_id, person, kind, at, employment, completion)
        return (facts.Ending(at, facts.EndingKind(kind), NOT_YET),)


def _counts(lives: Sequence[Life]) -> dict[type[Model], int]:
    jobs = [job for life in lives for job in life.jobs]
    completions = [one for life in lives for one in life.completions]
    appointed = sum(job.role is not None for job in jobs)
    return {
        User: len(lives),
        EmployeeIdentity: len(jobs),
        Employment: len(jobs),
        Appointment: appointed,
        LevelDecision: appointed,
        Authorisation: sum(job.authorisation is not None for job in jobs),
        SystemLogin: sum(len(job.logins) for job in jobs),
        Completion: len(completions),
        Ending: sum(job.left is not None for job in jobs) + sum(one.withdrawn is not None for one in completions),
    }
