"""A simulation as somebody may see it: tables of figures, and names only of those whom they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.exports.sheets import Cell as SheetCell
from competence.exports.sheets import Row as SheetRow
from competence.exports.statistics import figure_text, principal_name
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import units_managed_by
from competence.policy.rules import RuleSet
from competence.simulation.compare import Kind
from competence.simulation.run import MOST_ROWS, Cell, Count, Row, Simulation
from competence.small_groups import SMALLEST_GROUP, Figure, parts_of, tally
from competence.small_groups import Cell as SmallCell
from lms.lib.actors import Actor, Machine
from lms.lib.clock import STOCKHOLM, local_day
from lms.users.models import User

KINDS = (Kind.LOSES, Kind.GAINS, Kind.WARNED, Kind.CLEARED)


@dataclass(frozen=True)
class Sight:
    """What a reader may see. `units`: whose people, by unit key (None: everybody's). `is_hidden`: small groups are."""

    units: frozenset[str] | None
    is_hidden: bool

    @property
    def sees_people(self) -> bool:
        return not self.is_hidden


def sight_of(reader: Actor) -> Sight | None:
    """What `reader` may see of a simulation; None: nothing.

    Who may see persons in statistics sees everybody, a manager those of their own units, and who may see figures or
    publish rules sees figures with small groups hidden.
    """
    if isinstance(reader, Machine) or reader.has_perm("competence.view_person_statistics"):
        return Sight(units=None, is_hidden=False)
    if isinstance(reader, User):
        units = frozenset(units_managed_by(reader).values_list("key", flat=True))
        if units:
            return Sight(units=units, is_hidden=False)
    if reader.has_perm("competence.view_statistics") or reader.has_perm("competence.manage_rules"):
        return Sight(units=None, is_hidden=True)
    return None


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is about, and the figure for each of KINDS."""

    title: str
    figures: tuple[Figure, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(figure_text(figure) for figure in self.figures)


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Named:
    """One change of one person whom the reader may see."""

    person: User
    name: str
    unit: str
    kind: Kind
    right: str
    role: str
    at: datetime
    until: datetime | None

    @property
    def last_day(self) -> date | None:
        return None if self.until is None else local_day(self.until)


@dataclass(frozen=True)
class Report:
    """`total` has the changes of each of KINDS. `is_cut`: there are more people than the list can hold."""

    total: Line
    tables: tuple[Table, ...]
    people: tuple[Named, ...]
    sight: Sight
    is_cut: bool
    nobody: bool


def kind_text(kind: Kind) -> str:
    """A kind of change as the head of a column."""
    return {
        Kind.LOSES: _("May no longer order"),
        Kind.GAINS: _("May order"),
        Kind.WARNED: _("Gets a recommendation"),
        Kind.CLEARED: _("Is rid of a recommendation"),
    }[kind]


def report_of(found: Simulation, rules: RuleSet, sight: Sight, *, most_people: int = MOST_ROWS) -> Report:
    """What a reader with `sight` may see. `rules` give the titles. Two queries at most."""
    cells = {c: n for c, n in found.counts.items() if sight.units is None or c.unit in sight.units}
    units = dict(OrganisationUnit.objects.filter(key__in={c.unit for c in cells}).values_list("key", "name"))
    figures = _hidden(cells) if sight.is_hidden else _exact(cells)
    right_titles = {key: right.title for key, right in rules.rights.items()}
    role_titles = {key: role.title for key, role in rules.roles.items()}

    def table(key: str, title: str, part: Callable[[Cell], str], name: Callable[[str], str]) -> Table:
        by_part = figures(part)
        titles = sorted({place for place, _kind in by_part}, key=lambda one: _order(key, one, name))
        lines = (Line(name(one), tuple(by_part.get((one, kind), Figure()) for kind in KINDS)) for one in titles)
        return Table(key, title, tuple(lines))

    tables = (
        table("rights", _("By right"), lambda cell: cell.right, lambda key: right_titles.get(key, key)),
        table("roles", _("By role"), lambda cell: cell.role, lambda key: role_titles.get(key, key) or _("No role")),
        table("principals", _("By principal"), lambda cell: cell.principal, principal_name),
        table("units", _("By unit"), lambda cell: cell.unit, lambda key: units.get(key, key)),
        table("months", _("By month"), lambda cell: cell.month, _month_name),
    )
    whole = figures(lambda cell: "")
    total = Line(_("In all"), tuple(whole.get(("", kind), Figure()) for kind in KINDS))
    rows = [row for row in found.rows if sight.sees_people and (sight.units is None or row.unit in sight.units)]
    people = tuple(_named(rows[:most_people], right_titles, role_titles))
    changes = sum(count.changes for count in cells.values())
    return Report(
        total=total,
        tables=tables,
        people=people,
        sight=sight,
        is_cut=sight.sees_people and len(people) < changes,
        nobody=not cells,
    )


Figures = Callable[[Callable[[Cell], str]], dict[tuple[str, str], Figure]]


def _exact(cells: dict[Cell, Count]) -> Figures:
    def figures(part: Callable[[Cell], str]) -> dict[tuple[str, str], Figure]:
        sums: dict[tuple[str, str], int] = {}
        for cell, count in cells.items():
            place = (part(cell), cell.kind)
            sums[place] = sums.get(place, 0) + count.changes
        return {place: Figure(count) for place, count in sums.items()}

    return figures


def _hidden(cells: dict[Cell, Count]) -> Figures:
    """Figures put together from parts that rest on five people or more, the same parts in every table."""
    originals: dict[SmallCell, Cell] = {}
    for cell, count in cells.items():
        small = SmallCell(
            course=f"{cell.kind} {cell.right}",
            month=date.fromisoformat(cell.month),
            principal=f"{cell.principal} {cell.role} {cell.unit}",
            count=count.changes,
            people=frozenset(count.people) if len(count.people) < SMALLEST_GROUP else None,
        )
        originals[small] = cell
    parts, left_out = parts_of(originals)

    def figures(part: Callable[[Cell], str]) -> dict[tuple[str, str], Figure]:
        def place(small: SmallCell) -> tuple[str, str]:
            cell = originals[small]
            return part(cell), cell.kind

        return {key: figure for key, figure in tally(parts, left_out, place).items() if isinstance(key, tuple)}

    return figures


def _order(key: str, value: str, name: Callable[[str], str]) -> str:
    return value if key == "months" else name(value).casefold()


def _month_name(month: str) -> str:
    return date_format(date.fromisoformat(month), "F Y")


def _named(rows: Iterable[Row], rights: dict[str, str], roles: dict[str, str]) -> Iterable[Named]:
    rows = list(rows)
    wanted = {row.employment for row in rows}
    if not wanted:
        return
    employments = Employment.objects.filter(pk__in=wanted).select_related("person", "unit").in_bulk()
    for row in rows:
        work, change = employments[row.employment], row.change
        yield Named(
            person=work.person,
            name=work.person.get_full_name() or work.person.get_username(),
            unit=work.unit.name,
            kind=change.kind,
            right=rights.get(change.right, change.right),
            role=roles.get(change.role, change.role),
            at=change.at,
            until=change.until,
        )


def sheet_rows(report: Report) -> tuple[list[str], list[SheetRow]]:
    """The report as one table for a file: the people, or the figures by unit where the reader sees no people."""
    if report.sight.sees_people:
        header = [_("Name"), _("Unit"), _("Change"), _("Right"), _("Role"), _("From"), _("Until and including")]
        return header, [
            [one.name, one.unit, kind_text(one.kind), one.right, one.role, one.at.astimezone(STOCKHOLM), one.last_day]
            for one in report.people
        ]
    header = [_("What"), _("Title"), *(kind_text(kind) for kind in KINDS)]
    rows: list[SheetRow] = [["", report.total.title, *report.total.texts]]
    for table in report.tables:
        rows += [_sheet_line(table, line) for line in table.lines]
    return header, rows


def _sheet_line(table: Table, line: Line) -> list[SheetCell]:
    return [table.title, line.title, *(f.count if f.is_exact else figure_text(f) for f in line.figures)]
