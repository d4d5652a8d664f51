"""The published rules, compiled."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from competence.models.requirement import RuleSetVersion
from competence.policy.document import compile_rules
from competence.policy.rules import Publication, RuleBook, RuleSet, rule_book


def current_rule_book() -> RuleBook:
    """All published rules. One query; each version is compiled once in this process."""
    return rule_book(
        [
            Publication(_compiled(version, published_at), in_force_from, published_at)
            for version, in_force_from, published_at in RuleSetVersion.objects.values_list(
                "version", "in_force_from", "recorded_at"
            )
        ]
    )


@lru_cache(maxsize=64)
def _compiled(version: int, published_at: datetime) -> RuleSet:
    # A version never changes. The instant is part of the key because a publication that was rolled back leaves its
    # number to the next one.
    document = RuleSetVersion.objects.values_list("document", flat=True).get(version=version)
    return compile_rules(document, version)
