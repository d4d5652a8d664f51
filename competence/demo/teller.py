"""What the demonstration's stories are told with: short words for the real actions, days counted from today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from competence.actions.appointments import appoint, attest, decide_level
from competence.actions.authorisations import grant_authorisation, report_login
from competence.actions.completions import record_completion
from competence.actions.employments import start_employment
from competence.actions.people import give_identity, register_person
from competence.models.appointment import LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.organisation_unit import OrganisationUnit
from lms.lib.actors import Machine
from lms.lib.clock import STOCKHOLM, add_months, local_day
from lms.users.models import EmployeeIdentity, User

PASSWORD = "hjalpmedel-demo-2026"  # noqa: S105  the demonstration's, printed on its log-in page
VGR, MUNICIPALITY = "SE2321000131", "SE0000000001"  # the second is nobody's organisation number


class Teller:
    """Tells stories as of today. Everything goes through the actions, so that facts, audit and outbox agree."""

    def __init__(self) -> None:
        self.by = Machine("command:load_demo")
        self.now = timezone.now()
        self.today = local_day(self.now)

    @cached_property
    def password_hash(self) -> str:
        """One hash for all: half a second of hashing for each person would make the demonstration slow to load."""
        return make_password(PASSWORD)

    @cached_property
    def roles(self) -> dict[str, CompetenceRole]:
        return {role.key: role for role in CompetenceRole.objects.all()}

    @cached_property
    def rights(self) -> dict[str, OrderingRight]:
        return {right.key: right for right in OrderingRight.objects.select_related("system")}

    @cached_property
    def units(self) -> dict[str, OrganisationUnit]:
        return {unit.key: unit for unit in OrganisationUnit.objects.all()}

    # --- When ---------------------------------------------------------------------------------------------------
    def months_ago(self, months: int) -> date:
        return add_months(self.today, -months)

    def days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def in_days(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def instant(self, day: date, hour: int = 10) -> datetime:
        """An hour of the working day, but never one that is still to come."""
        return min(datetime.combine(day, time(hour), STOCKHOLM).astimezone(UTC), self.now)

    # --- What ---------------------------------------------------------------------------------------------------
    def person(self, username: str, name: str, *, hsa_id: str = "", can_log_in: bool = True) -> User:
        first_name, _space, last_name = name.partition(" ")
        person = register_person(
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=f"{username.replace('_', '.')}@example.se",
            password_hash=self.password_hash if can_log_in else "",
            by=self.by,
        )
        if hsa_id:
            self.identity(person, hsa_id)
        return person

    def identity(self, person: User, hsa_id: str) -> EmployeeIdentity:
        return give_identity(person=person, kind=EmployeeIdentity.Kind.HSA_ID, value=hsa_id, by=self.by)

    def employ(
        self, person: User, unit: str, *, title: str, profession: str = "", since: date | None = None, hsa_id: str = ""
    ) -> Employment:
        identity = self.identity(person, hsa_id) if hsa_id else person.identities.first()
        return start_employment(
            person=person,
            unit=self.units[unit],
            starts_on=since or self.months_ago(40),
            identity=identity,
            title=title,
            profession=profession,
            by=self.by,
        )

    def complete(self, person: User, course: str, day: date, hour: int = 10) -> Completion:
        return record_completion(
            person=person,
            course_key=course,
            completed_at=self.instant(day, hour),
            source="demo",
            source_id=f"{person.username}:{course}",
            by=self.by,
        )

    def appoint(
        self,
        employment: Employment,
        *roles: str,
        since: date | None = None,
        level: LevelDecision.Level | None = LevelDecision.Level.FULL,
    ) -> None:
        """Appoint to the roles, and decide the level where there is one to decide."""
        since = since or self.months_ago(20)
        for role in roles:
            appoint(employment=employment, role=self.roles[role], starts_on=since, by=self.by)
        if level is not None:
            decide_level(employment=employment, level=level, starts_on=since, by=self.by)

    def attest(self, employment: Employment, attestation: str, since: date | None = None) -> None:
        attest(employment=employment, attestation=attestation, starts_on=since or self.months_ago(20), by=self.by)

    def authorise(
        self,
        employment: Employment,
        right: str,
        *,
        since: date | None = None,
        until: date | None = None,
        customer_number: str = "",
        logged_in: Sequence[date] = (),
    ) -> Authorisation:
        """Grant the right, and report the log-ins that keep it alive."""
        authorisation = grant_authorisation(
            employment=employment,
            right=self.rights[right],
            starts_on=since or self.months_ago(8),
            ends_on=until,
            customer_number=customer_number,
            by=self.by,
        )
        for day in logged_in:
            self.log_in(employment.person, self.rights[right].system, day)
        return authorisation

    def log_in(self, person: User, system: OrderingSystem, day: date) -> None:
        report_login(person=person, system=system, logged_in_at=self.instant(day, 8), by=self.by)
