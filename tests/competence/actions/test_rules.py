"""Publishing rules."""

from __future__ import annotations

import yaml

from competence.queries.rules import current_rule_book
from tests.factories.competence import RULES, World


def test_p18_published_rules_keep_the_order_of_their_document(world: World) -> None:
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))

    rules = current_rule_book().version(1)

    # PostgreSQL keeps the keys of a JSON object by length.
    assert list(rules.rights) == list(document["rights"])
    assert list(rules.roles) == list(document["roles"])
