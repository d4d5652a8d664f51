"""People, units and what was decided about them, made by the product's own actions under the product's own rules."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from competence.actions.appointments import appoint, attest, decide_level
from competence.actions.authorisations import grant_authorisation
from competence.actions.completions import record_completion
from competence.actions.employments import assign_manager, start_employment
from competence.actions.rules import publish_rules, register_course_reference
from competence.models.appointment import Appointment, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.models.requirement import RuleSetVersion
from lms.lib.actors import Machine
from lms.users.models import EmployeeIdentity, User

BUILDER = Machine("test:builder")
RULES = Path(settings.BASE_DIR) / "competence" / "rules" / "vastra_gotaland.yaml"
RULES_START = datetime(2023, 1, 1, tzinfo=UTC)
LONG_AGO = date(2023, 2, 1)
COMPLETED = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)

MOBILITY = "prescriber-mobility"
CONSUMABLES = "prescriber-consumables"
ORDERER = "orderer"
SOCIAL_CARE_ORDERER = "social-care-orderer"
NATIONAL = "national-hjalpmedel"
REGIONAL = "regional-forskrivare"

COURSES: dict[str, dict[str, Any]] = {
    NATIONAL: {
        "title": "Förskrivning av hjälpmedel",
        "level": "national",
        "minutes": 120,
        "url": "https://utbildning.socialstyrelsen.se/",
        "is_external": True,
    },
    "national-forbrukningsartiklar": {
        "title": "Förskrivning av förbrukningsartiklar",
        "level": "national",
        "minutes": 60,
        "url": "https://utbildning.socialstyrelsen.se/",
        "is_external": True,
    },
    "national-ledarperspektiv": {
        "title": "Förskrivning av hjälpmedel ur ett ledarperspektiv",
        "level": "national",
        "url": "https://utbildning.socialstyrelsen.se/",
        "is_external": True,
    },
    REGIONAL: {
        "title": "Regional utbildning för förskrivare",
        "level": "regional",
        "minutes": 45,
        "url": "/mina-kurser/regional-forskrivare/",
    },
    "regional-rorelse": {
        "title": "Hjälpmedel för rörelse, kommunikation och information samt antidecubitus",
        "level": "regional",
    },
    "regional-medicinsk-behandling": {"title": "Hjälpmedel vid medicinsk behandling", "level": "regional"},
    "regional-lmn": {"title": "Läkemedelsnära produkter", "level": "regional"},
}
# What each role demands, so that a prescriber who has it all may order.
DEMANDS: dict[str, dict[str, Any]] = {
    MOBILITY: {"courses": (NATIONAL, REGIONAL), "level": "full", "right": "websesam.health-care"},
    CONSUMABLES: {"courses": ("national-forbrukningsartiklar", REGIONAL), "right": "sesamlmn.order"},
    ORDERER: {"attestations": ("unit-introduction",), "right": "websesam.unit"},
    SOCIAL_CARE_ORDERER: {"courses": (NATIONAL,), "right": "websesam.social-care"},
}

_numbers = itertools.count(1)


@functools.cache
def _real_rules() -> str:
    """Read once: half of a thousand tests begin with them. YAML reads days as days; a published document is JSON."""
    return json.dumps(yaml.safe_load(RULES.read_text(encoding="utf-8")), default=str)


def publish_real_rules(*, in_force_from: datetime = RULES_START, **other: Any) -> RuleSetVersion:
    """Register the courses and publish the rules of Västra Götaland, in force since 2023; `other` parts in place of
    theirs."""
    for key, fields in COURSES.items():
        register_course_reference(key=key, by=BUILDER, **fields)
    document = json.loads(_real_rules())
    document |= other
    return publish_rules(document=document, by=BUILDER, in_force_from=in_force_from, reason="Start of the tests")


def make_person(*, username: str = "", first_name: str = "", last_name: str = "", **fields: Any) -> User:
    """A person, such as "Test Testsson 17"."""
    number = next(_numbers)
    return User.objects.create_user(
        username=username or f"test{number}",
        first_name=first_name or "Test",
        last_name=last_name or f"Testsson {number}",
        **fields,
    )


def make_hsa_id(person: User, value: str = "") -> EmployeeIdentity:
    """An HSA-ID for `person`."""
    return EmployeeIdentity.objects.create(
        person=person, kind=EmployeeIdentity.Kind.HSA_ID, value=value or f"SE2321000131-T{next(_numbers):08d}"
    )


@dataclass(frozen=True)
class World:
    """An organisation under the real rules: a clinic of VGR, a municipality, a private provider, and a manager of each.

    `outsider` manages a unit that has nothing to do with the others.
    """

    root: OrganisationUnit
    vgr: OrganisationUnit
    clinic: OrganisationUnit
    municipality: OrganisationUnit
    home_care: OrganisationUnit
    private: OrganisationUnit
    manager: User
    municipal_manager: User
    outsider: User


def make_world() -> World:
    """The rules published and the organisation built. Once in a test."""
    publish_real_rules()
    kinds = OrganisationUnit.Kind
    root = OrganisationUnit.add_root(key="all", name="Alla", kind=kinds.ROOT)

    def below(
        parent: OrganisationUnit, key: str, name: str, kind: OrganisationUnit.Kind, principal: str = ""
    ) -> OrganisationUnit:
        unit: OrganisationUnit = OrganisationUnit.objects.get(pk=parent.pk).add_child(
            key=key, name=name, kind=kind, principal_kind=principal or parent.principal_kind
        )
        return unit

    vgr = below(root, "vgr", "Västra Götalandsregionen", kinds.PRINCIPAL, PrincipalKind.VGR)
    clinic = below(vgr, "testkliniken", "Testkliniken", kinds.UNIT)
    other = below(vgr, "annan-klinik", "Annan klinik", kinds.UNIT)
    association = below(root, "skaraborg", "Skaraborg", kinds.ASSOCIATION)
    municipality = below(association, "skovde", "Skövde", kinds.PRINCIPAL, PrincipalKind.MUNICIPALITY)
    home_care = below(municipality, "skovde-hemtjanst", "Hemtjänsten", kinds.UNIT)
    private = below(root, "testvard", "Testvård AB", kinds.PRINCIPAL, PrincipalKind.PRIVATE)
    manager, municipal_manager, outsider = make_person(), make_person(), make_person()
    for person, unit in ((manager, clinic), (municipal_manager, municipality), (outsider, other)):
        make_hsa_id(person)
        assign_manager(person=person, unit=unit, starts_on=LONG_AGO, by=BUILDER)
        start_employment(person=person, unit=unit, starts_on=LONG_AGO, by=BUILDER, title="Enhetschef")
    for unit in (root, vgr, clinic, municipality, home_care, private):
        unit.refresh_from_db()  # a later sibling moves those after it in the alphabet
    return World(
        root=root,
        vgr=vgr,
        clinic=clinic,
        municipality=municipality,
        home_care=home_care,
        private=private,
        manager=manager,
        municipal_manager=municipal_manager,
        outsider=outsider,
    )


@dataclass(frozen=True)
class Prescriber:
    """A person with one employment and what was decided in it. None: not decided."""

    person: User
    employment: Employment
    hsa_id: str
    appointment: Appointment | None = None
    authorisation: Authorisation | None = None


def make_prescriber(
    unit: OrganisationUnit,
    *,
    role: str = MOBILITY,
    person: User | None = None,
    by: User | Machine = BUILDER,
    starts_on: date = LONG_AGO,
    ends_on: date | None = None,
    is_appointed: bool = True,
    level: str | None = "as the role demands",
    courses: Iterable[str] | None = None,
    completed_at: datetime = COMPLETED,
    attestations: Iterable[str] | None = None,
    is_authorised: bool = True,
    right: str = "",
    customer_number: str = "",
    title: str = "Arbetsterapeut",
    profession: str = "occupational-therapist",
) -> Prescriber:
    """Somebody employed at `unit` who may order. Leave parts out to have them missing.

    `courses`, `attestations`, `level` and `right` default to what the role demands. For `sesamlmn.order` the customer
    number is 123456 unless given.
    """
    demands = DEMANDS.get(role, {})
    person = person or make_person()
    identity = make_hsa_id(person)
    employment = start_employment(
        person=person,
        unit=unit,
        identity=identity,
        starts_on=starts_on,
        ends_on=ends_on,
        title=title,
        profession=profession,
        by=BUILDER,
    )
    appointment = None
    if is_appointed:
        appointment = appoint(
            employment=employment, role=CompetenceRole.objects.get(key=role), starts_on=starts_on, by=by
        )
    wanted_level = demands.get("level") if level == "as the role demands" else level
    if wanted_level:
        decide_level(employment=employment, level=LevelDecision.Level(wanted_level), starts_on=starts_on, by=by)
    for course in demands.get("courses", ()) if courses is None else courses:
        complete(person, course, completed_at=completed_at)
    for name in demands.get("attestations", ()) if attestations is None else attestations:
        attest(employment=employment, attestation=name, starts_on=starts_on, by=by)
    authorisation = None
    if is_authorised:
        wanted = OrderingRight.objects.get(key=right or demands["right"])
        number = customer_number or ("123456" if wanted.needs_customer_number else "")
        authorisation = grant_authorisation(employment=employment, right=wanted, customer_number=number, by=by)
    return Prescriber(
        person=person,
        employment=employment,
        hsa_id=identity.value,
        appointment=appointment,
        authorisation=authorisation,
    )


def complete(person: User, course: str, *, completed_at: datetime = COMPLETED) -> None:
    """`person` has completed `course`."""
    record_completion(
        person=person,
        course_key=course,
        completed_at=completed_at,
        source="test",
        source_id=str(next(_numbers)),
        by=BUILDER,
    )
