"""Who may see and do what with an occasion. Those who edit courses may all of it; a teacher has their own occasions."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from courses.models import Occasion
from lms.lib.actors import Actor, Machine
from lms.users.models import User

EDIT = "courses.edit_courses"


def is_editor(actor: Actor) -> bool:
    """Whether `actor` edits courses: makes, changes and cancels occasions. Commands may."""
    return isinstance(actor, Machine) or actor.has_perm(EDIT)


def require_organiser(actor: Actor) -> None:
    """Raises PermissionDenied unless `actor` edits courses."""
    if not is_editor(actor):
        raise PermissionDenied(EDIT)


def teaches(actor: Actor, occasion: Occasion) -> bool:
    """Whether `actor` is the one responsible for the occasion."""
    if not isinstance(actor, User) or occasion.teacher is None:
        return False
    return actor.is_active and actor.is_same_as(occasion.teacher)


def sees_participants(actor: Actor, occasion: Occasion) -> bool:
    """Whether `actor` sees who comes to the occasion, and notes who came."""
    return is_editor(actor) or teaches(actor, occasion)
