"""Units of the organisation: added, renamed, and given the numbers that suppliers know them by."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from competence.models.organisation_unit import CustomerNumber, OrganisationUnit
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal


@transaction.atomic
def add_unit(
    *, key: str, name: str, kind: str, parent: OrganisationUnit | None, by: Actor, principal_kind: str = ""
) -> OrganisationUnit:
    """A new unit below `parent` (None: the top). Below a principal it has that principal's kind, whatever is said.

    Raises Refusal when the key is taken, the kind unknown, or a principal lies below another.
    """
    if OrganisationUnit.objects.filter(key=key).exists():
        raise Refusal(_("There is already a unit with the key %(key)s.") % {"key": key})
    if kind not in OrganisationUnit.Kind.values:
        raise Refusal(_("%(kind)s is no kind of unit.") % {"kind": kind})
    inherited = parent.principal_kind if parent is not None else ""
    if inherited and kind == OrganisationUnit.Kind.PRINCIPAL:
        raise Refusal(_("%(name)s cannot be a principal: it lies below another.") % {"name": name})
    unit = OrganisationUnit(key=key, name=name, kind=kind, principal_kind=inherited or principal_kind)
    placed = OrganisationUnit.add_root(instance=unit) if parent is None else parent.add_child(instance=unit)
    record_write("add_unit", by=by, subject=f"unit:{key}", parent=parent.key if parent is not None else "")
    return placed  # type: ignore[no-any-return]  # treebeard has no types


@transaction.atomic
def add_units(*, parent: OrganisationUnit, units: Sequence[tuple[str, str]], by: Actor) -> None:
    """Many new units, as key and name, below `parent`, in this order, at once.

    Raises Refusal when a key is taken.
    """
    keys = [key for key, _name in units]
    taken = OrganisationUnit.objects.filter(key__in=keys).values_list("key", flat=True).first()
    if taken is not None:
        raise Refusal(_("There is already a unit with the key %(key)s.") % {"key": taken})
    parent = OrganisationUnit.objects.select_for_update().get(pk=parent.pk)
    depth = parent.depth + 1
    last = OrganisationUnit.objects.filter(path__startswith=parent.path, depth=depth).aggregate(last=Max("path"))[
        "last"
    ]
    first = 1 if last is None else OrganisationUnit._str2int(last[-OrganisationUnit.steplen :]) + 1
    OrganisationUnit.objects.bulk_create(
        [
            OrganisationUnit(
                key=key,
                name=name,
                kind=OrganisationUnit.Kind.UNIT,
                principal_kind=parent.principal_kind,
                depth=depth,
                path=OrganisationUnit._get_path(parent.path, depth, first + position),
            )
            for position, (key, name) in enumerate(units)
        ],
        batch_size=2_000,
    )
    OrganisationUnit.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(units))
    record_write("add_units", by=by, subject=f"unit:{parent.key}", keys=keys)


@transaction.atomic
def rename_unit(*, unit: OrganisationUnit, name: str, by: Actor) -> OrganisationUnit:
    """Give the unit another name; its key stays."""
    before, unit.name = unit.name, name
    unit.save(update_fields=["name"])
    record_write("rename_unit", by=by, subject=f"unit:{unit.key}", before=before, after=name)
    return unit


@transaction.atomic
def give_customer_number(*, unit: OrganisationUnit, number: str, by: Actor) -> CustomerNumber:
    """A supplier's ordering system knows `unit` by `number` (six digits). The same again changes nothing.

    Raises Refusal when it is not six digits or belongs to another unit.
    """
    if not (len(number) == 6 and number.isdigit()):
        raise Refusal(_("A customer number has six digits."))
    found, created = CustomerNumber.objects.get_or_create(number=number, defaults={"unit": unit})
    if found.unit_id != unit.pk:
        raise Refusal(_("The customer number %(number)s belongs to another unit.") % {"number": number})
    if created:
        record_write("give_customer_number", by=by, subject=f"unit:{unit.key}", number=number)
    return found
