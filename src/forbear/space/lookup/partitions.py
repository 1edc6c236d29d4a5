"""Many rules cut apart: stretches of the cells of one fact, in each of which only some of the rules can hold.

Where rules are narrow in a fact, as in days overdue, few of them can hold in a stretch of it, and what is looked up
there speaks of these alone. Which fact that is the rules themselves say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear.space.axes import Space
from forbear.space.regions import Box, RuleRegions, full_masks

STRETCHES = 4
"""Into so many stretches an axis is cut at most. More of them have shorter rows, but more rows, which have to come from
memory: a decision by 10,000 rules is the slower for it (`benchmarks/many_decisions.py`)."""
NARROW = 0.5
"""What share of an axis boxes may have in the mean for it to be cut."""


@frozen
class Stretches:
    """The stretches of an axis, in order; `of_cell` says for each cell in which one it is."""

    axis: str
    masks: tuple[int, ...]
    of_cell: tuple[int, ...]


def stretches(regions: Sequence[RuleRegions], cut: Space) -> Stretches | None:
    """The stretches of the axis in which the boxes are narrowest, or None where they are narrow in none."""
    everything = full_masks(cut)
    boxes = [box for region in regions for box in region.possible]
    wide = {name: float(len(boxes)) for name in everything}
    for box in boxes:
        for name, mask in box.items():
            wide[name] -= 1 - mask.bit_count() / everything[name].bit_length()
    axis = min(wide, key=wide.__getitem__)
    size = everything[axis].bit_length()
    if size < 2 or wide[axis] > NARROW * len(boxes):
        return None
    number = min(STRETCHES, size)
    of_cell = tuple([cell * number // size for cell in range(size)])
    masks = [0] * number
    for cell, stretch in enumerate(of_cell):
        masks[stretch] |= 1 << cell
    return Stretches(axis, tuple(masks), of_cell)


def cut_apart(regions: Mapping[int, RuleRegions], apart: Stretches) -> list[dict[int, RuleRegions]]:
    """For each stretch the rules that can hold in it, and where."""
    found: list[dict[int, RuleRegions]] = [{} for _ in apart.masks]
    for number, region in regions.items():
        for there, mask in zip(found, apart.masks, strict=True):
            possible = _within(region.possible, apart.axis, mask)
            if possible:
                certain = possible if region.certain is region.possible else _within(region.certain, apart.axis, mask)
                there[number] = RuleRegions(certain, possible)
    return found


def _within(boxes: Sequence[Box], axis: str, mask: int) -> tuple[Box, ...]:
    """The boxes that have a cell of a stretch, as they are there."""
    found = []
    for box in boxes:
        common = box.get(axis, mask) & mask
        if common:
            there = dict(box)
            there[axis] = common
            if common == mask:
                del there[axis]
            found.append(there)
    return tuple(found)
