"""What an application is judged by."""

from __future__ import annotations

from django.utils.translation import gettext as _

from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.organisation_unit import CustomerNumber, OrganisationUnit
from competence.queries.eligibility import current_moment
from competence.queries.rights import RightsReader
from competence.steps import steps_of, waiting_of
from lms.users.models import same_person


def what_remains(application: AuthorisationApplication, *, for_manager: bool) -> dict[str, object]:
    """What the rules say now about the right that is applied for: `answer` and `steps`, the right itself left out."""
    if application.right is None or application.concerns == AuthorisationApplication.Concerns.END:
        return {}
    employment = application.employment
    rights = RightsReader([employment], moment=current_moment(), addresses=not for_manager)
    wanted = [a for a in rights.details(employment) if a.right.key == application.right.key]
    wanted = wanted or [a for a in rights.summary(employment) if a.right.key == application.right.key]
    if not wanted:
        return {}
    answer = min(wanted, key=lambda a: len(a.decision.missing))
    waiting = waiting_of(
        employment, list(CompletionClaim.objects.filter(same_person(employment.person)).select_related("course")), []
    )
    steps = steps_of(answer, rights.rules, waiting=waiting, for_manager=for_manager)
    return {"answer": answer, "steps": [step for step in steps if step.title != _("Ordering right")]}


def unit_of_customer_number(number: str) -> OrganisationUnit | None:
    """The unit that a supplier knows under `number`, if it is known here."""
    found = CustomerNumber.objects.filter(number=number).select_related("unit").first() if number else None
    return found.unit if found else None
