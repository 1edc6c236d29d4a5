"""The index: for each cell of each axis, the boxes that have it, a bit each.

For a box, one pass over its axes gives all boxes that meet it (have a case in common with it), and all that contain it.
Bit vectors by dimension are Lakshman and Stiliadis's packet classifier (SIGCOMM 1998).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from operator import or_

from forbear.kernel.cases import bits
from forbear.space.masks import mask_of, runs
from forbear.space.regions import Box
from forbear.space.search.bound import Bound

_BLOCK = 16
_MOST_BITS = 1 << 28
"""The most bits that the cells of one axis may have: 32 MB. Beyond that, only some cells have their boxes stored, and
those of the others are computed when they are needed.
"""
_MOST_KEPT = 1 << 25
"""The most bits of answers that an axis may memoise."""


Events = Mapping[int, Sequence[Sequence[int]]]
"""Groups of boxes by their numbers, for some cells."""


def events(by_mask: Mapping[int, Sequence[int]]) -> tuple[Events, Events]:
    """Returns, for each cell, the boxes of which a run starts there, and those of which a run ended in the previous
    cell.

    `by_mask` has the numbers of the boxes with each mask.
    """
    starting: dict[int, list[Sequence[int]]] = {}
    ending: dict[int, list[Sequence[int]]] = {}
    for mask, numbers in by_mask.items():
        for first, last in runs(mask):
            starting.setdefault(first, []).append(numbers)
            ending.setdefault(last + 1, []).append(numbers)
    return starting, ending


class _AxisIndex:
    """The boxes by the cells of one axis, from their numbers by mask. `free` are the boxes that leave the axis free."""

    def __init__(self, by_mask: Mapping[int, Sequence[int]], everything: int) -> None:
        self.size = max(by_mask).bit_length()
        starting, ending = events(by_mask)
        self.free = everything & ~together(by_mask.values())
        self._bits = everything.bit_length()
        self._step = 1 + self.size * self._bits // _MOST_BITS
        self.cost = (1 + self._bits // 4_000) * self._step
        self._events = (starting, ending) if self._step > 1 else None
        self._starting: list[int] = []
        self._every: list[int] = []
        self._blocks = [0] * (self.size // _BLOCK + 1)
        current = 0
        for cell in range(self.size):
            started = together(starting.get(cell, ()))
            current = current & ~together(ending.get(cell, ())) | started
            self._blocks[cell // _BLOCK] |= started
            if cell % self._step == 0:
                self._every.append(current)
            if self._events is None:
                self._starting.append(started)
        self._until = list(accumulate(self._blocks, or_, initial=0))
        self._from = list(accumulate(reversed(self._blocks), or_, initial=0))[::-1]
        self._meeting: dict[int, int] = {}
        self._holding: dict[int, int] = {}

    def _at(self, cell: int) -> int:
        """The boxes that have a cell."""
        if cell >= self.size:
            return 0
        boxes = self._every[cell // self._step]
        if self._events is not None:
            for number in range(cell - cell % self._step + 1, cell + 1):
                boxes = boxes & ~together(self._events[1].get(number, ())) | together(self._events[0].get(number, ()))
        return boxes

    def meeting(self, mask: int, bound: Bound) -> int:
        """The boxes that have a cell of the mask."""
        boxes = self._meeting.get(mask)
        if boxes is None:
            boxes = self.free
            for first, last in runs(mask):
                bound.spend(self.cost)
                boxes |= self._at(first) | self._started(first + 1, last)
            self._keep(self._meeting, mask, boxes)
        return boxes

    def holding(self, mask: int, bound: Bound) -> int:
        """The boxes that have all cells of the mask."""
        boxes = self._holding.get(mask)
        if boxes is None:
            boxes = -1
            for first, last in runs(mask):
                bound.spend(self.cost)
                boxes &= self._at(first) & self._at(last) & ~self._started(first + 1, last)
            boxes |= self.free
            self._keep(self._holding, mask, boxes)
        return boxes

    def outside(self, mask: int, bound: Bound) -> int:
        """The boxes that have a cell outside of the mask."""
        return self.meeting(((1 << self.size) - 1) & ~mask, bound)

    def _keep(self, memo: dict[int, int], mask: int, boxes: int) -> None:
        if (len(memo) + 1) * (self._bits + self.size) < _MOST_KEPT:
            memo[mask] = boxes

    def _started(self, first: int, last: int) -> int:
        """The boxes of which a run starts between two cells, both included."""
        end = min(last, self.size - 1)
        low, high = -(-first // _BLOCK), (end + 1) // _BLOCK  # the whole blocks between them
        if low > high:
            return self._starting_in(range(first, end + 1))
        if low == 0:
            boxes = self._until[high]
        elif end == self.size - 1:
            boxes = self._from[low]
        else:
            boxes = 0
            for block in self._blocks[low:high]:
                boxes |= block
        return boxes | self._starting_in(range(first, low * _BLOCK)) | self._starting_in(range(high * _BLOCK, end + 1))

    def _starting_in(self, cells: Iterable[int]) -> int:
        boxes = 0
        for cell in cells:
            boxes |= self._starting[cell] if self._events is None else together(self._events[0].get(cell, ()))
        return boxes


def together(groups: Iterable[Sequence[int]]) -> int:
    """The bits of the boxes of some groups."""
    return mask_of([number for group in groups for number in group])


class Index:
    """An index of boxes by their numbers. Answers are sets of bits; their cost counts as comparisons."""

    def __init__(self, boxes: Iterable[tuple[int, Box]]) -> None:
        by_axis: dict[str, dict[int, list[int]]] = {}
        numbers: list[int] = []
        for number, box in boxes:
            numbers.append(number)
            for name, mask in box.items():
                by_axis.setdefault(name, {}).setdefault(mask, []).append(number)
        self.all = mask_of(numbers)
        self._cost = 1 + self.all.bit_length() // 4_000
        self._axes = {name: _AxisIndex(by_mask, self.all) for name, by_mask in by_axis.items()}

    def meeting(self, box: Box, bound: Bound) -> int:
        """The boxes that have a case in common with this one."""
        boxes = self.all
        bound.spend(len(box) * self._cost)
        for name, mask in box.items():
            if name in self._axes:
                boxes &= self._axes[name].meeting(mask, bound)
        return boxes

    def holding(self, box: Box, everything: Box, bound: Bound) -> int:
        """The boxes that contain this one. `everything` has the mask of all cells of each axis."""
        boxes = self.all
        bound.spend(len(self._axes) * self._cost)
        for name, mask in box.items():
            if name in self._axes:
                boxes &= self._axes[name].holding(mask, bound)
        for name, axis in self._axes.items():
            if not boxes:
                break
            if name not in box:
                boxes &= axis.holding(everything[name], bound)
        return boxes

    def within(self, box: Box, bound: Bound) -> int:
        """The boxes within this one, which has no mask of all cells."""
        boxes = self.all
        bound.spend(len(box) * self._cost)
        for name, mask in box.items():
            if name not in self._axes:
                return 0
            boxes &= ~self._axes[name].outside(mask, bound)
        return boxes


# Regions in a row of bits, so that a few operations on whole rows decide about many pairs of regions.
#
# The boxes of all regions are side by side in the row. A region of one box has that box's bit. A region of several
# boxes has the bit above theirs: adding ones to all bits of its boxes carries into that bit if any of them is set.


class Row:
    """The places of regions in a row, from how many boxes each may have."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.starts: list[int] = []
        self._bits: list[int] = []
        fields: list[int] = []
        several: list[int] = []
        place = 0
        for width in widths:
            self.starts.append(place)
            if width > 1:
                fields.extend(range(place, place + width))
                place += width
                several.append(place)
            self._bits.append(place)
            place += 1
        self._numbers = {place: number for number, place in enumerate(self._bits)}
        self._fields = mask_of(fields)
        self._several = mask_of(several)
        self.all = mask_of(self._bits)
        self.size = place

    def bit(self, number: int) -> int:
        """The place of a region's bit."""
        return self._bits[number]

    def mask(self, numbers: Iterable[int]) -> int:
        """The bits of some regions."""
        return mask_of([self._bits[number] for number in numbers])

    def number(self, place: int) -> int:
        """The region that has the bit at a place."""
        return self._numbers[place]

    def numbers(self, mask: int) -> list[int]:
        """The regions that have these bits."""
        return [self._numbers[place] for place in bits(mask)]

    def with_any(self, boxes: int) -> int:
        """Returns the bits of the regions that have at least one of these boxes."""
        if not self._several:
            return boxes
        return (((boxes & self._fields) + self._fields) & self._several) | (boxes & self.all & ~self._several)


class Regions:
    """An index of regions that have their places in a row. `row.all` may include regions without a box here."""

    def __init__(self, regions: Sequence[Sequence[Box]], row: Row, everything: Box, bound: Bound) -> None:
        self._row = row
        self._everything = everything
        self._bound = bound
        self._index = Index(
            (row.starts[number] + place, box) for number, boxes in enumerate(regions) for place, box in enumerate(boxes)
        )

    def meeting(self, boxes: Iterable[Box]) -> int:
        """Returns the regions that have a case in common with one of the boxes."""
        hits = 0
        for box in boxes:
            hits |= self._index.meeting(box, self._bound)
        return self._row.with_any(hits)

    def holding(self, boxes: Iterable[Box]) -> int:
        """The regions with boxes that contain each of these, each within a single box."""
        hits = self._row.all
        for box in boxes:
            hits &= self._row.with_any(self._index.holding(box, self._everything, self._bound))
        return hits

    def within(self, boxes: Iterable[Box]) -> int:
        """Returns the regions of which each box is within one of these, including regions without a box."""
        hits = 0
        for box in boxes:
            hits |= self._index.within(box, self._bound)
        return self._row.all & ~self._row.with_any(self._index.all & ~hits)
