"""Regions side by side in a number: one look at each fact of a case says which of them hold it.

For each cell of a fact there is a row of bits with the boxes that have this cell; the rows of a case's cells, joined by
`and`, are the boxes that hold the case. This is Lakshman and Stiliadis's packet classifier (SIGCOMM 1998), in which
what one case costs grows with the rules by the width of numbers alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from forbear.predicates.reading import compiled
from forbear.predicates.specs import mask_of
from forbear.space.axes import DAY, Space
from forbear.space.index import events, together
from forbear.space.regions import Box
from forbear.space.rows import Row

MOST_BITS = 1 << 30
"""How many bits the rows of a band may hold: 128 MB."""


class TooWide(Exception):
    """A band that would hold more bits than the bound."""


Holding: TypeAlias = Callable[[Sequence[int]], int]
"""From the cells of a case to the regions that hold it."""


def holding(regions: Sequence[Sequence[Box]], row: Row, cut: Space, needed: Sequence[str]) -> Holding:
    """The function that takes the cells of a case, those of the facts in the order of `needed` and then its period
    where dates matter, and answers with a number: the regions that hold the case, each with its bit of the row. Raises
    `TooWide`.
    """
    by_axis: dict[str, dict[int, list[int]]] = {}
    places: list[int] = []
    for start, boxes in zip(row.starts, regions, strict=True):
        for place, box in enumerate(boxes, start):
            places.append(place)
            for name, mask in box.items():
                by_axis.setdefault(name, {}).setdefault(mask, []).append(place)
    everything = mask_of(places)
    sizes = [*[cut.axes[name].size for name in needed], len(cut.days)]
    joined: list[ast.expr] = []
    used: dict[str, object] = {}
    bits = 0
    for number, name in enumerate([*needed, DAY]):
        if name in by_axis:
            rows = _rows(by_axis[name], everything, sizes[number])
            bits += len(set(map(id, rows))) * row.size
            used[f"ROWS_{number}"] = rows
            joined.append(ast.parse(f"ROWS_{number}[cells[{number}]]", mode="eval").body)
    if bits > MOST_BITS:
        raise TooWide
    found: ast.expr = joined[0] if joined else ast.Constant(everything)
    for another in joined[1:]:
        found = ast.BinOp(found, ast.BitAnd(), another)
    if not row.plain:
        used["WITH_ANY"] = row.with_any
        found = ast.Call(ast.Name("WITH_ANY", ast.Load()), [found], [])
    return compiled("holding", ["cells"], [ast.Return(found)], used)


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
