"""Applications for ordering rights: drafted, submitted, withdrawn, decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.authorisations import (
    check_customer_number,
    end_authorisation,
    end_authorisations,
    grant_authorisation,
    replace_authorisation,
)
from competence.actions.case_numbers import next_case_number
from competence.actions.change import begin_change
from competence.models.authorisation import AuthorisationApplication
from competence.models.employment import Employment
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor, person_or_none
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import HSA_ID_PATTERN

Status = AuthorisationApplication.Status
Concerns = AuthorisationApplication.Concerns
EDITABLE = (Status.DRAFT, Status.RETURNED)
FORM_FIELDS = (
    "concerns",
    "right",
    "changes",
    "customer_number",
    "starts_on",
    "has_e_invoice",
    "name",
    "title",
    "vgr_id",
    "email",
    "system_user_id",
    "hsa_id",
)


@transaction.atomic
def save_application(
    *, employment: Employment, by: Actor, application: AuthorisationApplication | None = None, **fields: Any
) -> AuthorisationApplication:
    """Save a draft (a new one when `application` is None). A draft may be incomplete.

    `fields`: some of FORM_FIELDS. Raises PermissionDenied when it is not `by`'s own employment or application, Refusal
    when it has been submitted.
    """
    unknown = set(fields) - set(FORM_FIELDS)
    if unknown:
        raise TypeError(f"no fields of an application: {sorted(unknown)}")
    _require_own(employment, by)
    if application is None:
        application = AuthorisationApplication(case_number=next_case_number())
    elif application.employment.person_id != employment.person_id:
        raise PermissionDenied("edit this application")
    else:
        application = AuthorisationApplication.objects.select_for_update().get(pk=application.pk)
        _require_status(application, *EDITABLE)
    application.employment = employment
    for name, value in fields.items():
        setattr(application, name, value)
    if application.concerns == Concerns.NEW:
        application.changes = None
    elif application.changes is not None:
        if application.changes.employment_id != employment.pk:
            raise Refusal(_("The right that you want to change or end belongs to another workplace."))
        if application.concerns == Concerns.END:
            application.right = application.changes.right
            application.customer_number = application.changes.customer_number
    application.save()
    record_write("save_application", by=by, subject=f"application:{application.case_number}", person=employment.person)
    return application


@transaction.atomic
def save_applications(
    *,
    employment: Employment,
    by: Actor,
    values: Sequence[dict[str, Any]],
    application: AuthorisationApplication | None = None,
) -> list[AuthorisationApplication]:
    """Save a draft for each of `values` (one for each customer number); the first of them is `application`, if any."""
    return [
        save_application(employment=employment, by=by, application=None if number else application, **fields)
        for number, fields in enumerate(values)
    ]


@transaction.atomic
def submit_applications(*, applications: Sequence[AuthorisationApplication], by: Actor) -> None:
    """Send them all in, or none."""
    for application in applications:
        submit_application(application=application, by=by)


@transaction.atomic
def delete_draft(*, application: AuthorisationApplication, by: Actor) -> None:
    """Remove one's own draft for good. What has once been sent in stays; withdraw that instead."""
    application = _locked(application)
    _require_own(application.employment, by)
    if application.status != Status.DRAFT or application.submitted_at is not None:
        raise Refusal(_("Only a draft that was never sent in can be deleted."))
    _note("delete_draft", by, application)
    application.delete()


@transaction.atomic
def submit_application(*, application: AuthorisationApplication, by: Actor) -> AuthorisationApplication:
    """Send the application to the manager. Raises Refusal that names every field still to fill in."""
    application = _locked(application)
    _require_own(application.employment, by)
    _require_status(application, *EDITABLE)
    _require_complete(application)
    change = begin_change(by=by)
    application.status = Status.SUBMITTED
    application.submitted_at = change.at
    application.decision_reason = ""
    application.save()
    _note("submit_application", by, application)
    change.announce(
        "application.submitted", person=application.employment.person, application=str(application.public_id)
    )
    return application


@transaction.atomic
def withdraw_application(*, application: AuthorisationApplication, by: Actor) -> AuthorisationApplication:
    """The applicant takes it back before anybody has decided. Raises Refusal when somebody has."""
    application = _locked(application)
    _require_own(application.employment, by)
    _require_status(application, Status.SUBMITTED)
    change = begin_change(by=by)
    application.status = Status.WITHDRAWN
    application.save()
    _note("withdraw_application", by, application)
    change.announce(
        "application.withdrawn", person=application.employment.person, application=str(application.public_id)
    )
    return application


@transaction.atomic
def approve_application(*, application: AuthorisationApplication, by: Actor) -> AuthorisationApplication:
    """The manager approves: the right is granted from the applied-for day on, but never from before today.

    A change ends the right that it replaces at the instant at which the new one begins; an end only ends. Raises
    Refusal when what was to be changed or ended is no longer held.
    """
    application = _to_decide(application, by)
    if application.right is None or application.starts_on is None:
        raise Refusal(_("The application is not complete."))
    day = max(application.starts_on, local_day(timezone.now()))
    if application.concerns == Concerns.END and application.changes is not None:
        end_authorisation(authorisation=application.changes, first_day_without=day, by=by)
    elif application.concerns == Concerns.END:
        end_authorisations(
            employment=application.employment,
            right=application.right,
            customer_number=application.customer_number,
            first_day_without=day,
            by=by,
        )
    elif application.concerns == Concerns.CHANGE:
        if application.changes is None:
            raise Refusal(_("The application is not complete."))
        application.authorisation = replace_authorisation(
            authorisation=application.changes,
            right=application.right,
            customer_number=application.customer_number,
            starts_on=day,
            by=by,
        )
    else:
        application.authorisation = grant_authorisation(
            employment=application.employment,
            right=application.right,
            customer_number=application.customer_number,
            starts_on=day,
            by=by,
        )
    return _decide(application, Status.APPROVED, "", by)


@transaction.atomic
def return_application(*, application: AuthorisationApplication, comment: str, by: Actor) -> AuthorisationApplication:
    """The manager sends it back to be mended, with a comment."""
    return _decide(_to_decide(application, by), Status.RETURNED, _required(comment), by)


@transaction.atomic
def refuse_application(*, application: AuthorisationApplication, reason: str, by: Actor) -> AuthorisationApplication:
    """The manager refuses it, with a reason."""
    return _decide(_to_decide(application, by), Status.REFUSED, _required(reason), by)


def _decide(
    application: AuthorisationApplication, status: AuthorisationApplication.Status, reason: str, by: Actor
) -> AuthorisationApplication:
    change = begin_change(by=by, as_deputy=require_decider(by, application.employment))
    application.status = status
    application.decided_at = change.at
    application.decided_by = person_or_none(by)
    application.decision_reason = reason
    application.save()
    _note(f"application_{status}", by, application)
    change.announce(
        f"application.{status}",
        person=application.employment.person,
        application=str(application.public_id),
        reason=reason,
    )
    return application


def _to_decide(application: AuthorisationApplication, by: Actor) -> AuthorisationApplication:
    application = _locked(application)
    require_decider(by, application.employment)
    _require_status(application, Status.SUBMITTED)
    return application


def _locked(application: AuthorisationApplication) -> AuthorisationApplication:
    # "of self": an outer join to the right cannot be locked in PostgreSQL.
    return AuthorisationApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)


def _require_own(employment: Employment, by: Actor) -> None:
    person = person_or_none(by)
    if person is not None and not employment.person.is_same_as(person):
        raise PermissionDenied("apply for another person")


def _require_status(application: AuthorisationApplication, *allowed: AuthorisationApplication.Status) -> None:
    if application.status not in allowed:
        raise Refusal(
            _("Application %(number)s is already %(status)s.")
            % {"number": application.case_number, "status": application.get_status_display().lower()}
        )


def _require_complete(application: AuthorisationApplication) -> None:
    missing = missing_fields(application)
    if missing:
        raise Refusal(_("Fill in: %(fields)s.") % {"fields": ", ".join(missing)})
    if application.concerns == Concerns.CHANGE and application.changes is None:
        raise Refusal(_("Choose which of your rights is to be changed."))
    if application.right is not None:
        check_customer_number(application.right, application.customer_number)
        held = application.changes
        if (
            application.concerns == Concerns.CHANGE
            and held is not None
            and (held.right_id, held.customer_number) == (application.right.pk, application.customer_number)
        ):
            raise Refusal(_("You already hold what you apply to change to. Choose another type or customer number."))
    if not HSA_ID_PATTERN.match(application.hsa_id):
        raise Refusal(_("The HSA-ID is not complete. It looks like SE2321000131-E000000000001."))


def missing_fields(application: AuthorisationApplication) -> list[str]:
    """The names of the mandatory fields that are still empty."""
    wanted = ("right", "starts_on", "name", "title", "email", "hsa_id")
    return [
        str(AuthorisationApplication._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name in wanted
        if not getattr(application, name)
    ]


def _note(action: str, by: Actor, application: AuthorisationApplication) -> None:
    record_write(
        action,
        by=by,
        subject=f"application:{application.case_number}",
        person=application.employment.person,
    )


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    return reason.strip()
