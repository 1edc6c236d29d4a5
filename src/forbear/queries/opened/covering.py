"""As few boxes as can be found whose possible cases are exactly those of a formula.

One case after the other is looked for that no box has yet, with wide boxes around it, from which as few are taken as
have all cases that were found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forbear.kernel.cases import bits
from forbear.space.formulas import TRUE, Any, Formula, Neither, but_not, inside
from forbear.space.masks import lowest, runs
from forbear.space.regions import Box, TooManyBoxes, contains, intersection
from forbear.space.search.cover import grown, orders
from forbear.space.search.search import Search

MOST_BOXES = 200
"""The most boxes of an answer: more than anybody reads."""
_MOST_TRIED = 2_000


def fewest(where: Formula, possible: Formula, search: Search, cost: Callable[[Box], int], once: Box) -> list[Box]:
    """The boxes in which a formula holds, which holds of `possible` cases alone. Those of least `cost` are taken where
    there is a choice.

    What no possible case has, a box has or not, as it costs less. Of the cells in `once` a box leaves out, where it
    costs less, those whose cases other boxes have.
    """
    allowed = where if possible is TRUE else Any((where, Neither((possible,))))
    wide: list[Box] = []
    points: list[Box] = []
    chosen: list[Box] = []
    while (box := search.find(but_not(where, inside(chosen)))) is not None:
        for other in wide:  # the fewer boxes have a case, the less there is to choose
            if intersection(box, other) is not None:
                box = search.find(but_not(where, inside([other])), box) or box
        point = {name: 1 << lowest(box.get(name, mask)) for name, mask in search.masks.items()}
        points.append(point)
        around = [grown(point, order, allowed, search, search.masks) for order in orders(list(point))]
        wide += [new for at, new in enumerate(around) if new not in wide and new not in around[:at]]
        having = [sum(1 << at for at, one in enumerate(wide) if contains(one, point)) for point in points]
        chosen = [wide[at] for at in _cheapest(having, [cost(one) for one in wide])]
        if len(chosen) > MOST_BOXES:
            raise TooManyBoxes
    for place, box in enumerate(chosen):
        others = inside([*chosen[:place], *chosen[place + 1 :]])
        chosen[place] = _trimmed(box, where, but_not(where, others), search, cost, once)
    return sorted(chosen, key=lambda box: ([lowest(mask) for mask in {**search.masks, **box}.values()], cost(box)))


def _trimmed(box: Box, where: Formula, own: Formula, search: Search, cost: Callable[[Box], int], once: Box) -> Box:
    """A box of less cost, if there is one: without cells in which no case is, and without those in `once` in which none
    is of its `own`."""
    free = []
    for name, mask in box.items():
        empty = 0
        for cell in [1 << number for number in bits(mask)]:
            needed = own if cell & once.get(name, 0) else where
            empty |= cell if search.find(needed, {**box, name: cell}) is None else 0
        free += [(name, empty), *[(name, (2 << last) - (1 << first)) for first, last in runs(empty)]]
    while True:
        narrower = [{**box, name: box[name] & ~cells} for name, cells in free if box[name] & ~cells]
        best = min(narrower, key=cost, default=box)
        if cost(best) >= cost(box):
            return box
        box = best


def _cheapest(points: Sequence[int], costs: Sequence[int]) -> list[int]:
    """As few boxes as have all points, and of these those that cost least; each point is the bits of its boxes. It is
    exactly so, unless that takes too long."""
    best: list[int] = []
    least = (len(points) + 1, 0)
    tries = _MOST_TRIED

    def look(left: Sequence[int], taken: list[int], cost: int) -> None:
        nonlocal best, least, tries
        if not left:
            best, least = min((best, least), (taken, (len(taken), cost)), key=lambda one: one[1])
            return
        tries -= 1
        hardest = sorted(left, key=int.bit_count)
        met, apart = 0, 0
        for point in hardest:  # points that no box has together take a box each
            apart, met = (apart + 1, met | point) if not point & met else (apart, met)
        if best and (tries < 0 or (len(taken) + apart, cost) >= least):
            return
        for at in sorted(bits(hardest[0]), key=lambda at: (-sum(point >> at & 1 for point in left), costs[at])):
            look([point for point in left if not point >> at & 1], [*taken, at], cost + costs[at])

    look(points, [], 0)
    return best
