"""The page where one chooses one's reminders."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from courses.actions.message_choices import choose_messages
from courses.messages import Topic, wants
from courses.models import MessageChoice
from lms.users.models import User
from tests.factories.competence import World, make_person

pytestmark = pytest.mark.django_db
ADDRESS = "/konto/paminnelser/"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_everything_is_on_until_one_says_otherwise() -> None:
    person = make_person(email="person@example.se")
    said = client_of(person).get(ADDRESS).content.decode()
    assert said.count('type="checkbox"') == said.count("checked") == 4
    assert "person@example.se" in said
    assert all(wants(person.pk, topic) for topic in Topic)


def test_what_one_chooses_is_kept_and_may_be_changed_back() -> None:
    person = make_person(email="person@example.se")
    client = client_of(person)
    response = client.post(ADDRESS, {"start": "on", "expiry": "on"}, follow=True)
    assert "Dina val är sparade." in response.content.decode()
    assert response.content.decode().count("checked") == 2
    assert [topic for topic in Topic if not wants(person.pk, topic)] == [Topic.UNFINISHED, Topic.OCCASION]
    client.post(ADDRESS, {"start": "on", "expiry": "on", "unfinished": "on", "occasion": "on"})
    assert all(wants(person.pk, topic) for topic in Topic)


def test_the_weekly_mail_is_a_managers_to_choose(world: World) -> None:
    assert 'name="digest"' in client_of(world.manager).get(ADDRESS).content.decode()
    other = make_person()
    assert 'name="digest"' not in client_of(other).get(ADDRESS).content.decode()
    client_of(other).post(ADDRESS, {"digest": "on"})
    assert not MessageChoice.objects.filter(person=other, topic="digest").exists()


def test_who_has_no_address_is_told_so() -> None:
    assert "Vi har ingen e-postadress till dig" in client_of(make_person()).get(ADDRESS).content.decode()


def test_one_chooses_for_oneself_only(world: World) -> None:
    person = make_person()
    for other in (make_person(), world.manager, world.outsider):
        with pytest.raises(PermissionDenied):
            choose_messages(person=person, wanted=[], offered=["start"], by=other)
    assert wants(person.pk, Topic.START)


def test_a45_it_is_changed_by_post_with_a_token_only() -> None:
    person = make_person()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(ADDRESS, {}).status_code == 403
    client.get(ADDRESS, {"start": ""})
    assert wants(person.pk, Topic.START)
    assert Client().get(ADDRESS).status_code == 302
