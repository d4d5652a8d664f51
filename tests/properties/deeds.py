"""Everything that can be done about a person, and what the reference is to know of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from competence.actions.appointments import appoint, attest, decide_level, grant_exemption, revoke_appointment
from competence.actions.authorisations import (
    end_authorisation,
    grant_authorisation,
    replace_authorisation,
    report_login,
    revoke_authorisation,
)
from competence.actions.completions import record_completion
from competence.actions.employments import end_employment, end_suspension, start_employment, suspend
from competence.actions.wrong_completions import withdraw_completion
from competence.models.appointment import Appointment, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.policy import facts
from competence.policy.facts import EndingKind
from lms.users.models import EmployeeIdentity
from tests.properties.world import ABOVE, BY, PRINCIPAL, World
from tests.reference.days import ONE_DAY, first_instant


def pk_of(fact: facts.Fact) -> int:
    return int(fact.key.partition(":")[2])


class Deeds(World):
    """The world, and what can be done in it. Each deed names its people and facts by where they stand among ours."""

    def hire(self, who: int, unit: str, profession: str, by_identity: bool, first: date, last: date | None) -> None:
        identity = EmployeeIdentity.objects.filter(person=self.people[who]).first() if by_identity else None
        self.act(
            who,
            lambda: start_employment(
                person=self.people[who],
                unit=self.units[unit],
                starts_on=first,
                ends_on=last,
                identity=identity,
                profession=profession,
                by=BY,
            ),
            lambda done: self.add(
                who,
                "employments",
                facts.Employment(
                    key=f"employment:{done.pk}",
                    recorded_at=done.recorded_at,
                    principal=PRINCIPAL[unit],
                    units=frozenset(ABOVE[unit]),
                    profession=profession,
                    identity=identity.folded_value if identity is not None else None,
                    **self.starts(first, last),
                ),
            ),
        )

    def _employment(self, who: int, which: int) -> tuple[str, Employment]:
        rows = self.facts[who].employments
        fact = rows[which % len(rows)]
        return fact.key, Employment.objects.get(pk=pk_of(fact))

    def _ending(
        self, who: int, name: str, fact: facts.Fact, at: datetime | None, kind: EndingKind, done: Ending
    ) -> None:
        """`at` None: at once."""
        ending = facts.Ending(at if at is not None else done.recorded_at, kind, done.recorded_at)
        self.end(who, name, fact.key, ending)

    def part(self, who: int, which: int, last_day: date) -> None:
        key, employment = self._employment(who, which)
        fact = next(f for f in self.facts[who].employments if f.key == key)
        at = first_instant(last_day + ONE_DAY)
        self.act(
            who,
            lambda: end_employment(employment=employment, last_day=last_day, by=BY),
            lambda done: self._ending(who, "employments", fact, at, EndingKind.ENDED, done),
        )

    def send_on_leave(self, who: int, which: int, first: date, last: date | None) -> None:
        key, employment = self._employment(who, which)
        self.act(
            who,
            lambda: suspend(employment=employment, starts_on=first, ends_on=last, by=BY),
            lambda done: self.add(
                who,
                "suspensions",
                facts.Suspension(
                    key=f"suspension:{done.pk}",
                    recorded_at=done.recorded_at,
                    employment=key,
                    **self.starts(first, last),
                ),
            ),
        )

    def come_back(self, who: int, which: int, day: date) -> None:
        rows = self.facts[who].suspensions
        fact = rows[which % len(rows)]
        self.act(
            who,
            lambda: end_suspension(suspension=Suspension.objects.get(pk=pk_of(fact)), back_on=day, by=BY),
            lambda done: self._ending(who, "suspensions", fact, first_instant(day), EndingKind.ENDED, done),
        )

    def appoint(self, who: int, which: int, role: str, first: date, last: date | None) -> None:
        key, employment = self._employment(who, which)
        named = CompetenceRole.objects.get(key=role)
        self.act(
            who,
            lambda: appoint(employment=employment, role=named, starts_on=first, ends_on=last, by=BY),
            lambda done: self.add(
                who,
                "appointments",
                facts.Appointment(
                    key=f"appointment:{done.pk}",
                    recorded_at=done.recorded_at,
                    employment=key,
                    role=role,
                    **self.starts(first, last),
                ),
            ),
        )

    def revoke_appointment(self, who: int, which: int) -> None:
        rows = self.facts[who].appointments
        fact = rows[which % len(rows)]
        self.act(
            who,
            lambda: revoke_appointment(appointment=Appointment.objects.get(pk=pk_of(fact)), reason="so", by=BY),
            lambda done: self._ending(who, "appointments", fact, None, EndingKind.REVOKED, done),
        )

    def decide_level(self, who: int, which: int, level: str, role: str | None, first: date) -> None:
        key, employment = self._employment(who, which)
        named = CompetenceRole.objects.get(key=role) if role is not None else None
        self.act(
            who,
            lambda: decide_level(
                employment=employment, level=LevelDecision.Level(level), role=named, starts_on=first, by=BY
            ),
            lambda done: self.add(
                who,
                "level_decisions",
                facts.LevelDecision(
                    key=f"level_decision:{done.pk}",
                    recorded_at=done.recorded_at,
                    employment=key,
                    role=role,
                    level=facts.Level(level),
                    **self.starts(first, None),
                ),
            ),
        )

    def attest(self, who: int, which: int, name: str, for_all: bool, first: date, last: date | None) -> None:
        key, employment = self._employment(who, which)
        self.act(
            who,
            lambda: attest(
                employment=employment, attestation=name, starts_on=first, ends_on=last, follows_person=for_all, by=BY
            ),
            lambda done: self.add(
                who,
                "attestations",
                facts.Attestation(
                    key=f"attestation:{done.pk}",
                    recorded_at=done.recorded_at,
                    attestation=name,
                    employment=None if for_all else key,
                    **self.starts(first, last),
                ),
            ),
        )

    def exempt(self, who: int, which: int, requirement: str, last: date | None) -> None:
        key, employment = self._employment(who, which)
        today = self.today
        self.act(
            who,
            lambda: grant_exemption(employment=employment, requirement=requirement, reason="so", ends_on=last, by=BY),
            lambda done: self.add(
                who,
                "exemptions",
                facts.Exemption(
                    key=f"exemption:{done.pk}",
                    recorded_at=done.recorded_at,
                    requirement=requirement,
                    employment=key,
                    **self.starts(today, last),
                ),
            ),
        )

    def grant(self, who: int, which: int, right: str, first: date, last: date | None) -> None:
        key, employment = self._employment(who, which)
        asked = OrderingRight.objects.get(key=right)
        number = "111111" if asked.needs_customer_number else ""
        self.act(
            who,
            lambda: grant_authorisation(
                employment=employment, right=asked, customer_number=number, starts_on=first, ends_on=last, by=BY
            ),
            lambda done: self._granted(who, key, right, number, first, last, done),
        )

    def _granted(
        self, who: int, key: str, right: str, number: str, first: date, last: date | None, done: Authorisation
    ) -> None:
        fact = facts.Authorisation(
            key=f"authorisation:{done.pk}",
            recorded_at=done.recorded_at,
            employment=key,
            right=right,
            customer_number=number,
            **self.starts(first, last),
        )
        self.add(who, "authorisations", fact)

    def revoke_right(self, who: int, which: int) -> None:
        rows = self.facts[who].authorisations
        fact = rows[which % len(rows)]
        self.act(
            who,
            lambda: revoke_authorisation(authorisation=Authorisation.objects.get(pk=pk_of(fact)), reason="so", by=BY),
            lambda done: self._ending(who, "authorisations", fact, None, EndingKind.REVOKED, done),
        )

    def end_right(self, who: int, which: int, first_day_without: date) -> None:
        rows = self.facts[who].authorisations
        fact = rows[which % len(rows)]
        at = first_instant(first_day_without)
        self.act(
            who,
            lambda: end_authorisation(
                authorisation=Authorisation.objects.get(pk=pk_of(fact)), first_day_without=first_day_without, by=BY
            ),
            # 'Today: at once.'
            lambda done: self._ending(who, "authorisations", fact, max(at, done.recorded_at), EndingKind.ENDED, done),
        )

    def replace_right(self, who: int, which: int, right: str, day: date) -> None:
        rows = self.facts[who].authorisations
        fact = rows[which % len(rows)]
        asked = OrderingRight.objects.get(key=right)
        number = "111111" if asked.needs_customer_number else ""
        held = Authorisation.objects.get(pk=pk_of(fact))
        last = held.ends_on if held.ends_on is not None and held.ends_on >= day else None

        def remember(done: Authorisation) -> None:
            at = max(first_instant(day), done.recorded_at)
            ending = facts.Ending(at, EndingKind.ENDED, done.recorded_at)
            self.end(who, "authorisations", fact.key, ending)
            self._granted(who, fact.employment, right, number, day, last, done)

        self.act(
            who,
            lambda: replace_authorisation(
                authorisation=held, right=asked, starts_on=day, customer_number=number, by=BY
            ),
            remember,
        )

    def log_in(self, who: int, system: str, hours_ago: int) -> None:
        """Reported twice, as a system that got no reply does."""
        named = OrderingSystem.objects.filter(key=system).first()
        if named is None:
            return
        at = self.now - timedelta(hours=hours_ago)
        for _time in range(2):
            self.act(
                who,
                lambda: report_login(person=self.people[who], system=named, logged_in_at=at, by=BY),
                lambda done: self._once(
                    who,
                    "logins",
                    facts.Login(key=f"login:{done.pk}", recorded_at=done.recorded_at, start=at, system=system),
                ),
            )

    def complete(self, who: int, course: str, hours_ago: int, source_id: str) -> None:
        """Sent twice, as a system that got no reply does. With other content it is refused."""
        at = self.now - timedelta(hours=hours_ago)
        for _time in range(2):
            self.act(
                who,
                lambda: record_completion(
                    person=self.people[who],
                    course_key=course,
                    completed_at=at,
                    source="elsewhere",
                    source_id=source_id,
                    by=BY,
                ),
                lambda done: self._once(
                    who,
                    "completions",
                    facts.Completion(
                        key=f"completion:{done.pk}", recorded_at=done.recorded_at, start=at, course=course
                    ),
                ),
            )

    def _once(self, who: int, name: str, fact: facts.Fact) -> None:
        """The same event twice is one fact."""
        if fact.key not in {known.key for known in getattr(self.facts[who], name)}:
            self.add(who, name, fact)

    def correct_completion(self, who: int, which: int) -> None:
        rows = self.facts[who].completions
        fact = rows[which % len(rows)]
        self.act(
            who,
            lambda: withdraw_completion(completion=Completion.objects.get(pk=pk_of(fact)), reason="so", by=BY),
            lambda done: self._ending(who, "completions", fact, None, EndingKind.CORRECTED, done),
        )
