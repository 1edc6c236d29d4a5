"""Regions side by side in a number: one look at each fact of a case says which of them hold it.

For each cell of a fact there is a row of bits with the boxes that have this cell; the rows of a case's cells, joined by
`and`, are the boxes that hold the case. This is Lakshman and Stiliadis's packet classifier (SIGCOMM 1998), in which
what one case costs grows with the rules by the width of numbers alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from forbear.predicates.reading import Context, compiled, statements
from forbear.predicates.specs import mask_of
from forbear.space.axes import DAY, Space
from forbear.space.index import events, together
from forbear.space.regions import Box
from forbear.space.rows import Row

MOST_BITS = 1 << 30
"""How many bits the rows of a band may hold: 128 MB."""


class TooWide(Exception):
    """A band that would hold more bits than the bound."""


@frozen
class Rows:
    """For each fact that matters, by its number among those needed, a row a cell: the boxes that have the cell. Where
    dates matter the periods come behind the facts. The bits are those of `row`."""

    by_number: Mapping[int, Sequence[int]]
    everything: int
    row: Row


def rows_of(regions: Sequence[Sequence[Box]], row: Row, cut: Space, needed: Sequence[str]) -> Rows:
    """The rows of some regions. Raises `TooWide`."""
    by_axis: dict[str, dict[int, list[int]]] = {}
    places: list[int] = []
    for start, boxes in zip(row.starts, regions, strict=True):
        for place, box in enumerate(boxes, start):
            places.append(place)
            for name, mask in box.items():
                by_axis.setdefault(name, {}).setdefault(mask, []).append(place)
    everything = mask_of(places)
    sizes = [*[cut.axes[name].size for name in needed], len(cut.days)]
    by_number = {
        number: _rows(by_axis[name], everything, sizes[number])
        for number, name in enumerate([*needed, DAY])
        if name in by_axis
    }
    if sum(len(set(map(id, rows))) for rows in by_number.values()) * row.size > MOST_BITS:
        raise TooWide
    return Rows(by_number, everything, row)


def joined(rows: Rows, cell: Callable[[int], str]) -> tuple[list[ast.stmt], Context]:
    """Statements that return the regions which hold a case, each with its bit of the row, and what they use. `cell` is
    the expression for the cell of a fact, by its number."""
    used: Context = {f"ROWS_{number}": table for number, table in rows.by_number.items()}
    parts = [f"ROWS_{number}[{cell(number)}]" for number in rows.by_number]
    found = " & ".join(parts) if parts else str(rows.everything)
    if not rows.row.plain:
        used["WITH_ANY"] = rows.row.with_any
        found = f"WITH_ANY({found})"
    return statements(f"return {found}"), used


def holding(rows: Rows) -> Callable[[Sequence[int]], int]:
    """The function from the cells of a case to the regions that hold it."""
    return compiled("holding", ["cells"], *joined(rows, lambda number: f"cells[{number}]"))


def _rows(by_mask: Mapping[int, Sequence[int]], everything: int, size: int) -> list[int]:
    """For each cell the boxes that have it, those that leave the axis free among them."""
    starting, ending = events(by_mask)
    current = everything & ~together(by_mask.values())
    rows = []
    for cell in range(size):
        if cell in ending:
            current &= ~together(ending[cell])
        if cell in starting:
            current |= together(starting[cell])
        rows.append(current)
    return rows
