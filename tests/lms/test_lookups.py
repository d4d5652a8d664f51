"""`__among` finds what `__in` finds."""

from __future__ import annotations

import pytest

from lms.users.models import EmployeeIdentity, User
from tests.factories.competence import make_person


@pytest.mark.django_db
def test_values_are_looked_for_by_keys_texts_and_relations() -> None:
    people = [make_person(username=name) for name in ("anna", "bo", 'c"; --', "å\\d")]
    names = [one.username for one in people]
    for some in ([], names[:1], names[1:], [*names, "nobody"], [names[0], names[0]]):
        found = User.objects.filter(username__among=some)
        assert set(found) == set(User.objects.filter(username__in=some))
        assert set(User.objects.exclude(username__among=some)) == set(User.objects.exclude(username__in=some))
    keys = {one.pk for one in people[:2]}
    assert set(User.objects.filter(pk__among=keys)) == set(people[:2])
    identities = [EmployeeIdentity.objects.create(person=one, kind="hsa_id", value=f"SE-{one.pk}") for one in people]
    assert set(EmployeeIdentity.objects.filter(person__among=keys)) == set(identities[:2])
    assert set(EmployeeIdentity.objects.filter(person_id__among=keys)) == set(identities[:2])
    assert set(User.objects.filter(identities__value__among=["SE-x", f"SE-{people[3].pk}"])) == {people[3]}
    assert User.objects.filter(pk__among=range(10**9, 10**9 + 40_000)).count() == 0
