"""People and the identifiers that employers give them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

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
    """`person` is known as `value`. The same again changes nothing.

    Raises Refusal for an HSA-ID of the wrong form, and for an identity that is somebody else's.
    """
    if kind is EmployeeIdentity.Kind.HSA_ID and not HSA_ID_PATTERN.fullmatch(value):
        raise Refusal(_("The HSA-ID is not complete. It looks like SE2321000131-E000000000001."))
    identity, created = EmployeeIdentity.objects.get_or_create(
        kind=kind, folded_value=fold_identifier(value), defaults={"person": person, "value": value}
    )
    if identity.person_id != person.pk:
        raise Refusal(_("The identity %(value)s belongs to another person.") % {"value": value})
    if created:
        record_write("give_identity", by=by, subject=f"person:{person.public_id}", person=person, kind=str(kind))
    return identity
