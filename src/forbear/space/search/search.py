"""An exact, bounded search for a case in which a formula holds.

The search begins with the box of all cases. If the formula is true in the whole box, the box is the result. If it is
false there, the box has no such case. Otherwise the box is split along a side of one of the formula's own boxes, and
the two parts are searched. What was refuted in one part is remembered, with the reason, for the others (`Reason`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from attrs import define, field

from forbear.kernel.cases import bits
from forbear.space.formulas import All, Among, Any, At, Formula, Inside, Joined, Leaf, Neither
from forbear.space.masks import lowest
from forbear.space.regions import Box
from forbear.space.relations.cases import RelatedCases
from forbear.space.search.bound import Bound

# Why a formula does not hold in a box: a wider box in which it does not hold either.
#
# A search learns these boxes. Two of them that meet along one axis give a third, which covers what both cover of the
# axis and what they have in common on the others. So what was refuted once is not searched again, whatever the facts
# that had no part in it. These are the gap boxes and geometric resolution of Abo Khamis, Ngo and Ré, "Joins via
# geometric resolutions" (PODS 2015); for splits of an axis they are the learned clauses of a SAT solver.


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
    """Boxes in which a formula does not hold, indexed by the boxes within them.

    A bit stands for a box. On an axis of few cells, each cell has the boxes that lack it; on any other axis, each mask
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
        """Returns one of the boxes that contain a box; None if there is none."""
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
        """Narrows the reason until it has no case of some boxes, none of which has a case of `box`.

        A box that differs from `box` along one axis alone leaves no choice. The others come last: many of them are
        excluded by then, and the rest are excluded along axes that are narrowed already, if that is enough.
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


_FEW = 16
"""The most boxes of an index that are compared one by one."""


class Search:
    """A search. Its work is bounded, and counted as comparisons of boxes.

    With `related`, it looks for cases in which the forms of facts have the values that they have.
    """

    def __init__(self, masks: Mapping[str, int], bound: Bound, related: RelatedCases | None = None) -> None:
        self.masks = masks
        self._bound = bound
        self._related = related
        self._refuted_by: dict[int, tuple[Formula, Refuted]] = {}

    def find(self, formula: Formula, start: Box | None = None) -> Box | None:
        """Returns a box within `start` that has a case, and in all of which the formula holds; None if there is none.

        Raises `BoundReached`, and `Unsolved` if there are relations.
        """
        refuted = self._refuted_by.setdefault(id(formula), (formula, Refuted(self.masks)))[1]
        box, remaining = start or {}, formula
        branches: list[_Branch] = []
        while True:
            self._bound.spend(10)
            self._bound.between()
            reason = refuted.containing(box, self._bound)
            if reason is None:
                simpler = self.simplified(remaining, box)
                reason = None if simpler is False else self._excluded(box)
                if reason is None and simpler is True:
                    return box
                if reason is None and not isinstance(simpler, bool):
                    name, mask = self._split(simpler, box)
                    branches.append(_Branch(box, simpler, name, box.get(name, self.masks[name]) & ~mask))
                    box, remaining = {**box, name: box.get(name, self.masks[name]) & mask}, simpler
                    continue
                if not branches:
                    return None
                if reason is None:
                    reason = self._why_not(formula, box)
                refuted.add(reason)
            while branches:
                branch = branches[-1]
                current = branch.box.get(branch.axis, self.masks[branch.axis])
                if not current & ~reason.get(branch.axis, current):
                    branches.pop()  # the reason has the other part of the box too
                    continue
                if branch.reason is None:
                    branch.reason = reason
                    box, remaining = {**branch.box, branch.axis: branch.other}, branch.formula
                    break
                reason = resolved(branch.reason, reason, branch.axis, self.masks)
                refuted.add(reason)
                branches.pop()
            else:
                return None

    def _excluded(self, box: Box) -> Box | None:
        """Returns a box around this one that has no case; None if it has one."""
        return None if self._related is None else self._related.excluded(box, self.masks, self._bound)

    def narrowed(self, box: Box) -> Box:
        """The cells of one case of a box, as far as relations matter in it. The box must have a case."""
        return box if self._related is None else self._related.narrowed(box, self.masks, self._bound)

    def holds(self, formula: Formula, box: Box) -> bool:
        """Returns true if a formula holds in all of a box; false also if only a search could show it."""
        return self.simplified(formula, box) is True

    def simplified(self, formula: Formula, box: Box) -> Formula | bool:
        """A formula that is equivalent within a box: True or False where its parts decide it, else what remains of it.

        A shared part is simplified once. Open parts are on an explicit stack, as they may be nested by the thousand.
        """
        return self._leaf(formula, box) if isinstance(formula, Leaf) else self._evaluated(formula, _Cases(box))

    def _evaluated(self, formula: Joined, cases: _Cases) -> Formula | bool:
        stack = [_Open(formula, cases.here)]
        while True:
            top = stack[-1]
            case = cases.of(top.formula, top.case)
            part = self._look(top, case)
            if part is not None:
                stack.append(_Open(part, case))
                continue
            top.case.known[id(top.formula)] = top.result
            stack.pop()
            if not stack:
                return top.result

    def _look(self, top: _Open, case: _Case) -> Joined | None:
        """Simplifies the parts of a joined formula. Returns the first joined part that must be simplified before it;
        None if there is none, and the result is known.
        """
        formula = top.formula
        self._bound.spend(1)
        simpler: Formula | bool
        for part in formula.parts[top.at :]:
            if isinstance(part, Inside):  # most of them
                simpler = self._inside(part, part.boxes, case.box)
            elif isinstance(part, Leaf):
                simpler = self._leaf(part, case.box)
            elif id(part) in case.known:
                simpler = case.known[id(part)]
            else:
                return part
            top.at += 1
            if simpler is not True and simpler is not False:
                top.left.append(simpler)
                top.same = top.same and simpler is part
            elif isinstance(formula, At):
                top.result = simpler
            elif simpler is not isinstance(formula, All):
                top.result = isinstance(formula, Any)
                return None
        if top.left:
            top.result = formula if top.same and len(top.left) == len(formula.parts) else _joined(formula, top.left)
        elif not isinstance(formula, At):
            top.result = not isinstance(formula, Any)
        return None

    def _leaf(self, formula: Leaf, box: Box) -> Formula | bool:
        match formula:
            case Inside(boxes):
                return self._inside(formula, boxes, box)
            case Among(boxes, index, left):
                meeting = left & index.meeting(box, self._bound)
                if not meeting:
                    return False
                if meeting.bit_count() <= _FEW:
                    few = Inside(tuple([boxes[number] for number in bits(meeting)]))
                    return self._inside(few, few.boxes, box)
                if meeting & index.holding(box, self.masks, self._bound):
                    return True
                return formula if meeting == left else Among(boxes, index, meeting)
            case never:
                assert_never(never)

    def _inside(self, formula: Inside, boxes: tuple[Box, ...], box: Box) -> Inside | bool:
        self._bound.spend(len(boxes))
        masks = self.masks
        meeting = []
        for outer in boxes:
            within = True
            for name, mask in outer.items():
                current = box[name] if name in box else masks[name]
                if not current & mask:
                    break  # the two are disjoint
                if current & ~mask:
                    within = False
            else:
                if within:
                    return True
                meeting.append(outer)
        if not meeting:
            return False
        return formula if len(meeting) == len(boxes) else Inside(tuple(meeting))

    def _holds_all(self, outer: Box, box: Box) -> bool:
        """Returns true if a box is within another."""
        return not any(box.get(name, self.masks[name]) & ~mask for name, mask in outer.items())

    def _why_not(self, formula: Formula, box: Box) -> Box:
        """A box around `box` in which the formula does not hold, as it does not hold in `box`."""
        cases = _Cases(box)
        reason = Reason(self.masks)
        if isinstance(formula, Leaf):
            self._explain(formula, False, cases.here, reason)
            return reason.masks
        self._evaluated(formula, cases)
        stack: list[tuple[Formula, bool, _Case]] = [(formula, False, cases.here)]
        visited = set()
        while stack:
            top, result, case = stack.pop()
            if (id(top), id(case)) in visited:
                continue
            visited.add((id(top), id(case)))
            self._bound.spend(1)
            if isinstance(top, Leaf):
                self._explain(top, result, case, reason)
                continue
            case = cases.of(top, case)
            expected = result != isinstance(top, Neither)
            if isinstance(top, At) or result is not isinstance(top, Any):
                stack += [(part, expected, case) for part in top.parts]
            else:
                stack.append((next(part for part in top.parts if self._is(part, expected, case)), expected, case))
        return reason.masks

    def _is(self, part: Formula, result: bool, case: _Case) -> bool:
        known = self._leaf(part, case.box) if isinstance(part, Leaf) else case.known.get(id(part))
        return known is result

    def _explain(self, formula: Leaf, result: bool, case: _Case, reason: Reason) -> None:
        axes = {} if case.at is None else case.at.renamed
        match formula:
            case Inside(boxes):
                self._bound.spend(len(boxes))
                if result:
                    around = [outer for outer in boxes if self._holds_all(outer, case.box)]
                    reason.keep_in(min(around, key=len), axes)
                else:
                    reason.keep_out(boxes, case.box, axes)
            case Among(boxes, index, left):
                if result:
                    around = [boxes[number] for number in bits(left & index.holding(case.box, self.masks, self._bound))]
                    reason.keep_in(min(around, key=len), axes)
                else:
                    self._bound.spend(left.bit_count())
                    reason.keep_out([boxes[number] for number in bits(left)], case.box, axes)
            case never:
                assert_never(never)

    def _split(self, formula: Formula, box: Box) -> tuple[str, int]:
        """Returns an axis, and those of its cells to search first: a side of a box of the formula that divides this
        box.

        It is a side of the formula's first open part, so the most restrictive part of a formula should come first. The
        cells are inside the formula's box if the formula holds inside it, and outside otherwise.
        """
        inside = True
        at = None
        while not isinstance(formula, Leaf):
            inside = inside != isinstance(formula, Neither)
            if isinstance(formula, At):
                at, box = formula, _as_at(formula, box)
            formula = formula.parts[0]
        first = formula.boxes[lowest(formula.left)] if isinstance(formula, Among) else formula.boxes[0]
        name, mask = self._edge(first, box)
        if not inside:
            mask = self.masks[name] & ~mask
        return (name if at is None else at.renamed.get(name, name)), mask

    def _edge(self, divider: Box, box: Box) -> tuple[str, int]:
        for name, mask in divider.items():
            current = box.get(name, self.masks[name])
            if current & ~mask:
                return name, mask
        raise AssertionError(divider)


@define(slots=True, eq=False)
class _Case:
    """The cases of a box, and what formulas, by their identity, are simplified to there."""

    box: Box
    at: At | None = None
    known: dict[int, Formula | bool] = field(factory=dict)


class _Cases:
    """The case of a box, and the other cases that formulas are about there (`At`)."""

    def __init__(self, box: Box) -> None:
        self.here = _Case(box)
        self._others: dict[tuple[str, str], _Case] = {}

    def of(self, formula: Joined, case: _Case) -> _Case:
        """The case that the parts of a formula are about, which is itself about `case`."""
        if not isinstance(formula, At):
            return case
        derived = self._others.get((formula.name, formula.new))
        if derived is None:
            derived = self._others[formula.name, formula.new] = _Case(_as_at(formula, self.here.box), formula)
        return derived


@define(slots=True, eq=False)
class _Branch:
    """A box that was split along an axis: what remains of the formula there, the part of the axis to search second, and
    why the formula does not hold in the first part, when that is known."""

    box: Box
    formula: Formula
    axis: str
    other: int
    reason: Box | None = None


@define(slots=True, eq=False)
class _Open:
    """A joined formula of which the parts before `at` are simplified; `left` is what remains of them."""

    formula: Joined
    case: _Case
    at: int = 0
    left: list[Formula] = field(factory=list)
    same: bool = True
    result: Formula | bool = False


def _joined(formula: Joined, parts: list[Formula]) -> Formula:
    match formula:
        case At(name=name, new=new, forms=forms):
            return At(parts[0], name, new, forms)
        case Neither():
            return Neither(tuple(parts))
        case All() | Any():
            return parts[0] if len(parts) == 1 else type(formula)(tuple(parts))
        case never:
            assert_never(never)


def _as_at(formula: At, box: Box) -> Box:
    """The box of the other case, in terms of the axes of the first."""
    renamed = formula.renamed
    renamed_box = {name: mask for name, mask in box.items() if name not in renamed}
    renamed_box.update({name: box[new] for name, new in renamed.items() if new in box})
    return renamed_box
