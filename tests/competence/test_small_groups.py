"""What may be told of small groups: nothing that adding and subtracting totals could take apart."""

import itertools
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from competence.small_groups import Cell, Figure, parts_of, tally

MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]


def cell(month: int, count: int, *, principal: str = "vgr", first_person: int = 0, people: int | None = None) -> Cell:
    """A cell of the `month`th month; its persons are numbered from `first_person`."""
    heads = count if people is None else people
    small = frozenset(range(first_person, first_person + heads)) if heads < 5 else None
    return Cell("kurs", MONTHS[month], principal, count, small)


@st.composite
def many_cells(draw: st.DrawFn) -> list[Cell]:
    cells = []
    for index, principal in itertools.product(range(len(MONTHS)), ("vgr", "municipality")):
        count = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 12]))
        if count:
            start = draw(st.integers(0, 40))
            people = draw(st.integers(1, count)) if draw(st.booleans()) else count
            cells.append(cell(index, count, principal=principal, first_person=start, people=people))
    return cells


@given(many_cells())
def test_every_cell_is_in_one_part_or_left_out(cells: list[Cell]) -> None:
    parts, left_out = parts_of(cells)
    assert sorted([*itertools.chain(*parts), *left_out], key=repr) == sorted(cells, key=repr)


@given(many_cells())
def test_a19_a_part_rests_on_five_persons_and_gives_no_cell_away(cells: list[Cell]) -> None:
    parts, _left_out = parts_of(cells)
    for part in parts:
        if len(part) == 1:
            assert not part[0].is_small
            continue
        assert len(frozenset().union(*(c.people or () for c in part))) >= 5
        # Whoever knows the sum, and that each cell is one to four, still finds two values possible for each.
        total, others = sum(c.count for c in part), len(part) - 1
        possible = [value for value in range(1, 5) if others <= total - value <= 4 * others]
        assert len(possible) >= 2


@settings(max_examples=40)
@given(many_cells(), st.data())
def test_a19_every_total_is_a_sum_of_whole_parts(cells: list[Cell], data: st.DataObject) -> None:
    # So no difference between totals of any periods is finer than a part.
    parts, left_out = parts_of(cells)
    for _ in range(10):
        first, last = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS))))
        kinds = data.draw(st.sampled_from([("vgr",), ("municipality",), ("vgr", "municipality")]))

        def inside(c: Cell, first: date = first, last: date = last, kinds: tuple[str, ...] = kinds) -> bool:
            return first <= c.month <= last and c.principal in kinds

        told = tally(parts, left_out, lambda c: "all" if inside(c) else None).get("all", Figure())
        whole = [part for part in parts if all(inside(c) for c in part)]
        assert told.count == sum(c.count for part in whole for c in part)
        true_count = sum(c.count for c in cells if inside(c))
        assert told.is_exact == (told.count == true_count)


def test_a19_a_single_small_month_is_not_in_the_total_of_its_year() -> None:
    parts, left_out = parts_of([cell(0, 20), cell(5, 3)])
    by_year = tally(parts, left_out, lambda c: c.month.year)
    assert by_year == {2025: Figure(20, is_exact=False)}
    assert tally(parts, left_out, lambda c: c.month)[MONTHS[5]] == Figure(0, is_exact=False, is_one_group=True)


def test_small_months_of_a_tertial_are_told_together_when_they_are_five() -> None:
    parts, left_out = parts_of([cell(0, 2, first_person=1), cell(2, 4, first_person=10), cell(8, 9)])
    assert tally(parts, left_out, lambda c: c.month.year) == {2025: Figure(15)}
    assert not left_out


def test_a19_one_person_who_completes_often_is_still_one_person() -> None:
    parts, left_out = parts_of([cell(month, 2, first_person=7, people=1) for month in range(6)])
    assert parts == []
    assert len(left_out) == 6
    frequent = Cell("kurs", MONTHS[0], "vgr", 9, frozenset())
    assert parts_of([frequent]) == ([], [frequent])


def test_who_may_see_persons_sees_every_count() -> None:
    cells = [Cell("kurs", MONTHS[0], "vgr", 1), Cell("kurs", MONTHS[1], "vgr", 2)]
    parts, left_out = parts_of(cells)
    assert tally(parts, left_out, lambda c: c.month) == {MONTHS[0]: Figure(1), MONTHS[1]: Figure(2)}
