"""Harvesting (attack 27): who asks about unusually many people is remarked, once, and not stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import F
from django.utils import timezone

from competence.actions.harvesting import handle_alarm
from competence.harvesting import count_look_ups, limits_for, watch
from competence.models.client_activity import HarvestAlarm, LookUpHour
from competence.models.decision_log import DecisionLog
from competence.notices import send_waiting
from competence.outbox import deliver_waiting
from competence.queries.machine_clients import logged_since
from lms.audit.models import AuditEvent
from lms.lib.uuid7 import first_of, uuid7
from lms.users.models import User
from tests.factories.competence import BUILDER, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

RIGHT = "websesam.health-care"


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.HARVEST_PEOPLE_PER_HOUR = 4
    settings.HARVEST_UNKNOWN_PER_HOUR = 2


@pytest.fixture
def api(world: World) -> ApiClient:
    return make_api_client()


@pytest.fixture
def keeper(world: World) -> User:
    person = make_person(email="samverkan@example.se")
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


def ask(api: ApiClient, *hsa_ids: str) -> None:
    checks = [{"id": str(n), "hsa_id": hsa_id, "right": RIGHT} for n, hsa_id in enumerate(hsa_ids)]
    assert api.post("eligibility/batch", {"checks": checks}).status_code == 200


def strangers(count: int) -> list[str]:
    return [f"SE2321000131-GUESS{number:04d}" for number in range(count)]


def test_an_hour_is_counted_by_answers_people_and_unknown(world: World, api: ApiClient) -> None:
    one, other = make_prescriber(world.clinic).hsa_id, make_prescriber(world.clinic).hsa_id
    ask(api, one, one.lower(), other, *strangers(2))
    make_api_client().check(one)

    watch()
    watch()

    hour = LookUpHour.objects.get(client=api.client)
    assert (hour.answers, hour.people, hour.unknown) == (5, 4, 2)


def test_a27_many_unknown_ids_raise_one_alarm_that_is_told_and_stops_nothing(
    world: World, api: ApiClient, keeper: User, mailoutbox: list[Any]
) -> None:
    ask(api, *strangers(3))

    assert watch() == 1
    ask(api, *strangers(3))
    assert watch() == 0, "once in an hour"

    alarm = HarvestAlarm.objects.get()
    assert (alarm.client, alarm.kind, alarm.counted, alarm.expected) == (api.client, "unknown", 3, 2)
    deliver_waiting()
    send_waiting()
    [mail] = mailoutbox
    assert mail.to == ["samverkan@example.se"]
    assert "/maskinklienter/klient/" in mail.body
    assert "GUESS" not in mail.body


def test_a27_many_different_people_raise_an_alarm(world: World, api: ApiClient, keeper: User) -> None:
    people = [make_prescriber(world.clinic).hsa_id for _number in range(5)]
    for hsa_id in people:
        for _number in range(3):
            api.check(hsa_id)

    watch()

    assert HarvestAlarm.objects.get().kind == HarvestAlarm.Kind.PEOPLE


def test_the_same_few_people_many_times_are_no_alarm(world: World, api: ApiClient) -> None:
    hsa_id = make_prescriber(world.clinic).hsa_id
    ask(api, *[hsa_id] * 20)

    assert watch() == 0


def test_one_clients_asking_is_not_anothers(world: World, api: ApiClient) -> None:
    other = make_api_client()
    ask(api, *strangers(2))
    ask(other, *strangers(2))

    assert watch() == 0


def past_hour(api: ApiClient, people: int, *, days: int = 3) -> LookUpHour:
    start = (timezone.now() - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    return LookUpHour.objects.create(client=api.client, starts_at=start, answers=people, people=people, unknown=0)


def test_what_a_client_does_every_week_is_not_unusual(world: World, api: ApiClient) -> None:
    past_hour(api, 10)
    assert limits_for(api.client, timezone.now()).people == 30


def test_what_it_did_long_ago_is_no_measure(world: World, api: ApiClient) -> None:
    past_hour(api, 10, days=40)
    assert limits_for(api.client, timezone.now()).people == 4


def test_an_hour_that_alarmed_is_no_measure_before_somebody_says_that_it_is_ordinary(
    world: World, api: ApiClient
) -> None:
    hour = past_hour(api, 10)
    alarm = HarvestAlarm.objects.create(
        client=api.client, kind=HarvestAlarm.Kind.PEOPLE, starts_at=hour.starts_at, counted=10, expected=4
    )
    assert limits_for(api.client, timezone.now()).people == 4

    handle_alarm(alarm=alarm, is_ordinary=True, by=BUILDER)
    assert limits_for(api.client, timezone.now()).people == 30


def test_f20_a_watch_that_stood_still_counts_what_it_missed(world: World, api: ApiClient) -> None:
    start = past_hour(api, 1, days=1).starts_at
    ask(api, *strangers(3))
    DecisionLog.objects.update(asked_at=start + timedelta(hours=5))

    counted = count_look_ups()

    assert [hour.starts_at for hour in counted] == [start + timedelta(hours=5)]
    assert watch() == 1


def test_the_mail_is_not_sent_when_the_alarm_is_handled_first(
    world: World, api: ApiClient, keeper: User, mailoutbox: list[Any]
) -> None:
    ask(api, *strangers(3))
    watch()
    handle_alarm(alarm=HarvestAlarm.objects.get(), is_ordinary=False, by=BUILDER)
    deliver_waiting()
    send_waiting()
    assert mailoutbox == []


def test_the_log_is_read_by_its_ids_from_an_instant_on(world: World, api: ApiClient) -> None:
    """It has no index of its instants; ids rise with time."""
    now = timezone.now()
    assert uuid7(now - timedelta(milliseconds=1)) < first_of(now) <= uuid7(now) < first_of(now + timedelta(seconds=1))
    ask(api, *strangers(2))

    assert logged_since(timezone.now() - timedelta(minutes=1)).count() == 2
    assert logged_since(timezone.now() + timedelta(minutes=1)).count() == 0
    where = str(logged_since(now).query)
    assert '"decision_id" >= ' in where


def listed(api: ApiClient, *, limit: int = 100) -> int:
    """The first page of the holders of the right: how many it names."""
    answer = api.get(f"rights/{RIGHT}/holders", {"limit": str(limit)})
    assert answer.status_code == 200, answer.content.decode()
    return len(answer.json()["holders"])


def read_feed(api: ApiClient, after: str = "") -> str:
    """All of the feed after a cursor; returns the cursor to go on from."""
    while True:
        page = api.get("changes", {"limit": "2", **({"after": after} if after else {})}).json()
        after = page["next"]
        if not page["has_more"]:
            return after


def an_hour_passes() -> None:
    """What was looked up, counted and alarmed about so far was so an hour earlier."""
    for model, name in ((AuditEvent, "at"), (LookUpHour, "starts_at"), (HarvestAlarm, "starts_at")):
        model.objects.update(**{name: F(name) - timedelta(hours=1)})


def test_a27_a_list_of_many_holders_raises_an_alarm(world: World, api: ApiClient, keeper: User) -> None:
    for _number in range(5):
        make_prescriber(world.clinic)
    assert listed(api) == listed(api) == 5

    assert watch() == 1

    alarm = HarvestAlarm.objects.get()
    assert (alarm.kind, alarm.counted, alarm.expected) == (HarvestAlarm.Kind.LISTED, 5, 4)
    hour = LookUpHour.objects.get(client=api.client)
    assert (hour.answers, hour.listed) == (0, 5)
    assert hour.last_at == AuditEvent.objects.filter(action="list_right_holders").latest("at").at


def test_a_list_of_few_holders_is_no_alarm(world: World, api: ApiClient) -> None:
    make_prescriber(world.clinic)
    assert listed(api) == 1
    assert watch() == 0


def test_a27_a_copy_of_the_feed_is_remarked_once_and_following_it_never(
    world: World, api: ApiClient, keeper: User
) -> None:
    for _number in range(5):
        make_prescriber(world.clinic)
    cursor = read_feed(api)
    assert watch() == 1
    assert HarvestAlarm.objects.get().kind == HarvestAlarm.Kind.LISTED

    an_hour_passes()
    for _number in range(6):
        make_prescriber(world.clinic)
    assert read_feed(api, cursor) != cursor

    assert watch() == 0, "it goes on from where it had come to"
    assert LookUpHour.objects.latest("starts_at").listed == 0


def test_a27_reading_the_feed_again_from_its_beginning_raises_an_alarm(
    world: World, api: ApiClient, keeper: User
) -> None:
    """As somebody does who has taken the secret of a client that follows the feed."""
    for _number in range(5):
        make_prescriber(world.clinic)
    read_feed(api)
    watch()
    an_hour_passes()

    read_feed(api)

    assert watch() == 1
    assert HarvestAlarm.objects.latest("starts_at").counted == 5


def test_one_clients_place_in_the_feed_is_not_anothers(world: World, api: ApiClient) -> None:
    for _number in range(5):
        make_prescriber(world.clinic)
    read_feed(api)
    watch()
    an_hour_passes()
    other = make_api_client()

    read_feed(other)

    assert watch() == 1
    assert HarvestAlarm.objects.latest("starts_at").client == other.client
