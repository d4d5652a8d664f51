"""Which groups may see figures and publish rules; put in place after every migration, and safe to repeat."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

# Managers are no group: whom somebody manages is a fact (`ManagerAssignment`).
SYSTEM_ADMINISTRATORS = "Systemförvaltare"  # of which systems is a fact too (`SystemAdministrator`)
GROUPS = {
    "Samverkansfunktionen": [
        "view_statistics",
        "view_person_statistics",
        "view_any_history",
        "import_completions",
        "manage_rules",
        "manage_machine_clients",
    ],
    "Statistiker": ["view_statistics"],
    SYSTEM_ADMINISTRATORS: ["transfer_rights"],
    "Administratör": [
        "assign_system_administrators",
        "import_completions",
        "manage_machine_clients",
        "merge_people",
        "view_statistics",
        "view_person_statistics",
        "view_any_history",
        "manage_rules",
    ],
}


def put_in_place(sender: Any, using: str, **kwargs: Any) -> None:
    """Give each group its permissions on competence; what a group has besides is left alone."""
    from django.contrib.auth.models import Group, Permission

    create_permissions(apps.get_app_config("competence"), using=using, verbosity=0)
    for name, codenames in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        permissions = Permission.objects.using(using).filter(
            content_type__app_label="competence", codename__in=codenames
        )
        group.permissions.add(*permissions)
