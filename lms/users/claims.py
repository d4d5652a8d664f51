"""From an identity provider's claims to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lms.users.models import EmployeeIdentity, User, fold_identifier

# The names under which providers send HSA-IDs. No commission (medarbetaruppdrag) is asked for: staff in social care
# may lack one.
HSA_ID_CLAIMS = (
    "employeeHsaId",
    "allEmployeeHsaIds",
    "http://sambi.se/attributes/1/employeeHsaId",
    "urn:sambi:names:attribute:employeeHsaId",
    "urn:oid:1.2.752.29.6.2.1",
)


def hsa_ids_in(claims: Mapping[str, Any]) -> frozenset[str]:
    """The HSA-IDs that `claims` hold, folded for comparison. A claim may be one text or a list of them."""
    found: set[str] = set()
    for name in HSA_ID_CLAIMS:
        value = claims.get(name)
        values: Iterable[Any] = value if isinstance(value, list) else [value]
        found.update(fold_identifier(one) for one in values if isinstance(one, str) and one.strip())
    return frozenset(found)


def person_with(hsa_ids: Iterable[str]) -> User | None:
    """The one active person to whom the known ones of `hsa_ids` (folded) belong.

    None when nobody has any of them, when they belong to several people, or when the person's access is closed. Records
    that were merged are one person.
    """
    identities = EmployeeIdentity.objects.filter(
        kind=EmployeeIdentity.Kind.HSA_ID, folded_value__in=list(hsa_ids)
    ).select_related("person__merged_into")
    found = [identity.person.merged_into or identity.person for identity in identities]
    people = {person.pk: person for person in found}
    if len(people) != 1:
        return None
    person = next(iter(people.values()))
    return person if person.is_active else None
