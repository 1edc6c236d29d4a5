"""The index: for each cell of each axis, the boxes that it satisfies, a bit each.

One sweep over it proposes, for each box, all boxes with which it has a case in common, and all within which it lies.
Bit vectors by dimension are Lakshman and Stiliadis's packet classifier (SIGCOMM 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.predicates.specs import mask_of
from forbear.space.axes import DAY, Space
from forbear.space.regions import Box

_BLOCK = 32


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The first and last cell of each unbroken run of a mask."""
    at = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        at += gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield at, at + length - 1
        mask >>= length
        at += length


class _AxisIndex:
    """The boxes by the cells of one axis. `free` are those that leave it free."""

    def __init__(self, masks: Sequence[int | None], size: int) -> None:
        self.free = mask_of([number for number, mask in enumerate(masks) if mask is None])
        starting: list[list[int]] = [[] for _ in range(size)]
        ending: list[list[int]] = [[] for _ in range(size + 1)]
        for number, mask in enumerate(masks):
            if mask is not None:
                for first, last in runs(mask):
                    starting[first].append(number)
                    ending[last + 1].append(number)
        self.started = [mask_of(numbers) for numbers in starting]
        self.at: list[int] = []
        current = 0
        for cell in range(size):
            current = (current & ~mask_of(ending[cell])) | self.started[cell]
            self.at.append(current)
        self.blocks = [0] * (size // _BLOCK + 1)
        for cell, started in enumerate(self.started):
            self.blocks[cell // _BLOCK] |= started
        self.size = size
        self._meeting: dict[int, int] = {}

    def meeting(self, mask: int) -> int:
        """The boxes that have a cell of the mask."""
        found = self._meeting.get(mask)
        if found is None:
            found = self.free
            for first, last in runs(mask):
                found |= self.at[first] | self._started(first + 1, last)
            self._meeting[mask] = found
        return found

    def _started(self, first: int, last: int) -> int:
        """The boxes of which a run starts between two cells, both included."""
        found = 0
        cell = first
        while cell <= last:
            if cell % _BLOCK == 0 and cell + _BLOCK - 1 <= last:
                found |= self.blocks[cell // _BLOCK]
                cell += _BLOCK
            else:
                found |= self.started[cell]
                cell += 1
        return found

    def holding(self, mask: int | None) -> int:
        """The boxes that may have all cells of the mask: those that have the ends of its runs."""
        found = -1
        for first, last in runs(mask) if mask is not None else [(0, self.size - 1)]:
            found &= self.at[first] & self.at[last]
        return found | self.free


class Index:
    """An index of boxes, each called by its number."""

    def __init__(self, boxes: Sequence[Box], cut: Space) -> None:
        self.all = (1 << len(boxes)) - 1
        sizes = {**{name: axis.size for name, axis in cut.axes.items()}, DAY: len(cut.days)}
        used = {name for box in boxes for name in box}
        self._axes = {name: _AxisIndex([box.get(name) for box in boxes], sizes[name]) for name in sizes if name in used}

    def meeting(self, box: Box) -> int:
        """The boxes that have a case in common with this one: exactly."""
        found = self.all
        for name, mask in box.items():
            if name in self._axes:
                found &= self._axes[name].meeting(mask)
        return found

    def holding(self, box: Box) -> int:
        """The boxes within which this one may lie; whoever asks looks at each."""
        found = self.all
        for name, axis in self._axes.items():
            found &= axis.holding(box.get(name))
        return found
