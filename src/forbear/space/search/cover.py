"""All cases in which a formula holds, as few and wide disjoint boxes.

Each box that is found is widened, axis by axis, as long as the formula holds in all of it. The search then continues
outside of the boxes found so far. How far a box can be widened on an axis depends on the axes before it. So several
orders are tried, and the box is kept that leaves most axes free, and among those the one with most cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from forbear.space.formulas import All, Formula, Inside, Neither
from forbear.space.regions import Box
from forbear.space.search.search import Search

_ORDERS = 6


def cover(formula: Formula, search: Search, masks: Mapping[str, int]) -> Iterator[Box]:
    """The boxes, disjoint. Raises `BoundReached`; the formula holds in the boxes that came before that too."""
    covered: list[Box] = []
    while True:
        left = All((Neither((Inside(tuple(covered)),)), formula)) if covered else formula
        box = search.find(left)
        if box is None:
            return
        box = _widest(box, left, search, masks)
        covered.append(box)
        yield box


def _widest(box: Box, formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    axes = [name for name, mask in box.items() if mask != masks[name]]
    boxes = [grown(box, order, formula, search, masks) for order in orders(axes)]
    return max(boxes, key=lambda wide: (-len(wide), _size(wide, masks)))


def orders(axes: Sequence[str]) -> list[Sequence[str]]:
    """Orders in which a box may be widened on some axes."""
    return [[*axes[at:], *axes[:at]] for at in range(min(len(axes), _ORDERS))] or [axes]


def grown(box: Box, order: Sequence[str], formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    """The box, widened on one axis after the other as long as the formula holds in all of it."""
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
    """The share of all cells that a box has."""
    size = 1.0
    for name, mask in box.items():
        size *= mask.bit_count() / masks[name].bit_count()
    return size
