"""Which cases are possible, where facts are derived from the same events: no two facts have values there that they
never have together. What is unknown says nothing of another fact."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from attrs import frozen

from forbear.kernel import GridValue
from forbear.model.facts import Kind
from forbear.space.axes import Axis, Space
from forbear.space.formulas import TRUE, Formula, Neither, inside
from forbear.space.regions import Box
from forbear.space.related import WEAKEST, Related

_STRONGER = 10**16
"""Stronger than any value."""


@frozen
class _Cell:
    """A cell of a related fact: its bit, and its values from the weakest to the strongest."""

    bit: int
    values: Sequence[GridValue]
    weakest: int
    strongest: int


class PossibleCases:
    """The possible cases of a space, from the pairs of facts that are related in it."""

    def __init__(self, pairs: Sequence[Related], space: Space) -> None:
        self.pairs = pairs
        self._space = space
        names = {name for pair in pairs for name in (pair.fewer, pair.more)}
        self._cells = {name: list(_cells(space.axes[name])) for name in names}

    @cached_property
    def formula(self) -> Formula:
        """Where a case is possible."""
        boxes: list[Box] = []
        for pair in self.pairs:
            for cell in self._cells[pair.fewer]:
                demand = pair.least(cell.weakest)
                out = sum(other.bit for other in self._cells[pair.more] if other.strongest < demand)
                if out:
                    boxes.append({pair.fewer: cell.bit, pair.more: out})
        return Neither((inside(boxes),)) if boxes else TRUE

    def in_boxes(self, boxes: Iterable[Box]) -> Iterator[Box]:
        """What is left of each box in which a possible case lies."""
        return (left for box in boxes if (left := self.narrowed(box)) is not None) if self.pairs else iter(boxes)

    def narrowed(self, box: Box) -> Box | None:
        """What is left of a box without cells in which no possible case of it lies; None where nothing is.

        Of two boxes without gaps that are narrowed, each common case is narrowed too: the two have a possible case in
        common if they have one at all.
        """
        found = box
        going_on = True
        while going_on:
            going_on = False
            for pair in self.pairs:
                if pair.fewer not in found and pair.more not in found:
                    continue
                fewer, more = self._mask(pair.fewer, found), self._mask(pair.more, found)
                _, strong = self._reach(pair.more, more)
                less = fewer & ~sum(cell.bit for cell in self._cells[pair.fewer] if pair.least(cell.weakest) > strong)
                weak, _ = self._reach(pair.fewer, less)
                demand = pair.least(weak)
                no_less = more & ~sum(cell.bit for cell in self._cells[pair.more] if cell.strongest < demand)
                if not less or not no_less:
                    return None
                if (less, no_less) != (fewer, more):
                    found = {**found, pair.fewer: less, pair.more: no_less}
                    going_on = True
        return found

    def has_gaps(self, box: Box) -> bool:
        """Whether a box leaves out values of a related fact that lie between others."""
        for name, mask in box.items():
            held = [bool(cell.bit & mask) for cell in self._cells.get(name, ())]
            if sum(one != before for before, one in zip([False, *held], [*held, False], strict=True)) > 2:
                return True
        return False

    def settled(self, case: Mapping[str, GridValue], box: Box) -> dict[str, GridValue]:
        """A case of a box, made possible: of its related facts, the ones as strong as they have to be, once those that
        are too strong for the box have become weaker."""
        found = dict(case)
        left = self.narrowed(box) if self.pairs else None
        if left is None:
            return found
        pairs = [pair for pair in self.pairs if pair.fewer in found and pair.more in found]
        for pair in pairs:
            strength = self._strength(pair.fewer, found[pair.fewer])
            _, strong = self._reach(pair.more, self._mask(pair.more, left))
            if strength is not None and pair.least(strength) > strong:
                found[pair.fewer] = self._at_least(pair.fewer, WEAKEST, left)
        for pair in [*pairs] * len(pairs):
            strength, other = self._strength(pair.fewer, found[pair.fewer]), self._strength(pair.more, found[pair.more])
            if strength is not None and other is not None and other < pair.least(strength):
                found[pair.more] = self._at_least(pair.more, pair.least(strength), left)
        return found

    def _mask(self, name: str, box: Box) -> int:
        return box.get(name, self._space.axes[name].everything)

    def _reach(self, name: str, mask: int) -> tuple[int, int]:
        """How weak and how strong a fact may be in some of its cells. What is unknown may be anything."""
        cells = [cell for cell in self._cells[name] if cell.bit & mask]
        if not cells or mask & ~sum(cell.bit for cell in self._cells[name]):
            return WEAKEST, _STRONGER
        return cells[0].weakest, cells[-1].strongest

    def _strength(self, name: str, value: GridValue) -> int | None:
        """How strong a fact is, None where it is unknown."""
        fact = self._space.axes[name].fact
        return None if value is None and fact.optional else _strength(fact.kind, value)

    def _at_least(self, name: str, demand: int, box: Box) -> GridValue:
        """The weakest value of a fact in a box that is so strong; unknown, where there is none."""
        kind = self._space.axes[name].fact.kind
        mask = self._mask(name, box)
        for cell in self._cells[name]:
            if cell.bit & mask and cell.strongest >= demand:
                holds: Callable[[GridValue], bool] = lambda value: _strength(kind, value) >= demand  # noqa: E731
                return cell.values[bisect_left(cell.values, True, key=holds)]
        return None


def _cells(axis: Axis) -> Iterator[_Cell]:
    """The cells of a fact but that of unknown, from the weakest to the strongest."""
    kind = axis.fact.kind
    cells: list[_Cell] = []
    for number in range(axis.size):
        values: Sequence[GridValue]
        if number == len(axis.first):
            if axis.fact.optional:
                continue
            values = (None,)
        elif kind is Kind.FLAG:
            values = (axis.first[number],)
        else:
            first, last = axis.first[number], axis.last(number)
            assert isinstance(first, int)
            assert isinstance(last, int)
            values = range(last, first - 1, -1) if kind is Kind.DAYS else range(first, last + 1)
        cells.append(_Cell(1 << number, values, _strength(kind, values[0]), _strength(kind, values[-1])))
    yield from sorted(cells, key=lambda cell: cell.weakest)


def _strength(kind: Kind, value: GridValue) -> int:
    if value is None:
        return WEAKEST
    assert isinstance(value, int)
    return -value if kind is Kind.DAYS else value
