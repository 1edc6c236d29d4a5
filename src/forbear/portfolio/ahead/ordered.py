"""Some rows of a block in the order of what moves, and where their facts lie on a day that each has of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from attrs import evolve

from forbear.portfolio.ahead.counts import Numbers
from forbear.portfolio.ahead.reading import BlockRead
from forbear.portfolio.ahead.work import Span, as_column, beyond, fitting, permitted
from forbear.portfolio.io.values import Column, Integers, NamedColumn, NumberColumn, RowNumbers
from forbear.portfolio.verdicts.bits import Bits, nothing, packed, unpacked
from forbear.portfolio.verdicts.comparing import compare
from forbear.portfolio.verdicts.deciding import Rows, compared, inside
from forbear.portfolio.verdicts.plan import Plan

_FEW = 4
"""Sets of cells up to which those of a number are brought into order; of more, the number is, and compared anew."""


class Ordered:
    """Rows of a block in the ascending order of their keys."""

    def __init__(self, read: BlockRead, keys: Integers, rows: RowNumbers) -> None:
        self.read = read
        keys = keys[rows]
        order = _order(keys)
        self.order = rows[order]
        self.keys: Numbers = keys[order].astype(np.int64)
        self._good: dict[frozenset[str], Bits] = {}
        self._still: dict[str, _Cells] = {}
        self._columns: dict[str, Column | None] = {}

    def _bits(self, bits: Bits) -> Bits:
        return _in_order(bits, self.read.rows, self.order)

    def good(self, span: Span) -> Bits:
        """The rows without an error in a fact of the version in force."""
        if span.facts not in self._good:
            self._good[span.facts] = self._bits(~self.read.bad(span))
        return self._good[span.facts]

    def still(self, name: str) -> _Cells:
        """Where a fact or a relation lies that does not move."""
        if name not in self._still:
            self._still[name] = _Cells(self.read, self.order, name, self._compare(name))
        return self._still[name]

    def _compare(self, name: str) -> dict[int, Bits]:
        """Where a number lies, compared anew if it has many sets of cells."""
        read, given = self.read, self.read.still[name]
        if len(given) <= _FEW or not isinstance(read.columns.get(name), NumberColumn):
            return {}
        axis, column = read.work.axes[name], self.column(name)
        assert column is not None
        truths = compare(column, compared(axis, column, given), read.work.by_loops)
        return inside(axis, column, len(self.order), given, truths)

    def column(self, fact: str) -> Column | None:
        """The values of a fact, on day 0."""
        if fact not in self._columns:
            self._columns[fact] = self._sorted(self.read.columns[fact])
        return self._columns[fact]

    def _sorted(self, column: Column | None) -> Column | None:
        absent = None if column is None or column.absent is None else self._bits(column.absent)
        match column:
            case NumberColumn():
                values = column.values.astype(fitting(*column.ends), copy=False)  # to move fewer bytes
                return NumberColumn(values[self.order], column.ends, column.ratio, absent, ())
            case NamedColumn():
                return NamedColumn(column.values[self.order], (), absent, ())
            case None:
                return None


class _Cells:
    """Where a fact lies, by sets of its cells: brought into order when they are first asked for."""

    def __init__(self, read: BlockRead, order: RowNumbers, name: str, found: dict[int, Bits]) -> None:
        # Not the `Ordered` that keeps this: all of a block would stay until cycles are collected, which is seldom.
        self._given = read.still[name]
        self._rows = read.rows
        self._order = order
        self._found = found

    def __getitem__(self, cells: int) -> Bits:
        if cells not in self._found:
            self._found[cells] = _in_order(self._given[cells], self._rows, self._order)
        return self._found[cells]


class OnDays:
    """Some words of rows that are in order, each on the day on which its key has risen to a cut."""

    def __init__(self, ordered: Ordered, words: slice, cut: int) -> None:
        self.ordered = ordered
        self.words = words
        self.rows = slice(64 * words.start, 64 * words.stop)
        keys = ordered.keys[self.rows]
        self.ends = cut - int(keys[-1]), cut - int(keys[0])
        """The first and the last day."""
        self.days: Numbers = (cut - keys).astype(fitting(*self.ends))
        self._columns: dict[str, Column | None] = {}

    def column(self, fact: str) -> Column | None:
        """The values of a fact on the days."""
        if fact not in self._columns:
            self._columns[fact] = self._read(fact)
        return self._columns[fact]

    def _read(self, fact: str) -> Column | None:
        column, by = self.ordered.column(fact), self.ordered.read.work.moves.get(fact)
        absent = None if column is None or column.absent is None else column.absent[self.words]
        match column:
            case NumberColumn(values, ends, ratio):
                chosen = values[self.rows]
                if by is not None:
                    moved = sorted(by * day for day in self.ends)
                    ends = ends[0] + moved[0], ends[1] + moved[1]
                    kind = fitting(*ends, *moved)
                    chosen = chosen.astype(kind) + self.days.astype(kind) * kind.type(by)
                return NumberColumn(chosen, ends, ratio, absent, ())
            case NamedColumn(values):
                return NamedColumn(values[self.rows], (), absent, ())
            case None:
                return None


class InRows:
    """What is decided of such rows on their days, which are of a span, or, `earlier`, on the day before."""

    def __init__(self, on: OnDays, span: Span, *, earlier: bool) -> None:
        self._on = on
        self._span = span
        self._earlier = earlier
        self._read = on.ordered.read
        self._inside: dict[str, Mapping[int, Bits]] = {}

    def permitted(self, plan: Plan | None, action: int) -> Bits:
        """Where an action is permitted, by the plan for a cell of what the rows are ordered by."""
        rows = len(self._on.days)
        if plan is None:
            return nothing(rows)
        return permitted(plan, self._read.work.told[action], Rows(rows, self)) & self.good

    @cached_property
    def good(self) -> Bits:
        """The rows that can be decided."""
        good = self._on.ordered.good(self._span)[self._on.words]
        for fact in self._read.leaving(self._span):
            good = good & ~beyond(self._read.work.facts[fact], self._moving(fact))
        return good

    def __getitem__(self, name: str) -> _Words | Mapping[int, Bits]:
        if name in self._read.still:
            return _Words(self._on.ordered.still(name), self._on.words)
        if name not in self._inside:
            self._inside[name] = self._relate(name) if name in self._read.work.relations else self._compare(name)
        return self._inside[name]

    def _moving(self, fact: str) -> NumberColumn:
        """The values of a fact that moves, of which those of the day before have an offset."""
        column = self._on.column(fact)
        assert isinstance(column, NumberColumn)
        return evolve(column, offset=-self._read.work.moves[fact]) if self._earlier else column

    def _compare(self, fact: str) -> Mapping[int, Bits]:
        read, column, plan = self._read, self._moving(fact), self._span.plan
        assert plan is not None
        axis, cells = read.work.axes[fact], plan.cells_for_verdicts[fact]
        truths = compare(column, compared(axis, column, cells), read.work.by_loops)
        return inside(axis, column, len(self._on.days), cells, truths)

    def _relate(self, name: str) -> Mapping[int, Bits]:
        read = self._read
        columns = {fact: self._on.column(fact) for fact in read.work.relations[name].facts}
        for fact in [fact for fact in columns if fact in read.moving]:
            column = self._moving(fact)
            columns[fact] = as_column(column.values + np.int64(column.offset), column.absent)
        return read.relate(name, columns, len(self._on.days))


class _Words:
    """Some words of where a fact lies."""

    def __init__(self, cells: _Cells, words: slice) -> None:
        self._cells = cells
        self._words = words

    def __getitem__(self, cells: int) -> Bits:
        return self._cells[cells][self._words]


def _in_order(bits: Bits, rows: int, order: RowNumbers) -> Bits:
    """The bits of some of the rows, in their order."""
    return packed(unpacked(bits, rows)[order])


def _order(keys: Integers) -> RowNumbers:
    """The order of some numbers. Small ones are sorted in the time that it takes to read them."""
    if not len(keys):
        return np.zeros(0, np.intp)
    low, high = int(keys.min()), int(keys.max())
    return np.argsort((keys - low).astype(np.min_scalar_type(high - low)), kind="stable")  # unsigned: nothing wraps
