"""The transfer list as rows of a file, with what the ordering system's own form asks for."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence.exports.sheets import Cell
from competence.models.transfer import TransferDone
from competence.queries.held import name_of_authorisation
from competence.queries.transfers import Transfer

HEADER = (
    gettext_lazy("Name"),
    gettext_lazy("To do"),
    gettext_lazy("Why"),
    gettext_lazy("From"),
    gettext_lazy("Until and including"),
    gettext_lazy("Ordering system"),
    gettext_lazy("Ordering right"),
    gettext_lazy("Customer number"),
    gettext_lazy("Replaces"),
    gettext_lazy("HSA-ID"),
    gettext_lazy("VGR-ID"),
    gettext_lazy("Title"),
    gettext_lazy("Workplace"),
    gettext_lazy("E-mail"),
    gettext_lazy("Existing user id"),
    gettext_lazy("Access to eFaktura"),
    gettext_lazy("Case number"),
)


def cells_of(entry: Transfer) -> list[Cell]:
    """One row, in the order of HEADER."""
    right, applied = entry.authorisation, entry.application
    work = right.employment
    vgr_ids = [identity.value for identity in getattr(work.person, "vgr_ids", [])]
    return [
        work.person.full_name,
        TransferDone.Step(entry.step).label,
        entry.kind_text,
        entry.due_on,
        right.ends_on,
        right.right.system.name,
        right.right.title,
        right.customer_number,
        name_of_authorisation(entry.replaces) if entry.replaces else "",
        work.identity.value if work.identity else (applied.hsa_id if applied else ""),
        (applied.vgr_id if applied else "") or ", ".join(vgr_ids),
        work.title,
        work.unit.name,
        work.person.email,
        applied.system_user_id if applied else "",
        (_("Yes") if applied.has_e_invoice else _("No")) if applied else "",
        applied.case_number if applied else "",
    ]
