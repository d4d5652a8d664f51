"""The feed of changes, replayed, beside the single answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import NamedTuple

from competence.feed.background import announce_due
from competence.outcomes import OUTCOMES, POSITION
from competence.policy.assess import assess
from competence.policy.decision import Context, Outcome
from competence.policy.dossier import Dossier
from competence.policy.evaluate import NoRules, UnanswerableQuestion, decide
from competence.policy.facts import as_known_at
from competence.queries.changes import Sight, changes_after
from competence.queries.eligibility import current_moment
from competence.queries.facts import facts_for
from competence.queries.rules import current_rule_book
from competence.rebuilding import bring_up_to_date, stale_people
from lms.users.models import EmployeeIdentity

EVERYWHERE: frozenset[str] | None = None
SIGHTS = (EVERYWHERE, frozenset({"vgr"}), frozenset({"municipality", "private"}))


class Asked(NamedTuple):
    """A question as a system asks it."""

    hsa_id: str
    right: str
    customer_number: str
    principals: frozenset[str] | None


Answers = Mapping[Asked, Outcome]


def single_answers(rights: Iterable[str], numbers: Iterable[str], *, is_whole: bool = False) -> dict[Asked, Outcome]:
    """What the single check answers now to everything about everybody; no answer is no permit.

    `is_whole`: by `decide` itself; else by the part of it that gives the outcome, which is quicker.
    """
    moment, book = current_moment(), current_rule_book()
    found: dict[Asked, Outcome] = {}
    identities = list(EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.HSA_ID))
    facts = facts_for({identity.person_id for identity in identities})
    known = {person: Dossier(as_known_at(one, moment.known_at)) for person, one in facts.items()}
    for identity, right, number, principals in product(identities, list(rights), list(numbers), SIGHTS):
        context = Context(customer_number=number or None, identity=identity.known_as, principals=principals)
        try:
            if is_whole:
                person, at = facts[identity.person_id], moment.now
                decision = decide(person, book, right, valid_at=at, known_at=moment.known_at, context=context)
                outcome = decision.outcome
            else:
                rules = book.in_force(moment.now, moment.known_at)
                outcome = assess(known[identity.person_id], rules, right, context, moment.now).outcome
        except (NoRules, UnanswerableQuestion):
            outcome = Outcome.DENIED
        found[Asked(identity.value, right, number, principals)] = outcome
    return found


def catch_up() -> None:
    """Let everything be announced that is to be: what rules brought, and what time brought."""
    bring_up_to_date(list(stale_people().values_list("pk", flat=True)))
    while announce_due():
        pass


class Replay:
    """The feed, read from the beginning by somebody with a sight: how every answer was at every instant."""

    def __init__(self, systems: Iterable[str], principals: frozenset[str] | None, limit: int = 7) -> None:
        self.history: dict[tuple[str, str, str], list[tuple[datetime, Outcome]]] = defaultdict(list)
        number, has_more, sight = 0, True, Sight(frozenset(systems), principals)
        while has_more:
            page = changes_after(number, sight, limit)
            assert page.last > number or not page.has_more, "the cursor does not advance"
            number, has_more = page.last, page.has_more
            for change in page.changes:
                key = (change.hsa_id, change.right, change.customer_number)
                told = self.history[key]
                assert change.previous is (told[-1][1] if told else Outcome.DENIED), f"{change} after {told}"
                assert not told or told[-1][0] <= change.at, f"{change} comes after {told}"
                told.append((change.at, change.outcome))

    def answer(self, asked: Asked, at: datetime) -> Outcome:
        """The answer at an instant: of the number, or of any number, whichever is better."""
        found = [
            next(
                (
                    outcome
                    for since, outcome in reversed(self.history.get((asked.hsa_id, asked.right, number), []))
                    if since <= at
                ),
                Outcome.DENIED,
            )
            for number in {asked.customer_number, ""}
        ]
        return OUTCOMES[min(POSITION[outcome] for outcome in found)]


def check_replay(systems: Iterable[str], samples: Iterable[tuple[datetime, Answers]]) -> None:
    """The feed says of each instant what the single check answered then."""
    replays = {principals: Replay(systems, principals) for principals in SIGHTS}
    for at, answers in samples:
        for asked, expected in answers.items():
            said = replays[asked.principals].answer(asked, at)
            told = replays[asked.principals].history
            assert said is expected, (
                f"the feed says {said} of {asked} at {at}, the answer was {expected}; it has told "
                f"{[(key, rows) for key, rows in told.items() if key[:2] == asked[:2]]}"
            )
