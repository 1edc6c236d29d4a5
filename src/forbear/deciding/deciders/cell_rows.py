"""Rows of bits: for each cell of a fact, the boxes of all regions that have the cell.

The conjunction of the rows of a case's cells is the set of boxes that contain the case. This is Lakshman and
Stiliadis's packet classifier (SIGCOMM 1998): a case costs one row a fact, and more rules make the rows wider, not more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from attrs import frozen

from forbear.space.axes import DAY, Space
from forbear.space.masks import mask_of
from forbear.space.predicates.reading import Context, compiled, statements
from forbear.space.regions import Box
from forbear.space.search.index import Events, events, together
from forbear.space.search.rows import Row

MOST_BITS = 1 << 30
"""How many bits the rows of a policy may have: 128 MB."""


class TooWide(Exception):
    """The rows would have more bits than the bound."""


@frozen(slots=False, eq=False)
class Rows:
    """The rows of some regions, with the bits of `row`.

    `by_number` has a row for each cell of each fact that they read. Facts are numbered as needed ones; the periods of a
    policy with dates come after them.
    """

    by_number: Mapping[int, Sequence[int]]
    everything: int
    """The bits of all boxes."""
    row: Row
    bits: int
    """How many bits all rows have at most."""

    @cached_property
    def holding(self) -> Callable[[tuple[int, ...]], int]:
        """From the cells of a case to the bits of the regions that contain it, in compiled code."""
        boxes = " & ".join([f"ROWS_{number}[cells[{number}]]" for number in self.by_number]) or "EVERYTHING"
        used: Context = {f"ROWS_{number}": rows for number, rows in self.by_number.items()}
        used |= {"EVERYTHING": self.everything, "WITH_ANY": self.row.with_any}
        return compiled("holding", ["cells"], statements(f"return WITH_ANY({boxes})"), used)


def rows_of(regions: Sequence[Sequence[Box]], row: Row, space: Space, needed: Sequence[str], most: int) -> Rows:
    """The rows of some regions, in the order of `row`. Raises `TooWide` if they would have more bits than `most`."""
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
            len(space.days) if name == DAY else space.axes[name].size,
        )
        for number, name in axes.items()
    }
    return Rows(by_number, everything, row, bits)


def _rows(free: int, changes: tuple[Events, Events], size: int) -> list[int]:
    """For each cell of an axis the boxes that have it, including those that leave the axis free."""
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
