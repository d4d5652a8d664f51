"""An invented population of any size, for tests of scale: units, people, employments, what was decided, completions.

The same seed makes the same population, person by person, in however many processes; an interrupted run goes on with
those who are missing. Rows are written set-wise, a chunk of people as one numbered change: that is the one thing that
makes a million people possible, and the reason why the actions of single facts are not called. What can be done before
the change takes the revision's lock is done before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.organisation import add_units
from competence.copying import NewRows
from competence.feed.announcing import Audience, differences_by_now, write_walked
from competence.feed.walk import Rules
from competence.invented_rows import ALIKE, FACTS, Made
from competence.invention import Ground, Place, Plan, Role, live
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import OrganisationUnit
from competence.models.outbox import Revision
from competence.models.prepared import PreparedFacts, new_stamp
from competence.outcome_rows import by_person, rows_of, write_outcomes
from competence.outcomes import latest_version
from competence.prepared_facts import NOT_YET, encode, recorded_at
from competence.queries.eligibility import current_moment
from competence.queries.facts import units_at
from competence.queries.rules import current_rule_book
from lms.audit.api import record_write
from lms.lib.actors import Actor, name_of, person_or_none
from lms.lib.errors import Refusal
from lms.lib.garbage import no_search_for_circles
from lms.lib.side_by_side import side_by_side
from lms.users.models import EmployeeIdentity, User

CHUNK = 1_000
# Roles and the right that goes with each, as far as the published rules have them.
ROLES = (("prescriber-mobility", "websesam.health-care"), ("orderer", "websesam.unit"))


def generate_population(plan: Plan, *, by: Actor, dry_run: bool = False, processes: int = 1) -> Iterator[int]:
    """Make the people that are still missing, chunk by chunk; yields how many there are after each.

    A dry run makes the first chunk, and takes it back. Several processes need PostgreSQL, and no transaction around.
    Raises Refusal without published rules, courses or principals.
    """
    there = _numbers(plan)
    done = sum(number <= plan.people for number in there)
    yield done
    missing = [number for number in range(1, plan.people + 1) if number not in there]
    if not missing:
        return
    if dry_run:
        with transaction.atomic():
            done += _make(plan, _ground(plan, by), by, missing[:CHUNK])
            transaction.set_rollback(True)
        yield done
        return
    with transaction.atomic():
        ground = _ground(plan, by)
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    make = partial(_make, plan, ground, by)
    for made in side_by_side(make, chunks, processes):
        done += made
        yield done


def _numbers(plan: Plan) -> set[int]:
    """The numbers of the people who are there."""
    names = User.objects.filter(username__startswith=plan.prefix).values_list("username", flat=True)
    return {int(name.removeprefix(plan.prefix)) for name in names.iterator(chunk_size=50_000)}


def _ground(plan: Plan, by: Actor) -> Ground:
    """What there is to stand on, with the units of this population, which are made if they are missing."""
    courses = list(CourseReference.objects.order_by("key").values_list("pk", "key"))
    roles = CompetenceRole.objects.in_bulk([role for role, _right in ROLES], field_name="key")
    rights = OrderingRight.objects.select_related("system").in_bulk([right for _role, right in ROLES], field_name="key")
    known = [(roles[role], rights[right]) for role, right in ROLES if role in roles and right in rights]
    principals = list(
        OrganisationUnit.objects.filter(kind=OrganisationUnit.Kind.PRINCIPAL).exclude(principal_kind="").order_by("key")
    )
    if not courses or not known or not principals:
        raise Refusal(_("Load the organisation, the courses and the rules first."))
    wanted = max(1, -(-plan.people // plan.people_per_unit))
    own = OrganisationUnit.objects.filter(key__startswith=plan.prefix)
    below: dict[OrganisationUnit, list[tuple[str, str]]] = {}
    for number in range(own.count() + 1, wanted + 1):
        # VGR has about half of the staff; the others share the rest.
        parent = next((p for p in principals if p.principal_kind == "vgr" and number % 2), None)
        unit = f"{plan.prefix}{number:06d}", f"Påhittad enhet {number:06d}"
        below.setdefault(parent or principals[number % len(principals)], []).append(unit)
    for parent, units in below.items():
        add_units(parent=parent, units=units, by=by)
    rows = list(own.order_by("key").values_list("pk", "principal_kind", "path"))
    above = units_at({path for _pk, _kind, path in rows})
    return Ground(
        places=[Place(pk, kind, above[path]) for pk, kind, path in rows],
        courses=courses,
        roles=[
            Role((role.pk, role.key), (right.pk, right.key), (right.system.pk, right.system.key))
            for role, right in known
        ],
    )


@no_search_for_circles()
@transaction.atomic
def _make(plan: Plan, ground: Ground, by: Actor, numbers: Sequence[int]) -> int:
    """Make these people, as one numbered change; returns how many."""
    made = Made(plan, [live(plan, ground, number) for number in numbers])
    book, now = current_rule_book(), current_moment().now
    outcomes = rows_of(made.facts, book, now)
    audience = Audience.of_new(made.facts, made.tables[EmployeeIdentity].values)
    walked = differences_by_now(made.facts, audience, {}, Rules.of(book), now, rows=by_person(outcomes), since=now)
    texts = {person: encode(facts) for person, facts in made.facts.items()}
    for rows in made.tables.values():
        rows.make_ready()
    # Those about whom nothing is recorded yet are no part of the change.
    made.tables[User].write(date_joined=timezone.now(), **ALIKE[User])
    made.tables[EmployeeIdentity].write(created_at=timezone.now(), **ALIKE[EmployeeIdentity])
    change = begin_change(by=by)
    actor = person_or_none(by)
    stamped = {
        "recorded_at": change.at,
        "recorded_by_id": actor.pk if actor else None,
        "recorded_by_name": name_of(by),
    }
    source = {"source": plan.prefix.rstrip("-")}
    for model in FACTS:
        more = source if model is Completion else {}
        made.tables[model].write(**stamped, **more, **ALIKE.get(model, {}))
    record_write("generate_population", by=by, subject=f"population:{plan.seed}", first=numbers[0], last=numbers[-1])
    prepared = NewRows(PreparedFacts, ("person_id", "facts", "stamp"))
    prepared.values = [(p, recorded_at(text, NOT_YET, change.at), new_stamp()) for p, text in texts.items()]
    prepared.write(revision=change.number)
    write_outcomes(outcomes, dict.fromkeys(made.facts, change.number), latest_version(book))
    write_walked(walked, audience, Revision.objects.get(pk=1), change.at)
    change.announce("population.generated", person=None, seed=plan.seed, people=len(numbers))
    return len(numbers)
