"""Why a formula does not hold in a box: a wider box in which it does not hold either.

A search learns these boxes. Two of them that meet along one axis give a third, which covers what both cover of the axis
and what they have in common on the others. So what was refuted once is not searched again, whatever the facts that had
no part in it. These are the gap boxes and geometric resolution of Abo Khamis, Ngo and Ré, "Joins via geometric
resolutions" (PODS 2015); for splits of an axis they are the learned clauses of a SAT solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forbear.kernel.cases import bits
from forbear.space.formulas import Among
from forbear.space.regions import Box
from forbear.space.search.bound import Bound

_FEW_CELLS = 64
"""An axis of at most so many cells has a set of boxes for each cell."""


def resolved(first: Box, second: Box, axis: str, everything: Mapping[str, int]) -> Box:
    """The box that two boxes cover together along an axis."""
    masks = dict(first)
    for name, mask in second.items():
        masks[name] = masks.get(name, mask) & mask
    whole = first.get(axis, everything[axis]) | second.get(axis, everything[axis])
    if whole == everything[axis]:
        masks.pop(axis, None)
    else:
        masks[axis] = whole
    return masks


class Refuted:
    """Boxes in which a formula does not hold, to be found by the boxes within them.

    A bit stands for a box. Of an axis of few cells, each cell has the boxes that lack it; of any other axis, each mask
    has the boxes that have it.
    """

    def __init__(self, everything: Mapping[str, int]) -> None:
        self._everything = everything
        self._boxes: list[Box] = []
        self._narrow: dict[str, int] = {}
        self._lacking: dict[str, list[int]] = {}
        self._by_mask: dict[str, dict[int, int]] = {}
        self._size = 0

    def add(self, box: Box) -> None:
        bit = 1 << len(self._boxes)
        self._boxes.append(box)
        for name, mask in box.items():
            whole = self._everything[name]
            self._narrow[name] = self._narrow.get(name, 0) | bit
            if whole.bit_length() <= _FEW_CELLS:
                if name not in self._lacking:
                    self._lacking[name] = [0] * whole.bit_length()
                    self._size += whole.bit_length()
                for cell in bits(whole & ~mask):
                    self._lacking[name][cell] |= bit
            else:
                by_mask = self._by_mask.setdefault(name, {})
                self._size += mask not in by_mask
                by_mask[mask] = by_mask.get(mask, 0) | bit

    def containing(self, box: Box, bound: Bound) -> Box | None:
        """One of the boxes that contain a box; None where there is none."""
        bound.spend(self._size * (1 + len(self._boxes) // 4_000) // 4)
        candidates = (1 << len(self._boxes)) - 1
        for name, boxes in self._narrow.items():
            if name not in box:
                candidates &= ~boxes
        for name, lacking in self._lacking.items():
            if candidates and name in box:
                for cell in bits(box[name]):
                    candidates &= ~lacking[cell]
        for name, by_mask in self._by_mask.items():
            if candidates and name in box:
                current = box[name]
                for mask, boxes in by_mask.items():
                    if current & ~mask:
                        candidates &= ~boxes
        return self._boxes[candidates.bit_length() - 1] if candidates else None


class Reason:
    """The masks of a box, narrowed until the formula cannot hold in it."""

    def __init__(self, everything: Mapping[str, int]) -> None:
        self.masks: dict[str, int] = {}
        self._everything = everything

    def narrow(self, axis: str, mask: int) -> None:
        """Takes the cells outside of a mask away."""
        whole = self._everything[axis]
        left = self.masks.get(axis, whole) & mask
        if left != whole:
            self.masks[axis] = left

    def keep_in(self, outer: Box, axes: Mapping[str, str]) -> None:
        """Narrows it to the cases of a box."""
        for name, mask in outer.items():
            self.narrow(axes.get(name, name), mask)

    def keep_out(self, boxes: Iterable[Box], box: Box, axes: Mapping[str, str]) -> None:
        """Narrows it until it has no case of some boxes, none of which has a case of `box`.

        A box that differs from `box` along one axis alone leaves no choice. The others come last: of these, many are
        left out already, and the rest are left out along axes that are narrowed already, where that is enough.
        """
        several: list[tuple[list[str], Box]] = []
        for outer in boxes:
            ways = [name for name, mask in outer.items() if not box.get(name, self._everything[name]) & mask]
            if len(ways) == 1:
                self.narrow(axes.get(ways[0], ways[0]), ~outer[ways[0]])
            else:
                several.append((ways, outer))
        for ways, outer in several:
            chosen = ways[0]
            for name in ways:
                narrowed = self.masks.get(axes.get(name, name))
                if narrowed is not None:
                    chosen = name
                    if not narrowed & outer[name]:
                        break
            else:
                self.narrow(axes.get(chosen, chosen), ~outer[chosen])

    def keep_out_of_many(self, among: Among, box: Box, axes: Mapping[str, str], bound: Bound) -> None:
        """The same for many boxes, by their bits in an index."""
        index = among.index
        apart = index.apart(box, self._everything, bound)
        once = twice = 0
        for boxes in apart.values():
            twice |= once & boxes
            once |= boxes
        for choice in (~twice, twice):
            left = among.left & choice
            narrowed = {name: self.masks[axes.get(name, name)] for name in apart if axes.get(name, name) in self.masks}
            for boxes in index.apart(narrowed, self._everything, bound).values():
                left &= ~boxes
            while left:
                name = max(apart, key=lambda name: ((left & apart[name]).bit_count(), name in narrowed))
                chosen = left & apart[name]
                self.narrow(axes.get(name, name), ~index.cells(name, chosen, among.boxes, bound))
                left &= ~chosen
