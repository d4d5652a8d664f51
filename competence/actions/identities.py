"""Identifiers that change, and records that turn out to be of one person: dated, with a reason, and reversible."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions import prepared
from competence.actions.change import Change, begin_change
from competence.actions.endings import end_fact
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.models.merge import IdentityChange, PersonMerge
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal
from lms.users.models import HSA_ID_PATTERN, EmployeeIdentity, User, fold_identifier


@transaction.atomic
def merge_people(*, absorbed: User, into: User, reason: str, by: Actor) -> PersonMerge:
    """From now on `absorbed` and `into` are known to be one person, who logs in as `into`.

    Facts stay where they were recorded; asked about either, the facts of both are found. Groups and permissions are
    not taken over. Raises PermissionDenied unless `by` may, and Refusal for records that cannot be one.
    """
    _require_may(by)
    reason = _required(reason)
    change = begin_change(by=by)  # first: whoever records a fact holds the revision's lock when it comes to the person
    people = _locked(absorbed, into)
    absorbed, into = people[absorbed.pk], people[into.pk]
    _require_can_be_one(absorbed, into, by)
    merge = change.record(PersonMerge(person=absorbed, into=into, reason=reason, was_active=absorbed.is_active))
    absorbed.is_active = False
    absorbed.merged_into = into
    absorbed.save()
    _settle(change, absorbed, into)
    for person in (absorbed, into):
        record_write("merge_people", by=by, subject=f"merge:{merge.public_id}", person=person)
    change.announce("people.merged", person=into, absorbed=str(absorbed.public_id))
    return merge


@transaction.atomic
def split_people(*, merge: PersonMerge, reason: str, by: Actor) -> Ending:
    """They are two after all: each has again what was recorded about each. Raises Refusal when they are two already."""
    _require_may(by)
    reason = _required(reason)
    change = begin_change(by=by)
    people = _locked(merge.person, merge.into)
    absorbed, into = people[merge.person_id], people[merge.into_id]
    if merge.endings.exists():
        raise Refusal(_("They have been split already."))
    ending = end_fact(merge, change, kind=Ending.Kind.CORRECTED, at=change.at, reason=reason)
    absorbed.merged_into = None
    absorbed.is_active = merge.was_active
    absorbed.save()
    _settle(change, absorbed, into)
    for person in (absorbed, into):
        record_write("split_people", by=by, subject=f"merge:{merge.public_id}", person=person)
    change.announce("people.split", person=into, absorbed=str(absorbed.public_id))
    return ending


@transaction.atomic
def replace_identity(*, identity: EmployeeIdentity, value: str, reason: str, by: Actor) -> EmployeeIdentity:
    """The employer knows the person as `value` instead of as `identity`: a change of name or of employer's register.

    Employments under the one before are found under either; so are later ones. Raises Refusal for a value of the wrong
    form, or one that somebody has.
    """
    _require_may(by)
    reason, value = _required(reason), value.strip()
    if identity.kind == EmployeeIdentity.Kind.HSA_ID and not HSA_ID_PATTERN.fullmatch(value):
        raise Refusal(_("The HSA-ID is not complete. It looks like SE2321000131-E000000000001."))
    if EmployeeIdentity.objects.filter(kind=identity.kind, folded_value=fold_identifier(value)).exists():
        raise Refusal(_("Somebody is already known as %(value)s.") % {"value": value})
    person = identity.person
    change = begin_change(by=by)
    prepared.announce_before([person.pk])
    new = EmployeeIdentity.objects.create(person=person, kind=identity.kind, value=value, line=identity.known_as)
    kind = IdentityChange.Kind.REPLACED
    change.record(IdentityChange(identity=new, kind=kind, person=person, replaces=identity, reason=reason))
    _settle(change, person)
    record_write("replace_identity", by=by, subject=f"person:{person.public_id}", person=person, kind=identity.kind)
    change.announce("identity.replaced", person=person, identity_kind=identity.kind)
    return new


@transaction.atomic
def separate_identity(*, identity: EmployeeIdentity, reason: str, by: Actor) -> EmployeeIdentity:
    """`identity` does not replace an earlier one after all. Raises Refusal when it replaces none."""
    _require_may(by)
    reason = _required(reason)
    change = begin_change(by=by)
    identity = EmployeeIdentity.objects.select_for_update().get(pk=identity.pk)
    if not identity.line:
        raise Refusal(_("%(value)s does not replace another identifier.") % {"value": identity.value})
    person = identity.person
    prepared.announce_before([person.pk])
    identity.line = ""
    identity.save()
    kind = IdentityChange.Kind.SEPARATED
    change.record(IdentityChange(identity=identity, kind=kind, person=person, reason=reason))
    _settle(change, person)
    record_write("separate_identity", by=by, subject=f"person:{person.public_id}", person=person)
    change.announce("identity.separated", person=person, identity_kind=identity.kind)
    return identity


@transaction.atomic
def move_identity(*, identity: EmployeeIdentity, to: User, reason: str, by: Actor) -> EmployeeIdentity:
    """`identity` was given to the wrong person: it is `to`'s. Moving it back undoes it.

    Only one that no employment stands under: an employment is about a person, and is moved by merging or by recording
    it anew. Raises Refusal otherwise.
    """
    _require_may(by)
    reason = _required(reason)
    change = begin_change(by=by)
    identity = EmployeeIdentity.objects.select_for_update().get(pk=identity.pk)
    if identity.person_id == to.pk:
        raise Refusal(_("The identifier is already that person’s."))
    if identity.line or EmployeeIdentity.objects.filter(line=identity.folded_value, kind=identity.kind).exists():
        raise Refusal(_("%(value)s belongs together with another identifier. Separate them first.") % _named(identity))
    if Employment.objects.filter(identity=identity).exists():
        raise Refusal(_("There is an employment under %(value)s. Merge the records instead.") % _named(identity))
    before = identity.person
    prepared.announce_before([before.pk, to.pk])
    identity.person = to
    identity.save()
    kind = IdentityChange.Kind.MOVED
    change.record(IdentityChange(identity=identity, kind=kind, person=before, moved_to=to, reason=reason))
    _settle(change, before, to)
    for person in (before, to):
        record_write("move_identity", by=by, subject=f"person:{before.public_id}", person=person)
    change.announce("identity.moved", person=to, identity_kind=identity.kind)
    return identity


def _settle(change: Change, *people: User) -> None:
    """Write anew what is prepared for the people: what is known about them has changed without a fact about them."""
    prepared.refresh([person.pk for person in people])


def _locked(*people: User) -> dict[int, User]:
    rows = User.objects.select_for_update().filter(pk__in=[person.pk for person in people]).order_by("pk")
    return {person.pk: person for person in rows}


def _require_can_be_one(absorbed: User, into: User, by: Actor) -> None:
    if absorbed.pk == into.pk:
        raise Refusal(_("Choose two different records."))
    if absorbed.merged_into_id or into.merged_into_id:
        raise Refusal(_("One of the records is already part of another. Split them first."))
    if absorbed.absorbed.exists():
        raise Refusal(
            _("Another record is already part of %(person)s. Keep that record instead.") % {"person": absorbed}
        )
    if not isinstance(by, Machine) and by.pk in (absorbed.pk, into.pk):
        raise Refusal(_("Nobody merges their own record. Ask another administrator."))


def _require_may(by: Actor) -> None:
    if not isinstance(by, Machine) and not by.has_perm("competence.merge_people"):
        raise PermissionDenied("merge people, or change their identifiers")


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Write a reason: it is kept with what was done."))
    return reason.strip()


def _named(identity: EmployeeIdentity) -> dict[str, str]:
    return {"value": identity.value}
