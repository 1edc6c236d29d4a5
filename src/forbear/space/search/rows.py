"""Regions in a row of bits, so that a few operations on whole rows decide about many pairs of regions.

The boxes of all regions are side by side in the row. A region of one box has that box's bit. A region of several boxes
has the bit above theirs: adding ones to all bits of its boxes carries into that bit if any of them is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forbear.kernel.cases import bits
from forbear.space.masks import mask_of
from forbear.space.regions import Box
from forbear.space.search.bound import Bound
from forbear.space.search.index import Index


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
        """The bits of the regions that have at least one of these boxes."""
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
        """The regions that have a case in common with one of the boxes."""
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
        """The regions of which each box is within one of these, including regions without a box."""
        hits = 0
        for box in boxes:
            hits |= self._index.within(box, self._bound)
        return self._row.all & ~self._row.with_any(self._index.all & ~hits)
