"""E-mail to those whom an event concerns: the nearest managers when something waits for them, the person when something
was decided. One for each event and recipient.

The listeners only note who is to have what, so an event that comes twice changes nothing; `send_waiting` sends. A
message says that there is something to read, where, and no more: the reasons are read behind the log-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.employment import Employment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.outbox import listens_to
from competence.permissions import can_manage, nearest_managers_of
from competence.queries.employments import employments_held_at
from lms.users.models import User

log = structlog.get_logger(__name__)
ATTEMPTS = 8
TO_MANAGERS = ("claim.made", "application.submitted")
TO_PERSON = (
    "claim.approved",
    "claim.refused",
    "application.approved",
    "application.returned",
    "application.refused",
    "authorisation.revoked",
    "appointment.revoked",
)


@dataclass(frozen=True)
class Words:
    """A message in the active language."""

    subject: str
    text: str
    url: str
    link: str


@listens_to(*TO_MANAGERS)
def note_for_managers(event: OutboxEvent) -> None:
    """The nearest managers of the person are to hear that something waits for them."""
    if event.person is None:
        return
    managers = {m.pk: m for e in _employments(event) for m in nearest_managers_of(e.unit, besides=event.person)}
    _note(event, managers.values())


@listens_to(*TO_PERSON)
def note_for_person(event: OutboxEvent) -> None:
    """The person is to hear that something about them was decided."""
    if event.person is not None:
        _note(event, [event.person])


def _employments(event: OutboxEvent) -> list[Employment]:
    if event.kind.startswith("application."):
        return list(Employment.objects.filter(applications__public_id=event.payload["application"]))
    return list(employments_held_at(event.person, timezone.now())) if event.person else []


def _note(event: OutboxEvent, recipients: Iterable[User]) -> None:
    Notice.objects.bulk_create(
        [
            Notice(revision=event.revision, kind=event.kind, payload=event.payload, recipient=recipient)
            for recipient in recipients
            if recipient.email and recipient.is_active
        ],
        ignore_conflicts=True,
    )


def send_waiting() -> int:
    """Send every notice that waits, each in a transaction of its own. One that fails is tried again another time."""
    waiting = Notice.objects.filter(sent_at__isnull=True, dropped_at__isnull=True, attempts__lt=ATTEMPTS)
    return sum(_send(pk) for pk in list(waiting.order_by("pk").values_list("pk", flat=True)))


def _send(pk: int) -> bool:
    with transaction.atomic():
        waiting = Notice.objects.filter(pk=pk, sent_at__isnull=True, dropped_at__isnull=True)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        notice = waiting.select_related("recipient").first()
        if notice is None:
            return False
        with translation.override(notice.recipient.language):
            words = _words(notice) if notice.recipient.is_active else None
            if words is None:
                notice.dropped_at = timezone.now()
                notice.save(update_fields=["dropped_at"])
                return False
            try:
                _mail(notice.recipient, words)
            except Exception as error:  # whatever the way of sending raises
                notice.attempts += 1
                notice.last_error = repr(error)
                notice.save(update_fields=["attempts", "last_error"])
                log.warning("notice.not_sent", notice=pk, attempts=notice.attempts, error=notice.last_error)
                return False
        notice.sent_at = timezone.now()
        notice.save(update_fields=["sent_at"])
        return True


def _mail(recipient: User, words: Words) -> None:
    context = {"words": words, "name": recipient.full_name, "language": translation.get_language()}
    message = EmailMultiAlternatives(
        subject=words.subject, body=render_to_string("emails/notice.txt", context), to=[recipient.email]
    )
    message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    message.send()


def _words(notice: Notice) -> Words | None:
    """What to say, or None when there is nothing to say to this recipient any more."""
    if notice.kind.startswith("claim."):
        return _about_claim(notice)
    if notice.kind.startswith("application."):
        return _about_application(notice)
    mine = _address("competence:my_eligibility")
    if notice.kind == "authorisation.revoked":
        return Words(
            _("Your ordering right has been revoked"),
            _("Your manager has revoked one of your ordering rights. It takes effect at once."),
            mine,
            _("Read why"),
        )
    return Words(
        _("Your appointment has been revoked"),
        _("Your manager has revoked an appointment of yours. It takes effect at once."),
        mine,
        _("Read why"),
    )


def _about_claim(notice: Notice) -> Words | None:
    claim = CompletionClaim.objects.filter(public_id=notice.payload["claim"]).select_related("course", "person").first()
    if claim is None:
        return None
    if notice.kind == "claim.made":
        return _claim_to_decide(claim, notice.recipient)
    mine = _address("competence:my_eligibility")
    course = {"course": claim.course.title}
    if notice.kind == "claim.approved":
        if not claim.evidence:
            text = _("Your manager has attested “%(course)s”. The course now counts.") % course
            return Words(_("Your course is attested"), text, mine, _("See what remains"))
        text = _("Your certificate of “%(course)s” is approved. The course now counts.") % course
        return Words(_("Your certificate is approved"), text, mine, _("See what remains"))
    if not claim.evidence:
        text = _("Your manager has not attested “%(course)s”.") % course
        return Words(_("Your course was not attested"), text, mine, _("Read why"))
    text = _("Your manager has not approved your certificate of “%(course)s”.") % course
    return Words(_("Your certificate was not approved"), text, mine, _("Read why"))


def _claim_to_decide(claim: CompletionClaim, recipient: User) -> Words | None:
    units = [e.unit for e in employments_held_at(claim.person, timezone.now())]
    if claim.status != CompletionClaim.Status.WAITING or not any(can_manage(recipient, unit) for unit in units):
        return None
    address = _address("competence:claim", claim.public_id)
    if not claim.evidence:
        return Words(
            _("A course waits for you to attest it"),
            _("Somebody in your team has finished a course that you are to attest."),
            address,
            _("Look at it"),
        )
    return Words(
        _("A certificate waits for your decision"),
        _("Somebody in your team has sent in a certificate that you are to look at."),
        address,
        _("Look at the certificate"),
    )


def _about_application(notice: Notice) -> Words | None:
    found = AuthorisationApplication.objects.filter(public_id=notice.payload["application"])
    application = found.select_related("employment__unit").first()
    if application is None:
        return None
    number = {"number": application.case_number}
    mine = _address("competence:my_application", application.public_id)
    said: dict[str, Callable[[], tuple[str, str, str]]] = {
        "application.approved": lambda: (
            _("Application %(number)s is approved") % number,
            _("Your manager has approved your application for an ordering right."),
            _("See when you may order"),
        ),
        "application.returned": lambda: (
            _("Application %(number)s needs to be corrected") % number,
            _("Your manager has returned your application for an ordering right, with a comment."),
            _("Read the comment and correct the application"),
        ),
        "application.refused": lambda: (
            _("Application %(number)s is refused") % number,
            _("Your manager has refused your application for an ordering right."),
            _("Read why"),
        ),
    }
    if notice.kind in said:
        subject, text, link = said[notice.kind]()
        url = _address("competence:my_eligibility") if notice.kind == "application.approved" else mine
        return Words(subject, text, url, link)
    is_open = application.status == AuthorisationApplication.Status.SUBMITTED
    if not is_open or not can_manage(notice.recipient, application.employment.unit):
        return None
    return Words(
        _("An application waits for your decision"),
        _("Somebody in your team has applied for an ordering right: application %(number)s.") % number,
        _address("competence:application", application.public_id),
        _("Look at the application"),
    )


def _address(name: str, *args: object) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=args)}"
