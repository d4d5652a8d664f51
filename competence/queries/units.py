"""The organisation to choose from."""

from __future__ import annotations

from competence.models.organisation_unit import OrganisationUnit


def units_to_choose_from() -> list[tuple[str, str, int]]:
    """Key, name and depth of every principal, association and part, in the order of the tree; not the single units."""
    kinds = OrganisationUnit.Kind
    return list(
        OrganisationUnit.objects.exclude(kind__in=(kinds.ROOT, kinds.UNIT))
        .order_by("path")
        .values_list("key", "name", "depth")
    )


def unit_named(key: str) -> OrganisationUnit | None:
    """The unit with the key, if there is one."""
    unit: OrganisationUnit | None = OrganisationUnit.objects.filter(key=key).first()
    return unit
