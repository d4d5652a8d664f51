"""Records of one and the same person: merged, asked about as known then and now, and split again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from competence.actions.employments import start_employment
from competence.actions.identities import (
    merge_people,
    move_identity,
    replace_identity,
    separate_identity,
    split_people,
)
from competence.models.merge import IdentityChange
from competence.policy.decision import Context, EligibilityDecision
from competence.queries.eligibility import current_moment, decide_for, person_with_hsa_id
from competence.queries.employments import employments_held_at
from competence.queries.facts import facts_for, recorded_facts_for
from competence.queries.standing import standings_of
from competence.rest_api.answers import holders_of
from competence.verifying import verify_state
from lms.lib.errors import Refusal
from lms.users.claims import person_with
from lms.users.models import EmployeeIdentity, User
from tests.competence.views.helpers import HEALTH_CARE, client_of, text_of
from tests.factories.competence import (
    BUILDER,
    LONG_AGO,
    NATIONAL,
    REGIONAL,
    Prescriber,
    World,
    complete,
    make_hsa_id,
    make_person,
    make_prescriber,
)

TICK = timedelta(microseconds=1)


def ask(person: User, known_at: datetime | None = None, **context: Any) -> EligibilityDecision:
    return decide_for(person, HEALTH_CARE, moment=current_moment(), known_at=known_at, context=Context(**context))


@pytest.fixture
def works(world: World) -> Prescriber:
    """Has everything but the courses."""
    return make_prescriber(world.clinic, courses=())


@pytest.fixture
def learned(world: World) -> User:
    """Another record of the same human being, under which the courses were taken."""
    person = make_person()
    make_hsa_id(person)
    for course in (NATIONAL, REGIONAL):
        complete(person, course)
    return person


def merged(works: Prescriber, learned: User) -> Any:
    return merge_people(absorbed=learned, into=works.person, reason="Samma person, bytte namn", by=BUILDER)


def test_f22_the_facts_of_both_are_one_persons_whichever_is_asked_about(works: Prescriber, learned: User) -> None:
    assert not ask(works.person).allowed
    merged(works, learned)
    assert ask(works.person).allowed
    assert ask(learned).allowed
    assert facts_for([works.person.pk])[works.person.pk] == recorded_facts_for([works.person.pk])[works.person.pk]


def test_f22_before_the_merge_was_recorded_they_were_two_and_after_a_split_they_are_again(
    works: Prescriber, learned: User
) -> None:
    merge = merged(works, learned)
    split = split_people(merge=merge, reason="Det var två personer", by=BUILDER)
    answers = [
        (merge.recorded_at - TICK, False),
        (merge.recorded_at, True),
        (split.recorded_at - TICK, True),
        (split.recorded_at, False),
    ]
    assert [ask(works.person, at).allowed for at, _expected in answers] == [expected for _at, expected in answers]
    assert not ask(works.person).allowed


def test_f22_they_can_be_merged_and_split_over_and_over(works: Prescriber, learned: User) -> None:
    for _time in range(2):
        merge = merged(works, learned)
        learned.refresh_from_db()
        assert (ask(works.person).allowed, learned.is_active, learned.merged_into) == (True, False, works.person)
        split_people(merge=merge, reason="Nej", by=BUILDER)
        learned.refresh_from_db()
        assert (ask(works.person).allowed, learned.is_active, learned.merged_into) == (False, True, None)
    first = merged(works, learned)
    assert ask(works.person, first.recorded_at - TICK).allowed is False
    assert ask(works.person).allowed


def test_what_is_recorded_about_either_while_they_are_one_counts_and_stays_where_it_was_recorded(
    world: World, works: Prescriber
) -> None:
    other = make_person()
    complete(works.person, NATIONAL)
    merge = merge_people(absorbed=other, into=works.person, reason="Samma", by=BUILDER)
    complete(other, REGIONAL)
    assert ask(works.person).allowed, "the prepared row of the one follows the other's facts"
    split_people(merge=merge, reason="Nej", by=BUILDER)
    assert not ask(works.person).allowed
    assert ask(works.person, merge.endings.get().recorded_at - TICK).allowed


def test_three_records_are_one_person_and_only_who_is_split_off_leaves(world: World, works: Prescriber) -> None:
    first, second = make_person(), make_person()
    complete(first, NATIONAL)
    complete(second, REGIONAL)
    one = merge_people(absorbed=first, into=works.person, reason="Samma", by=BUILDER)
    merge_people(absorbed=second, into=works.person, reason="Samma", by=BUILDER)
    assert [ask(person).allowed for person in (works.person, first, second)] == [True, True, True]
    split_people(merge=one, reason="Nej", by=BUILDER)
    assert [ask(person).allowed for person in (works.person, first, second)] == [False, False, False]
    held = {completion.course for completion in facts_for([second.pk])[second.pk].completions if not completion.endings}
    assert held == {REGIONAL}


def test_f23_two_employers_know_each_their_own_and_share_the_courses(world: World) -> None:
    at_clinic = make_prescriber(world.clinic, courses=(NATIONAL,))
    at_home_care = make_prescriber(world.home_care, courses=(REGIONAL,), is_authorised=False)
    merge_people(absorbed=at_home_care.person, into=at_clinic.person, reason="Samma", by=BUILDER)
    for person in (at_clinic.person, at_home_care.person):
        assert ask(person, identity=at_clinic.hsa_id.upper()).allowed
        assert not ask(person, identity=at_home_care.hsa_id.upper()).allowed


def test_p13_a_third_person_is_not_touched(world: World, works: Prescriber, learned: User) -> None:
    third = make_prescriber(world.clinic, courses=())
    before = facts_for([third.person.pk])
    merged(works, learned)
    assert facts_for([third.person.pk]) == before


def test_p07_what_is_stored_is_what_is_recorded_for_either(world: World, works: Prescriber) -> None:
    other = make_prescriber(world.home_care, courses=(NATIONAL, REGIONAL))
    merge_people(absorbed=other.person, into=works.person, reason="Samma", by=BUILDER)
    assert [line for found in verify_state(None, 1) for line in found.differences] == []
    standings = standings_of([works.employment.pk, other.employment.pk], current_moment())
    for found in standings.values():
        assert len({(one.right, one.customer_number) for one in found}) == len(found), "each is told once"


def test_the_absorbed_record_logs_in_no_more_and_its_hsa_id_leads_to_the_other(
    works: Prescriber, learned: User
) -> None:
    client = client_of(learned)
    assert client.get("/min-behorighet/").status_code == 200
    hsa_id = learned.identities.get().folded_value
    merge = merged(works, learned)
    assert client.get("/min-behorighet/").status_code == 302, "the session is over"
    assert person_with([hsa_id]) == works.person
    assert person_with([hsa_id, works.hsa_id.upper()]) == works.person
    split_people(merge=merge, reason="Nej", by=BUILDER)
    assert person_with([hsa_id]) == learned
    assert person_with([hsa_id, works.hsa_id.upper()]) is None


def test_the_person_sees_both_records_workplaces_and_courses(world: World, works: Prescriber) -> None:
    other = make_prescriber(world.home_care, courses=(NATIONAL, REGIONAL))
    merge_people(absorbed=other.person, into=works.person, reason="Samma", by=BUILDER)
    at = current_moment().now
    assert set(employments_held_at(works.person, at)) == {works.employment, other.employment}
    body = client_of(works.person).get("/min-behorighet/").content.decode()
    for word in ("Testkliniken", "Hemtjänsten", "Förskrivning av hjälpmedel"):
        assert word in body


def test_the_history_of_either_tells_of_the_merge_and_of_the_split(works: Prescriber, learned: User) -> None:
    merge = merge_people(absorbed=learned, into=works.person, reason="Samma person, bytte namn", by=BUILDER)
    title = f"Personposter sammanförda: {learned} och {works.person}"

    def told(person: User) -> list[str]:
        text = text_of(client_of(person).get("/min-behorighet/"))
        return [words for words in (title, "Samma person, bytte namn", "Var två personer") if words in text]

    assert told(works.person) == [title, "Samma person, bytte namn"]
    split_people(merge=merge, reason="Var två personer", by=BUILDER)
    for record in (works.person, User.objects.get(pk=learned.pk)):
        assert told(record) == [title, "Samma person, bytte namn", "Var två personer"]


def test_a18_a_manager_does_not_decide_about_their_own_other_record(world: World, works: Prescriber) -> None:
    url = f"/mitt-team/{works.employment.public_id}/utse/"
    manager = client_of(world.manager)
    assert manager.get(url).status_code == 200
    merge_people(absorbed=works.person, into=world.manager, reason="Samma", by=BUILDER)
    assert manager.get(url).status_code == 403


def test_an_absorbed_managers_units_are_the_others(world: World, works: Prescriber) -> None:
    merge_people(absorbed=world.manager, into=works.person, reason="Samma", by=BUILDER)
    colleague = make_prescriber(world.clinic)
    assert client_of(works.person).get(f"/mitt-team/{colleague.employment.public_id}/").status_code == 200


def test_a18_groups_are_not_taken_over(works: Prescriber, learned: User) -> None:
    learned.user_permissions.add(Permission.objects.get(codename="merge_people"))
    merged(works, learned)
    assert not User.objects.get(pk=works.person.pk).has_perm("competence.merge_people")


def test_only_who_may_merges_and_never_themselves(world: World, works: Prescriber, learned: User) -> None:
    for stranger in (world.manager, make_person(), works.person):
        with pytest.raises(PermissionDenied):
            merge_people(absorbed=learned, into=works.person, reason="Skäl", by=stranger)
    administrator = make_person()
    administrator.user_permissions.add(Permission.objects.get(codename="merge_people"))
    administrator = User.objects.get(pk=administrator.pk)
    with pytest.raises(Refusal, match="egen personpost"):
        merge_people(absorbed=learned, into=administrator, reason="Skäl", by=administrator)
    merge_people(absorbed=learned, into=works.person, reason="Skäl", by=administrator)


def test_what_cannot_be_one_is_refused_with_a_sentence(world: World, works: Prescriber, learned: User) -> None:
    third = make_person()
    for absorbed, into, reason in (
        (learned, learned, "Skäl"),
        (learned, works.person, "  "),
    ):
        with pytest.raises(Refusal):
            merge_people(absorbed=absorbed, into=into, reason=reason, by=BUILDER)
    merge = merged(works, learned)
    for absorbed, into in ((learned, third), (third, learned), (works.person, third)):
        with pytest.raises(Refusal):
            merge_people(absorbed=absorbed, into=into, reason="Skäl", by=BUILDER)
    split_people(merge=merge, reason="Nej", by=BUILDER)
    with pytest.raises(Refusal):
        split_people(merge=merge, reason="Nej", by=BUILDER)


# --- Identifiers ------------------------------------------------------------------------------------------------------
def new_id(number: int) -> str:
    return f"SE2321000131-N{number:08d}"


def test_f22_a_changed_hsa_id_finds_the_employment_under_the_one_before(world: World) -> None:
    holder = make_prescriber(world.clinic)
    old = EmployeeIdentity.objects.get(value=holder.hsa_id)
    new = replace_identity(identity=old, value=new_id(1), reason="Bytte namn", by=BUILDER)
    again = replace_identity(identity=new, value=new_id(2), reason="Bytte igen", by=BUILDER)
    for identity in (old, new, again):
        assert person_with_hsa_id(identity.value) == holder.person
        line = holders_of([identity.value])[identity.folded_value].line or identity.folded_value
        assert ask(holder.person, identity=line).allowed
    separate_identity(identity=again, reason="Fel", by=BUILDER)
    assert not ask(holder.person, identity=again.folded_value).allowed
    assert [change.kind for change in IdentityChange.objects.order_by("pk")] == ["replaced", "replaced", "separated"]


def test_an_employment_under_the_new_hsa_id_is_found_under_the_old_one(world: World) -> None:
    person = make_person()
    old = make_hsa_id(person)
    new = replace_identity(identity=old, value=new_id(3), reason="Bytte namn", by=BUILDER)
    start_employment(person=person, unit=world.clinic, starts_on=LONG_AGO, identity=new, by=BUILDER)
    codes = {step.code for step in ask(person, identity=old.folded_value).missing}
    assert "NOT_EMPLOYED" not in codes


@pytest.mark.parametrize("value", ["", "SE1-2", "SE2321000131-", "SE2321000131-Å1"])
def test_a_changed_hsa_id_has_the_right_form_and_is_nobodys(world: World, value: str) -> None:
    identity = make_hsa_id(make_person())
    with pytest.raises(Refusal):
        replace_identity(identity=identity, value=value, reason="Skäl", by=BUILDER)
    taken = make_hsa_id(make_person())
    with pytest.raises(Refusal):
        replace_identity(identity=identity, value=taken.value.lower().replace("se", "SE", 1), reason="Skäl", by=BUILDER)


def test_f22_an_identifier_moves_to_the_right_person_and_back(world: World, works: Prescriber) -> None:
    wrong, right = make_person(), make_person()
    identity = make_hsa_id(wrong)
    move_identity(identity=identity, to=right, reason="Fel person", by=BUILDER)
    assert person_with_hsa_id(identity.value) == right
    move_identity(identity=identity, to=wrong, reason="Rätt person ändå", by=BUILDER)
    assert person_with_hsa_id(identity.value) == wrong
    with pytest.raises(Refusal):
        move_identity(identity=works.employment.identity, to=right, reason="Skäl", by=BUILDER)  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        move_identity(identity=identity, to=right, reason="Skäl", by=world.manager)
    assert datetime.now(UTC)
