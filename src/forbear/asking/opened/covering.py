"""As few boxes as can be found whose cases are exactly those of a function with one value.

First the widest boxes: those that have no other case, and cannot be widened on any axis. The fewest boxes there can be
are among them. Then as few of these as have every case together: exactly the fewest, unless that takes too long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from forbear.asking.opened.diagrams import Diagrams, Node, TooLarge

Masks = tuple[int, ...]
"""A box: its cells on each axis."""

MOST_CELLS = 1 << 20
"""The most cases, as far as a function tells them apart."""
_MOST_BOXES = 1_500
_MOST_WORK = 20_000


@frozen(slots=False)
class Covering:
    """The boxes of a function's values. `whole` has all cells of each axis."""

    diagrams: Diagrams
    node: Node
    whole: Masks
    classes: Sequence[Sequence[int]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        classes = self.diagrams.classes(self.node)
        number = 1
        for its in classes:
            number *= len(its)
        if number > MOST_CELLS:
            raise TooLarge
        object.__setattr__(self, "classes", classes)

    def boxes(self, value: object, no_case: object, cost: Callable[[Masks], int]) -> list[Masks]:
        """The boxes in which the function has a value. Those of least `cost` are taken where there is a choice.

        Where the function is `no_case`, a box may be or not.
        """
        wanted = self._cases(self.node, 0, lambda one: one == value, {})
        others = [
            tuple([box.get(level, mask) for level, mask in enumerate(self.whole)])
            for box, one in self.diagrams.boxes(self.node)
            if one not in (value, no_case)
        ]
        widest = _widest(self.whole, others) or self._widened(value, no_case)
        found = _fewest(wanted, {box: self._cases_in(box) for box in widest}, cost)
        return sorted(found, key=lambda box: [(mask & -mask).bit_length() for mask in box])

    def _cases(self, node: Node, level: int, holds: Callable[[object], bool], known: dict[tuple[int, int], int]) -> int:
        """The cases in which a function has some value: a bit for each, those of the last axis next to each other."""
        if level == len(self.whole):
            return int(holds(self.diagrams.value(node)))
        key = (node, level)
        if key not in known:
            width = 1
            for its in self.classes[level + 1 :]:
                width *= len(its)
            mask = 0
            for place, cells in enumerate(self.classes[level]):
                child = self.diagrams.child(node, level, (cells & -cells).bit_length() - 1)
                mask |= self._cases(child, level + 1, holds, known) << place * width
            known[key] = mask
        return known[key]

    def _cases_in(self, box: Masks) -> int:
        """The cases of a box."""
        mask, width = 1, 1
        for its, cells in zip(reversed(self.classes), reversed(box), strict=True):
            wider = 0
            for place, one in enumerate(its):
                if one & cells:
                    wider |= mask << place * width
            mask = wider
            width *= len(its)
        return mask

    def _widened(self, value: object, no_case: object) -> list[Masks]:
        """Boxes that have all cases of a value and no other, each as wide as it can be made from one of them."""
        allowed = self._cases(self.node, 0, lambda one: one in (value, no_case), {})
        found: dict[Masks, None] = {}
        for box, one in self.diagrams.boxes(self.node):
            if one == value:
                start = [box.get(level, mask) for level, mask in enumerate(self.whole)]
                levels = range(len(start))
                for first in levels:
                    wide = list(start)
                    for level in (*levels[first:], *levels[:first]):
                        for cells in self.classes[level]:
                            wider = (*wide[:level], wide[level] | cells, *wide[level + 1 :])
                            if not self._cases_in(wider) & ~allowed:
                                wide[level] |= cells
                    found[tuple(wide)] = None
        return list(found)


def _widest(whole: Masks, others: Sequence[Masks]) -> list[Masks]:
    """All boxes that have no case of the others, and of which none is within another; none if they are too many."""
    found = [whole]
    for other in others:
        apart, cut = [], []
        for box in found:
            if all(one & mask for one, mask in zip(box, other, strict=True)):
                cut += [
                    (*box[:level], mask & ~other[level], *box[level + 1 :])
                    for level, mask in enumerate(box)
                    if mask & ~other[level]
                ]
            else:
                apart.append(box)
        for box in dict.fromkeys(cut):
            if not any(_within(box, one) for one in (*apart, *cut) if one != box):
                apart.append(box)
        found = apart
        if len(found) > _MOST_BOXES:
            return []
    return found


def _within(box: Masks, other: Masks) -> bool:
    return not any(one & ~mask for one, mask in zip(box, other, strict=True))


def _fewest(wanted: int, boxes: Mapping[Masks, int], cost: Callable[[Masks], int]) -> list[Masks]:
    """As few boxes as have all cases together that are wanted, and of these those of the least cost."""
    costs = {box: cost(box) for box in boxes}
    most = sum(costs.values()) + 1  # one box more costs more than any others
    search = _Search([(box, cases & wanted, most + costs[box]) for box, cases in boxes.items()])
    return search.found(wanted)


@define
class _Search:
    """A search for boxes of the least cost that have some cases: the branch and bound of set covers."""

    boxes: Sequence[tuple[Masks, int, int]]
    best: list[Masks] = field(factory=list, init=False)
    least: int = field(default=0, init=False)
    work: int = field(default=_MOST_WORK, init=False)

    def found(self, wanted: int) -> list[Masks]:
        self.best = self._greedily(wanted)
        costs = {box: cost for box, _, cost in self.boxes}
        self.least = sum(costs[box] for box in self.best)
        self._look(wanted, self.boxes, [], 0)
        return self.best

    def _greedily(self, wanted: int) -> list[Masks]:
        chosen = []
        left = wanted
        while left:
            box = max(self.boxes, key=lambda one: ((one[1] & left).bit_count(), -one[2]))
            chosen.append(box)
            left &= ~box[1]
        for box in list(chosen):
            others = 0
            for one in chosen:
                others |= one[1] if one is not box else 0
            if not wanted & ~others:
                chosen.remove(box)
        return [box for box, _, _ in chosen]

    def _look(self, left: int, boxes: Sequence[tuple[Masks, int, int]], chosen: list[Masks], cost: int) -> None:
        if not left:
            if cost < self.least:
                self.best, self.least = chosen, cost
            return
        self.work -= 1
        useful = _undominated([(box, cases & left, its) for box, cases, its in boxes if cases & left])
        hardest, bound = self._hardest(left, useful)
        if self.work < 0 or cost + bound >= self.least:
            return
        for box, cases, its in sorted(hardest, key=lambda one: (-one[1].bit_count(), one[2])):
            self._look(left & ~cases, useful, [*chosen, box], cost + its)

    @staticmethod
    def _hardest(left: int, boxes: Sequence[tuple[Masks, int, int]]) -> tuple[Sequence[tuple[Masks, int, int]], int]:
        """The boxes of a case that the fewest have, and what boxes for cases that none has in common cost at least."""
        hardest: Sequence[tuple[Masks, int, int]] = boxes
        bound = 0
        remaining = left
        while remaining:
            bit = remaining & -remaining
            having = [one for one in boxes if one[1] & bit]
            if len(having) < len(hardest):
                hardest = having
            bound += min(cost for _, _, cost in having)
            for _, cases, _ in having:
                remaining &= ~cases
        return hardest, bound


def _undominated(boxes: Sequence[tuple[Masks, int, int]]) -> list[tuple[Masks, int, int]]:
    """The boxes without those of which another has all cases, and costs no more."""
    kept: list[tuple[Masks, int, int]] = []
    for one in sorted(boxes, key=lambda box: (-box[1].bit_count(), box[2])):
        if not any(not one[1] & ~other[1] and other[2] <= one[2] for other in kept):
            kept.append(one)
    return kept
