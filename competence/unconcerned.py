"""People whom new rules do not concern: what is stored about them stands, and only its mark is brought up to date."""

from __future__ import annotations

import json
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from competence.models.prepared import OutcomesMade, PreparedFacts
from competence.outcome_rows import READERS_LAG
from competence.outcomes import latest_version
from competence.policy.rules import RuleBook
from competence.prepared_facts import FORM
from competence.rule_difference import Difference, difference_since


def leave_as_they_are(first: int, last: int, book: RuleBook, now: datetime) -> int:
    """Mark as made under the latest of `book` what is stored for those people from `first` to `last` whom nothing
    concerns that has been published since it was made; returns how many.

    Whoever's facts change meanwhile is left alone: the mark and the prepared row must be of the same revision still.
    """
    version = latest_version(book)
    marks = OutcomesMade.objects.filter(person_id__gte=first, person_id__lte=last, rules_version__lt=version)
    done = 0
    for made_under in marks.order_by().values_list("rules_version", flat=True).distinct():
        before = RuleBook(tuple(p for p in book.publications if p.rule_set.version <= made_under))
        difference = difference_since(before, book, now - READERS_LAG)
        prepared = PreparedFacts.objects.filter(
            ~_may_be_concerned(difference),
            person=OuterRef("person"),
            revision=OuterRef("revision"),
            stale_since__isnull=True,
            facts__startswith=f"[{FORM},",
        )
        unconcerned = marks.filter(Exists(prepared), rules_version=made_under)
        done += unconcerned.update(rules_version=version)
    return done


def _may_be_concerned(difference: Difference) -> Q:
    """Whether prepared facts have one of the words; more than those is no harm."""
    condition = Q(pk__in=[])
    for word in sorted(difference.words):
        condition |= Q(facts__contains=json.dumps(word, ensure_ascii=False))
    return condition
