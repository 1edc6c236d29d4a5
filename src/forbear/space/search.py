"""Is there a case? An exact, bounded search for a case of which a formula holds.

A formula joins unions of boxes by and, or and not. The search holds a box of cases, at first all: where the formula is
true of the whole box it has found what it looks for; where it is false of the whole box there is nothing in it; else
it splits the box along the edge of one of the formula's own boxes, and goes on. A formula may look at several cases at
once that are alike but for one fact: each has an axis of its own for that fact (`renamed`), and `Less` sets them in
order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, assert_never

from attrs import define, frozen

from forbear.space.regions import Box


@frozen(eq=False)
class Inside:
    """The case lies in one of the boxes."""

    boxes: tuple[Box, ...]


@frozen(eq=False)
class Less:
    """On two axes that have the same cells, the case's cell on the one comes before its cell on the other; or with
    `step` 0 before it or at it."""

    lower: str
    higher: str
    step: int = 1


@frozen(eq=False)
class Neither:
    """None of the parts holds."""

    parts: tuple[Formula, ...]


@frozen(eq=False)
class All:
    parts: tuple[Formula, ...]


@frozen(eq=False)
class Any:
    parts: tuple[Formula, ...]


Formula: TypeAlias = Inside | Less | Neither | All | Any

TRUE: Formula = All(())
FALSE: Formula = Any(())


class BoundReached(Exception):
    """The search gave up: nothing is known of what it had not seen."""


@define
class Bound:
    """How many boxes searches may still compare; several searches share one."""

    left: int

    def spend(self, boxes: int) -> None:
        self.left -= boxes
        if self.left < 0:
            raise BoundReached


class Search:
    """A search. Its work is counted in boxes that it compares, and bounded."""

    def __init__(self, masks: Mapping[str, int], bound: Bound) -> None:
        self._masks = masks
        self._bound = bound

    def find(self, formula: Formula, start: Box | None = None) -> Box | None:
        """A box of which the formula holds, all of it; None where there is no case. Raises `BoundReached`."""
        stack: list[tuple[Box, Formula]] = [(start or {}, formula)]
        while stack:
            box, left = stack.pop()
            self._bound.spend(10)
            simpler = self._simplify(left, box)
            if simpler is True:
                return box
            if simpler is False:
                continue
            name, mask = self._split(simpler, box)
            mine = box.get(name, self._masks[name])
            stack.append(({**box, name: mine & ~mask}, simpler))
            stack.append(({**box, name: mine & mask}, simpler))  # looked at first
        return None

    def holds(self, formula: Formula, box: Box) -> bool:
        """Whether a formula holds of all of a box."""
        return self._simplify(formula, box) is True

    def _simplify(self, formula: Formula, box: Box) -> Formula | bool:
        """What is left to be known of a formula inside a box."""
        match formula:
            case Inside(boxes):
                meeting = []
                self._bound.spend(len(boxes))
                for one in boxes:
                    relation = self._relation(one, box)
                    if relation is True:
                        return True
                    if relation is None:
                        meeting.append(one)
                if not meeting:
                    return False
                return formula if len(meeting) == len(boxes) else Inside(tuple(meeting))
            case Less(lower, higher, step):
                low = box.get(lower, self._masks[lower])
                high = box.get(higher, self._masks[higher])
                if low.bit_length() - 1 + step <= _lowest(high):
                    return True
                return formula if _lowest(low) + step <= high.bit_length() - 1 else False
            case Neither(parts):
                return self._join(parts, box, True, False, Neither)
            case Any(parts):
                return self._join(parts, box, True, True, Any)
            case All(parts):
                return self._join(parts, box, False, False, All)
            case never:
                assert_never(never)

    def _join(
        self,
        parts: Sequence[Formula],
        box: Box,
        decisive: bool,
        decided: bool,
        join: type[Neither] | type[All] | type[Any],
    ) -> Formula | bool:
        """Joins what is left of the parts: a part that is `decisive` makes the whole `decided`."""
        left = []
        for part in parts:
            simpler = self._simplify(part, box)
            if simpler is decisive:
                return decided
            if not isinstance(simpler, bool):
                left.append(simpler)
        if not left:
            return not decided
        if len(left) == 1 and join is not Neither:
            return left[0]
        return join(tuple(left))

    def _relation(self, one: Box, box: Box) -> bool | None:
        """Whether a box lies in another (True), apart from it (False), or neither."""
        inside = True
        for name, mask in one.items():
            mine = box[name] if name in box else self._masks[name]
            if not mine & mask:
                return False
            if mine & ~mask:
                inside = False
        return True if inside else None

    def _split(self, formula: Formula, box: Box) -> tuple[str, int]:
        """An axis and the cells of it in which to look first: the edge of a box of the formula that cuts this one.

        It is of the formula's first part that is still open: whoever joins parts puts first what leaves least. Where
        the formula wants to be inside of the box, inside of the edge comes first, and outside where it does not.
        """
        left: list[tuple[Formula, bool]] = [(formula, True)]
        while left:
            match left.pop():
                case Inside(boxes), wanted:
                    name, mask = self._edge(boxes[0], box)
                    return (name, mask) if wanted else (name, self._masks[name] & ~mask)
                case Less(lower, higher), _:
                    return self._halves(lower, higher, box)
                case (Neither(parts) | Any(parts) | All(parts)) as joined, wanted:
                    inner = wanted != isinstance(joined, Neither)
                    left.extend((part, inner) for part in reversed(parts))
        raise AssertionError(formula)

    def _edge(self, one: Box, box: Box) -> tuple[str, int]:
        for name, mask in one.items():
            mine = box.get(name, self._masks[name])
            if mine & ~mask:
                return name, mask
        raise AssertionError(one)

    def _halves(self, lower: str, higher: str, box: Box) -> tuple[str, int]:
        for name in (lower, higher):
            mine = box.get(name, self._masks[name])
            if mine & (mine - 1):
                half = (_lowest(mine) + mine.bit_length()) // 2
                return name, (1 << half) - 1
        raise AssertionError((lower, higher))


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def renamed(boxes: Iterable[Box], name: str, new: str) -> tuple[Box, ...]:
    """The boxes with another name for one axis."""
    return tuple([{new if axis == name else axis: mask for axis, mask in box.items()} for box in boxes])


def inside(boxes: Iterable[Box]) -> Formula:
    found = tuple(boxes)
    if any(not box for box in found):
        return TRUE
    return Inside(found) if found else FALSE


def with_axis(formula: Formula, name: str, new: str) -> Formula:
    """The same formula about another case, that differs in one fact alone: its axis there is `new`."""
    match formula:
        case Inside(boxes):
            return Inside(renamed(boxes, name, new)) if any(name in box for box in boxes) else formula
        case Less():
            return formula
        case Neither(parts):
            return Neither(tuple([with_axis(part, name, new) for part in parts]))
        case Any(parts):
            return Any(tuple([with_axis(part, name, new) for part in parts]))
        case All(parts):
            return All(tuple([with_axis(part, name, new) for part in parts]))
        case never:
            assert_never(never)
