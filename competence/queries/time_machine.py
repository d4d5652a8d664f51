"""The answer about an instant as it was known then beside what is known now, and what made the difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from competence.explain import Names, load_names
from competence.models.employment import Employment
from competence.policy.assess import UnanswerableQuestion
from competence.policy.decision import Assessment, Context, Outcome
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.knowledge import learned
from competence.policy.rules import NoRules, Right
from competence.policy.timeline import timeline
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.queries.history import HistoryEvent, history_of
from competence.queries.rights import RightNow, RightsReader, key_of
from competence.wording import day_text
from lms.lib.clock import local_day
from lms.users.models import User


@dataclass(frozen=True)
class Change:
    """What was recorded at one instant and changed the answer. None: no answer, since there were no rules for it."""

    events: tuple[HistoryEvent, ...]
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True)
class Stretch:
    """Days with one outcome, `first` and `last` included (None: no bound is known)."""

    first: date | None
    last: date | None
    outcome: Outcome
    is_shown_now: bool


@dataclass(frozen=True)
class Compared:
    """One right of one employment. `then` and `now` None: the rules known at the time did not have it."""

    right: Right
    area: str
    customer_number: str
    then: RightNow | None
    now: RightNow | None
    changes: tuple[Change, ...]
    stretches: tuple[Stretch, ...]

    @property
    def is_same(self) -> bool:
        """Whether what was recorded later changed nothing."""
        return not self.changes and _outcome(self.then) == _outcome(self.now)


@dataclass(frozen=True)
class Workplace:
    """An employment with its rights at the instant."""

    employment: Employment
    rights: tuple[Compared, ...]


@dataclass(frozen=True)
class View:
    """What the time machine shows. `known_then` None: the instant lies ahead, so nothing was known later.

    `then_version` and `now_version`: the rules in force at the instant, as known then and now; None: there were none.
    """

    valid_at: datetime
    known_then: datetime | None
    known_now: datetime
    then_version: int | None
    now_version: int | None
    workplaces: tuple[Workplace, ...]


def look(
    person: User,
    employments: QuerySet[Employment],
    *,
    valid_at: datetime,
    known_at: datetime | None,
    moment: Moment,
    within: Employment | None = None,
    addresses: bool = False,
) -> View:
    """The rights of `person` at `valid_at`, in those of `employments` that held then, as known at `known_at` and now.

    `known_at` None: at that instant itself, unless it lies ahead. `within`: the one employment that the reader may see
    the history of. A fixed number of queries.
    """
    names = load_names()
    known_now = moment.known_at
    asked = valid_at if known_at is None else known_at
    known_then = asked if asked < known_now else None
    facts = facts_for([person.pk])[person.pk]
    held = _held(employments, facts, valid_at, [known_now, *([known_then] if known_then else [])])
    now = _reader(held, names, valid_at, known_now, moment, addresses)
    then = _reader(held, names, valid_at, known_then, moment, addresses) if known_then else None
    events = _events(person, within, names, now or then)
    workplaces = []
    for employment in held:
        rights = [
            _compared(employment, question, now, then, facts, names, events, valid_at, known_then, known_now)
            for question in _questions(employment, now, then)
        ]
        workplaces.append(Workplace(employment, tuple(rights)))
    return View(
        valid_at=valid_at,
        known_then=known_then,
        known_now=known_now,
        then_version=then.rules.version if then else None,
        now_version=now.rules.version if now else None,
        workplaces=tuple(workplaces),
    )


Question = tuple[str, str | None, str]
"""A right, a role (None: any) and a customer number."""


def _held(
    employments: QuerySet[Employment], facts: PersonFacts, valid_at: datetime, known: Iterable[datetime]
) -> list[Employment]:
    """Those of `employments` that held at `valid_at`, by what was known at any of the instants."""
    keys = {e.key for at in known for e in as_known_at(facts, at).employments if e.holds(valid_at)}
    return [e for e in employments.select_related("unit", "identity", "person") if key_of(e) in keys]


def _reader(
    employments: list[Employment],
    names: Names,
    valid_at: datetime,
    known_at: datetime,
    moment: Moment,
    addresses: bool,
) -> RightsReader | None:
    try:
        at = Moment(revision=moment.revision, known_at=known_at, now=valid_at)
        return RightsReader(employments, moment=at, names=names, addresses=addresses)
    except NoRules:
        return None


def _questions(employment: Employment, *readers: RightsReader | None) -> list[Question]:
    """What to ask about: what concerned the person by either knowledge, else every right there was."""
    asked: dict[Question, None] = {}
    for reader in readers:
        if reader is None:
            continue
        for answer in reader.details(employment):
            asked[answer.right.key, answer.role.key if answer.role else None, answer.customer_number] = None
    if not asked:
        for reader in readers:
            for answer in reader.summary(employment) if reader else ():
                asked[answer.right.key, None, answer.customer_number] = None
    return list(asked)


def _compared(
    employment: Employment,
    question: Question,
    now: RightsReader | None,
    then: RightsReader | None,
    facts: PersonFacts,
    names: Names,
    events: list[HistoryEvent],
    valid_at: datetime,
    known_then: datetime | None,
    known_now: datetime,
) -> Compared:
    right, role, number = question
    answers = [_ask(reader, employment, question) for reader in (then, now)]
    shown = next(answer for answer in reversed(answers) if answer is not None)
    context = Context(employment=key_of(employment), role=role, customer_number=number or None)
    changes: tuple[Change, ...] = ()
    if known_then is not None:
        found = learned(facts, names.book, right, context, valid_at=valid_at, since=known_then, until=known_now)
        changes = tuple(
            Change(
                events=tuple(event for event in events if event.at == one.known_at),
                before=one.before.outcome if one.before else None,
                after=one.after.outcome if one.after else None,
            )
            for one in found
        )
    return Compared(
        right=shown.right,
        area=shown.role.title if shown.role else "",
        customer_number=number,
        then=answers[0],
        now=answers[1],
        changes=changes,
        stretches=_stretches(facts, names, right, context, known_now, valid_at) if answers[1] else (),
    )


def _ask(reader: RightsReader | None, employment: Employment, question: Question) -> RightNow | None:
    right, role, number = question
    if reader is None or right not in reader.rules.rights:
        return None
    try:
        return reader.ask(employment, reader.rules.rights[right], role, number, concerns=True)
    except UnanswerableQuestion:
        return None


def _stretches(
    facts: PersonFacts, names: Names, right: str, context: Context, known_at: datetime, valid_at: datetime
) -> tuple[Stretch, ...]:
    """How the outcome changes over time, as known now. A version that does not know the right ends the account."""
    try:
        segments = timeline(as_known_at(facts, known_at), names.book, right, context, known_at)
    except UnanswerableQuestion:
        return ()
    merged: list[tuple[datetime | None, datetime | None, Assessment]] = []
    for segment in segments:
        if merged and merged[-1][2].outcome is segment.assessment.outcome:
            merged[-1] = (merged[-1][0], segment.end, merged[-1][2])
        else:
            merged.append((segment.start, segment.end, segment.assessment))
    return tuple(
        Stretch(
            first=None if start is None or index == 0 else local_day(start),
            last=None if end is None else _day_before(end),
            outcome=assessment.outcome,
            is_shown_now=(start is None or start <= valid_at) and (end is None or valid_at < end),
        )
        for index, (start, end, assessment) in enumerate(merged)
    )


def _day_before(end: datetime) -> date:
    """The last local day that an excluded end leaves, be it only in part."""
    return local_day(end - timedelta(microseconds=1))


def _events(person: User, within: Employment | None, names: Names, reader: RightsReader | None) -> list[HistoryEvent]:
    """What was recorded about the person, and the rules published, in words."""
    if reader is None:
        return []
    published = [
        HistoryEvent(
            at=publication.published_at,
            title=_("Rules published, version %(number)d") % {"number": publication.rule_set.version},
            text=_("In force from %(day)s.") % {"day": day_text(local_day(publication.in_force_from))},
            by="",
        )
        for publication in names.book.publications
    ]
    return [*history_of(person, reader.rules, within), *published]


def _outcome(answer: RightNow | None) -> Outcome | None:
    return answer.outcome if answer else None
