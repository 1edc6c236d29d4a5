"""Counts a block of which one fact alone moves, and rises by one a day: cell by cell.

The rows are sorted by that fact. Those that are in one of its cells on some day follow each other, and are decided once
for that cell, by what the rules say of it. A row that enters a cell on a day becomes due where the action is permitted
there, and was not in the cell before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from attrs import evolve
from numpy.typing import NDArray

from forbear.columns.ahead.cells import plan_in_cell
from forbear.columns.ahead.counts import Counts, Numbers
from forbear.columns.ahead.work import Block, Span, Work, bad_rows, number_of, on_grid, permitted
from forbear.columns.applying import relate_facts
from forbear.columns.bits import Bits, unpacked
from forbear.columns.deciding import Rows
from forbear.columns.io.values import NumberColumn
from forbear.columns.plan import Plan


def by_value(work: Work, block: Block) -> Counts:
    """The counts of a block."""
    return _Sorted(work, block).counts()


class _Run(NamedTuple):
    """Cells that follow each other, in which the rules say the same of an action: their first and last value, the first
    word of the rows that are in them on some day, and where of these words the action is permitted."""

    first: int
    last: int
    start: int
    permitted: Bits


class _Sorted:
    """The rows of a block in the order of the fact that moves: first those that have a value, then the others."""

    def __init__(self, work: Work, block: Block) -> None:
        [self._name] = work.moves
        self._work = work
        plan, rows = work.plans[0], block.rows
        self._spec = spec = plan.facts[self._name]
        column = work.read(self._name, work.columns[self._name].slice(*block), rows).column
        assert isinstance(column, NumberColumn)
        values = on_grid(column, spec.low, rows)
        without = np.zeros(rows, np.bool_) if column.absent is None else unpacked(column.absent, rows).copy()
        for error in column.errors:
            without[error.rows] = True
        keys = np.where(without, spec.high + 1, values)
        order = _order(keys)
        frame = pl.DataFrame([series.slice(*block).alias(fact) for fact, series in work.columns.items()])[order]
        facts = {**work.columns, **{one: () for one in work.cells if one not in plan.relations}}
        read = {fact: work.read(fact, frame[fact] if fact in work.columns else None, rows) for fact in facts}
        columns = {fact: its.column for fact, its in read.items()}
        self._inside = {fact: its.inside for fact, its in read.items() if fact != self._name}
        for name in plan.relations:
            self._inside[name] = relate_facts(plan, name, work.cells[name], columns, rows, work.by_loops)
        self._rows = rows
        self._values: Numbers = values[order][: rows - int(np.count_nonzero(without))]
        self._good = ~bad_rows([error for its in read.values() for error in its.errors], rows)

    def counts(self) -> Counts:
        """The counts of all days."""
        work = self._work
        found = evolve(Counts.nothing(work.told, work.days), rows=self._rows)
        for number, action in enumerate(work.told):
            before: Bits | None = None
            for span in work.spans:
                runs, still = self._runs(span, action)
                now = still | self._on(runs, span.first)
                if before is None:
                    found.permitted[number, 0] = number_of(now)
                else:
                    found.due[number, span.first] = number_of(now & ~before)
                    found.ended[number, span.first] = number_of(before & ~now)
                for one, other in pairwise(runs):
                    self._cross(span, one, other, found.due[number], found.ended[number])
                before = still | self._on(runs, span.last)
        for span in work.spans:
            self._undecided(span, found)
        return found.with_permitted()

    def _place(self, value: int) -> int:
        """The first row whose value is at least this one."""
        return int(np.searchsorted(self._values, value))

    def _undecided(self, span: Span, found: Counts) -> None:
        if span.plan is None:
            found.undecided[span.first : span.last + 1] = self._rows
            return
        within = np.array([self._place(self._spec.high + 1 - day) for day in range(span.first, span.last + 1)])
        without = number_of(self._good) - _up_to(self._good, np.array([len(self._values)]))
        found.undecided[span.first : span.last + 1] = self._rows - _up_to(self._good, within) - without

    def _runs(self, span: Span, action: str) -> tuple[list[_Run], Bits]:
        """The runs of cells of an action on the days of a span, and where it is permitted whatever the fact that moves:
        in the rows that have no value of it. The last run is beyond the range of the fact."""
        plan, words = span.plan, len(self._good)
        still = np.zeros_like(self._good)
        if plan is None:
            return [], still
        high, found = self._spec.high, []
        for its, first, last in self._work.in_cells(plan, action, self._name, high):
            start, end = self._place(first - span.last), self._place(last + 1 - span.first)
            found.append(_Run(first, last, start // 64, self._permitted(its, action, start, end)))
        start, end = self._place(high + 1 - span.last), len(self._values)
        nothing = np.zeros(max(-(-end // 64) - start // 64, 0), np.uint64)
        found.append(_Run(high + 1, high + span.last + 1, start // 64, nothing))
        start = len(self._values)
        if start < self._rows:
            its = plan_in_cell(plan, action, self._name, len(plan.axes[self._name].first))
            bits = self._permitted(its, action, start, 64 * words)
            still[start // 64 :] = bits & _among(start, 64 * words)
        return found, still

    def _permitted(self, plan: Plan, action: str, start: int, end: int) -> Bits:
        """Where an action is permitted, of the words that have some rows, by the plan for their cell."""
        if end <= start:
            return np.zeros(0, np.uint64)
        first, last = start // 64, -(-end // 64)
        where = Rows(64 * (last - first), _Words(self._inside, first, last))
        return permitted(plan, action, where) & self._good[first:last]

    def _on(self, runs: Sequence[_Run], day: int) -> Bits:
        """Where an action is permitted on a day."""
        found = np.zeros_like(self._good)
        for run in runs:
            start, end = self._place(run.first - day), self._place(run.last + 1 - day)
            if start < end:
                first, last = start // 64, -(-end // 64)
                found[first:last] |= run.permitted[first - run.start : last - run.start] & _among(start, end)
        return found

    def _cross(self, span: Span, one: _Run, other: _Run, due: Numbers, ended: Numbers) -> None:
        """Counts the rows that go from a run to the next one on the days after the first of a span."""
        ends = np.searchsorted(self._values, np.arange(other.first - span.last, other.first - span.first + 1))
        first, last = int(ends[0]) // 64, -(-int(ends[-1]) // 64)
        if ends[0] == ends[-1]:
            return
        after = other.permitted[first - other.start : last - other.start]
        before = one.permitted[first - one.start : last - one.start]
        for counts, crossed in ((due, after & ~before), (ended, before & ~after)):
            counts[span.first + 1 : span.last + 1] += np.diff(_up_to(crossed, ends - 64 * first))[::-1]


class _Words:
    """Where the facts lie, of some words of rows."""

    def __init__(self, inside: Mapping[str, Mapping[int, Bits]], first: int, last: int) -> None:
        self._inside = inside
        self._words = slice(first, last)

    def __getitem__(self, name: str) -> _CellWords:
        return _CellWords(self._inside[name], self._words)


class _CellWords:
    """The same of one fact."""

    def __init__(self, cells: Mapping[int, Bits], words: slice) -> None:
        self._cells = cells
        self._words = words

    def __getitem__(self, cells: int) -> Bits:
        return self._cells[cells][self._words]


def _order(keys: Numbers) -> NDArray[np.intp]:
    """The order of some numbers. Small ones are sorted in the time that it takes to read them."""
    if not len(keys):
        return np.zeros(0, np.intp)
    keys = keys - int(keys.min())
    return np.argsort(keys.astype(np.min_scalar_type(int(keys.max()))), kind="stable")


def _among(start: int, end: int) -> Bits:
    """The bits of the rows from `start` to before `end`, in the words that have them."""
    words = ~np.zeros(-(-end // 64) - start // 64, np.uint64)
    words[0] &= np.uint64((1 << 64) - (1 << start % 64))
    if end % 64:
        words[-1] &= np.uint64((1 << end % 64) - 1)
    return words


def _up_to(bits: Bits, ends: Numbers) -> Numbers:
    """How many bits are set before each of some places."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bitwise_count(bits), dtype=np.int64)])
    words, rest = ends // 64, (ends % 64).astype(np.uint64)
    padded = np.append(bits, np.uint64(0))
    found: Numbers = sums[words] + np.bitwise_count(padded[words] & ((np.uint64(1) << rest) - np.uint64(1)))
    return found
