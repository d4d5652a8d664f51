"""Drafts of rules: written, checked, compared, simulated and published, by those who may and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from competence.actions.rule_drafts import create_draft, publish_draft, save_draft, start_simulation, withdraw_draft
from competence.models.requirement import RuleSetVersion
from competence.models.rule_draft import RuleSetDraft, SimulationRun
from competence.queries.eligibility import current_moment
from competence.queries.rule_documents import exported
from competence.queries.rule_versions import listed_versions
from competence.queries.rules import current_rule_book
from competence.simulation.background import carry_out
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.competence.test_simulation import NO_REGIONAL
from tests.factories.competence import NATIONAL, RULES, World, make_person, make_prescriber

ADMIN = "/regler/administration/"


def member_of(group: str) -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name=group))
    return person


@pytest.fixture
def writer(world: World) -> User:
    return member_of("Samverkansfunktionen")


@pytest.fixture
def draft(writer: User) -> RuleSetDraft:
    return create_draft(title="Ny regel", text=NO_REGIONAL, by=writer, based_on=RuleSetVersion.objects.get())


@pytest.fixture
def reader(client: Client, writer: User) -> Client:
    client.force_login(writer)
    return client


def pages(draft: RuleSetDraft) -> list[str]:
    own = f"{ADMIN}utkast/{draft.public_id}/"
    return [
        ADMIN,
        f"{ADMIN}utkast/ny/",
        own,
        f"{own}fil/",
        f"{own}jamfor/",
        f"{own}simulera/",
        f"{own}publicera/",
        f"{ADMIN}version/1/",
        f"{ADMIN}version/1/fil/",
    ]


# --- Who may --------------------------------------------------------------------------------------------------------
def test_those_who_manage_rules_see_every_page(reader: Client, draft: RuleSetDraft) -> None:
    assert {path: reader.get(path).status_code for path in pages(draft)} == dict.fromkeys(pages(draft), 200)


@pytest.mark.parametrize("who", ["manager", "Statistiker", "Redaktör"])
def test_others_are_refused_everywhere(client: Client, world: World, draft: RuleSetDraft, who: str) -> None:
    client.force_login(world.manager if who == "manager" else member_of(who))
    for path in [*pages(draft), f"{ADMIN}utkast/{draft.public_id}/lagg-undan/"]:
        for method in (client.get, client.post):
            assert method(path).status_code == 403, path
    draft.refresh_from_db()
    assert draft.is_open


def test_who_has_not_logged_in_is_asked_to(client: Client, draft: RuleSetDraft) -> None:
    for path in pages(draft):
        assert client.get(path).status_code == 302


def test_a18_the_actions_refuse_whoever_may_not(world: World, draft: RuleSetDraft) -> None:
    for action in (
        lambda: create_draft(title="x", text="x", by=world.manager),
        lambda: save_draft(draft=draft, title="x", text="x", number=1, by=world.manager),
        lambda: withdraw_draft(draft=draft, by=world.manager),
        lambda: publish_draft(draft=draft, number=1, by=world.manager),
        lambda: start_simulation(draft=draft, by=world.manager),
    ):
        with pytest.raises(PermissionDenied):
            action()


# --- Writing --------------------------------------------------------------------------------------------------------
def test_a_draft_begins_with_the_version_in_force(reader: Client) -> None:
    answer = reader.post(f"{ADMIN}utkast/ny/", {"title": "Ny", "version": "1"})
    made = RuleSetDraft.objects.get()
    assert answer.headers["Location"] == f"{ADMIN}utkast/{made.public_id}/"
    assert made.text == exported(RuleSetVersion.objects.get())
    assert "hittar inga fel" in reader.get(answer.headers["Location"]).content.decode()


def test_a_draft_begins_with_a_file(reader: Client) -> None:
    file = SimpleUploadedFile("regler.yaml", RULES.read_bytes(), content_type="application/yaml")
    reader.post(f"{ADMIN}utkast/ny/", {"title": "Från fil", "file": file})
    assert RuleSetDraft.objects.get().text == RULES.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 600_000])
def test_a11_a_file_that_is_no_text_or_too_large_is_refused(reader: Client, content: bytes) -> None:
    answer = reader.post(f"{ADMIN}utkast/ny/", {"title": "Fel", "file": SimpleUploadedFile("x.yaml", content)})
    assert answer.status_code == 422
    assert not RuleSetDraft.objects.exists()


def test_a_draft_with_errors_is_saved_and_each_error_is_told_with_its_line(reader: Client, draft: RuleSetDraft) -> None:
    path = f"{ADMIN}utkast/{draft.public_id}/"
    text = NO_REGIONAL.replace("gate: warn", "gate: wran").replace("scope: local", "scope: lokal")
    answer = reader.post(path, {"title": "Ny regel", "text": text.replace("\n", "\r\n"), "number": "1"}, follow=True)
    page = answer.content.decode()
    wrong = next(number for number, line in enumerate(text.split("\n"), start=1) if "gate: wran" in line)
    assert f'<a href="#rad-{wrong}">rad {wrong}</a>' in page
    assert "Menade du ”warn”?" in page
    assert "2 saker att se över" in page
    assert reader.get(f"{path}publicera/").content.decode().count("har fel") == 1


def test_a05_the_text_is_text(reader: Client, draft: RuleSetDraft) -> None:
    path = f"{ADMIN}utkast/{draft.public_id}/"
    text = NO_REGIONAL.replace("name: Västra Götaland", "nam: '<script>alert(1)</script></textarea>'")
    page = reader.post(path, {"title": "<b>x</b>", "text": text, "number": "1"}, follow=True).content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_another_draft_saved_meanwhile_is_not_overwritten(reader: Client, draft: RuleSetDraft, writer: User) -> None:
    other = member_of("Administratör")
    save_draft(draft=draft, title="Deras", text=NO_REGIONAL + "# deras\n", number=1, by=other)
    answer = reader.post(
        f"{ADMIN}utkast/{draft.public_id}/", {"title": "Min", "text": NO_REGIONAL + "# min\n", "number": "1"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "# min" in page
    assert "# deras" in page
    draft.refresh_from_db()
    assert (draft.title, draft.number) == ("Deras", 2)


def test_a_draft_laid_aside_can_be_read_and_not_changed(reader: Client, draft: RuleSetDraft, writer: User) -> None:
    path = f"{ADMIN}utkast/{draft.public_id}/"
    assert reader.get(f"{path}lagg-undan/").status_code == 405
    reader.post(f"{path}lagg-undan/")
    assert "<textarea" not in reader.get(path).content.decode()
    assert reader.get(f"{path}publicera/").status_code == 302
    with pytest.raises(Refusal):
        save_draft(draft=draft, title="x", text="x", number=1, by=writer)
    with pytest.raises(Refusal):
        publish_draft(draft=draft, number=1, by=writer)


# --- Comparing ------------------------------------------------------------------------------------------------------
def test_the_difference_is_told_in_words(reader: Client, draft: RuleSetDraft) -> None:
    page = reader.get(f"{ADMIN}utkast/{draft.public_id}/jamfor/").content.decode()
    assert "Tillagt: 0. Borttaget: 0. Ändrat: 1." in page
    assert "Verkan: från krävs till räknas bara i statistiken" in page
    assert '<span class="diff__line" data-mark="-">-    gate: block' in page


def test_a_version_that_is_not_there_is_missing(reader: Client, draft: RuleSetDraft) -> None:
    for path in (f"utkast/{draft.public_id}/jamfor/?med=9", "version/9/", "version/1/?med=9", "version/9/fil/"):
        assert reader.get(f"{ADMIN}{path}").status_code == 404, path


# --- Publishing -----------------------------------------------------------------------------------------------------
def test_a_draft_is_published_at_once(reader: Client, draft: RuleSetDraft) -> None:
    answer = reader.post(f"{ADMIN}utkast/{draft.public_id}/publicera/", {"number": "1", "reason": "Beslut 12"})
    assert answer.headers["Location"] == f"{ADMIN}version/2/"
    moment = current_moment()
    assert current_rule_book().in_force(moment.now, moment.known_at).version == 2
    draft.refresh_from_db()
    assert draft.published_as == RuleSetVersion.objects.get(version=2)
    assert "Beslut 12" in reader.get(ADMIN).content.decode()


def test_f26_a_draft_is_published_ahead_in_local_time_and_superseded_before_it_takes_effect(
    reader: Client, draft: RuleSetDraft, writer: User
) -> None:
    values = {"number": "1", "day": "2035-07-01", "time": "08:00"}
    reader.post(f"{ADMIN}utkast/{draft.public_id}/publicera/", values)
    ahead = RuleSetVersion.objects.get(version=2)
    assert ahead.in_force_from.isoformat() == "2035-07-01T06:00:00+00:00"
    assert [one.is_coming for one in listed_versions()] == [True, False]
    again = create_draft(title="Ändå inte", text=RULES.read_text(encoding="utf-8"), by=writer)
    reader.post(f"{ADMIN}utkast/{again.public_id}/publicera/", values)
    assert [(one.version.version, one.is_superseded) for one in listed_versions()] == [
        (3, False),
        (2, True),
        (1, False),
    ]
    moment = current_moment()
    assert current_rule_book().in_force(ahead.in_force_from, moment.known_at).version == 3


def test_f26_a_time_that_has_passed_needs_a_reason(reader: Client, draft: RuleSetDraft) -> None:
    path = f"{ADMIN}utkast/{draft.public_id}/publicera/"
    assert reader.post(path, {"number": "1", "day": "2024-01-01"}).status_code == 422
    assert RuleSetVersion.objects.count() == 1
    assert reader.post(path, {"number": "1", "day": "2024-01-01", "reason": "Rättelse"}).status_code == 302


def test_what_was_saved_meanwhile_is_not_published_unseen(reader: Client, draft: RuleSetDraft, writer: User) -> None:
    save_draft(draft=draft, title="Ny", text=NO_REGIONAL, number=1, by=writer)
    assert reader.post(f"{ADMIN}utkast/{draft.public_id}/publicera/", {"number": "1"}).status_code == 422
    assert RuleSetVersion.objects.count() == 1


def test_a_draft_with_errors_is_not_published(writer: User) -> None:
    wrong = create_draft(title="Fel", text="roles: {}\n", by=writer)
    with pytest.raises(Refusal, match="rights"):
        publish_draft(draft=wrong, number=1, by=writer)


# --- Simulating -----------------------------------------------------------------------------------------------------
@pytest.fixture
def run(world: World, draft: RuleSetDraft, writer: User) -> SimulationRun:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    found = start_simulation(draft=draft, by=writer)
    carry_out(str(found.public_id))
    found.refresh_from_db()
    return found


def test_a_simulation_is_started_and_its_result_is_shown_before_publishing(
    reader: Client, world: World, draft: RuleSetDraft, django_capture_on_commit_callbacks: Any
) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    path = f"{ADMIN}utkast/{draft.public_id}/"
    assert "Simulera först" in reader.get(f"{path}publicera/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = reader.post(f"{path}simulera/", {"horizon": "365"})
    page = reader.get(answer.headers["Location"]).content.decode()
    assert "Testkliniken" in page
    assert "Testsson" in page
    publishing = reader.get(f"{path}publicera/").content.decode()
    assert "0 personer får inte längre beställa" in publishing
    assert "1 person får beställa som inte får det i dag" in publishing
    assert "Något har registrerats" not in publishing


def test_a_result_is_said_to_be_old_when_something_was_recorded_since(
    reader: Client, run: SimulationRun, world: World
) -> None:
    make_prescriber(world.clinic)
    assert "Något har registrerats" in reader.get(f"/regler/simulering/{run.public_id}/").content.decode()


def test_a16_a_manager_reads_of_their_own_units_and_an_outsider_of_none(
    client: Client, world: World, run: SimulationRun
) -> None:
    path = f"/regler/simulering/{run.public_id}/"
    client.force_login(world.manager)
    assert "Testsson" in client.get(path).content.decode().split("Personerna")[1]
    client.force_login(world.outsider)
    page = client.get(path).content.decode()
    assert "Ingens rätt att beställa ändras" in page
    client.force_login(make_person())
    assert client.get(path).status_code == 404
    assert client.get(f"{path}fil.xlsx").status_code == 404
    client.force_login(world.manager)
    assert client.post(f"{path}stoppa/").status_code == 403


def test_a19_a_statistician_reads_figures_without_small_groups(client: Client, run: SimulationRun) -> None:
    client.force_login(member_of("Statistiker"))
    page = client.get(f"/regler/simulering/{run.public_id}/").content.decode()
    assert "Personerna" not in page
    assert "Små grupper" in page
    sheet = client.get(f"/regler/simulering/{run.public_id}/fil.csv").content.decode()
    assert "Testsson" not in sheet


SIMULATIONS = "/regler/simulering/"


def test_simulations_are_found_by_those_who_may_read_them_and_by_no_other(
    client: Client, world: World, run: SimulationRun
) -> None:
    for reader, start in ((world.manager, "/mitt-team/"), (member_of("Statistiker"), "/statistik/")):
        client.force_login(reader)
        assert f'href="{SIMULATIONS}"' in client.get(start).content.decode()
        page = client.get(SIMULATIONS).content.decode()
        assert f'href="{SIMULATIONS}{run.public_id}/"' in page
        assert run.draft.title in page
    client.force_login(make_person())
    assert client.get(SIMULATIONS).status_code == 404
    client.logout()
    assert client.get(SIMULATIONS).status_code == 302


def test_of_each_draft_the_latest_finished_simulation_is_listed_and_none_of_what_was_laid_aside(
    client: Client, world: World, run: SimulationRun, writer: User
) -> None:
    later = start_simulation(draft=run.draft, by=writer)
    client.force_login(world.manager)
    assert str(later.public_id) not in client.get(SIMULATIONS).content.decode()
    carry_out(str(later.public_id))
    page = client.get(SIMULATIONS).content.decode()
    assert str(later.public_id) in page
    assert str(run.public_id) not in page

    RuleSetDraft.objects.update(status=RuleSetDraft.Status.WITHDRAWN)
    assert "Inget utkast har simulerats" in client.get(SIMULATIONS).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_simulations_takes_as_many_queries_however_many_there_are(
    client: Client, world: World, run: SimulationRun, writer: User, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count - 1):
        draft = RuleSetDraft.objects.create(
            title=f"Utkast {number}",
            text=run.draft.text,
            created_by=writer,
            changed_by=writer,
            changed_at=timezone.now(),
        )
        SimulationRun.objects.create(
            draft=draft, digest="x", document={}, status=SimulationRun.Status.DONE, started_by=writer
        )
    client.force_login(member_of("Statistiker"))
    client.get(SIMULATIONS)
    with django_assert_num_queries(8):  # the list takes one of them
        page = client.get(SIMULATIONS).content.decode()
    assert page.count('<th scope="row">') == count


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_a_simulation_is_fetched_as_a_file(reader: Client, run: SimulationRun, fmt: str) -> None:
    assert reader.get(f"/regler/simulering/{run.public_id}/fil.{fmt}").status_code == 200
    assert reader.get(f"/regler/simulering/{run.public_id}/fil.pdf").status_code == 404


def test_a_run_is_stopped_and_run_again(reader: Client, draft: RuleSetDraft, writer: User, world: World) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    first = start_simulation(draft=draft, by=writer)
    path = f"/regler/simulering/{first.public_id}/"
    assert "Simuleringen börjar strax" in reader.get(path).content.decode()
    reader.post(f"{path}stoppa/")
    carry_out(str(first.public_id))
    first.refresh_from_db()
    assert (first.status, first.result) == ("stopped", None)
    assert "stoppades" in reader.get(path).content.decode()
    second = start_simulation(draft=draft, by=writer)
    carry_out(str(second.public_id))
    carry_out(str(second.public_id))  # delivered twice
    second.refresh_from_db()
    assert second.status == "done"


def test_a_run_that_fails_says_so(reader: Client, draft: RuleSetDraft, writer: User, monkeypatch: Any) -> None:
    from competence.simulation import background

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(background, "simulate", fail)
    found = start_simulation(draft=draft, by=writer)
    with pytest.raises(RuntimeError):
        carry_out(str(found.public_id))
    assert "kunde inte genomföras" in reader.get(f"/regler/simulering/{found.public_id}/").content.decode()


def test_a_horizon_beyond_reason_is_refused(draft: RuleSetDraft, writer: User) -> None:
    with pytest.raises(Refusal):
        start_simulation(draft=draft, by=writer, horizon=timedelta(days=5000))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_however_long_it_is(
    reader: Client, writer: User, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        create_draft(title=f"Utkast {number}", text=NO_REGIONAL, by=writer)
    reader.get(ADMIN)
    with django_assert_num_queries(9):
        reader.get(ADMIN)
