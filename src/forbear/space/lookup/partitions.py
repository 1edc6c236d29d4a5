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
memory: that makes a decision by 10,000 rules slower (`benchmarks/many_decisions.py`)."""
NARROW = 0.5
"""The mean share of an axis that boxes may have for it to be partitioned."""


@frozen
class Partitions:
    """The partitions of an axis: the cells of each as a mask, in order, and the partition of each cell."""

    axis: str
    masks: tuple[int, ...]
    of_cell: tuple[int, ...]


def partitions(regions: Sequence[RuleRegions], space: Space) -> Partitions | None:
    """The partitions of the axis in which the boxes are narrowest; None where they are narrow in none."""
    everything = full_masks(space)
    boxes = [box for region in regions for box in region.possible]
    width = {name: float(len(boxes)) for name in everything}
    for box in boxes:
        for name, mask in box.items():
            width[name] -= 1 - mask.bit_count() / everything[name].bit_length()
    axis = min(width, key=width.__getitem__)
    size = everything[axis].bit_length()
    if size < 2 or width[axis] > NARROW * len(boxes):
        return None
    number = min(MOST_PARTITIONS, size)
    of_cell = tuple([cell * number // size for cell in range(size)])
    masks = [0] * number
    for cell, partition in enumerate(of_cell):
        masks[partition] |= 1 << cell
    return Partitions(axis, tuple(masks), of_cell)


def partitioned(regions: Mapping[int, RuleRegions], by: Partitions) -> list[dict[int, RuleRegions]]:
    """For each partition the rules that can hold in it, with the part of their regions that lies there."""
    parts: list[dict[int, RuleRegions]] = [{} for _ in by.masks]
    for number, region in regions.items():
        for part, mask in zip(parts, by.masks, strict=True):
            possible = _within(region.possible, by.axis, mask)
            if possible:
                certain = possible if region.certain is region.possible else _within(region.certain, by.axis, mask)
                part[number] = RuleRegions(certain, possible)
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
