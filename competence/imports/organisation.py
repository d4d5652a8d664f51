"""Loading the organisation from a document: adds and renames, never moves or removes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.organisation import add_unit, give_customer_number, rename_unit
from competence.models.organisation_unit import CustomerNumber, OrganisationUnit
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

FIELDS = {"key", "name", "kind", "principal", "customer_numbers", "below"}


@dataclass(frozen=True)
class Node:
    """One unit of the document. `parent` is the key of the one above it; empty at the top."""

    key: str
    name: str
    kind: str
    parent: str
    principal: str
    customer_numbers: tuple[str, ...]


@dataclass
class Tally:
    """What loading did, or would do."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    unchanged: int = 0


def nodes_of(document: Any) -> list[Node]:
    """The units of a document, parents before children.

    A document is one tree, or a list of trees each with `under`: the key of a unit that is there already.
    Raises Refusal that names the unit with a fault.
    """
    trees = document if isinstance(document, list) else [document]
    found: list[Node] = []
    for tree in trees:
        if not isinstance(tree, dict):
            raise Refusal(_("The document is no tree of units."))
        parent = str(tree.get("under", ""))
        found += _walk({key: value for key, value in tree.items() if key != "under"}, parent)
    keys = [node.key for node in found]
    for key in keys:
        if keys.count(key) > 1:
            raise Refusal(_("The unit %(key)s occurs twice.") % {"key": key})
    return found


def _walk(tree: Any, parent: str) -> Iterator[Node]:
    if not isinstance(tree, dict) or not tree.get("key") or not tree.get("name") or not tree.get("kind"):
        raise Refusal(_("A unit lacks its key, name or kind: %(unit)s") % {"unit": str(tree)[:200]})
    unknown = sorted(set(tree) - FIELDS)
    if unknown:
        raise Refusal(
            _("The unit %(key)s has unknown fields: %(fields)s.") % {"key": tree["key"], "fields": ", ".join(unknown)}
        )
    yield Node(
        key=str(tree["key"]),
        name=str(tree["name"]),
        kind=str(tree["kind"]),
        parent=parent,
        principal=str(tree.get("principal", "")),
        customer_numbers=tuple(str(number) for number in tree.get("customer_numbers", [])),
    )
    for child in tree.get("below", []):
        yield from _walk(child, str(tree["key"]))


@transaction.atomic
def load_organisation(nodes: list[Node], *, by: Actor) -> Tally:
    """Make the organisation hold `nodes`. Raises Refusal for a unit that lies elsewhere, or whose parent is missing.

    All or nothing. What the document does not name is left alone.
    """
    tally = Tally()
    for node in nodes:
        # Read anew each time: adding a unit changes the tree's bookkeeping of its neighbours.
        unit = OrganisationUnit.objects.filter(key=node.key).first()
        if unit is None:
            unit = add_unit(
                key=node.key,
                name=node.name,
                kind=node.kind,
                parent=_parent(node),
                principal_kind=node.principal,
                by=by,
            )
            tally.added.append(node.key)
        else:
            _check_place(unit, node)
            if unit.name != node.name:
                rename_unit(unit=unit, name=node.name, by=by)
                tally.renamed.append(node.key)
            else:
                tally.unchanged += 1
        for number in node.customer_numbers:
            if not CustomerNumber.objects.filter(unit=unit, number=number).exists():
                give_customer_number(unit=unit, number=number, by=by)
                tally.numbered.append(number)
    return tally


def _parent(node: Node) -> OrganisationUnit | None:
    if not node.parent:
        return None
    parent: OrganisationUnit | None = OrganisationUnit.objects.filter(key=node.parent).first()
    if parent is None:
        raise Refusal(_("There is no unit %(key)s to put %(name)s under.") % {"key": node.parent, "name": node.name})
    return parent


def _check_place(unit: OrganisationUnit, node: Node) -> None:
    parent = unit.get_parent()
    if (parent.key if parent is not None else "") != node.parent:
        raise Refusal(
            _("%(name)s lies elsewhere in the organisation. A move is decided on its own, not by loading a file.")
            % {"name": unit.name}
        )
