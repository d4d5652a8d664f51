"""The ground the tests stand on: what the migrations made is there after a test that really committed."""

import pytest
from django.contrib.auth.models import Permission
from wagtail.models import Page, Site

from lms.users.models import User


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_it_starts_with_what_the_migrations_made_and_nothing_else(turn: int) -> None:
    assert Page.objects.filter(depth=1).count() == 1
    assert Site.objects.count() == 1
    assert Permission.objects.filter(codename="add_page").exists() or Permission.objects.exists()
    assert not User.objects.exists()
    User.objects.create_user(f"test-testsson-{turn}", password="x")
    Site.objects.all().delete()
