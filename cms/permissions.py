"""What an editor may do: pages, images, documents. No persons, no results, no settings."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

EDITOR_GROUP = "Redaktör"
REVIEW = "Granskning av en annan redaktör"
WAGTAIL_GROUPS = ("Editors", "Moderators")  # made by Wagtail's first migration; one group is enough here

PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page")
COLLECTION_PERMISSIONS = {
    "wagtailimages": ("add_image", "change_image", "choose_image"),
    "wagtaildocs": ("add_document", "change_document", "choose_document"),
}


def on_migrated(**kwargs: Any) -> None:
    """After migrations: the group is there, with its permissions, before anybody is put into it."""
    if Page.objects.filter(depth=1).exists():
        ensure_editor_group()


@transaction.atomic
def ensure_editor_group() -> Group:
    """The group of editors, made once. What an administrator has changed in it afterwards is left alone."""
    group, _created = Group.objects.get_or_create(name=EDITOR_GROUP)
    root = Page.objects.get(depth=1)
    if GroupPagePermission.objects.filter(group=group, page=root).exists():
        return group
    for label in ("wagtailadmin", "wagtailcore", "wagtailimages", "wagtaildocs"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    group.permissions.add(_permission("wagtailadmin", "access_admin"))
    for codename in PAGE_PERMISSIONS:
        permission = _permission("wagtailcore", codename)
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    collection = Collection.get_first_root_node() or Collection.add_root(name="Root")
    for label, codenames in COLLECTION_PERMISSIONS.items():
        for codename in codenames:
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collection, permission=_permission(label, codename)
            )
    _simplify_workflow(group, root)
    return group


def _permission(label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=label, codename=codename)


def _simplify_workflow(group: Group, root: Page) -> None:
    """One optional review by another editor, in place of Wagtail's moderators, whom nobody here would be."""
    Group.objects.filter(name__in=WAGTAIL_GROUPS, user__isnull=True).delete()
    task, _created = GroupApprovalTask.objects.get_or_create(name=REVIEW)
    task.groups.set([group])
    workflow, _created = Workflow.objects.get_or_create(name=REVIEW)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task)
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    for old in Workflow.objects.filter(name="Moderators approval", active=True):
        old.active = False
        old.save()
