"""Rows of bits: for each cell of a fact, the boxes of all regions that have the cell.

The conjunction of the rows of a case's cells is the set of boxes that contain the case. This is Lakshman and
Stiliadis's packet classifier (SIGCOMM 1998): a case costs one row a fact, and more rules make the rows wider, not more.
Where the regions are partitioned (`partitions.py`), each partition has rows of its own, and the cell of one fact
selects the partition.
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
"""How many bits the rows of a shard may have, those of all its partitions together: 128 MB."""

SMALL = 64
"""How many rows several facts may have in one table."""


class TooWide(Exception):
    """A shard would have more bits than the bound."""


@frozen
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


def rows_of(regions: Sequence[Sequence[Box]], row: Row, space: Space, needed: Sequence[str], most: int) -> Rows:
    """The rows of some regions, in the order of `row`. Raises `TooWide` where they would have more bits than `most`."""
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


def joined(
    partitions: Sequence[tuple[object, Rows]], place: int | None, of_cell: Sequence[int], cell: Cell
) -> tuple[list[str], Context]:
    """Statements that set `holding` to the bits of the regions that contain a case, and the names that they use.

    They set `partition` to the first of each pair of `partitions`, the second being its rows. `place` is the number of
    the fact by which the cases are partitioned, and `of_cell` has the partition of each of its cells. `cell` gives the
    expression for the cell of a fact.
    """
    sizes = {number: len(table) for _, rows in partitions for number, table in rows.by_number.items()}
    groups = _together(sizes)
    holding = " & ".join([f"ROWS_{place}[{_index(group, sizes, cell)}]" for place, group in enumerate(groups)])
    holding = holding or "EVERYTHING"
    if not all(rows.row.single for _, rows in partitions):
        holding = f"WITH_ANY({holding})"
    contexts: list[Context] = []
    for partition, rows in partitions:
        context: Context = {"partition": partition, "EVERYTHING": rows.everything, "WITH_ANY": rows.row.with_any}
        for number, group in enumerate(groups):
            by_fact = [rows.by_number.get(fact) or [rows.everything] * sizes[fact] for fact in group]
            context[f"ROWS_{number}"] = reduce(lambda left, right: [a & b for a in left for b in right], by_fact)
        contexts.append(context)
    if place is None:
        return [f"holding = {holding}"], contexts[0]
    used = [name for name in contexts[0] if name == "partition" or name in holding]
    by_partition = [tuple([context[name] for name in used]) for context in contexts]
    table = [by_partition[number] for number in of_cell]
    return [f"{', '.join(used)}, = PARTITIONS[{cell(place, 1)}]", f"holding = {holding}"], {"PARTITIONS": table}


def _together(sizes: Mapping[int, int]) -> list[list[int]]:
    """Groups of facts, each with one table of rows. The facts of the fewest cells share a table, which stays small."""
    few: list[int] = []
    product = 1
    for fact in sorted(sizes, key=sizes.__getitem__):
        product *= sizes[fact]
        if product > SMALL:
            break
        few.append(fact)
    return [[fact] for fact in sizes if fact not in few] + ([few] if few else [])


def _index(group: Sequence[int], sizes: Mapping[int, int], cell: Cell) -> str:
    """The expression for the index of a case in the table of some facts."""
    parts = []
    times = 1
    for fact in reversed(group):
        parts.append(cell(fact, times))
        times *= sizes[fact]
    return " + ".join(parts)


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
