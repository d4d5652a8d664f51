"""Mitt team: the matrix, its filters, its file, and for whom it is not."""

from __future__ import annotations

import io
import unicodedata
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import end_employment, suspend
from competence.actions.prepared import refresh
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from lms.audit.models import AuditEvent
from lms.lib.clock import local_day
from lms.users.models import User
from tests.competence.views.helpers import HEALTH_CARE, client_of, make_claim, same_body, text_of
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    LONG_AGO,
    MOBILITY,
    ORDERER,
    REGIONAL,
    SOCIAL_CARE_ORDERER,
    World,
    make_person,
    make_prescriber,
)

URL = "/mitt-team/"
QUERIES = 21


def names_on(response: Any) -> set[str]:
    return {row.name for row in response.context["team"].rows}


def cell_of(response: Any, name: str, right: str = HEALTH_CARE) -> Any:
    row = next(row for row in response.context["team"].rows if row.name == name)
    return next(cell for cell in row.rights if cell and cell.right.key == right)


def test_it_shows_who_may_who_may_not_and_why(world: World) -> None:
    ready, missing = make_prescriber(world.clinic), make_prescriber(world.clinic, courses=(REGIONAL,))
    response = client_of(world.manager).get(URL)
    assert cell_of(response, ready.person.full_name).status == "allowed"
    denied = cell_of(response, missing.person.full_name)
    assert (denied.status, "Förskrivning av hjälpmedel" in denied.reason) == ("denied", True)
    assert cell_of(response, ready.person.full_name, "websesam.unit").reason == "Ingår i en annan behörighet."
    assert cell_of(response, ready.person.full_name, "sesamlmn.order").status == "neutral"


def test_a_right_by_recommendation_is_said_to_be_one(world: World) -> None:
    orderer = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    response = client_of(world.municipal_manager).get(URL)
    assert cell_of(response, orderer.person.full_name, "websesam.social-care").status == "allowed_with_warning"


def test_after_a_revocation_the_page_says_no_at_once(world: World) -> None:
    ready = make_prescriber(world.clinic)
    client = client_of(world.manager)
    assert cell_of(client.get(URL), ready.person.full_name).status == "allowed"
    assert ready.authorisation is not None
    revoke_authorisation(authorisation=ready.authorisation, reason="Slutat förskriva.", by=world.manager)
    assert cell_of(client.get(URL), ready.person.full_name).status == "denied"


def test_the_requirements_have_a_view_of_their_own(world: World) -> None:
    make_prescriber(world.clinic, courses=(REGIONAL,))
    response = client_of(world.manager).get(URL, {"visa": "krav"})
    row = next(row for row in response.context["team"].rows if any(one.status for one in row.requirements))
    asked = dict(zip([one.key for one in response.context["team"].requirements], row.requirements, strict=True))
    assert asked["national-hjalpmedel"].status == "missing"
    assert asked["regional-mobility"].status == "done"


def test_a16_only_ones_own_units_and_those_below_are_shown(world: World) -> None:
    mine, other = make_prescriber(world.clinic), make_prescriber(world.home_care)
    assert names_on(client_of(world.manager).get(URL)) == {mine.person.full_name, world.manager.full_name}
    below = names_on(client_of(world.municipal_manager).get(URL))
    assert other.person.full_name in below
    assert mine.person.full_name not in below
    assert mine.person.full_name not in names_on(client_of(world.outsider).get(URL))


def test_a14_who_manages_nobody_gets_what_a_missing_page_gets(world: World) -> None:
    secret = make_prescriber(world.clinic)
    colleague = client_of(make_prescriber(world.clinic).person)
    missing = same_body(colleague.get(f"{URL}{uuid.uuid4()}/")).replace("ID/", "").replace("ID%2F", "")
    assert same_body(colleague.get(URL)) == missing
    for address in (f"{URL}?visa=slutat", f"{URL}beslut/", f"{URL}fil.csv"):
        found = colleague.get(address)
        assert found.status_code == 404
        assert secret.person.full_name not in text_of(found)


# --- Filters --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("stored", ["NFC", "NFD"])
def test_f21_a_name_is_found_however_it_is_written(world: World, form: Any, stored: Any) -> None:
    person = make_person(
        first_name=unicodedata.normalize(stored, "Åsa"), last_name=unicodedata.normalize(stored, "Öst")
    )
    make_prescriber(world.clinic, person=person)
    make_prescriber(world.clinic)
    response = client_of(world.manager).get(URL, {"sok": unicodedata.normalize(form, "öst åSA")})
    assert names_on(response) == {person.full_name}


def test_each_status_finds_its_people(world: World) -> None:
    ready = make_prescriber(world.clinic, is_authorised=False)
    soon = local_day(timezone.now()) + timedelta(days=40)
    grant_authorisation(
        employment=ready.employment, right=OrderingRight.objects.get(key=HEALTH_CARE), ends_on=soon, by=BUILDER
    )
    denied = make_prescriber(world.clinic, courses=())
    away = make_prescriber(world.clinic)
    suspend(employment=away.employment, starts_on=LONG_AGO, by=world.manager)
    sent = make_prescriber(world.clinic, courses=(REGIONAL,))
    make_claim(sent.person)
    client = client_of(world.manager)

    def found(**query: str) -> set[str]:
        return names_on(client.get(URL, query))

    def name(*people: Any) -> set[str]:
        return {one.person.full_name for one in people}

    assert found(utfall="allowed") == name(ready)
    assert found(utfall="denied") == name(denied, away, sent)
    assert found(gar_ut="30") == set()
    assert found(gar_ut="60") == name(ready)
    assert found(ledig="1") == name(away)
    assert found(vantar="1") == name(sent)
    assert found(utfall="allowed", ratt=HEALTH_CARE) == name(ready)
    assert found(utfall="allowed", ratt="sesamlmn.order") == set()
    assert found(ratt=HEALTH_CARE) == name(ready, denied, away, sent)
    assert found(saknar="regional-mobility") == name(denied)
    assert found(saknar="national-hjalpmedel") == name(denied, sent)
    assert found(saknar="nagot") == name(denied, away, sent)
    assert found(saknar="national-hjalpmedel", vantar="1") == name(sent), "filters are combined"
    assert found(saknar="regional-mobility", vantar="1") == set()
    counts = client.get(URL).context["counts"]
    assert (counts.everybody, counts.allowed, counts.denied) == (5, 1, 3)
    assert (counts.ending, counts.on_leave, counts.waiting) == (1, 1, 1)


def test_a43_an_unknown_filter_is_left_out(world: World) -> None:
    ready = make_prescriber(world.clinic)
    query = {
        "utfall": "x",
        "gar_ut": "7",
        "saknar": "x",
        "enhet": "1",
        "sortera": "-pk",
        "ratt": "'; --",
        "order_by": "password",
        "person__password": "x",
        "page": "-7",
    }
    response = client_of(world.manager).get(URL, query)
    assert response.status_code == 200
    assert ready.person.full_name in names_on(response)


def test_the_new_and_the_order(world: World) -> None:
    today = local_day(timezone.now())
    old = make_prescriber(world.clinic, person=make_person(last_name="A"))
    new = make_prescriber(world.clinic, person=make_person(last_name="B"), starts_on=today - timedelta(days=40))
    newest = make_prescriber(
        world.clinic, person=make_person(last_name="C"), starts_on=today - timedelta(days=3), courses=()
    )
    client = client_of(world.manager)

    def order(**query: str) -> list[str]:
        shown = client.get(URL, {"sok": "Test", **query}).context["team"].rows
        return [row.name for row in shown if row.employment.person != world.manager]

    by_name = [one.person.full_name for one in (old, new, newest)]
    assert order() == by_name
    assert order(sortera="nya") == by_name[::-1]
    assert order(sortera="saknar")[0] == newest.person.full_name
    assert order(ny="30") == [newest.person.full_name]
    assert order(ny="90") == by_name[1:]
    assert order(ny="90", sortera="nya") == by_name[:0:-1]


def test_a_unit_is_chosen_among_ones_own(world: World) -> None:
    at_home, at_office = make_prescriber(world.home_care), make_prescriber(world.municipality)
    secret = make_prescriber(world.clinic)
    client = client_of(world.municipal_manager)
    whole = names_on(client.get(URL))
    assert {at_home.person.full_name, at_office.person.full_name} <= whole
    assert names_on(client.get(URL, {"enhet": str(world.home_care.public_id)})) == {at_home.person.full_name}
    assert names_on(client.get(URL, {"enhet": str(world.municipality.public_id)})) == whole
    foreign = client.get(URL, {"enhet": str(world.clinic.public_id)})
    assert secret.person.full_name not in names_on(foreign)
    assert names_on(foreign) == whole, "what is not among the choices is left out"


def test_the_figures_lead_to_those_whom_they_count(world: World) -> None:
    make_prescriber(world.clinic)
    make_prescriber(world.clinic, courses=())
    client = client_of(world.manager)
    response = client.get(URL)
    for name, count in (("allowed", 1), ("denied", 1), ("ending", 0), ("on_leave", 0), ("waiting", 0)):
        shown = client.get(f"{URL}?{response.context['links'][name]}")
        assert len(shown.context["team"].rows) == count == getattr(response.context["counts"], name), name


def test_nobody_found_is_said_in_words(world: World) -> None:
    assert "Ingen passar in på filtret" in text_of(client_of(world.manager).get(URL, {"sok": "finns inte"}))


def test_those_who_left_are_listed_apart(world: World) -> None:
    gone, long_gone = make_prescriber(world.clinic), make_prescriber(world.clinic)
    today = local_day(timezone.now())
    end_employment(employment=gone.employment, last_day=today - timedelta(days=30), by=BUILDER)
    end_employment(employment=long_gone.employment, last_day=today - timedelta(days=500), by=BUILDER)
    client = client_of(world.manager)
    assert gone.person.full_name not in names_on(client.get(URL))
    left = text_of(client.get(URL, {"visa": "slutat"}))
    assert gone.person.full_name in left
    assert long_gone.person.full_name not in left


# --- Size -----------------------------------------------------------------------------------------------------------
def make_many(world: World, count: int) -> None:
    """`count` people at the clinic, by bulk: what is tested is reading."""
    people = User.objects.bulk_create(
        [
            User(username=f"many{n}", first_name="Många", last_name=f"Mångsson {n:04d}", search_name=f"många {n:04d}")
            for n in range(count)
        ]
    )
    now = timezone.now()
    Employment.objects.bulk_create(
        [
            Employment(
                person=person, unit=world.clinic, starts_on=LONG_AGO, recorded_at=now, recorded_by_name="test:many"
            )
            for person in people
        ]
    )
    refresh(person.pk for person in people)


@pytest.mark.parametrize("count", [1, 3, 2000])
def test_the_page_costs_the_same_however_many_there_are(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    make_many(world, count)
    client = client_of(world.manager)
    with django_assert_num_queries(QUERIES):
        response = client.get(URL)
    assert response.context["page"].paginator.count == count + 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_filter_costs_the_same_for_one_and_three_with_everything(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        one = make_prescriber(world.clinic, courses=(REGIONAL,))
        suspend(employment=one.employment, starts_on=LONG_AGO, by=world.manager)
        make_claim(one.person)
    client = client_of(world.manager)
    with django_assert_num_queries(QUERIES):
        response = client.get(URL, {"ledig": "1"})
    assert len(response.context["team"].rows) == count


def test_two_thousand_people_are_filtered_and_sorted(world: World) -> None:
    make_many(world, 2000)
    client = client_of(world.manager)
    response = client.get(URL, {"sortera": "saknar", "antal": "100"})
    assert response.context["page"].paginator.count == 2001
    assert len(response.context["team"].rows) == 100


# --- The file -------------------------------------------------------------------------------------------------------
def test_the_file_has_what_the_page_has(world: World) -> None:
    ready = make_prescriber(world.clinic, person=make_person(is_protected=True))
    make_prescriber(world.clinic, role=ORDERER)
    client = client_of(world.manager)
    csv = client.get(f"{URL}fil.csv").content.decode("utf-8-sig")
    assert len(csv.strip().splitlines()) == 4, "header, two, and the manager"
    line = next(line for line in csv.splitlines() if ready.person.full_name in line)
    assert "Får beställa" in line
    assert ready.hsa_id in line
    filtered = client.get(f"{URL}fil.csv", {"sok": ready.person.last_name}).content.decode("utf-8-sig")
    assert len(filtered.strip().splitlines()) == 2


def test_p08_the_file_says_of_each_right_what_the_page_says(world: World) -> None:
    make_prescriber(world.home_care)
    make_prescriber(world.home_care, courses=())
    make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    make_prescriber(world.home_care, role=CONSUMABLES)
    make_prescriber(world.home_care, is_appointed=False, is_authorised=False)
    client = client_of(world.municipal_manager)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{URL}fil.xlsx").content))
    header, *lines = book.get_sheet_by_index(0).to_python()
    words = {"allowed": "Får beställa", "allowed_with_warning": "Får beställa, med rekommendation"}
    in_file = {
        (line[0], title): line[column]
        for line in lines
        for column, title in enumerate(header)
        if line[column] and "beställa" in str(line[column])
    }
    shown = {
        (row.name, cell.right.title): words.get(cell.answer.outcome, "Får inte beställa")
        for row in client.get(URL).context["team"].rows
        for cell in row.rights
        if cell and cell.answer and cell.answer.concerns
    }
    assert in_file == shown
    assert len(set(shown.values())) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_file_costs_the_same_for_one_and_three(world: World, count: int, django_assert_num_queries: Any) -> None:
    for _number in range(count):
        make_prescriber(world.clinic, courses=())
    client = client_of(world.manager)
    with django_assert_num_queries(15):
        client.get(f"{URL}fil.csv")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1"])
def test_a41_a_name_is_never_a_formula(world: World, name: str) -> None:
    make_prescriber(world.clinic, person=make_person(first_name=name, last_name="Formelsson"))
    client = client_of(world.manager)
    csv = client.get(f"{URL}fil.csv", {"sok": "Formelsson"}).content.decode("utf-8-sig")
    assert f"\"'{name.strip()}" in csv or f"\"'{name}" in csv
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{URL}fil.xlsx", {"sok": "Formelsson"}).content))
    assert str(book.get_sheet_by_index(0).to_python()[1][0]).endswith("Formelsson")


def test_a26_the_file_names_nobody_whom_the_reader_does_not_manage(world: World) -> None:
    hidden = make_prescriber(world.clinic, person=make_person(is_protected=True))
    other = client_of(world.outsider).get(f"{URL}fil.csv", {"sok": hidden.person.last_name})
    assert hidden.person.full_name not in other.content.decode()


def test_everybody_in_the_file_can_see_that_it_was_fetched(world: World) -> None:
    ready = make_prescriber(world.clinic, role=MOBILITY)
    client_of(world.manager).get(f"{URL}fil.xlsx")
    assert AuditEvent.objects.filter(action="export_team", person=ready.person, actor=world.manager).count() == 1


def test_a_file_of_another_kind_is_not_there(world: World) -> None:
    assert client_of(world.manager).get(f"{URL}fil.exe").status_code == 404
