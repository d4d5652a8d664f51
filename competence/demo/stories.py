"""What has happened to each of the cast. Recorded now, about days that lie in the past."""

from __future__ import annotations

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from competence.actions.applications import save_application, submit_application
from competence.actions.completions import claim_completion
from competence.actions.deputies import appoint_deputy
from competence.actions.employments import assign_manager, end_employment, suspend
from competence.actions.transfers import assign_system_administrator, mark_transferred
from competence.demo.certificate import certificate_pdf
from competence.demo.teller import MUNICIPALITY, Teller
from competence.models.appointment import LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.employment import Employment, ManagerAssignment
from competence.models.ordering_system import OrderingSystem
from competence.queries.eligibility import current_moment
from competence.queries.transfers import transfers_waiting
from competence.system_permissions import systems_administered_by
from lms.users.models import User

NATIONAL, REGIONAL = "national-hjalpmedel", "regional-forskrivare"
MOBILITY, MEDICAL = "prescriber-mobility", "prescriber-medical-treatment"
HEALTH_CARE = "websesam.health-care"


def _at_rehab(
    t: Teller, person: User, title: str = "Arbetsterapeut", profession: str = "occupational-therapist"
) -> Employment:
    return t.employ(person, "demo-rehab-norr", title=title, profession=profession)


def _in_home_care(t: Teller, person: User, since: date | None = None) -> Employment:
    return t.employ(person, "demo-hemsjukvard-norr", title="Sjuksköterska", profession="nurse", since=since)


def _both_courses(t: Teller, person: User) -> None:
    t.complete(person, NATIONAL, t.months_ago(21))
    t.complete(person, REGIONAL, t.months_ago(20), hour=14)


def _active_right(t: Teller, employment: Employment, *, until: date | None = None) -> Authorisation:
    return t.authorise(
        employment, HEALTH_CARE, since=t.months_ago(19), until=until, logged_in=[t.months_ago(9), t.days_ago(4)]
    )


def everything_in_order(t: Teller, person: User) -> None:
    employment = _at_rehab(t, person)
    _both_courses(t, person)
    t.appoint(employment, MOBILITY)
    _active_right(t, employment)


def newly_employed(t: Teller, person: User) -> None:
    t.employ(person, "demo-rehab-norr", title="Fysioterapeut", profession="physiotherapist", since=t.days_ago(12))


def lacks_the_regional_course(t: Teller, person: User) -> None:
    employment = _in_home_care(t, person, t.months_ago(7))
    t.complete(person, NATIONAL, t.months_ago(3))
    t.appoint(employment, MOBILITY, since=t.months_ago(2))
    t.authorise(employment, HEALTH_CARE, since=t.months_ago(2))


def has_an_old_regional_course(t: Teller, person: User) -> None:
    employment = t.employ(
        person, "demo-rehab-norr", title="Arbetsterapeut", profession="occupational-therapist", since=date(2022, 9, 1)
    )
    t.complete(person, NATIONAL, date(2023, 5, 11))
    t.complete(person, "regional-rorelse", date(2023, 6, 8))
    t.appoint(employment, MOBILITY, MEDICAL, since=date(2023, 6, 12))
    _active_right(t, employment)


def needs_the_basic_level_only(t: Teller, person: User) -> None:
    employment = _in_home_care(t, person)
    t.complete(person, REGIONAL, t.months_ago(20))
    t.appoint(employment, MOBILITY, level=LevelDecision.Level.BASIC)
    t.attest(employment, "national-hjalpmedel-basic")
    _active_right(t, employment)


def is_on_leave(t: Teller, person: User) -> None:
    employment = _at_rehab(t, person, "Fysioterapeut", "physiotherapist")
    _both_courses(t, person)
    t.appoint(employment, MOBILITY)
    _active_right(t, employment)
    suspend(employment=employment, starts_on=t.months_ago(2), by=t.by)


def has_two_employers(t: Teller, person: User) -> None:
    at_the_region = t.employ(
        person, "demo-narhalsan-rehab", title="Fysioterapeut", profession="physiotherapist", since=t.months_ago(60)
    )
    t.employ(
        person,
        "demo-rehab-norr",
        title="Fysioterapeut",
        profession="physiotherapist",
        since=t.months_ago(5),
        hsa_id=f"{MUNICIPALITY}-DEMO0007",
    )
    _both_courses(t, person)
    t.appoint(at_the_region, MOBILITY)
    _active_right(t, at_the_region)


def has_a_right_that_ends_soon(t: Teller, person: User) -> None:
    employment = _at_rehab(t, person)
    _both_courses(t, person)
    t.appoint(employment, MOBILITY)
    _active_right(t, employment, until=t.in_days(21))


def prescribes_consumables(t: Teller, person: User) -> None:
    employment = t.employ(person, "demo-hemsjukvard-norr", title="Distriktssköterska", profession="district-nurse")
    t.complete(person, "national-forbrukningsartiklar", t.months_ago(21))
    t.complete(person, REGIONAL, t.months_ago(20))
    t.appoint(employment, "prescriber-consumables", level=None)
    t.authorise(
        employment, "sesamlmn.order", since=t.months_ago(11), customer_number="990101", logged_in=[t.days_ago(2)]
    )


def orders_for_the_unit(t: Teller, person: User) -> None:
    employment = t.employ(person, "demo-hemsjukvard-norr", title="Undersköterska", profession="assistant-nurse")
    t.appoint(employment, "orderer", level=None)
    t.attest(employment, "unit-introduction")
    t.authorise(employment, "websesam.unit", logged_in=[t.days_ago(6)])


def orders_in_social_care(t: Teller, person: User) -> None:
    employment = t.employ(person, "demo-bistand-norr", title="Biståndshandläggare", profession="care-needs-assessor")
    t.appoint(employment, "social-care-orderer", level=None)
    t.authorise(employment, "websesam.social-care", logged_in=[t.days_ago(9)])


def has_not_logged_in_for_a_year(t: Teller, person: User) -> None:
    employment = t.employ(person, "demo-hemsjukvard-norr", title="Undersköterska", profession="assistant-nurse")
    t.appoint(employment, "orderer", level=None)
    t.attest(employment, "unit-introduction")
    t.authorise(employment, "websesam.unit", since=t.months_ago(19), logged_in=[t.months_ago(13)])


def has_left(t: Teller, person: User) -> None:
    employment = _at_rehab(t, person)
    _both_courses(t, person)
    t.appoint(employment, MOBILITY)
    _active_right(t, employment)
    end_employment(employment=employment, last_day=t.months_ago(2), by=t.by)


def has_sent_in_a_certificate(t: Teller, person: User) -> None:
    employment = _in_home_care(t, person, t.months_ago(4))
    t.complete(person, REGIONAL, t.days_ago(30))
    t.appoint(employment, MOBILITY, since=t.months_ago(1))
    day = t.days_ago(9)
    pdf = certificate_pdf(name=person.full_name, course="Förskrivning av hjälpmedel", completed_on=day)
    claim_completion(
        person=person,
        course_key=NATIONAL,
        completed_at=t.instant(day),
        evidence=SimpleUploadedFile("kursbevis.pdf", pdf, "application/pdf"),
        note="Här är mitt kursbevis från Socialstyrelsens utbildningsportal.",
        by=person,
    )


def has_applied_for_a_right(t: Teller, person: User) -> None:
    employment = _at_rehab(t, person)
    t.complete(person, NATIONAL, t.months_ago(2))
    t.complete(person, REGIONAL, t.days_ago(40))
    t.appoint(employment, MOBILITY, since=t.days_ago(20))
    application = save_application(
        employment=employment,
        by=t.by,
        right=t.rights[HEALTH_CARE],
        starts_on=t.in_days(3),
        name=person.full_name,
        title=employment.title,
        email=person.email,
        hsa_id=employment.identity.value if employment.identity else "",
    )
    submit_application(application=application, by=t.by)


def manages_the_team(t: Teller, person: User) -> None:
    _manages(t, person, "demo-norr", "Enhetschef")


def manages_the_managers(t: Teller, person: User) -> None:
    _manages(t, person, "demo-vard-omsorg", "Verksamhetschef")


def manages_another_team(t: Teller, person: User) -> None:
    _manages(t, person, "demo-soder", "Enhetschef")


def stands_in_for_the_manager(t: Teller, person: User) -> None:
    """Employed beside the team, so that nobody decides about themselves."""
    t.employ(person, "demo-vard-omsorg", title="Biträdande verksamhetschef", since=t.months_ago(20))
    own = ManagerAssignment.objects.get(person__username="manager", unit__key="demo-norr")
    appoint_deputy(
        assignment=own, person=person, unit=own.unit, starts_on=t.today, ends_on=t.in_days(60), by=own.person
    )


def _manages(t: Teller, person: User, unit: str, title: str) -> None:
    employment = t.employ(person, unit, title=title, since=t.months_ago(48))
    t.appoint(employment, "manager-of-prescribers", since=t.months_ago(30), level=None)
    t.complete(person, "national-ledarperspektiv", t.months_ago(29))
    assign_manager(person=person, unit=t.units[unit], starts_on=t.months_ago(48), by=t.by)


def works_with_courses_and_pages(t: Teller, person: User) -> None:
    t.employ(person, "vgr-hjalpmedelscentralen", title="Kommunikatör")


def teaches(t: Teller, person: User) -> None:
    t.employ(person, "vgr-hjalpmedelscentralen", title="Hjälpmedelskonsulent")


def coordinates(t: Teller, person: User) -> None:
    t.employ(person, "vgr-koncerninkop", title="Samordnare, samverkansfunktionen")


def counts(t: Teller, person: User) -> None:
    t.employ(person, "vgr-koncerninkop", title="Verksamhetsanalytiker")


def administers(t: Teller, person: User) -> None:
    t.employ(person, "vgr-forsorjningsforvaltningen", title="Systemförvaltare")


def administers_the_ordering_systems(t: Teller, person: User) -> None:
    """Administers both systems. What was granted long ago is entered, the latest waits."""
    t.employ(person, "vgr-forsorjningsforvaltningen", title="Systemförvaltare")
    for system in OrderingSystem.objects.filter(key__in=("websesam", "sesamlmn")):
        assign_system_administrator(person=person, system=system, starts_on=t.months_ago(24), by=t.by)
    waiting = transfers_waiting(systems_administered_by(person), current_moment())
    long_ago = [one.key for one in waiting if one.step == "start" and one.due_on <= t.months_ago(4)]
    mark_transferred(keys=long_ago, carried_out_on=t.days_ago(3), by=person)
