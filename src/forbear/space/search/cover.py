"""All cases of which a formula holds, as disjoint boxes: as few as can be found, and as wide as they go.

A box that is found is widened, axis by axis, as far as the formula holds of all of it; then the search goes on outside
of the boxes found so far. How far a box can go on an axis depends on those on which it went before, so several orders
are tried, and the box that leaves most axes free, and then holds most, is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from forbear.space.formulas import All, Formula, Inside, Neither
from forbear.space.regions import Box
from forbear.space.search.search import Search

_ORDERS = 6


def cover(formula: Formula, search: Search, masks: Mapping[str, int]) -> Iterator[Box]:
    """The boxes. Raises `BoundReached`; those that came before are boxes of the formula all the same."""
    found: list[Box] = []
    while True:
        left = All((Neither((Inside(tuple(found)),)), formula)) if found else formula
        box = search.find(left)
        if box is None:
            return
        box = _widest(box, left, search, masks)
        found.append(box)
        yield box


def _widest(box: Box, formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    axes = [name for name, mask in box.items() if mask != masks[name]]
    orders = [axes[at:] + axes[:at] for at in range(min(len(axes), _ORDERS))] or [axes]
    boxes = [_widened(box, order, formula, search, masks) for order in orders]
    return max(boxes, key=lambda one: (-len(one), _size(one, masks)))


def _widened(box: Box, order: Sequence[str], formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    """The box made as wide as the formula holds, on one axis after the other."""
    wide = {name: box[name] for name in order}
    for name in order:
        more = masks[name] & ~wide[name]
        while more:
            outside = search.find(Neither((formula,)), {**wide, name: more})
            if outside is None:
                break
            more &= ~outside[name]
        wide[name] |= more
        if wide[name] == masks[name]:
            del wide[name]
    return wide


def _size(box: Box, masks: Mapping[str, int]) -> float:
    """Which part of all cells a box holds."""
    size = 1.0
    for name, mask in box.items():
        size *= mask.bit_count() / masks[name].bit_count()
    return size
