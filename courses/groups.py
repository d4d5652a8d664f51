"""Which groups may do what with courses; put in place after every migration, and safe to repeat."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

GROUPS = {
    "Redaktör": ["edit_courses"],
    "Samverkansfunktionen": ["edit_courses", "view_participants"],
    "Administratör": ["edit_courses", "view_participants", "decide_package_trust"],
}


def put_in_place(sender: Any, using: str, **kwargs: Any) -> None:
    """Give each group its permissions on courses; what a group has besides is left alone."""
    from django.contrib.auth.models import Group, Permission

    create_permissions(apps.get_app_config("courses"), using=using, verbosity=0)
    for name, codenames in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        permissions = Permission.objects.using(using).filter(content_type__app_label="courses", codename__in=codenames)
        group.permissions.add(*permissions)
