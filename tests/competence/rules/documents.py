"""A small rule document that is right, as a text with lines to count, and ways to spoil it."""

from __future__ import annotations

from competence.rule_documents.check import Checked, check_text
from competence.rule_documents.checks.references import Known
from competence.rule_documents.faults import Fault

GOOD = """\
name: Prov
systems:
  shop: {title: Butiken, from: 2020-01-01}
product_groups: {beds: Sängar}
attestations: {introduction: Introduktion}
professions: {nurse: Sjuksköterska, physician: Läkare}
closed_courses: {old: 2025-01-22}
roles:
  prescriber:
    title: Förskrivare
    needs_level_decision: true
    product_groups: [beds]
  orderer: {title: Beställare, from: 2024-01-01, replaces: [{role: buyer, from: 2024-01-01}]}
rights:
  shop.order:
    title: Beställa
    system: shop
    roles: [prescriber]
    includes: [shop.unit]
    principals: [vgr]
    inactivity_months: 6
    closing_months: 12
  shop.unit: {title: Beställa till enhet, system: shop, roles: [orderer], from: 2024-01-01, needs_application: false}
equivalences:
  - {courses: [new], counts_as: [old], from: 2025-01-22}
requirements:
  - key: course
    title: Kursen
    scope: regional
    roles: [prescriber]
    exempt_professions: [physician]
    gate: block
    from: 2023-01-01
    alternatives:
      - courses: [old]
      - attestations: [introduction]
        only_for_level: basic
  - key: second
    title: Andra kursen
    scope: local
    roles: [prescriber]
    units: [ward]
    gate: warn
    from: 2023-01-01
    to: 2026-12-31
    after: [course]
    validity_months: 24
    alternatives:
      - courses: [second]
"""
KNOWN = Known(
    courses={"old", "new", "second"}, units={"ward"}, professions={"nurse"}, principals={"vgr", "municipality"}
)


def spoiled(old: str, new: str, text: str = GOOD) -> str:
    """`text` with `old`, which must be in it once, replaced."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def check(text: str, known: Known = KNOWN) -> Checked:
    return check_text(text, known)


def brief(faults: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.code.value, fault.path) for fault in faults]
