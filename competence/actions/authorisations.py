"""Granting and revoking ordering rights, and the log-ins that keep them alive."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from competence.actions.change import Change, begin_change
from competence.actions.endings import end_fact
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.clock import day_starts_at, local_day
from lms.lib.errors import Refusal
from lms.users.models import User


@transaction.atomic
def grant_authorisation(
    *,
    employment: Employment,
    right: OrderingRight,
    by: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
    customer_number: str = "",
) -> Authorisation:
    """Grant `right` within `employment`, from today unless said otherwise.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal when the customer number is
    missing where the right is per customer, or given where it is not.
    """
    as_deputy = require_decider(by, employment)
    check_customer_number(right, customer_number)
    change = begin_change(by=by, as_deputy=as_deputy)
    authorisation = change.record(
        Authorisation(
            employment=employment,
            right=right,
            customer_number=customer_number,
            starts_on=starts_on or change.today,
            ends_on=ends_on,
        )
    )
    record_write(
        "grant_authorisation",
        by=by,
        subject=f"authorisation:{authorisation.public_id}",
        person=employment.person,
        right=right.key,
    )
    change.announce(
        "authorisation.granted", person=employment.person, employment=str(employment.public_id), right=right.key
    )
    return authorisation


@transaction.atomic
def revoke_authorisation(*, authorisation: Authorisation, reason: str, by: Actor) -> Ending:
    """Take the right back, with a reason, at once: the next answer denies."""
    employment = authorisation.employment
    as_deputy = require_decider(by, employment)
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    change = begin_change(by=by, as_deputy=as_deputy)
    ending = end_fact(authorisation, change, kind=Ending.Kind.REVOKED, at=change.at, reason=reason.strip())
    record_write(
        "revoke_authorisation",
        by=by,
        subject=f"authorisation:{authorisation.public_id}",
        person=employment.person,
        right=authorisation.right.key,
    )
    change.announce(
        "authorisation.revoked",
        person=employment.person,
        employment=str(employment.public_id),
        right=authorisation.right.key,
        reason=reason.strip(),
    )
    return ending


@transaction.atomic
def end_authorisation(*, authorisation: Authorisation, first_day_without: date, by: Actor) -> Ending:
    """Let `authorisation` end with the day before `first_day_without`; today: at once.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal when it has ended by then.
    """
    as_deputy = require_decider(by, authorisation.employment)
    change = begin_change(by=by, as_deputy=as_deputy)
    at = _ends_at(authorisation, change, first_day_without)
    ending = end_fact(authorisation, change, kind=Ending.Kind.ENDED, at=at)
    subject = f"authorisation:{authorisation.public_id}"
    person, right = authorisation.employment.person, authorisation.right.key
    record_write("end_authorisation", by=by, subject=subject, person=person, right=right)
    change.announce(
        "authorisation.ended",
        person=authorisation.employment.person,
        employment=str(authorisation.employment.public_id),
        right=authorisation.right.key,
    )
    return ending


@transaction.atomic
def replace_authorisation(
    *, authorisation: Authorisation, right: OrderingRight, starts_on: date, by: Actor, customer_number: str = ""
) -> Authorisation:
    """Let `right` take the place of `authorisation` on `starts_on`: the one ends at the instant the other begins.

    Today: the one before ends at once, and the new one holds from today on. Raises like `grant_authorisation` and
    `end_authorisation`.
    """
    employment = authorisation.employment
    as_deputy = require_decider(by, employment)
    check_customer_number(right, customer_number)
    change = begin_change(by=by, as_deputy=as_deputy)
    ends_on = authorisation.ends_on
    end_fact(authorisation, change, kind=Ending.Kind.ENDED, at=_ends_at(authorisation, change, starts_on))
    granted = change.record(
        Authorisation(
            employment=employment,
            right=right,
            customer_number=customer_number,
            starts_on=starts_on,
            ends_on=ends_on if ends_on is not None and ends_on >= starts_on else None,
        )
    )
    subject = f"authorisation:{granted.public_id}"
    record_write("replace_authorisation", by=by, subject=subject, person=employment.person, right=right.key)
    change.announce(
        "authorisation.changed",
        person=employment.person,
        employment=str(employment.public_id),
        right=right.key,
        replaces=authorisation.right.key,
    )
    return granted


def _ends_at(authorisation: Authorisation, change: Change, first_day_without: date) -> datetime:
    """When it is to end. Raises Refusal when it has ended by then."""
    at = max(day_starts_at(first_day_without), change.at)
    over = Ending.objects.filter(authorisation=authorisation).filter(
        Q(takes_effect_at__lte=at) | Q(kind=Ending.Kind.CORRECTED)
    )
    if over.exists() or (authorisation.ends_on is not None and authorisation.ends_on < local_day(at)):
        raise Refusal(_("The right that was to be changed or ended is no longer held."))
    return at


@transaction.atomic
def end_authorisations(
    *, employment: Employment, right: OrderingRight, first_day_without: date, by: Actor, customer_number: str = ""
) -> list[Ending]:
    """Let what `employment` holds of `right` end with the day before `first_day_without`; today: at once.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal when it holds nothing of it.
    """
    as_deputy = require_decider(by, employment)
    held = Authorisation.objects.filter(employment=employment, right=right, customer_number=customer_number)
    change = begin_change(by=by, as_deputy=as_deputy)
    at = max(day_starts_at(first_day_without), change.at)
    over = Ending.objects.filter(authorisation=OuterRef("pk"), takes_effect_at__lte=at)
    current = list(held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=local_day(at)), ~Exists(over)))
    if not current:
        raise Refusal(_("The person does not hold the right that was to end."))
    endings = [end_fact(one, change, kind=Ending.Kind.ENDED, at=at) for one in current]
    for one in current:
        record_write(
            "end_authorisation",
            by=by,
            subject=f"authorisation:{one.public_id}",
            person=employment.person,
            right=right.key,
        )
    change.announce(
        "authorisation.ended", person=employment.person, employment=str(employment.public_id), right=right.key
    )
    return endings


@transaction.atomic
def report_login(*, person: User, system: OrderingSystem, logged_in_at: datetime, by: Actor) -> SystemLogin:
    """Record that `person` logged in to `system`. The same log-in twice is recorded once."""
    existing = SystemLogin.objects.filter(person=person, system=system, logged_in_at=logged_in_at).first()
    if existing is not None:
        return existing
    change = begin_change(by=by)
    login = change.record(SystemLogin(person=person, system=system, logged_in_at=logged_in_at))
    record_write("report_login", by=by, subject=f"system:{system.key}", person=person)
    change.announce("login.reported", person=person, system=system.key)
    return login


def check_customer_number(right: OrderingRight, customer_number: str) -> None:
    """Raises Refusal when `customer_number` does not go with `right`."""
    if right.needs_customer_number and not (len(customer_number) == 6 and customer_number.isdigit()):
        raise Refusal(_("This right is given per unit: enter the unit's customer number, six digits."))
    if not right.needs_customer_number and customer_number:
        raise Refusal(_("This right has no customer number: leave the field empty."))
