"""The start page: rights in a line each, the next step, and what waits for a manager."""

from __future__ import annotations

from typing import Any

import pytest

from tests.competence.views.helpers import client_of, make_application, make_claim, text_of
from tests.factories.competence import NATIONAL, REGIONAL, World, make_person, make_prescriber

URL = "/mina-sidor/"
QUERIES = 15
pytestmark = pytest.mark.usefixtures("media_folder")


def test_a_new_prescriber_sees_what_to_do_next(world: World) -> None:
    new = make_prescriber(world.clinic, is_appointed=False, level=None, courses=(), is_authorised=False)
    response = client_of(new.person).get(URL)
    step = response.context["overview"].next_step
    assert step.links[0][0] == "https://utbildning.socialstyrelsen.se/"
    assert response.context["overview"].steps_left == 5
    assert "Du får inte beställa" in text_of(response)


def test_a_ready_prescriber_has_nothing_left_to_do(world: World) -> None:
    response = client_of(make_prescriber(world.clinic).person).get(URL)
    overview = response.context["overview"]
    assert (overview.next_step, overview.decisions_waiting) == (None, None)
    assert [right.status for right in overview.rights] == ["allowed"]


def test_what_the_person_can_do_comes_before_what_the_manager_is_to_do(world: World) -> None:
    new = make_prescriber(world.clinic, is_appointed=False, level=None, courses=(NATIONAL,), is_authorised=False)
    step = client_of(new.person).get(URL).context["overview"].next_step
    assert step.links[0][0].endswith("/mina-kurser/regional-forskrivare/")


def test_a_manager_sees_how_many_decisions_wait(world: World) -> None:
    one = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    make_claim(one.person)
    make_application(one)
    response = client_of(world.manager).get(URL)
    assert "2 beslut väntar på dig" in text_of(response)
    assert response.context["overview"].next_step is None, "a manager is not told to become a prescriber"
    assert client_of(world.outsider).get(URL).context["overview"].decisions_waiting == 0


def test_nothing_of_a_colleague_is_there(world: World) -> None:
    colleague = make_prescriber(world.clinic, courses=(REGIONAL,))
    make_claim(colleague.person)
    mine = client_of(make_prescriber(world.clinic).person).get(URL)
    assert colleague.person.full_name not in text_of(mine)


def test_without_employment_or_rules_the_page_still_opens(db: None) -> None:
    response = client_of(make_person()).get(URL)
    assert response.status_code == 200
    assert "Du har ingen aktuell anställning här" in text_of(response)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(world: World, count: int, django_assert_num_queries: Any) -> None:
    first = make_prescriber(world.clinic, is_authorised=False)
    for _number in range(count - 1):
        make_prescriber(world.clinic, person=first.person)
        make_application(first)
    client = client_of(first.person)
    with django_assert_num_queries(QUERIES):
        client.get(URL)
