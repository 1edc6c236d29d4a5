"""As few boxes as can be found whose cases are exactly those of a function with one value.

First the widest boxes: those that have no other case, and cannot be widened on any axis. The fewest boxes there can be
are among them. Then as few of these as have every case together: exactly the fewest, unless that takes too long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from forbear.queries.opened.diagrams import Diagrams, Node, TooLarge

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
        for cells_of_axis in classes:
            number *= len(cells_of_axis)
        if number > MOST_CELLS:
            raise TooLarge
        object.__setattr__(self, "classes", classes)

    def boxes(
        self, value: object, no_case: object, cost: Callable[[Masks], int], once: Masks | None = None
    ) -> list[Masks]:
        """The boxes in which the function has a value. Those of least `cost` are taken where there is a choice.

        Where the function is `no_case`, a box may be or not: it is there where that costs less. Of the cells in `once`
        a box leaves out, where it costs less, those whose cases other boxes have.
        """
        wanted_cases = self._cases(self.node, 0, lambda value_there: value_there == value, {})
        excluded = [
            tuple([box.get(level, mask) for level, mask in enumerate(self.whole)])
            for box, value_there in self.diagrams.boxes(self.node)
            if value_there not in (value, no_case)
        ]
        widest = _widest(self.whole, excluded) or self._widened(value, no_case)
        fewest = _fewest(wanted_cases, {box: self._cases_in(box) for box in widest}, cost)
        for place, box in enumerate(fewest):
            elsewhere = 0
            for other_box in (*fewest[:place], *fewest[place + 1 :]):
                elsewhere |= self._cases_in(other_box)
            fewest[place] = self._trimmed(box, wanted_cases, wanted_cases & ~elsewhere, once, cost)
        return sorted(fewest, key=lambda box: [(mask & -mask).bit_length() for mask in box])

    def _cases(self, node: Node, level: int, holds: Callable[[object], bool], known: dict[tuple[int, int], int]) -> int:
        """The cases in which a function has some value: a bit for each, those of the last axis next to each other."""
        if level == len(self.whole):
            return int(holds(self.diagrams.value(node)))
        key = (node, level)
        if key not in known:
            width = 1
            for cells_of_axis in self.classes[level + 1 :]:
                width *= len(cells_of_axis)
            mask = 0
            for place, cells in enumerate(self.classes[level]):
                child = self.diagrams.child(node, level, (cells & -cells).bit_length() - 1)
                mask |= self._cases(child, level + 1, holds, known) << place * width
            known[key] = mask
        return known[key]

    def _cases_in(self, box: Masks) -> int:
        """The cases of a box."""
        mask, width = 1, 1
        for classes_of_axis, cells in zip(reversed(self.classes), reversed(box), strict=True):
            wider = 0
            for place, class_ in enumerate(classes_of_axis):
                if class_ & cells:
                    wider |= mask << place * width
            mask = wider
            width *= len(classes_of_axis)
        return mask

    def _trimmed(self, box: Masks, wanted: int, own: int, once: Masks | None, cost: Callable[[Masks], int]) -> Masks:
        """A box of less cost, if there is one: without cells in which none of the `wanted` cases is, and without those
        in `once` in which none is that are its `own` alone."""
        free = [
            (level, cells)
            for level, classes_of_axis in enumerate(self.classes)
            for cells in classes_of_axis
            if cells & box[level]
            and not (own if once is not None and not cells & ~once[level] else wanted)
            & self._cases_in((*box[:level], cells, *box[level + 1 :]))
        ]
        trimmed = box
        while True:
            narrower = [
                (*trimmed[:level], trimmed[level] & ~cells, *trimmed[level + 1 :])
                for level, cells in free
                if cells & trimmed[level]
            ]
            best = min(narrower, key=cost, default=trimmed)
            if cost(best) >= cost(trimmed):
                return trimmed
            trimmed = best

    def _widened(self, value: object, no_case: object) -> list[Masks]:
        """Boxes that have all cases of a value and no other, each as wide as it can be made from one of them."""
        allowed = self._cases(self.node, 0, lambda value_there: value_there in (value, no_case), {})
        widened: dict[Masks, None] = {}
        for box, value_there in self.diagrams.boxes(self.node):
            if value_there == value:
                start = [box.get(level, mask) for level, mask in enumerate(self.whole)]
                levels = range(len(start))
                for first in levels:
                    wide = list(start)
                    for level in (*levels[first:], *levels[:first]):
                        for cells in self.classes[level]:
                            wider = (*wide[:level], wide[level] | cells, *wide[level + 1 :])
                            if not self._cases_in(wider) & ~allowed:
                                wide[level] |= cells
                    widened[tuple(wide)] = None
        return list(widened)


def _widest(whole: Masks, excluded: Sequence[Masks]) -> list[Masks]:
    """All boxes that have no case of the others, and of which none is within another; none if they are too many."""
    widest = [whole]
    for excluded_box in excluded:
        apart, cut = [], []
        for box in widest:
            if all(side & mask for side, mask in zip(box, excluded_box, strict=True)):
                cut += [
                    (*box[:level], mask & ~excluded_box[level], *box[level + 1 :])
                    for level, mask in enumerate(box)
                    if mask & ~excluded_box[level]
                ]
            else:
                apart.append(box)
        for box in dict.fromkeys(cut):
            if not any(_within(box, wider_box) for wider_box in (*apart, *cut) if wider_box != box):
                apart.append(box)
        widest = apart
        if len(widest) > _MOST_BOXES:
            return []
    return widest


def _within(box: Masks, outer: Masks) -> bool:
    return not any(side & ~mask for side, mask in zip(box, outer, strict=True))


def _fewest(needed: int, boxes: Mapping[Masks, int], cost: Callable[[Masks], int]) -> list[Masks]:
    """As few boxes as have all cases together that are wanted, and of these those of the least cost."""
    costs = {box: cost(box) for box in boxes}
    most = sum(costs.values()) + 1  # one box more costs more than any others
    search = _Search([(box, cases & needed, most + costs[box]) for box, cases in boxes.items()])
    return search.found(needed)


@define
class _Search:
    """A search for boxes of the least cost that have some cases: the branch and bound of set covers."""

    boxes: Sequence[tuple[Masks, int, int]]
    best: list[Masks] = field(factory=list, init=False)
    least: int = field(default=0, init=False)
    work: int = field(default=_MOST_WORK, init=False)

    def found(self, needed: int) -> list[Masks]:
        self.best = self._greedily(needed)
        costs = {box: cost for box, _, cost in self.boxes}
        self.least = sum(costs[box] for box in self.best)
        self._look(needed, self.boxes, [], 0)
        return self.best

    def _greedily(self, needed: int) -> list[Masks]:
        chosen = []
        left = needed
        while left:
            box = max(self.boxes, key=lambda candidate: ((candidate[1] & left).bit_count(), -candidate[2]))
            chosen.append(box)
            left &= ~box[1]
        for box in list(chosen):
            covered = 0
            for other_box in chosen:
                covered |= other_box[1] if other_box is not box else 0
            if not needed & ~covered:
                chosen.remove(box)
        return [box for box, _, _ in chosen]

    def _look(self, left: int, boxes: Sequence[tuple[Masks, int, int]], chosen: list[Masks], cost: int) -> None:
        if not left:
            if cost < self.least:
                self.best, self.least = chosen, cost
            return
        self.work -= 1
        useful = _undominated([(box, cases & left, own_cost) for box, cases, own_cost in boxes if cases & left])
        hardest, bound = self._hardest(left, useful)
        if self.work < 0 or cost + bound >= self.least:
            return
        for box, cases, own_cost in sorted(hardest, key=lambda candidate: (-candidate[1].bit_count(), candidate[2])):
            self._look(left & ~cases, useful, [*chosen, box], cost + own_cost)

    @staticmethod
    def _hardest(left: int, boxes: Sequence[tuple[Masks, int, int]]) -> tuple[Sequence[tuple[Masks, int, int]], int]:
        """The boxes of a case that the fewest have, and what boxes for cases that none has in common cost at least."""
        hardest: Sequence[tuple[Masks, int, int]] = boxes
        bound = 0
        remaining = left
        while remaining:
            bit = remaining & -remaining
            having = [candidate for candidate in boxes if candidate[1] & bit]
            if len(having) < len(hardest):
                hardest = having
            bound += min(cost for _, _, cost in having)
            for _, cases, _ in having:
                remaining &= ~cases
        return hardest, bound


def _undominated(boxes: Sequence[tuple[Masks, int, int]]) -> list[tuple[Masks, int, int]]:
    """The boxes without those of which another has all cases, and costs no more."""
    remaining: list[tuple[Masks, int, int]] = []
    for candidate in sorted(boxes, key=lambda box: (-box[1].bit_count(), box[2])):
        if not any(not candidate[1] & ~better[1] and better[2] <= candidate[2] for better in remaining):
            remaining.append(candidate)
    return remaining
