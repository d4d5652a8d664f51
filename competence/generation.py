"""An invented population of any size, for tests of scale: units, people, employments, what was decided, completions.

The same seed makes the same population, person by person, so an interrupted run goes on where it stopped. Rows are
written set-wise, a chunk of people as one numbered change: that is the one thing that makes a million people possible,
and the reason why the actions of single facts are not called.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import Change, begin_change
from competence.actions.completions import fingerprint_of, unrecorded_completion
from competence.actions.organisation import add_unit
from competence.actions.prepared import refresh
from competence.models.appointment import Appointment, LevelDecision
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.models.fact import Fact
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import OrganisationUnit
from lms.audit.api import record_write
from lms.lib.actors import Actor, name_of, person_or_none
from lms.lib.clock import day_starts_at
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User, fold_identifier, fold_name

CHUNK = 2_000
BATCH = 5_000
YEARS = 4
SHARE_APPOINTED, SHARE_AUTHORISED, SHARE_SECOND_JOB, SHARE_LEFT, SHARE_WITHDRAWN = 0.85, 0.6, 0.05, 0.03, 0.01
SHARE_LOGGING_IN = 0.9  # of those with a right: in the last ten months, so that it has not become inactive
# Roles and the right that goes with each, as far as the published rules have them.
ROLES = (("prescriber-mobility", "websesam.health-care"), ("orderer", "websesam.unit"))


@dataclass(frozen=True)
class Plan:
    """What is asked for. `completions_per_person` on average; `until`: the last day on which anything happened."""

    people: int
    completions_per_person: int
    seed: int
    until: date
    people_per_unit: int = 50

    @property
    def prefix(self) -> str:
        """How the user names of this population begin."""
        return f"population{self.seed}-"


@dataclass
class Ground:
    """What everybody stands on: units, courses, and the roles and rights to give."""

    units: list[OrganisationUnit]
    courses: list[CourseReference]
    roles: list[tuple[CompetenceRole, OrderingRight]]


@dataclass
class Life:
    """One invented person and everything recorded about them; nothing is saved yet."""

    person: User
    identities: list[EmployeeIdentity] = field(default_factory=list)
    employments: list[Employment] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    level_decisions: list[LevelDecision] = field(default_factory=list)
    authorisations: list[Authorisation] = field(default_factory=list)
    logins: list[SystemLogin] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)


def generate_population(plan: Plan, *, by: Actor, dry_run: bool = False) -> Iterator[int]:
    """Make the people that are still missing, chunk by chunk; yields how many there are after each.

    A dry run makes the first chunk, and takes it back. Raises Refusal without published rules, courses or principals.
    """
    done = User.objects.filter(username__startswith=plan.prefix).count()
    yield done
    while done < plan.people:
        upto = min(done + CHUNK, plan.people)
        with transaction.atomic():
            ground = _ground(plan, by)
            _write_chunk(plan, ground, range(done + 1, upto + 1), by)
            transaction.set_rollback(dry_run)
        done = upto
        yield done
        if dry_run:
            return


def _ground(plan: Plan, by: Actor) -> Ground:
    courses = list(CourseReference.objects.order_by("key"))
    roles = CompetenceRole.objects.in_bulk([role for role, _right in ROLES], field_name="key")
    rights = OrderingRight.objects.select_related("system").in_bulk([right for _role, right in ROLES], field_name="key")
    known = [(roles[role], rights[right]) for role, right in ROLES if role in roles and right in rights]
    principals = list(
        OrganisationUnit.objects.filter(kind=OrganisationUnit.Kind.PRINCIPAL).exclude(principal_kind="").order_by("key")
    )
    if not courses or not known or not principals:
        raise Refusal(_("Load the organisation, the courses and the rules first."))
    wanted = max(1, -(-plan.people // plan.people_per_unit))
    have = OrganisationUnit.objects.filter(key__startswith=plan.prefix).count()
    for number in range(have + 1, wanted + 1):
        # VGR has about half of the staff; the others share the rest.
        parent = next((p for p in principals if p.principal_kind == "vgr" and number % 2), None)
        parent = parent or principals[number % len(principals)]
        parent.refresh_from_db()  # its number of children, which treebeard keeps in the row
        add_unit(
            key=f"{plan.prefix}{number:06d}",
            name=f"Påhittad enhet {number:06d}",
            kind=OrganisationUnit.Kind.UNIT,
            parent=parent,
            by=by,
        )
    units = OrganisationUnit.objects.filter(key__startswith=plan.prefix).order_by("key")
    return Ground(units=list(units), courses=courses, roles=known)


def _write_chunk(plan: Plan, ground: Ground, numbers: range, by: Actor) -> None:
    lives = [_live(plan, ground, number) for number in numbers]
    change = begin_change(by=by)
    User.objects.bulk_create([life.person for life in lives], batch_size=BATCH)
    for life in lives:
        for completion in life.completions:
            completion.fingerprint = fingerprint_of(
                life.person, completion.course.key, completion.completed_at, completion.score
            )
    parts: Sequence[Callable[[Life], Sequence[Fact]]] = (
        lambda life: life.employments,
        lambda life: life.appointments,
        lambda life: life.level_decisions,
        lambda life: life.authorisations,
        lambda life: life.logins,
        lambda life: life.completions,
        lambda life: life.endings,
    )
    EmployeeIdentity.objects.bulk_create([i for life in lives for i in life.identities], batch_size=BATCH)
    for part in parts:
        facts = [_stamped(fact, change) for life in lives for fact in part(life)]
        if facts:
            type(facts[0]).objects.bulk_create(facts, batch_size=BATCH)
    record_write("generate_population", by=by, subject=f"population:{plan.seed}", first=numbers[0], last=numbers[-1])
    refresh(life.person.pk for life in lives)
    change.announce("population.generated", person=None, seed=plan.seed, people=len(numbers))


def _stamped(fact: Fact, change: Change) -> Fact:
    fact.recorded_at = change.at
    fact.recorded_by = person_or_none(change.by)
    fact.recorded_by_name = name_of(change.by)
    return fact


def _live(plan: Plan, ground: Ground, number: int) -> Life:
    """The `number`th person, the same whenever it is made."""
    chance = Random(f"{plan.seed}:{number}")  # noqa: S311  invented people, not secrets
    name = f"Person {number:06d}"
    person = User(
        username=f"{plan.prefix}{number:06d}",
        first_name=name,
        last_name="Exempelsson",
        search_name=fold_name(f"{name} Exempelsson"),
        password="!",  # noqa: S106  nobody can log in with it
        public_id=_uuid(chance),
    )
    life = Life(person)
    days = YEARS * 365
    for job in range(2 if chance.random() < SHARE_SECOND_JOB else 1):
        _employ(life, plan, ground, chance, job, plan.until - timedelta(days=chance.randrange(days // 2, days)))
    first = life.employments[0]
    for index in range(chance.randint(0, 2 * plan.completions_per_person)):
        at = day_starts_at(plan.until) - timedelta(minutes=chance.randrange(1, days * 24 * 60))
        completion = unrecorded_completion(
            person, chance.choice(ground.courses), at, plan.prefix.rstrip("-"), f"{number}-{index}", first.unit
        )
        completion.public_id = _uuid(chance)
        life.completions.append(completion)
        if chance.random() < SHARE_WITHDRAWN:
            life.endings.append(_ending(chance, person, Ending.Kind.CORRECTED, at, completion=completion))
    return life


def _employ(life: Life, plan: Plan, ground: Ground, chance: Random, job: int, starts_on: date) -> None:
    number = life.person.username.removeprefix(plan.prefix)
    value = f"SE2321000131-P{plan.seed}J{job}N{number}"
    identity = EmployeeIdentity(
        person=life.person, kind=EmployeeIdentity.Kind.HSA_ID, value=value, folded_value=fold_identifier(value)
    )
    life.identities.append(identity)
    dated = {"starts_on": starts_on}
    employment = Employment(
        person=life.person,
        unit=chance.choice(ground.units),
        identity=identity,
        title="Arbetsterapeut",
        profession="occupational-therapist",
        public_id=_uuid(chance),
        **dated,
    )
    life.employments.append(employment)
    if chance.random() < SHARE_APPOINTED:
        role, right = chance.choice(ground.roles)
        within = {"employment": employment, **dated}
        life.appointments.append(Appointment(role=role, public_id=_uuid(chance), **within))
        life.level_decisions.append(
            LevelDecision(level=LevelDecision.Level.FULL, role=role, public_id=_uuid(chance), **within)
        )
        if chance.random() < SHARE_AUTHORISED:
            life.authorisations.append(Authorisation(right=right, public_id=_uuid(chance), **within))
            _log_in(life, right, chance, plan)
    if chance.random() < SHARE_LEFT:
        left = day_starts_at(starts_on + timedelta(days=chance.randrange(30, 365)))
        life.endings.append(_ending(chance, life.person, Ending.Kind.ENDED, left, employment=employment))


def _log_in(life: Life, right: OrderingRight, chance: Random, plan: Plan) -> None:
    """Log in every few months until not long ago, most people; the others leave their right to become inactive."""
    if chance.random() >= SHARE_LOGGING_IN:
        return
    first = life.authorisations[-1].starts_on
    day = plan.until - timedelta(days=chance.randrange(1, 300))
    while day > first:
        at = day_starts_at(day) + timedelta(minutes=chance.randrange(24 * 60 - 60))
        if all(login.logged_in_at != at for login in life.logins):
            life.logins.append(
                SystemLogin(person=life.person, system=right.system, logged_in_at=at, public_id=_uuid(chance))
            )
        day -= timedelta(days=chance.randrange(200, 350))


def _ending(chance: Random, person: User, kind: Ending.Kind, at: datetime, **fact: Fact) -> Ending:
    return Ending(kind=kind, takes_effect_at=at, reason="", public_id=_uuid(chance), person=person, **fact)


def _uuid(chance: Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)
