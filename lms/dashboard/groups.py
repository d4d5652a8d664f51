"""The groups of those who work with the service as a whole, and what each may do. Managers are no group, but facts."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from cms.permissions import EDITOR_GROUP

COORDINATORS, STATISTICIANS, ADMINISTRATORS = "Samverkansfunktionen", "Statistiker", "Administratör"

PERMISSIONS = {
    EDITOR_GROUP: ("courses.edit_courses",),  # and its pages, which cms.permissions gives
    COORDINATORS: (
        "competence.view_statistics",
        "competence.view_person_statistics",
        "competence.manage_rules",
        "courses.edit_courses",
    ),
    STATISTICIANS: ("competence.view_statistics",),
    ADMINISTRATORS: (
        "competence.view_statistics",
        "competence.view_person_statistics",
        "competence.manage_rules",
        "courses.edit_courses",
        "courses.decide_package_trust",
    ),
}


def on_migrated(**kwargs: Any) -> None:
    """After migrations: the groups are there, before anybody is put into them."""
    ensure_groups()


@transaction.atomic
def ensure_groups() -> None:
    """Make the groups that are missing. What an administrator has changed in one afterwards is left alone."""
    made_permissions = False
    for name, permissions in PERMISSIONS.items():
        group, created = Group.objects.get_or_create(name=name)
        if not created:
            continue
        if not made_permissions:
            for label in ("competence", "courses"):
                create_permissions(apps.get_app_config(label), verbosity=0)
            made_permissions = True
        group.permissions.add(*(_permission(permission) for permission in permissions))


def _permission(name: str) -> Permission:
    label, _dot, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)
