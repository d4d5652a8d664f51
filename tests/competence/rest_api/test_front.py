"""The path in front of Django: it answers as Django does, and only what Django has answered, or leaves it to Django."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.db.models import F
from django.utils import timezone
from prometheus_client import REGISTRY

from competence.actions.authorisations import revoke_authorisation
from competence.actions.epoch import bump_clients
from competence.actions.machine_clients import deactivate_machine_client
from competence.actions.rules import publish_rules, register_course_reference
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from competence.models.outbox import Revision
from competence.models.prepared_answer import PreparedAnswer
from competence.models.requirement import RuleSetVersion
from competence.queries.eligibility import current_moment
from competence.rest_api import counting
from tests.competence.rest_api.front_caller import FrontCaller, front_caller
from tests.factories.competence import BUILDER, CONSUMABLES, NATIONAL, World, complete, make_prescriber, make_world
from tests.factories.machine_clients import ApiClient, make_api_client

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def api(world: World) -> ApiClient:
    return make_api_client()


@pytest.fixture
def caller(api: ApiClient) -> Iterator[FrontCaller]:
    with front_caller(api) as one:
        yield one


def warm(caller: FrontCaller, hsa_id: str, **query: Any) -> dict[str, Any]:
    """Django's own answer, after which the front path gives it."""
    caller.goes_to_django(hsa_id, **query)
    return caller.ask_front(hsa_id, **query).essence()


def log_rows(caller: FrontCaller) -> list[DecisionLog]:
    assert caller.front.look_ups.flush()
    return list(DecisionLog.objects.select_related("given").order_by("decision_id"))


# --- The same answer ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", [None, "sv", "en"])
def test_both_paths_give_the_same_answer_with_the_same_headers(
    world: World, caller: FrontCaller, language: str | None
) -> None:
    person = make_prescriber(world.clinic, courses=[NATIONAL])
    headers = {"Accept-Language": language} if language else {}
    caller.goes_to_django(person.hsa_id, headers=headers)
    by_django = caller.ask_django(person.hsa_id, headers=headers)
    by_front = caller.ask_front(person.hsa_id, headers=headers)

    assert by_front.status == by_django.status == 200
    assert by_front.essence() == by_django.essence()
    assert list(by_front.json()) == list(by_django.json()), "in the same order"
    assert set(by_front.headers) == set(by_django.headers)
    differ = {name for name, value in by_front.headers.items() if by_django.headers[name] != value}
    assert differ <= {"RateLimit", "Content-Length"}
    assert by_front.headers["Content-Length"] == str(len(by_front.body))
    assert by_front.headers["ETag"] == by_django.headers["ETag"]
    assert by_front.json()["known_at"] == by_django.json()["known_at"]
    assert by_front.json()["revision"] == by_django.json()["revision"]


def test_every_kind_of_question_is_answered_alike(world: World, caller: FrontCaller) -> None:
    lmn = make_prescriber(world.clinic, role=CONSUMABLES)
    questions: list[tuple[str, dict[str, Any]]] = [
        (make_prescriber(world.clinic).hsa_id, {}),
        (make_prescriber(world.clinic, is_appointed=False).hsa_id.lower(), {}),
        (make_prescriber(world.clinic, is_authorised=False).hsa_id, {"right": "websesam.unit"}),
        (lmn.hsa_id, {"right": "sesamlmn.order", "customer_number": "123456"}),
        (lmn.hsa_id, {"right": "sesamlmn.order", "customer_number": "654321"}),
    ]
    for hsa_id, query in questions:
        by_django = caller.ask(hsa_id, **query)
        by_front = caller.ask_front(hsa_id, **query)
        assert by_front.essence() == by_django.essence()
        assert by_front.json()["hsa_id"] == hsa_id


def test_what_is_unusual_goes_to_django_and_is_answered_or_refused_there(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    usual = person.hsa_id
    expected: list[tuple[int, str, dict[str, Any]]] = [
        (200, "SE2321000131-NOBODY", {}),
        (200, usual, {"valid_at": "2026-03-01T08:00:00Z"}),
        (200, usual, {"known_at": current_moment().now.isoformat()}),
        (200, usual, {"product_group": "rorelse"}),
        (200, usual, {"headers": {"Accept-Language": "en-GB,en;q=0.5"}}),
        (304, usual, {"headers": {"If-None-Match": caller.ask_front(usual).headers["ETag"]}}),
        (400, "nonsense", {}),
        (400, usual, {"right": "nonsense"}),
        (400, usual, {"order_by": "name"}),
        (400, usual, {"headers": {"Look-Up-Purpose": "Två ord"}}),
        (400, usual, {"at_least": "x"}),
        (400, usual, {"customer_number": ""}),
        (400, usual, {"right": "sesamlmn.order"}),
        (401, usual, {"headers": {"Authorization": "Bearer other"}}),
        (401, usual, {"headers": {"Authorization": "Basic other"}}),
        (406, usual, {"headers": {"Accept": "text/csv"}}),
        (503, usual, {"at_least": 2**40}),
    ]
    for status, hsa_id, query in expected:
        assert caller.goes_to_django(hsa_id, **query).status == status, (hsa_id, query)


def test_another_host_method_or_address_is_djangos(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    before = caller.passed_on
    for change in (
        {"HTTP_HOST": "evil.example"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_COOKIE": "a=b"},
        {"PATH_INFO": "/api/v1/eligibility/"},
        {"QUERY_STRING": f"hsa_id={person.hsa_id}&hsa_id={person.hsa_id}&right=websesam.health-care"},
    ):
        caller.front(caller.environ(person.hsa_id) | change, lambda *args: None)
        before += 1
        assert caller.passed_on == before, change


def test_a40_a_client_gets_no_answer_prepared_for_another_with_wider_eyes(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    for narrow in (
        make_api_client(principal_kinds=["municipality"]),
        make_api_client(systems=["sesamlmn"]),
        make_api_client(scopes=[Scope.COMPLETIONS_WRITE]),
    ):
        caller.token = narrow.token
        first, again = caller.ask(person.hsa_id), caller.ask(person.hsa_id)
        assert first.status == again.status
        assert "allowed" not in again.json() or again.json()["missing"][0]["code"] == "UNKNOWN_PERSON"


# --- Never what is no longer so -------------------------------------------------------------------------------------
def test_p14_the_answer_after_a_revocation_denies(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    assert warm(caller, person.hsa_id)["allowed"] is True
    assert person.authorisation
    revoke_authorisation(authorisation=person.authorisation, reason="Prov", by=world.manager)
    after = caller.ask(person.hsa_id).json()
    assert after["allowed"] is False
    assert after["revision"] == Revision.objects.get().number
    assert caller.ask_front(person.hsa_id).essence()["allowed"] is False


def test_a_change_of_one_persons_facts_leaves_others_prepared(world: World, caller: FrontCaller) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    warm(caller, one.hsa_id)
    warm(caller, other.hsa_id)
    complete(one.person, NATIONAL)
    assert caller.ask_front(other.hsa_id).json()["revision"] == Revision.objects.get().number
    caller.goes_to_django(one.hsa_id)


def test_published_rules_reach_every_answer_at_once(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    document = RuleSetVersion.objects.latest("version").document
    publish_rules(document=document, by=BUILDER)
    assert caller.goes_to_django(person.hsa_id).json()["policy_version"] == 2
    assert caller.ask_front(person.hsa_id).json()["policy_version"] == 2


def test_f26_rules_dated_ahead_take_effect_by_time_alone(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    document = RuleSetVersion.objects.latest("version").document
    began = time.monotonic()
    publish_rules(document=document, by=BUILDER)
    assert warm(caller, person.hsa_id)["policy_version"] == 2
    took = time.monotonic() - began
    starts = current_moment().now + timedelta(seconds=2 + 10 * took)  # later than the same once more takes
    publish_rules(document=document, by=BUILDER, in_force_from=starts)
    seen = {warm(caller, person.hsa_id)["policy_version"]}
    while 3 not in seen:
        reply = caller.ask(person.hsa_id).json()
        assert reply["policy_version"] == (3 if datetime.fromisoformat(reply["valid_at"]) >= starts else 2)
        seen.add(reply["policy_version"])
        time.sleep(max(0.002, took / 50))  # a client has only so many requests a minute
    assert seen == {2, 3}


def test_a_course_that_is_renamed_is_called_so_at_once(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic, courses=[NATIONAL])
    warm(caller, person.hsa_id)
    register_course_reference(key="regional-forskrivare", title="Nytt namn", level="regional", by=BUILDER)
    assert "Nytt namn" in caller.goes_to_django(person.hsa_id).body.decode()


def test_a_stretch_that_is_over_is_not_believed(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    PreparedAnswer.objects.update(until=current_moment().now)
    caller.goes_to_django(person.hsa_id)
    PreparedAnswer.objects.update(start=current_moment().now + timedelta(minutes=1))
    caller.goes_to_django(person.hsa_id)


@pytest.mark.parametrize("field", ["stamp", "facts_revision", "rules_version", "names", "edition", "known_as"])
def test_an_answer_from_another_state_is_not_believed(world: World, caller: FrontCaller, field: str) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    other: Any = "other" if field in {"edition", "known_as"} else F(field) + 1
    PreparedAnswer.objects.update(**{field: other})
    caller.goes_to_django(person.hsa_id)


# --- Tokens ---------------------------------------------------------------------------------------------------------
def test_a_token_that_is_gone_or_has_run_out_is_refused_at_once(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    Token.objects.update(expires_at=timezone.now())
    assert caller.goes_to_django(person.hsa_id).status == 401
    Token.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    caller.ask_front(person.hsa_id)
    Token.objects.all().delete()
    assert caller.goes_to_django(person.hsa_id).status == 401


def test_a_client_that_is_shut_out_is_refused_at_once(world: World, caller: FrontCaller, api: ApiClient) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    deactivate_machine_client(client=api.client, by=BUILDER)
    assert caller.goes_to_django(person.hsa_id).status == 401


def test_a_change_of_any_client_makes_every_process_look_again(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    warm(caller, person.hsa_id)
    bump_clients()
    assert caller.goes_to_django(person.hsa_id).status == 200
    caller.ask_front(person.hsa_id)


# --- Log, quotas, figures -------------------------------------------------------------------------------------------
def test_every_answer_is_logged_as_django_logs_it(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    purpose = {"Look-Up-Purpose": "prov-av-logg"}
    replies = [caller.ask(person.hsa_id, headers=purpose), caller.ask_front(person.hsa_id, headers=purpose)]
    rows = log_rows(caller)
    assert {row.purpose for row in rows} == {"prov-av-logg"}
    given = {reply.json()["decision_id"]: reply.json() for reply in replies}
    assert {str(row.decision_id): row.answer for row in rows} == given
    for name in ("asked_by", "person_id", "hsa_id", "right", "question", "outcome", "policy_version", "given_id"):
        assert len({str(getattr(row, name)) for row in rows}) == 1, name
    assert all(row.asked_at == row.valid_at for row in rows)


def test_an_answer_can_be_looked_up_at_once(world: World, caller: FrontCaller, api: ApiClient) -> None:
    person = make_prescriber(world.clinic)
    caller.ask(person.hsa_id)
    for _time in range(3):
        given = caller.ask_front(person.hsa_id).json()
        shown = api.get(f"decisions/{given['decision_id']}").json()
        assert shown["decision"] == given
        assert shown["replayed_equal"] is True


def test_both_paths_count_against_the_same_quotas(world: World, caller: FrontCaller, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = settings.API_ANSWERS_PER_HOUR = 7
    person = make_prescriber(world.clinic)
    replies = [caller.ask(person.hsa_id) for _time in range(4)]
    replies.append(caller.ask_django(person.hsa_id))
    replies += [caller.ask(person.hsa_id) for _time in range(4)]
    assert [reply.status for reply in replies] == [200] * 7 + [429, 429]
    left = [int(reply.headers["RateLimit"].split("r=")[1].split(";")[0]) for reply in replies[:7]]
    assert left == [6, 5, 4, 3, 2, 1, 0]
    counting.tell_all()
    counting.forget_all()
    assert caller.ask(person.hsa_id).status == 429, "another process knows it, too"


def test_the_figures_count_what_django_was_spared(world: World, caller: FrontCaller) -> None:
    person = make_prescriber(world.clinic)
    caller.ask(person.hsa_id)

    def figures() -> list[float]:
        labels = {"status": "200", "view": "api-1:check_eligibility", "method": "GET"}
        return [
            REGISTRY.get_sample_value("django_http_requests_before_middlewares_total") or 0,
            REGISTRY.get_sample_value("django_http_responses_total_by_status_view_method_total", labels) or 0,
            REGISTRY.get_sample_value("api_front_answers_total") or 0,
        ]

    before = figures()
    caller.ask_front(person.hsa_id)
    assert figures() == [one + 1 for one in before]
    caller.ask_django(person.hsa_id)
    assert figures() == [before[0] + 2, before[1] + 2, before[2] + 1], "the same view, by either path"
