"""The ordering rights that live: granted, not ended, not lapsed."""

from __future__ import annotations

from competence.models.authorisation import Authorisation
from competence.models.employment import Employment
from competence.policy.authorisations import ends_at
from competence.queries.rights import RightsReader, key_of


def living_authorisations(employments: list[Employment], rights: RightsReader) -> list[Authorisation]:
    """What `employments`, which `rights` was made for, hold now or will hold, by the first day. One query."""
    keys = [
        int(fact.key.partition(":")[2])
        for employment in employments
        for fact in rights.facts(employment).authorisations
        if fact.employment == key_of(employment)
        and fact.right in rights.rules.rights
        and (
            (end := ends_at(fact, rights.rules.rights[fact.right], rights.facts(employment))) is None
            or end > rights.moment.now
        )
    ]
    found = Authorisation.objects.filter(pk__in=keys).select_related("right", "employment__unit")
    return list(found.order_by("starts_on", "pk"))


def name_of_authorisation(authorisation: Authorisation) -> str:
    """The right with its customer number, if it has one."""
    number = authorisation.customer_number
    return f"{authorisation.right} ({number})" if number else str(authorisation.right)
