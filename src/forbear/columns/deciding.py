"""From the columns of a block of rows to verdicts: what `kernel.settle` does with rules as bits, with rows as bits.

A fact's cells are found by comparing its column with the thresholds that matter, each of them once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

import numpy as np
from attrs import frozen

from forbear import kernel
from forbear.columns.bits import Bits, everything, nothing, packed
from forbear.columns.plan import Plan
from forbear.columns.reading import Column, Line, Named
from forbear.kernel import ActionSpec
from forbear.space.axes import Axis
from forbear.space.formulas import All, Among, Any, At, Formula, Inside, Less, Neither
from forbear.vocabulary.facts import Kind

_FEW_CUTS = 3


@frozen(eq=False)
class Verdicts:
    """The rows in which an action has each verdict that needs a rule."""

    forbidden: Bits
    required: Bits
    allowed: Bits


class Rows:
    """The rows of a block, as far as formulas have been asked of them."""

    def __init__(self, rows: int, axes: Mapping[str, Axis], columns: Mapping[str, Column | None]) -> None:
        self.rows = rows
        self.all = everything(rows)
        self.none = nothing(rows)
        self._axes = axes
        self._cells = {name: _cells(axes[name], column, self) for name, column in columns.items()}

    def where(self, formula: Formula) -> Bits:
        """The rows in which a formula holds."""
        found: Bits
        match formula:
            case Inside(boxes) | Among(boxes):
                found = self._among(boxes)
            case All(parts):
                found = self.all
                for part in parts:
                    found = found & self.where(part)
            case Any(parts):
                found = self.none
                for part in parts:
                    found = found | self.where(part)
            case Neither(parts):
                found = self.all
                for part in parts:
                    found = found & ~self.where(part)
            case At() | Less():
                raise AssertionError(formula)  # they speak of several cases at once
            case never:
                assert_never(never)
        return found

    def _among(self, boxes: Sequence[Mapping[str, int]]) -> Bits:
        whole: Bits | None = None
        for box in boxes:
            found: Bits | None = None
            own = False
            for name, cells in box.items():
                inside = self._cells[name].inside(cells)
                if found is None:
                    found = inside
                elif own:
                    np.bitwise_and(found, inside, out=found)
                else:
                    found, own = found & inside, True
            assert found is not None
            if whole is None:
                whole = found if own else found.copy()
            else:
                np.bitwise_or(whole, found, out=whole)
        return self.none if whole is None else whole


class _LineCells:
    """The cells of an ordered fact, in a line; the last is that of absent values."""

    def __init__(self, axis: Axis, line: Line, rows: Rows) -> None:
        values = line.values
        self._size = axis.size
        self._known = len(axis.first)
        self._rows = rows
        self._absent = rows.none if line.absent is None else line.absent
        self._low, self._high = line.ends
        # The first number of each cell.
        self._cuts = [-(-cut // line.ratio) for cut in axis.first if isinstance(cut, int)]
        smallest = np.result_type(np.min_scalar_type(self._low), np.min_scalar_type(self._high))
        many = len(self._cuts) > _FEW_CUTS  # to make numbers small takes as long as so many comparisons
        self._values = values.astype(smallest) if many and smallest.itemsize < values.dtype.itemsize else values
        self._from: dict[int, Bits] = {0: rows.all, axis.size: rows.none}
        self._inside: dict[int, Bits] = {}

    def inside(self, cells: int) -> Bits:
        """The rows whose value lies in one of some cells."""
        found = self._inside.get(cells)
        if found is None:
            ends = kernel.bits(cells ^ cells << 1)
            found = self._starting(ends[0])
            for end in ends[1:]:
                if end < self._size:
                    found = found ^ self._starting(end)
            self._inside[cells] = found
        return found

    def _starting(self, cell: int) -> Bits:
        """The rows whose value lies in a cell or in one after it."""
        found = self._from.get(cell)
        if found is None:
            if cell == self._known:
                found = self._absent
            else:
                cut = self._cuts[cell]
                if cut <= self._low:
                    found = self._rows.all
                elif cut > self._high:
                    found = self._absent
                else:
                    found = packed(self._values >= cut) | self._absent
            self._from[cell] = found
        return found


class _NamedCells:
    """The cells of a fact that has names, texts, or yes and no; the last is that of absent values."""

    def __init__(self, axis: Axis, named: Named, rows: Rows) -> None:
        self._named = named
        self._axis = axis
        self._known = len(axis.first)
        self._absent = rows.none if named.absent is None else named.absent
        self._inside: dict[int, Bits] = {}
        self._rows = rows

    def inside(self, cells: int) -> Bits:
        """The rows whose value lies in one of some cells."""
        found = self._inside.get(cells)
        if found is None:
            if cells >> (self._known - 1) & 1 and self._axis.fact.kind is Kind.TEXT:
                found = ~self.inside(self._axis.everything & ~cells)  # any other text
            else:
                found = self._absent if cells >> self._known & 1 else self._rows.none
                for cell in kernel.bits(cells & self._axis.known):
                    for value in self._values(cell):
                        found = found | self._named.equal(value)
            self._inside[cells] = found
        return found

    def _values(self, cell: int) -> Sequence[str | bool]:
        first, fact = self._axis.first[cell], self._axis.fact
        if fact.kind is Kind.ORDER:
            assert isinstance(first, int)
            last = self._axis.last(cell)
            assert isinstance(last, int)
            return fact.names[first : last + 1]
        assert isinstance(first, (str, bool))
        return (first,)


class _Unknown:
    """The cells of a fact of which there is no column."""

    def __init__(self, axis: Axis, rows: Rows) -> None:
        self._axis = axis
        self._rows = rows

    def inside(self, cells: int) -> Bits:
        return self._rows.all if cells >> len(self._axis.first) & 1 else self._rows.none


def _cells(axis: Axis, column: Column | None, rows: Rows) -> _LineCells | _NamedCells | _Unknown:
    if column is None:
        return _Unknown(axis, rows)
    return _LineCells(axis, column, rows) if isinstance(column, Line) else _NamedCells(axis, column, rows)


def verdicts(plan: Plan, name: str, rows: Rows) -> Verdicts:
    """The verdicts on an action."""
    outcome = plan.outcomes.get(name)
    if outcome is None:
        return standing(plan, plan.actions[name], rows).verdicts
    forbidden = rows.where(outcome.forbidden)
    required = rows.where(outcome.required) & ~forbidden
    return Verdicts(forbidden, required, rows.where(outcome.allowed) & ~(forbidden | required))


@frozen(eq=False)
class Standing:
    """The verdicts on an action, and the rows in which each rule on it is among those that gave them."""

    verdicts: Verdicts
    deciding: Mapping[int, Bits]


def standing(plan: Plan, action: ActionSpec, rows: Rows) -> Standing:
    """Where the rules on an action stand, those that override others first; and what comes of it."""
    numbers = kernel.bits(action.never | action.forbid | action.require | action.allow | action.exempt)
    certain = {number: rows.where(plan.rules[number].certain) for number in numbers}
    possible = {
        number: certain[number] if where.possible is where.certain else rows.where(where.possible)
        for number, where in ((number, plan.rules[number]) for number in numbers)
    }
    for number, overriding in action.overridden:
        # Both are of the rules that override: these are settled already.
        for other in kernel.bits(overriding):
            possible[number] = possible[number] & ~certain[other]
            certain[number] = certain[number] & ~possible[other]
    left = rows.all
    deciding: dict[int, Bits] = {}
    found: list[Bits] = []
    for its, stand in (
        (action.never, possible),
        (action.forbid, possible),
        (action.require, certain),
        (action.allow, certain),
    ):
        any_of_them = rows.none
        for number in kernel.bits(its):
            any_of_them = any_of_them | stand[number]
            deciding[number] = stand[number] & left
        found.append(any_of_them & left)
        left = left & ~any_of_them
    never, forbid, required, allowed = found
    return Standing(Verdicts(never | forbid, required, allowed), deciding)
