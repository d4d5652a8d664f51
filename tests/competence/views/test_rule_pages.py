"""The published requirements for anybody to read: always from the rules in force, with what will change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from competence.actions.rules import publish_rules
from competence.queries.published_rules import published_rules
from competence.rule_documents.reading import read_rules
from lms.lib.clock import day_starts_at, local_day
from tests.competence.rules.test_examples import FOLDER
from tests.competence.test_simulation import NO_REGIONAL, document
from tests.factories.competence import BUILDER, World, make_person

ROLE = "/regler/prescriber-mobility/"
ORDERER = "social-care-orderer"


def publish(text: str, days: int = 0) -> None:
    data = read_rules(text).data
    start = None if not days else day_starts_at(local_day(timezone.now()) + timedelta(days=days))
    publish_rules(document=data, by=BUILDER, in_force_from=start, reason="Prov")


def test_anybody_reads_what_each_role_requires(client: Client, world: World) -> None:
    page = client.get("/regler/").content.decode()
    for title in ("Förskrivare av förbrukningsartiklar", "Beställare av hjälpmedel", "Enhetens introduktion"):
        assert title in page


def test_a_roles_page_names_courses_with_link_and_time(client: Client, world: World) -> None:
    page = client.get(ROLE).content.decode()
    assert '<a href="https://utbildning.socialstyrelsen.se/">Förskrivning av hjälpmedel</a>' in page
    assert "ungefär 120 minuter" in page or "cirka 120 minuter" in page or "120 minuter" in page
    assert "när din chef har beslutat att basnivån räcker" in page
    # The earlier course counts, and can no longer be taken.
    assert "Räknas också, men går inte längre att gå: Hjälpmedel för rörelse" in page
    assert "Beställare av personliga hjälpmedel inom hälso- och sjukvård" in page


def test_f26_the_page_follows_the_rules_in_force(client: Client, world: World) -> None:
    assert "Regional utbildning för förskrivare" in client.get(ROLE).content.decode()
    publish(NO_REGIONAL)
    page = client.get(ROLE).content.decode()
    assert "Regional utbildning för förskrivare, rörelse" not in page
    assert "Tidigare versioner" in page


def test_a_coming_change_is_announced_with_its_day(world: World) -> None:
    later = local_day(timezone.now()) + timedelta(days=50)
    publish(NO_REGIONAL, days=40)
    publish(document(("    gate: warn", "    gate: block")), days=50)
    mobility, orderer = (published_rules(key).roles[0] for key in ("prescriber-mobility", ORDERER))
    days = [(one.day - local_day(timezone.now())).days for one in mobility.coming]
    assert days == [40, 50]
    assert "krävs inte längre: Regional utbildning" in mobility.coming[0].text
    assert "krävs också: Regional utbildning" in mobility.coming[1].text
    (change,) = orderer.coming
    assert change.day == later
    assert "krävs, och inte bara rekommenderas" in change.text


def test_a_requirement_dated_ahead_within_the_version_is_announced(world: World) -> None:
    begins = local_day(timezone.now()) + timedelta(days=9)
    publish(document(("    from: 2025-01-22\n    alternatives", f"    from: {begins}\n    alternatives")))
    role = published_rules("prescriber-orthoses").roles[0]
    assert "Regional utbildning för förskrivare" not in [one.title for one in role.requirements]
    assert [one.day for one in role.coming] == [begins]


@pytest.mark.parametrize("name", ["vastmanland", "jonkoping", "kalmar"])
def test_the_rules_of_others_are_told_too(client: Client, world: World, name: str) -> None:
    from django.core.management import call_command

    call_command("register_courses", str(FOLDER / "examples" / "courses.yaml"), verbosity=0)
    publish((FOLDER / "examples" / f"{name}.yaml").read_text(encoding="utf-8"))
    role = published_rules().roles[0]
    page = client.get(f"/regler/{role.key}/").content.decode()
    told = {
        "vastmanland": ["Inte för: Läkare.", "Bara för: Arbetsterapeut, Fysioterapeut, Logoped.", "Kommer efter: "],
        "jonkoping": ["har rollen utan att utses", "Arbetsterapeut", "Den följer med rollen."],
        "kalmar": ["Blir inaktiv efter 6 månader utan inloggning."],
    }
    for words in told[name]:
        assert words in page


def test_a_role_that_is_not_there_is_missing(client: Client, world: World) -> None:
    assert client.get("/regler/nobody/").status_code == 404


def test_without_rules_the_page_says_so(client: Client, db: None) -> None:
    assert client.get("/regler/").status_code == 503


def test_it_may_be_kept_for_a_minute_unless_somebody_has_logged_in(client: Client, world: World) -> None:
    for path in ("/regler/", ROLE):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
        assert "Cookie" in answer.headers["Vary"]
        assert not answer.cookies, "a shared cache keeps no answer that sets one"
        assert client.get(path).content == answer.content, "nothing on it differs from visitor to visitor"
    client.force_login(make_person())
    assert "private" in client.get(ROLE).headers["Cache-Control"]


def test_a_page_with_a_message_to_the_reader_is_the_readers_own(client: Client, world: World) -> None:
    client.cookies["messages"] = "x"
    assert client.get(ROLE).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_however_many_versions_there_are(
    client: Client, world: World, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        publish(NO_REGIONAL.replace("name: Västra Götaland", f"name: Omgång {number}"))
    client.get("/regler/")
    with django_assert_num_queries(6):
        client.get("/regler/")
