"""Partitions of the cells of one fact, in each of which only some of the rules can hold.

Where rules are narrow in a fact, as in days overdue, few of them can hold in a part of its cells, and the rows of that
part have these alone. Which fact that is follows from the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear.space.axes import Space
from forbear.space.regions import Box, RuleRegions, full_masks

MOST_PARTITIONS = 4
"""How many partitions an axis has at most. More of them have shorter rows, but more rows, which have to come from
memory: a decision by 10,000 rules is no faster for it (`benchmarks/modes.py`)."""
NARROW = 0.5
"""The mean share of an axis below which boxes are narrow in it."""


@frozen
class Partitions:
    """The regions of rules by partition: for each, the rules that can hold there, by their numbers."""

    axis: str | None
    """The fact by whose cells the cases are partitioned; None where there is one partition."""
    of_cell: Sequence[int]
    """For each cell of that fact, the number of its partition."""
    regions: Sequence[Mapping[int, RuleRegions]]


def whole(regions: Mapping[int, RuleRegions]) -> Partitions:
    """One partition, of all cases."""
    return Partitions(None, (0,), (regions,))


def partitioned(regions: Mapping[int, RuleRegions], space: Space) -> Partitions:
    """Partitions by the axis in which the boxes are narrowest; one alone where they are narrow in none."""
    everything = full_masks(space)
    boxes = [box for region in regions.values() for box in region.possible]
    width = {name: float(len(boxes)) for name in everything}
    for box in boxes:
        for name, mask in box.items():
            width[name] -= 1 - mask.bit_count() / everything[name].bit_length()
    axis = min(width, key=width.__getitem__)
    size = everything[axis].bit_length()
    if width[axis] >= NARROW * len(boxes):
        return whole(regions)
    number = min(MOST_PARTITIONS, size)
    of_cell = [cell * number // size for cell in range(size)]
    masks = [0] * number
    for cell, partition in enumerate(of_cell):
        masks[partition] |= 1 << cell
    return Partitions(axis, of_cell, [_within_cells(regions, axis, mask) for mask in masks])


def _within_cells(regions: Mapping[int, RuleRegions], axis: str, mask: int) -> dict[int, RuleRegions]:
    """The rules that can hold in some cells of an axis, with the part of their regions that lies there."""
    parts = {}
    for number, region in regions.items():
        possible = _within(region.possible, axis, mask)
        if possible:
            certain = possible if region.certain is region.possible else _within(region.certain, axis, mask)
            parts[number] = RuleRegions(certain, possible)
    return parts


def _within(boxes: Sequence[Box], axis: str, mask: int) -> tuple[Box, ...]:
    """The parts of boxes within some cells of an axis. A box that has all of these cells leaves the axis free."""
    within = []
    for box in boxes:
        common = box.get(axis, mask) & mask
        if common:
            part = dict(box)
            part[axis] = common
            if common == mask:
                del part[axis]
            within.append(part)
    return tuple(within)
