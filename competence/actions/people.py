"""People and the identifiers that employers give them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.prepared import announce_before, refresh
from competence.models.employment import Employment
from competence.queries.merges import people_with_bonds
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal
from lms.users.models import HSA_ID_PATTERN, EmployeeIdentity, User, fold_identifier


@transaction.atomic
def register_person(
    *, username: str, first_name: str, last_name: str, by: Actor, email: str = "", password_hash: str = ""
) -> User:
    """A new person, who logs in by an identity provider unless `password_hash` says otherwise.

    Raises Refusal when the user name is taken.
    """
    if User.objects.filter(username=username).exists():
        raise Refusal(_("There is already a person with the user name %(name)s.") % {"name": username})
    person = User(username=username, first_name=first_name, last_name=last_name, email=email)
    if password_hash:
        person.password = password_hash
    else:
        person.set_unusable_password()
    person.save()
    record_write("register_person", by=by, subject=f"person:{person.public_id}", person=person)
    return person


@transaction.atomic
def give_identity(*, person: User, kind: EmployeeIdentity.Kind, value: str, by: Actor) -> EmployeeIdentity:
    """`person` is known as `value`. The same again changes nothing. About somebody who works somewhere it is a change:
    employments under no identifier are found under the new one.

    Raises Refusal for an HSA-ID of the wrong form, and for an identity that is somebody else's.
    """
    if kind is EmployeeIdentity.Kind.HSA_ID and not HSA_ID_PATTERN.fullmatch(value):
        raise Refusal(_("The HSA-ID is not complete. It looks like SE2321000131-E000000000001."))
    folded = fold_identifier(value)
    is_new = not EmployeeIdentity.objects.filter(kind=kind, folded_value=folded).exists()
    # The revision's lock comes before the row that others may be about to make, too.
    change = begin_change(by=by) if is_new and _works_somewhere(person) else None
    if change is not None:
        announce_before([person.pk])
    identity, created = EmployeeIdentity.objects.get_or_create(
        kind=kind, folded_value=folded, defaults={"person": person, "value": value}
    )
    if identity.person_id != person.pk:
        raise Refusal(_("The identity %(value)s belongs to another person.") % {"value": value})
    if created:
        record_write("give_identity", by=by, subject=f"person:{person.public_id}", person=person, kind=str(kind))
    if change is not None:
        refresh([person.pk])
        change.announce("identity.given", person=person, identity_kind=str(kind))
    return identity


def _works_somewhere(person: User) -> bool:
    """Whether the person, or another record of theirs, ever worked somewhere."""
    return Employment.objects.filter(person__in=people_with_bonds([person.pk])).exists()
