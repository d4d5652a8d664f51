"""What an ordering system's administrators have to enter by hand, worked out from the facts, so that nothing is missed.

For each ordering right there are two answers: what the ordering system should hold, which follows from the facts, and
what it was last marked to hold (`TransferDone`). Where they differ there is something to do.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from competence.models.authorisation import Authorisation, AuthorisationApplication, SystemLogin
from competence.models.ending import Ending
from competence.models.ordering_system import OrderingSystem
from competence.models.transfer import TransferDone
from competence.policy import facts as known
from competence.policy.authorisations import life
from competence.policy.facts import as_known_at
from competence.policy.rules import RuleSet
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.queries.rules import current_rule_book
from lms.lib.clock import add_months, day_starts_at, local_day
from lms.users.models import EmployeeIdentity

LIMIT = 2000  # what is read at once; the rest comes when these are done
Step = TransferDone.Step
KINDS = {
    "granted": _("Granted"),
    "changed": _("Changed"),
    "ended": _("Ended"),
    "revoked": _("Revoked"),
    "lapsed": _("Inactive for too long"),
    "left": _("The employment is over"),
    "corrected": _("Recorded in error"),
    "restored": _("Holds after all"),
}


@dataclass(frozen=True)
class Transfer:
    """An ordering right to be entered (`start`) or removed (`stop`) from `due_on` on. `replaces`: what it changes."""

    authorisation: Authorisation
    step: str
    kind: str
    due_on: date
    is_ahead: bool
    replaces: Authorisation | None = None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.authorisation.public_id}:{self.step}"

    @property
    def kind_text(self) -> str:
        return str(KINDS[self.kind])

    @property
    def application(self) -> AuthorisationApplication | None:
        """The application that it comes from, if any."""
        return getattr(self.authorisation, "application", None)


def transfers_waiting(
    systems: Iterable[OrderingSystem], moment: Moment, among: Sequence[uuid.UUID] | None = None
) -> list[Transfer]:
    """What is to be carried out in `systems`, the oldest first; `among`: only authorisations with these public ids.

    A fixed number of queries. At most LIMIT rights are looked at, those recorded first.
    """
    rules = current_rule_book().in_force(moment.now, moment.known_at)
    rows = _candidates(list(systems), rules, moment)
    if among is not None:
        rows = rows.filter(public_id__in=among)
    authorisations = list(rows[:LIMIT])
    facts = {
        person: as_known_at(own, moment.known_at)
        for person, own in facts_for({a.employment.person_id for a in authorisations}).items()
    }
    replaced_by = _replacements(authorisations)
    found = (_transfer(a, facts[a.employment.person_id], rules, moment, replaced_by.get(a.pk)) for a in authorisations)
    return sorted((one for one in found if one is not None), key=lambda one: (one.due_on, one.authorisation.pk))


def authorisations_in(keys: Iterable[str]) -> list[uuid.UUID]:
    """The public ids in the keys of a form. What is no key is left out."""
    found = []
    for key in keys:
        try:
            found.append(uuid.UUID(key.partition(":")[0]))
        except ValueError:
            continue
    return found


def transfers_done(systems: Iterable[OrderingSystem]) -> QuerySet[TransferDone]:
    """What has been carried out in `systems`, and not taken back, the latest first."""
    return (
        TransferDone.objects.filter(authorisation__right__system__in=list(systems), undone__isnull=True)
        .select_related(
            "authorisation__employment__person",
            "authorisation__employment__unit",
            "authorisation__employment__identity",
            "authorisation__right__system",
            "recorded_by",
        )
        .order_by("-pk")
    )


def _candidates(systems: list[OrderingSystem], rules: RuleSet, moment: Moment) -> QuerySet[Authorisation]:
    """The rights about which there may be something to do, or a few more: the policy has the last word."""
    today = local_day(moment.now)
    marks = TransferDone.objects.filter(authorisation=OuterRef("pk"), undone__isnull=True).order_by("-pk")
    stopped = (
        Exists(Ending.objects.filter(authorisation=OuterRef("pk")))
        | Exists(Ending.objects.filter(employment=OuterRef("employment")))
        | Q(ends_on__lt=today)
        | Q(employment__ends_on__lt=today)
    )
    late_login = SystemLogin.objects.filter(
        person=OuterRef("employment__person"), system=OuterRef("right__system"), recorded_at__gt=OuterRef("marked_at")
    )
    identities = EmployeeIdentity.objects.filter(kind=EmployeeIdentity.Kind.VGR_ID)
    return (
        Authorisation.objects.filter(right__system__in=systems)
        .annotate(marked=Subquery(marks.values("step")[:1]), marked_at=Subquery(marks.values("recorded_at")[:1]))
        .filter(
            Q(marked__isnull=True)
            | Q(marked=Step.START) & (stopped | may_have_lapsed(rules, local_day(moment.now)))
            | Q(marked=Step.STOP) & Exists(late_login)
        )
        .select_related(
            "employment__person", "employment__unit", "employment__identity", "right__system", "application"
        )
        .prefetch_related(Prefetch("employment__person__identities", queryset=identities, to_attr="vgr_ids"))
        .order_by("recorded_at", "pk")
    )


def may_have_lapsed(rules: RuleSet, by: date) -> Q:
    """Rights without a log-in for as long as the rules allow, at some time until `by`. Wider than the truth by days."""
    condition = Q(pk__in=[])
    for right in rules.rights.values():
        months = right.closing_months or right.inactivity_months
        if months is None:
            continue
        silence = timedelta(days=28 * months)
        before = SystemLogin.objects.filter(
            person=OuterRef("person"),
            system=OuterRef("system"),
            logged_in_at__lt=OuterRef("logged_in_at"),
            logged_in_at__gt=OuterRef("logged_in_at") - silence,
        )
        silent_once = Exists(_logins().filter(~Exists(before)))
        condition |= Q(silent_once, right__key=right.key, starts_on__lte=add_months(by, -months))
    return condition | may_be_silent(rules, by)


def may_be_silent(rules: RuleSet, by: date) -> Q:
    """Rights that will have become inactive by `by` if nobody logs in. Wider than the truth by days."""
    condition = Q(pk__in=[])
    for right in rules.rights.values():
        if right.inactivity_months is None:
            continue
        limit = add_months(by, -right.inactivity_months) + timedelta(days=3)
        silent = ~Exists(_logins().filter(logged_in_at__gte=day_starts_at(limit)))
        condition |= Q(silent, right__key=right.key, starts_on__lte=limit)
    return condition


def _logins() -> QuerySet[SystemLogin]:
    return SystemLogin.objects.filter(person=OuterRef("employment__person"), system=OuterRef("right__system"))


def _replacements(authorisations: list[Authorisation]) -> dict[int, Authorisation]:
    """What is to take the place of a right, by an approved change that is still to be entered."""
    changes = AuthorisationApplication.objects.filter(
        ~Exists(TransferDone.objects.filter(authorisation=OuterRef("authorisation"), undone__isnull=True)),
        ~Exists(Ending.objects.filter(authorisation=OuterRef("authorisation"))),
        changes__in=[a.pk for a in authorisations],
        authorisation__isnull=False,
    ).select_related("authorisation__right")
    return {one.changes_id: one.authorisation for one in changes if one.changes_id and one.authorisation}


def _transfer(
    authorisation: Authorisation,
    facts: known.PersonFacts,
    rules: RuleSet,
    moment: Moment,
    replaced_by: Authorisation | None,
) -> Transfer | None:
    marked: str | None = getattr(authorisation, "marked", None)
    stop = stop_of(authorisation, facts, rules)
    is_over = stop is not None and (stop.at <= moment.now or stop.kind == "corrected")
    if (
        replaced_by is not None
        and replaced_by.right.system_id == authorisation.right.system_id
        and stop is not None
        and stop.at >= day_starts_at(replaced_by.starts_on)
        and (is_over or marked == Step.START)
    ):
        return None  # entering the change takes care of it
    if stop is not None and marked != Step.STOP and (is_over or marked == Step.START and stop.is_decided):
        if marked is None and (stop.at <= day_starts_at(authorisation.starts_on) or stop.kind == "corrected"):
            return None  # it never began, and nobody entered it
        due = local_day(stop.at)
        return Transfer(authorisation, Step.STOP, stop.kind, due, is_ahead=stop.at > moment.now)
    if is_over or marked == Step.START:
        return None
    replaces = authorisation.application.changes if hasattr(authorisation, "application") else None
    kind = "restored" if marked == Step.STOP else "changed" if replaces else "granted"
    due = authorisation.starts_on
    return Transfer(authorisation, Step.START, kind, due, due > local_day(moment.now), replaces)


@dataclass(frozen=True)
class Stop:
    """When and why a right stops. `is_decided`: somebody recorded it, so it is worth telling beforehand."""

    at: datetime
    kind: str
    is_decided: bool


def stop_of(authorisation: Authorisation, facts: known.PersonFacts, rules: RuleSet) -> Stop | None:
    """When `authorisation` stops, as far as is known in `facts` (as known at some instant). None: not at all."""
    own = next((a for a in facts.authorisations if a.key == f"authorisation:{authorisation.pk}"), None)
    if own is None:
        return Stop(day_starts_at(authorisation.starts_on), "corrected", is_decided=True)
    stops: list[Stop] = []
    if own.end is not None:
        kind = "revoked" if own.revoked_at is not None else "ended"
        by_itself = authorisation.ends_on is not None and local_day(own.end) > authorisation.ends_on
        stops.append(Stop(own.end, kind, is_decided=not by_itself))
    work = next((e for e in facts.employments if e.key == own.employment), None)
    if work is None:
        stops.append(Stop(own.start, "left", is_decided=True))
    elif work.end is not None:
        ran_out = authorisation.employment.ends_on
        decided = ran_out is None or local_day(work.end) <= ran_out
        stops.append(Stop(work.end, "left", is_decided=decided))
    right = rules.rights.get(own.right)
    _stretches, closing = life(own, right, facts) if right is not None else ([], None)
    if closing is not None:
        stops.append(Stop(closing, "lapsed", is_decided=False))
    return min(stops, key=lambda stop: stop.at, default=None)
