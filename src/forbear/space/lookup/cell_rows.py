"""Regions side by side in a number: one look at each fact of a case says which of them hold it.

For each cell of a fact there is a row of bits with the boxes that have this cell; the rows of a case's cells, joined by
`and`, are the boxes that hold the case. This is Lakshman and Stiliadis's packet classifier (SIGCOMM 1998), in which
what one case costs grows with the rules by the width of numbers alone. Where the regions are cut apart
(`space/stretches.py`) each stretch has rows of its own, and the cell of one fact says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from attrs import frozen

from forbear.predicates.reading import Context
from forbear.predicates.specs import mask_of
from forbear.space.axes import DAY, Space
from forbear.space.lookup.cells import Cell
from forbear.space.regions import Box
from forbear.space.search.index import Events, events, together
from forbear.space.search.rows import Row

MOST_BITS = 1 << 30
"""How many bits the rows of a band may hold, those of all its stretches together: 128 MB."""

SMALL = 64
"""How many rows facts may have together to be looked up together."""


class TooWide(Exception):
    """A band that would hold more bits than the bound."""


@frozen
class Rows:
    """For each fact that matters, by its number among those needed, a row a cell: the boxes that have the cell. Where
    dates matter the periods come behind the facts. The bits are those of `row`."""

    by_number: Mapping[int, Sequence[int]]
    everything: int
    row: Row
    bits: int
    """How many bits all rows have at most."""


def rows_of(regions: Sequence[Sequence[Box]], row: Row, cut: Space, needed: Sequence[str], most: int) -> Rows:
    """The rows of some regions. Raises `TooWide` where they would have more bits than `most`."""
    by_axis: dict[str, dict[int, list[int]]] = {}
    places: list[int] = []
    for start, boxes in zip(row.starts, regions, strict=True):
        for place, box in enumerate(boxes, start):
            places.append(place)
            for name, mask in box.items():
                by_axis.setdefault(name, {}).setdefault(mask, []).append(place)
    everything = mask_of(places)
    axes = {number: name for number, name in enumerate([*needed, DAY]) if name in by_axis}
    changes = {number: events(by_axis[name]) for number, name in axes.items()}
    # The row of a cell in which no run of a box starts or ends is that of the cell before.
    bits = row.size * sum([len({0, *starting, *ending}) for starting, ending in changes.values()])
    if bits > most:
        raise TooWide
    by_number = {
        number: _rows(
            everything & ~together(by_axis[name].values()),
            changes[number],
            len(cut.days) if name == DAY else cut.axes[name].size,
        )
        for number, name in axes.items()
    }
    return Rows(by_number, everything, row, bits)


def joined(
    stretches: Sequence[tuple[object, Rows]], place: int | None, of_cell: Sequence[int], cell: Cell
) -> tuple[list[str], Context]:
    """Statements that set `found` to the regions which hold a case, each with its bit of the row, and what they use.

    Of several stretches each has its rows and something that stands for it, to which `stretch` is set; they are of the
    fact with the number `place`, and `of_cell` says in which of them a cell of this fact is.
    """
    sizes = {number: len(table) for _, rows in stretches for number, table in rows.by_number.items()}
    groups = _together(sizes)
    found = " & ".join([f"ROWS_{place}[{_index(group, sizes, cell)}]" for place, group in enumerate(groups)])
    found = found or "EVERYTHING"
    if not all(rows.row.plain for _, rows in stretches):
        found = f"WITH_ANY({found})"
    tables: list[Context] = []
    for stretch, rows in stretches:
        its: Context = {"stretch": stretch, "EVERYTHING": rows.everything, "WITH_ANY": rows.row.with_any}
        for number, group in enumerate(groups):
            by_fact = [rows.by_number.get(fact) or [rows.everything] * sizes[fact] for fact in group]
            its[f"ROWS_{number}"] = reduce(lambda one, other: [a & b for a in one for b in other], by_fact)
        tables.append(its)
    if place is None:
        return [f"found = {found}"], tables[0]
    used = [name for name in tables[0] if name == "stretch" or name in found]
    by_stretch = [tuple([its[name] for name in used]) for its in tables]
    table = [by_stretch[number] for number in of_cell]
    return [f"{', '.join(used)}, = STRETCHES[{cell(place, 1)}]", f"found = {found}"], {"STRETCHES": table}


def _together(sizes: Mapping[int, int]) -> list[list[int]]:
    """The facts, those of the fewest cells in one group: together they have a table of rows that is small too."""
    few: list[int] = []
    product = 1
    for fact in sorted(sizes, key=sizes.__getitem__):
        product *= sizes[fact]
        if product > SMALL:
            break
        few.append(fact)
    return [[fact] for fact in sizes if fact not in few] + ([few] if few else [])


def _index(group: Sequence[int], sizes: Mapping[int, int], cell: Cell) -> str:
    """The expression for the place of a case in the table of some facts."""
    parts = []
    times = 1
    for fact in reversed(group):
        parts.append(cell(fact, times))
        times *= sizes[fact]
    return " + ".join(parts)


def _rows(free: int, changes: tuple[Events, Events], size: int) -> list[int]:
    """For each cell the boxes that have it, those that leave the axis free among them."""
    starting, ending = changes
    current = free
    rows = []
    for cell in range(size):
        if cell in ending:
            current &= ~together(ending[cell])
        if cell in starting:
            current |= together(starting[cell])
        rows.append(current)
    return rows
