"""The published rules, compiled."""

from __future__ import annotations

from datetime import datetime

from competence.models.requirement import RuleSetVersion
from competence.policy.document import compile_rules
from competence.policy.rules import Publication, RuleBook, RuleSet, rule_book

_MOST_KEPT = 64
_compiled: dict[tuple[int, datetime], RuleSet] = {}
"""Versions never change. The instant is part of the key because a publication that was rolled back leaves its number to
the next one."""


def current_rule_book() -> RuleBook:
    """All published rules. One query, and one more when there are versions that this process has not compiled yet."""
    rows = list(RuleSetVersion.objects.values_list("version", "in_force_from", "recorded_at"))
    new = {version: published_at for version, _since, published_at in rows if (version, published_at) not in _compiled}
    found = {(version, published_at): _compiled.get((version, published_at)) for version, _since, published_at in rows}
    if new:
        for version, document in RuleSetVersion.objects.filter(version__in=new).values_list("version", "document"):
            found[version, new[version]] = compile_rules(document, version)
        if len(_compiled) + len(new) > _MOST_KEPT:
            _compiled.clear()
        _compiled.update({key: rules for key, rules in found.items() if rules is not None})
    return rule_book(
        [
            Publication(rules, in_force_from, published_at)
            for version, in_force_from, published_at in rows
            if (rules := found[version, published_at]) is not None
        ]
    )
