"""Computes verdicts from the columns of a block of rows. A bit is a row here; in the kernel, which decides one case, a
rule.

A fact's cells are found by comparing its column with each relevant threshold once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, assert_never

import numpy as np
from attrs import frozen

from forbear.kernel import cases as kernel
from forbear.kernel.cases import Verdict
from forbear.language.model.kinds import Storage
from forbear.portfolio.io.values import Column, NamedColumn, NumberColumn, Truths, Value
from forbear.portfolio.verdicts.bits import Bits, everything, nothing
from forbear.portfolio.verdicts.plan import Outcome, Plan
from forbear.semantics.composition.duties import companions_first
from forbear.semantics.lowered.actions import ActionTable
from forbear.space.axes import Axis
from forbear.space.formulas import All, Among, Any, At, Formula, Inside, Neither

Verdicts: TypeAlias = dict[Verdict, Bits]
"""The rows in which rules give an action each verdict, strongest first. The first that holds is the verdict."""


class Rows:
    """The rows of a block: for each fact, and each set of its cells in the plan, the rows whose value lies there."""

    def __init__(self, rows: int, inside: Mapping[str, Mapping[int, Bits]]) -> None:
        self.all = everything(rows)
        self.none = nothing(rows)
        self._inside = inside

    def where(self, formula: Formula) -> Bits:
        """The rows in which a formula holds."""
        rows: Bits
        match formula:
            case Inside(boxes) | Among(boxes):
                rows = self._among(boxes)
            case All(parts):
                rows = self.all
                for part in parts:
                    rows = rows & self.where(part)
            case Any(parts):
                rows = self.none
                for part in parts:
                    rows = rows | self.where(part)
            case Neither(parts):
                rows = self.all
                for part in parts:
                    rows = rows & ~self.where(part)
            case At():
                raise AssertionError(formula)  # they compare several cases
            case never:
                assert_never(never)
        return rows

    def _among(self, boxes: Sequence[Mapping[str, int]]) -> Bits:
        whole: Bits | None = None
        spare: Bits | None = None  # taken once: hundreds of boxes would have memory given back and taken anew
        for box in boxes:
            first, *others = (self._inside[name][cells] for name, cells in box.items())
            rows = first
            for other in others:
                rows = spare = np.bitwise_and(rows, other, out=spare)
            if whole is not None:
                np.bitwise_or(whole, rows, out=whole)
            elif others:
                whole, spare = rows, None
            else:
                whole = rows.copy()
        return self.none if whole is None else whole


# The rows in which a fact lies in a set of its cells; its last cell holds absent values


def compared(axis: Axis, column: Column | None, cell_sets: Iterable[int]) -> list[Value]:
    """The values to compare a column with to find the rows of each set of cells."""
    match column:
        case None:
            return []
        case NumberColumn():
            low, high = column.ends
            ends = {cell for cells in cell_sets for cell in _ends(cells) if cell < len(axis.first)}
            return [cut for cut in sorted({_cut(axis, column, cell) for cell in ends}) if low < cut <= high]
        case NamedColumn():
            return list(dict.fromkeys(value for cells in cell_sets for value in _values(axis, cells)))
        case never:
            assert_never(never)


def inside(axis: Axis, column: Column | None, rows: int, cell_sets: Iterable[int], truths: Truths) -> dict[int, Bits]:
    """Returns, for each set of cells, the rows in which a fact lies there. Without a column it is unknown in all
    rows.
    """
    match column:
        case None:
            return {cells: _unknown(axis, rows, cells) for cells in cell_sets}
        case NumberColumn():
            ends = {cell for cells in cell_sets for cell in _ends(cells) if cell < axis.size}
            starts = _starts(axis, column, rows, truths, ends)
            return {cells: _between(starts, cells) for cells in cell_sets}
        case NamedColumn():
            return {cells: _named(axis, column, rows, truths, cells) for cells in cell_sets}
        case never:
            assert_never(never)


def _unknown(axis: Axis, rows: int, cells: int) -> Bits:
    return everything(rows) if cells >> len(axis.first) & 1 else nothing(rows)


def _ends(cells: int) -> tuple[int, ...]:
    """The first cell of each run of cells and the first after it, alternating."""
    return tuple(kernel.bits(cells ^ cells << 1))


def _cut(axis: Axis, column: NumberColumn, cell: int) -> int:
    """The first number of a cell, in the unit of the column."""
    first = axis.first[cell]
    assert isinstance(first, int)
    return -(-first * column.ratio.denominator // column.ratio.numerator)


def _starts(axis: Axis, column: NumberColumn, rows: int, reached: Truths, cells: Iterable[int]) -> dict[int, Bits]:
    """Returns, for each cell, the rows whose value lies in it or in a later one."""
    absent = nothing(rows) if column.absent is None else column.absent
    starts: dict[int, Bits] = {}
    for cell in cells:
        if cell == len(axis.first):
            starts[cell] = absent
        elif (cut := _cut(axis, column, cell)) <= column.ends[0]:
            starts[cell] = everything(rows)
        elif cut > column.ends[1]:
            starts[cell] = absent
        else:
            starts[cell] = reached[cut] if column.absent is None else reached[cut] | absent
    return starts


def _between(starts: Mapping[int, Bits], cells: int) -> Bits:
    first, *ends = _ends(cells)
    rows = starts[first]
    for end in ends:
        if end in starts:  # else no cell comes after
            rows = rows ^ starts[end]
    return rows


def _named(axis: Axis, named: NamedColumn, rows: int, equal: Truths, cells: int) -> Bits:
    if _other_texts(axis, cells):
        return ~_named(axis, named, rows, equal, axis.everything & ~cells)
    lying = named.absent if cells >> len(axis.first) & 1 else None
    for value in _values(axis, cells):
        lying = equal[value] if lying is None else lying | equal[value]
    return nothing(rows) if lying is None else lying


def _other_texts(axis: Axis, cells: int) -> bool:
    """Returns true if the cells include the texts that no rule names."""
    return axis.fact.kind.storage is Storage.TEXT and bool(cells >> (len(axis.first) - 1) & 1)


def _values(axis: Axis, cells: int) -> list[Value]:
    """The values in a set of cells; if it includes the texts that no rule names, those outside of it."""
    if _other_texts(axis, cells):
        cells = axis.everything & ~cells
    values: list[Value] = []
    for cell in kernel.bits(cells & axis.known):
        first = axis.first[cell]
        if axis.fact.kind.named and axis.fact.ordered:
            last = axis.last(cell)
            assert isinstance(first, int)
            assert isinstance(last, int)
            values += axis.fact.names[first : last + 1]
        else:
            assert isinstance(first, (str, bool))
            values.append(first)
    return values


def verdicts(outcome: Outcome, rows: Rows) -> Verdicts:
    """The verdicts on an action whose rules do not override each other."""
    return {verdict: rows.where(formula) for verdict, formula in outcome.verdicts.items()}


@frozen(eq=False)
class Decisions:
    """The verdicts on an action, and the rows in which each rule on it is a deciding one."""

    verdicts: Verdicts
    deciding: Mapping[int, Bits]


def decisions(plan: Plan, action: ActionTable, rows: Rows) -> Decisions:
    """Decides an action by its rules: those that override others are resolved first."""
    certain = {number: rows.where(plan.rules[number].certain) for number in action.effects}
    possible = {
        number: certain[number] if where.possible is where.certain else rows.where(where.possible)
        for number, where in ((number, plan.rules[number]) for number in action.effects)
    }
    # From where a rule holds to where it is active
    for number in action.overridden:
        for overrider in action.overriders(number):  # already resolved
            possible[number] = possible[number] & ~certain[overrider]
            certain[number] = certain[number] & ~possible[overrider]
    left = rows.all
    deciding: dict[int, Bits] = {}
    by_verdict: dict[Verdict, Bits] = {}
    for branch in action.branches:
        active = possible if branch.possible else certain
        any_of_them = rows.none
        for number in branch.rules:
            any_of_them = any_of_them | active[number]
            deciding[number] = active[number] & left
        deciding_here = any_of_them & left
        by_verdict[branch.verdict] = (
            by_verdict[branch.verdict] | deciding_here if branch.verdict in by_verdict else deciding_here
        )
        left = left & ~any_of_them
    return Decisions(by_verdict, deciding)


# The companions of an action, for the rows of a block: a rule that asks for one is a bit set, as a verdict is.


@frozen(eq=False)
class Asked:
    """The rows in which each companion accompanies an action, and those in which each rule asks for one."""

    companions: Mapping[str, Bits]
    rules: Mapping[int, Bits]


class Companions:
    """The companions of the actions of a plan, in the rows of a block; with `rules`, also the rules that ask for
    them.
    """

    def __init__(self, plan: Plan, rows: Rows, *, rules: bool) -> None:
        self._plan = plan
        self._rows = rows
        self._rules = rules
        self._decided: dict[str, Decisions] = {}

    def with_action(self, action: str, by_verdict: Verdicts, bad: Bits | None) -> Asked:
        """Returns the companions of an action in the rows in which it is permitted; the `bad` rows cannot be
        decided.
        """
        none = self._rows.none
        permitted = by_verdict.get(Verdict.ALLOWED, none) | by_verdict.get(Verdict.REQUIRED, none)
        permitted = permitted & ~by_verdict.get(Verdict.FORBIDDEN, none)
        where = {action: permitted if bad is None else permitted & ~bad}
        rules: dict[int, Bits] = {}
        companions = self._plan.tables.lowered.companions
        for host in reversed(companions_first(companions, action)):
            for companion, pair in companions.get(host, ()):
                pair_decisions = self._of_pair(pair)
                where[companion] = where.get(companion, none) | (
                    where[host] & pair_decisions.verdicts.get(Verdict.REQUIRED, none)
                )
                for rule, bits in pair_decisions.deciding.items():
                    rules[rule] = rules.get(rule, none) | (where[host] & bits)
        del where[action]
        return Asked(where, rules)

    def _of_pair(self, pair: str) -> Decisions:
        if pair not in self._decided:
            plan, rows = self._plan, self._rows
            if self._rules:
                self._decided[pair] = decisions(plan, plan.actions[pair], rows)
            else:
                self._decided[pair] = Decisions(verdicts(plan.outcomes[pair], rows), {})
        return self._decided[pair]
