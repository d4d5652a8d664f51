"""Log-in with SITHS through an identity provider: who somebody is, and who nobody becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from lms.users.claims import HSA_ID_CLAIMS, hsa_ids_in, person_with
from lms.users.models import User, fold_identifier
from tests.factories.competence import make_hsa_id, make_person
from tests.users.identity_provider import CLIENT_ID, IdentityProvider, running_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    with running_provider() as running:
        app = {
            "provider_id": "siths",
            "name": "SITHS eID",
            "client_id": CLIENT_ID,
            "secret": "secret",
            "settings": {
                "server_url": running.url,
                "uid_field": "sub",
                "fetch_userinfo": False,
                "oauth_pkce_enabled": True,
            },
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield running


def log_in(provider: IdentityProvider, **claims: Any) -> tuple[str, User | None]:
    """Go the whole way as `claims`; returns the page that it ends on, and who is logged in."""
    client = Client()
    provider.claims = claims
    sent = client.post(reverse("openid_connect_login", args=["siths"]))
    query = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    callback = reverse("openid_connect_callback", args=["siths"])
    page = client.get(callback, {"code": "one-time", "state": query["state"][0]}, follow=True)
    pk = client.session.get("_auth_user_id")
    return page.content.decode(), User.objects.get(pk=pk) if pk else None


@pytest.mark.parametrize("claim", HSA_ID_CLAIMS)
def test_a_person_is_found_by_hsa_id_under_every_known_name_of_the_claim(
    provider: IdentityProvider, claim: str
) -> None:
    person = make_person()
    identity = make_hsa_id(person)
    claims: dict[str, Any] = {claim: identity.value.lower()}
    _page, logged_in = log_in(provider, sub="subject-1", **claims)
    assert logged_in == person
    assert SocialAccount.objects.get().user == person


def test_one_of_many_hsa_ids_is_enough(provider: IdentityProvider) -> None:
    person = make_person()
    identity = make_hsa_id(person)
    known_here = ["SE0000000000-elsewhere", identity.value]
    assert log_in(provider, sub="subject-1", allEmployeeHsaIds=known_here)[1] == person


def test_a30_another_name_at_the_provider_is_the_same_person_by_subject(provider: IdentityProvider) -> None:
    person = make_person()
    identity = make_hsa_id(person)
    log_in(provider, sub="subject-1", employeeHsaId=identity.value, preferred_username="old")
    assert log_in(provider, sub="subject-1", preferred_username="new", email="new@example.se")[1] == person


def test_a28_a_victims_e_mail_with_another_subject_is_not_linked(provider: IdentityProvider) -> None:
    victim = make_person(email="victim@example.se")
    _page, logged_in = log_in(provider, sub="attacker", email="victim@example.se", email_verified=True)
    assert logged_in is None
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_a29_an_unknown_hsa_id_makes_no_account(provider: IdentityProvider) -> None:
    before = User.objects.count()
    page, logged_in = log_in(provider, sub="stranger", employeeHsaId="SE2321000131-NOBODY")
    assert logged_in is None
    assert User.objects.count() == before
    assert "Ingen med ditt HSA-id är registrerad här." in page


def test_hsa_ids_of_two_people_log_in_neither(provider: IdentityProvider) -> None:
    one, other = make_hsa_id(make_person()), make_hsa_id(make_person())
    assert log_in(provider, sub="both", allEmployeeHsaIds=[one.value, other.value])[1] is None


def test_a33_a_closed_account_is_not_logged_in(provider: IdentityProvider) -> None:
    person = make_person(is_active=False)
    identity = make_hsa_id(person)
    assert log_in(provider, sub="subject-1", employeeHsaId=identity.value)[1] is None


def test_a33_a_closed_account_is_nobodys_whoever_asks_by_its_hsa_id() -> None:
    """allauth would stop it, too, but only at the log-in."""
    identity = make_hsa_id(make_person())
    assert person_with([fold_identifier(identity.value)]) == identity.person
    identity.person.is_active = False
    identity.person.save()
    assert person_with([fold_identifier(identity.value)]) is None


def test_a39_too_weak_a_log_in_is_refused_by_what_the_token_says(provider: IdentityProvider, settings: Any) -> None:
    settings.OIDC_REQUIRED_ACR = ["http://id.sambi.se/loa/loa3"]
    identity = make_hsa_id(make_person())
    assert log_in(provider, sub="s", employeeHsaId=identity.value)[1] is None
    assert log_in(provider, sub="s", employeeHsaId=identity.value, acr="http://id.sambi.se/loa/loa2")[1] is None
    strong = log_in(provider, sub="s", employeeHsaId=identity.value, acr="http://id.sambi.se/loa/loa3")[1]
    assert strong == identity.person


@pytest.mark.parametrize(
    "changes",
    [{"aud": "another-client"}, {"iss": "https://evil.example"}, {"exp": 1}],
    ids=["another audience", "another issuer", "expired"],
)
def test_a31_a_token_that_is_not_meant_for_us_logs_nobody_in(
    provider: IdentityProvider, changes: dict[str, Any]
) -> None:
    identity = make_hsa_id(make_person())
    provider.changes = changes
    assert log_in(provider, sub="subject-1", employeeHsaId=identity.value)[1] is None


def test_a_callback_that_nobody_asked_for_logs_nobody_in(provider: IdentityProvider) -> None:
    identity = make_hsa_id(make_person())
    provider.claims = {"sub": "subject-1", "employeeHsaId": identity.value}
    client = Client()
    client.get(reverse("openid_connect_callback", args=["siths"]), {"code": "one-time", "state": "made-up"})
    assert "_auth_user_id" not in client.session


def test_the_log_in_page_offers_the_provider_only_where_there_is_one(
    provider: IdentityProvider, client: Client, settings: Any
) -> None:
    assert "SITHS eID" in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "SITHS eID" not in client.get(reverse("account_login")).content.decode()


def test_claims_of_a_wrong_kind_hold_no_hsa_id() -> None:
    assert hsa_ids_in({"employeeHsaId": 17, "allEmployeeHsaIds": [None, "", {"a": 1}]}) == frozenset()
