"""From the columns of a block of rows to verdicts: what `kernel.decide_action` does with rules as bits, with rows as
bits.

A fact's cells are found by comparing its column with the thresholds that matter, each of them once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, assert_never

import numpy as np
from attrs import frozen

from forbear import kernel
from forbear.columns.bits import Bits, everything, nothing
from forbear.columns.io.values import Column, Line, Named, Truths, Value
from forbear.columns.plan import Outcome, Plan
from forbear.kernel import Verdict
from forbear.lowered.actions import ActionTable
from forbear.model.facts import Kind
from forbear.space.axes import Axis
from forbear.space.formulas import All, Among, Any, At, Formula, Inside, Less, Neither

Verdicts: TypeAlias = dict[Verdict, Bits]
"""The rows in which an action has each verdict that some rule gives, strongest first. The first that holds counts."""


class Rows:
    """The rows of a block: where each fact lies in which of its cells, as far as a plan reads them."""

    def __init__(self, rows: int, inside: Mapping[str, Mapping[int, Bits]]) -> None:
        self.all = everything(rows)
        self.none = nothing(rows)
        self._inside = inside

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
                inside = self._inside[name][cells]
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


# Where a fact lies in some of its cells; the last is that of absent values


def compared(axis: Axis, column: Column | None, asked: Iterable[int]) -> list[Value]:
    """What a column is to be compared with to tell some sets of cells."""
    match column:
        case None:
            return []
        case Line():
            low, high = column.ends
            ends = {cell for cells in asked for cell in _ends(cells) if cell < len(axis.first)}
            return [cut for cut in sorted({_cut(axis, column, cell) for cell in ends}) if low < cut <= high]
        case Named():
            return list(dict.fromkeys(value for cells in asked for value in _values(axis, cells)))
        case never:
            assert_never(never)


def inside(axis: Axis, column: Column | None, rows: int, asked: Iterable[int], truths: Truths) -> dict[int, Bits]:
    """The rows in which a fact lies in one of some cells, for each set of cells asked for. Without a column the fact is
    unknown everywhere."""
    match column:
        case None:
            return {cells: _unknown(axis, rows, cells) for cells in asked}
        case Line():
            ends = {cell for cells in asked for cell in _ends(cells) if cell < axis.size}
            starts = _starts(axis, column, rows, truths, ends)
            return {cells: _between(starts, cells) for cells in asked}
        case Named():
            return {cells: _named(axis, column, rows, truths, cells) for cells in asked}
        case never:
            assert_never(never)


def _unknown(axis: Axis, rows: int, cells: int) -> Bits:
    return everything(rows) if cells >> len(axis.first) & 1 else nothing(rows)


@lru_cache(maxsize=100_000)
def _ends(cells: int) -> tuple[int, ...]:
    """The first cell of each run of cells, and the one behind each, in turn."""
    return tuple(kernel.bits(cells ^ cells << 1))


def _cut(axis: Axis, line: Line, cell: int) -> int:
    """The first number of a cell, as the line counts."""
    first = axis.first[cell]
    assert isinstance(first, int)
    return -(-first * line.ratio.denominator // line.ratio.numerator)


def _starts(axis: Axis, line: Line, rows: int, reached: Truths, cells: Iterable[int]) -> dict[int, Bits]:
    """For each of some cells the rows whose value lies in it or in one after it."""
    absent = nothing(rows) if line.absent is None else line.absent
    found: dict[int, Bits] = {}
    for cell in cells:
        if cell == len(axis.first):
            found[cell] = absent
        elif (cut := _cut(axis, line, cell)) <= line.ends[0]:
            found[cell] = everything(rows)
        elif cut > line.ends[1]:
            found[cell] = absent
        else:
            found[cell] = reached[cut] if line.absent is None else reached[cut] | absent
    return found


def _between(starts: Mapping[int, Bits], cells: int) -> Bits:
    first, *others = _ends(cells)
    found = starts[first]
    for end in others:
        if end in starts:  # else no cell lies behind
            found = found ^ starts[end]
    return found


def _named(axis: Axis, named: Named, rows: int, equal: Truths, cells: int) -> Bits:
    if _other_texts(axis, cells):
        return ~_named(axis, named, rows, equal, axis.everything & ~cells)
    found = named.absent if cells >> len(axis.first) & 1 else None
    for value in _values(axis, cells):
        found = equal[value] if found is None else found | equal[value]
    return nothing(rows) if found is None else found


def _other_texts(axis: Axis, cells: int) -> bool:
    """Whether the texts of which no rule speaks are among some cells."""
    return axis.fact.kind is Kind.TEXT and bool(cells >> (len(axis.first) - 1) & 1)


def _values(axis: Axis, cells: int) -> list[Value]:
    """The values in some cells, or where no list has them all, those that are not."""
    if _other_texts(axis, cells):
        cells = axis.everything & ~cells
    found: list[Value] = []
    for cell in kernel.bits(cells & axis.known):
        first = axis.first[cell]
        if axis.fact.kind is Kind.ORDER:
            last = axis.last(cell)
            assert isinstance(first, int)
            assert isinstance(last, int)
            found += axis.fact.names[first : last + 1]
        else:
            assert isinstance(first, (str, bool))
            found.append(first)
    return found


def verdicts(outcome: Outcome, rows: Rows) -> Verdicts:
    """The verdicts on an action whose rules do not override each other."""
    return {verdict: rows.where(formula) for verdict, formula in outcome.verdicts.items()}


@frozen(eq=False)
class Standing:
    """The verdicts on an action, and the rows in which each rule on it is among those that gave them."""

    verdicts: Verdicts
    deciding: Mapping[int, Bits]


def standing(plan: Plan, action: ActionTable, rows: Rows) -> Standing:
    """Where the rules on an action are active, those that override others first; and what comes of it."""
    certain = {number: rows.where(plan.rules[number].certain) for number in action.effects}
    possible = {
        number: certain[number] if where.possible is where.certain else rows.where(where.possible)
        for number, where in ((number, plan.rules[number]) for number in action.effects)
    }
    for number in action.overridden:
        for other in action.overriders(number):  # which are resolved already
            possible[number] = possible[number] & ~certain[other]
            certain[number] = certain[number] & ~possible[other]
    left = rows.all
    deciding: dict[int, Bits] = {}
    found: dict[Verdict, Bits] = {}
    for branch in action.branches:
        active = possible if branch.possible else certain
        any_of_them = rows.none
        for number in branch.rules:
            any_of_them = any_of_them | active[number]
            deciding[number] = active[number] & left
        given = any_of_them & left
        found[branch.verdict] = found[branch.verdict] | given if branch.verdict in found else given
        left = left & ~any_of_them
    return Standing(found, deciding)
