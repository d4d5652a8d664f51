"""What a notice says: made when it is sent, in the recipient's language, and only if it still concerns them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _

from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.notice import Notice
from competence.permissions import can_manage
from competence.queries.employments import employments_held_at
from lms.lib.mailing import Words, address_of
from lms.users.models import User

Speaker = Callable[[Notice], Words | None]
_speakers: dict[str, Speaker] = {}


def speaks_of(*kinds: str) -> Callable[[Speaker], Speaker]:
    """Register what makes the words of notices of `kinds`; None: there is nothing to say any more."""

    def register(speaker: Speaker) -> Speaker:
        for kind in kinds:
            _speakers[kind] = speaker
        return speaker

    return register


def words_of(notice: Notice) -> Words | None:
    """What to say, or None when there is nothing to say to this recipient any more."""
    if notice.kind in _speakers:
        return _speakers[notice.kind](notice)
    if notice.kind.startswith("claim."):
        return _about_claim(notice)
    if notice.kind.startswith("application."):
        return _about_application(notice)
    mine = address_of("competence:my_eligibility")
    if notice.kind == "authorisation.revoked":
        return Words(
            _("Your ordering right has been revoked"),
            _("Your manager has revoked one of your ordering rights. It takes effect at once."),
            mine,
            _("Read why"),
        )
    if notice.kind == "completion.withdrawn":
        return Words(
            _("One of your courses was recorded in error"),
            _("A completed course that was recorded for you by mistake no longer counts."),
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
    mine = address_of("competence:my_eligibility")
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
    address = address_of("competence:claim", claim.public_id)
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
    application = found.select_related("employment__unit", "employment__person").first()
    if application is None:
        return None
    if notice.kind in ("application.submitted", "application.withdrawn"):
        if notice.recipient.is_same_as(application.employment.person):
            return _receipt(application)
        return _application_to_decide(notice, application)
    number = {"number": application.case_number}
    mine = address_of("competence:my_application", application.public_id)
    said: dict[str, Callable[[], tuple[str, str, str]]] = {
        "application.approved": lambda: (
            _("Application %(number)s is approved") % number,
            _approved_text(application),
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
    subject, text, link = said[notice.kind]()
    url = address_of("competence:my_eligibility") if notice.kind == "application.approved" else mine
    return Words(subject, text, url, link)


def _approved_text(application: AuthorisationApplication) -> str:
    if application.concerns == AuthorisationApplication.Concerns.END:
        return _("Your manager has approved that your ordering right ends.")
    if application.concerns == AuthorisationApplication.Concerns.CHANGE:
        return _("Your manager has approved the change of your ordering right. The new one takes the old one’s place.")
    return _("Your manager has approved your application for an ordering right.")


def _receipt(application: AuthorisationApplication) -> Words:
    number = {"number": application.case_number}
    return Words(
        _("We have received application %(number)s") % number,
        _("Your manager has been told that it waits for a decision. You get an e-mail when it is decided."),
        address_of("competence:my_application", application.public_id),
        _("Look at the application"),
    )


def _application_to_decide(notice: Notice, application: AuthorisationApplication) -> Words | None:
    """To a manager: it waits, or waits no more because the applicant took it back."""
    if not can_manage(notice.recipient, application.employment.unit):
        return None
    number = {"number": application.case_number}
    address = address_of("competence:application", application.public_id)
    if notice.kind == "application.withdrawn":
        if application.status != AuthorisationApplication.Status.WITHDRAWN:
            return None
        return Words(
            _("Application %(number)s is withdrawn") % number,
            _("Somebody in your team has withdrawn an application. You need do nothing."),
            address,
            _("Look at the application"),
        )
    if application.status != AuthorisationApplication.Status.SUBMITTED:
        return None
    return Words(
        _("An application waits for your decision"),
        _("Somebody in your team has applied for an ordering right: application %(number)s.") % number,
        address,
        _("Look at the application"),
    )
