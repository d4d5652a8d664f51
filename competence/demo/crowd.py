"""The people around the cast, so that teams and figures look alive. Their names are of nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from competence.actions.team_reminders import remind
from competence.demo import stories
from competence.demo.teller import MUNICIPALITY, VGR, Teller
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.permissions import can_manage
from lms.users.models import User

_FIRST = """
Alva Bertil Cecilia David Elsa Folke Greta Hugo Inga Jonas Karin Leif Märta Noel Olga Per Rakel Sven Tyra Uno
Viola Wilhelm Ylva Åke Ängla Örjan Amina Dilan Leila Mirza Nour Zoran
"""
_LAST = """
Exempelsson Påhittsdotter Provsson Låtsasson Testmark Fantasidotter Sagoberg Diktström Fiktivlund Övningsson
Demolund Platshållarsson Kulissdotter Uppdiktsson Statistsson Rollbesättarsson
"""
FIRST_NAMES, LAST_NAMES = _FIRST.split(), _LAST.split()
OLD_REGIONAL = ("regional-rorelse", "regional-medicinsk-behandling", "regional-lmn")
FIRST_DAY, OLD_ENDED_ON = date(2023, 1, 9), date(2025, 1, 21)

AROUND = 32
COUNTED = 240


def _prescriber_of_consumables(t: Teller, person: User, employment: Employment) -> None:
    t.complete(person, "national-forbrukningsartiklar", t.months_ago(15))
    t.complete(person, stories.REGIONAL, t.months_ago(14))
    t.appoint(employment, "prescriber-consumables", since=t.months_ago(14), level=None)


def _in_order(t: Teller, person: User, employment: Employment) -> None:
    t.complete(person, stories.NATIONAL, t.months_ago(18))
    t.complete(person, stories.REGIONAL, t.months_ago(17))
    t.appoint(employment, stories.MOBILITY, since=t.months_ago(17))
    t.authorise(employment, stories.HEALTH_CARE, since=t.months_ago(10), logged_in=[t.days_ago(15)])


def _halfway(t: Teller, person: User, employment: Employment) -> None:
    t.complete(person, stories.NATIONAL, t.months_ago(2))
    t.appoint(employment, stories.MOBILITY, since=t.months_ago(1))


def _orderer(t: Teller, person: User, employment: Employment) -> None:
    t.appoint(employment, "orderer", level=None)
    t.attest(employment, "unit-introduction")
    t.authorise(employment, "websesam.unit", since=t.months_ago(6), logged_in=[t.days_ago(20)])


def _nothing_yet(t: Teller, person: User, employment: Employment) -> None:
    """Employed, and no more."""


SITUATIONS: tuple[tuple[str, str, Callable[[Teller, User, Employment], None]], ...] = (
    ("Arbetsterapeut", "occupational-therapist", _in_order),
    ("Undersköterska", "assistant-nurse", _orderer),
    ("Fysioterapeut", "physiotherapist", _halfway),
    ("Distriktssköterska", "district-nurse", _prescriber_of_consumables),
    ("Sjuksköterska", "nurse", _in_order),
    ("Undersköterska", "assistant-nurse", _nothing_yet),
)
UNITS = (
    "demo-rehab-norr",
    "demo-hemsjukvard-norr",
    "demo-hemsjukvard-soder",
    "demo-narhalsan-rehab",
    "demo-su-arbetsterapi",
    "demo-habilitering",
    "demo-pahittade-rehab-mottagning",
)


def tell_of_colleagues(t: Teller) -> Iterator[User]:
    """Some thirty colleagues at the units of the demonstration, each in a situation of their own."""
    for index in range(AROUND):
        unit = UNITS[index % len(UNITS)]
        title, profession, story = SITUATIONS[index % len(SITUATIONS)]
        person = _somebody(t, _username(index), 100 + index, t.units[unit])
        employment = t.employ(person, unit, title=title, profession=profession, since=t.months_ago(26 + index % 9))
        story(t, person, employment)
        yield person


def tell_of_reminders(t: Teller) -> int:
    """The manager has reminded those of the team who have come halfway; returns how many."""
    manager = User.objects.get(username="manager")
    halfway = [_username(index) for index in range(AROUND) if SITUATIONS[index % len(SITUATIONS)][2] is _halfway]
    rows = Employment.objects.filter(person__username__in=halfway).select_related("unit", "person").order_by("pk")
    theirs = [one for one in rows if can_manage(manager, one.unit)]
    for employment, message in zip(theirs, ("", "Hör av dig om du behöver tid för kursen i schemat."), strict=False):
        remind(employment=employment, message=message, by=manager)
    return len(theirs)


def _username(index: int) -> str:
    return f"kollega_{index + 1:02d}"


def tell_of_those_who_are_counted(t: Teller) -> Iterator[User]:
    """People all over the region who took courses since 2023: what the statistics count."""
    chance = Random(2023)  # noqa: S311  the same people every time
    places = _places(t)
    for index in range(COUNTED):
        # Two in three in the municipalities, one in four in the region, the rest with private providers.
        kind = chance.choices(
            (PrincipalKind.MUNICIPALITY, PrincipalKind.VGR, PrincipalKind.PRIVATE), weights=(8, 3, 1)
        )[0]
        of_kind = places[kind]
        unit = of_kind[index % len(of_kind)]
        person = _somebody(t, f"kursdeltagare_{index + 1:03d}", 1000 + index, unit)
        t.employ(person, unit.key, title="Sjuksköterska", profession="nurse", since=FIRST_DAY)
        for course, day in _courses(chance, t.today):
            t.complete(person, course, day, hour=chance.randint(8, 16))
        yield person


def _courses(chance: Random, today: date) -> Iterator[tuple[str, date]]:
    day = _day_between(chance, FIRST_DAY, today)
    yield chance.choices(("national-hjalpmedel", "national-forbrukningsartiklar"), weights=(3, 1))[0], day
    if chance.random() < 0.75:
        regional = min(day + timedelta(days=chance.randint(0, 60)), today)
        yield (chance.choice(OLD_REGIONAL) if regional <= OLD_ENDED_ON else "regional-forskrivare"), regional
    if chance.random() < 0.06:
        yield "national-ledarperspektiv", _day_between(chance, day, today)


def _day_between(chance: Random, first: date, last: date) -> date:
    """A weekday, July left out: nobody takes a course then."""
    for _attempt in range(50):
        day = first + timedelta(days=chance.randint(0, (last - first).days))
        if day.weekday() < 5 and day.month != 7:
            return day
    return first


def _places(t: Teller) -> dict[str, list[OrganisationUnit]]:
    """The principals and their parts, by the kind of principal; not the units, which have people of their own."""
    found: dict[str, list[OrganisationUnit]] = {kind: [] for kind in PrincipalKind.values}
    for unit in sorted(t.units.values(), key=lambda unit: str(unit.key)):
        if unit.principal_kind and unit.kind in {OrganisationUnit.Kind.PRINCIPAL, OrganisationUnit.Kind.PART}:
            found[unit.principal_kind].append(unit)
    return found


def _somebody(t: Teller, username: str, number: int, unit: OrganisationUnit) -> User:
    # 17 and 5 have no factor in common with the lengths of the lists, so that names vary and come again seldom.
    name = f"{FIRST_NAMES[number * 17 % len(FIRST_NAMES)]} {LAST_NAMES[number * 5 % len(LAST_NAMES)]}"
    prefix = VGR if unit.principal_kind == PrincipalKind.VGR else MUNICIPALITY
    return t.person(username, name, hsa_id=f"{prefix}-DEMO{number:04d}", can_log_in=False)
