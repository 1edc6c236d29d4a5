"""A block of rows as it is read once, and where its facts lie on a later day."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from attrs import evolve

from forbear.portfolio.ahead.work import Block, Span, Work, as_column, bad_rows, beyond, fitting, on_grid, permitted
from forbear.portfolio.applying import relate_facts
from forbear.portfolio.io.values import Column, Integers, NumberColumn
from forbear.portfolio.verdicts.bits import Bits, nothing, unpacked
from forbear.portfolio.verdicts.comparing import compare
from forbear.portfolio.verdicts.deciding import Rows, compared, inside
from forbear.portfolio.verdicts.plan import Plan
from forbear.portfolio.verdicts.relating import turning_days


class BlockRead:
    """The facts of a block. Of those that move the values stay as they are on day 0, and what they are compared with
    moves."""

    def __init__(self, work: Work, block: Block) -> None:
        self.work = work
        self.rows = rows = block.rows
        facts = [*work.columns, *[name for name in work.cells if name not in {**work.columns, **work.relations}]]
        read = {fact: work.read(fact, block) for fact in facts}
        self.columns: dict[str, Column | None] = {fact: fact_read.column for fact, fact_read in read.items()}
        self._errors = {fact: fact_read.errors for fact, fact_read in read.items()}
        self._bad: dict[frozenset[str], Bits] = {}
        self.all = ~bad_rows([], rows)
        self.still = {fact: fact_read.inside for fact, fact_read in read.items() if fact not in work.moves}
        """Where the facts and the relations lie that do not move."""
        self.moving: dict[str, NumberColumn] = {}
        for fact in work.moves:
            column = self.columns[fact]
            assert isinstance(column, NumberColumn)
            values = on_grid(column, work.facts[fact].low, rows)
            self.moving[fact] = self.columns[fact] = as_column(values, column.absent)
        self._leaving = frozenset(fact for fact, column in self.moving.items() if self._leaves(fact, column))
        for name in work.relations:
            if name not in work.moving_relations:
                self.still[name] = self.relate(name, self.columns, rows)

    def relate(self, name: str, columns: Mapping[str, Column | None], rows: int) -> dict[int, Bits]:
        """Where a relation lies in some rows, of which the columns are given."""
        work = self.work
        return relate_facts(work.relations[name], work.axes, work.cells.get(name, ()), columns, rows, work.by_loops)

    def bad(self, span: Span) -> Bits:
        """The rows that have an error in a fact of the version in force, and the bits after the last row."""
        if span.facts not in self._bad:
            errors = [error for fact in self._errors if fact in span.facts for error in self._errors[fact]]
            self._bad[span.facts] = bad_rows(errors, self.rows)
        return self._bad[span.facts]

    def leaving(self, span: Span) -> Collection[str]:
        """The facts of the version in force that move, and may be beyond their range on some day."""
        return self._leaving & span.facts

    def _leaves(self, fact: str, column: NumberColumn) -> bool:
        spec, way = self.work.facts[fact], self.work.moves[fact] * self.work.days
        return column.ends[0] + min(way, 0) < spec.low or spec.high < column.ends[1] + max(way, 0)

    def keys(self, mover: str, never: int) -> Integers:
        """What is compared with the cuts of a mover, a fact or a relation: it rises by one a day. It is `never` in a
        row in which nothing moves it."""
        work, relation = self.work, self.work.relations.get(mover)
        names = (mover,) if relation is None else relation.facts
        columns = [column for name in names if isinstance(column := self.columns[name], NumberColumn)]
        if len(columns) < len(names):  # without a column a fact is absent
            return np.full(self.rows, never)
        keys: Integers
        if relation is None:
            [column] = columns
            kind = fitting(*column.ends, *(-end for end in column.ends), never)
            keys = column.values.astype(kind) * kind.type(np.sign(work.moves[mover]))
        else:
            days = turning_days(relation, columns, [work.moves.get(name, 0) for name in names])
            keys = np.int64(work.rate(mover) > 0) - days
        for column in columns:
            if column.absent is not None:
                keys[unpacked(column.absent, self.rows)] = never
        return keys

    def on(self, span: Span, day: int) -> Today:
        """Where everything lies that the rules of a span read, on a day."""
        work, rows = self.work, self.rows
        assert span.plan is not None
        cells_by_fact: dict[str, Mapping[int, Bits]] = {}
        out = self.bad(span)
        for fact, by in work.moves.items():
            if fact not in span.facts:
                continue
            cells, column = span.plan.cells_for_verdicts.get(fact, ()), evolve(self.moving[fact], offset=by * day)
            out = out | beyond(work.facts[fact], column)
            if cells:
                axis = work.axes[fact]
                truths = compare(column, compared(axis, column, cells), work.by_loops)
                cells_by_fact[fact] = inside(axis, column, rows, cells, truths)
        relations = [name for name in work.moving_relations if span.plan.cells_for_verdicts.get(name)]
        if relations:
            shifted = {
                fact: as_column(column.values + np.int64(work.moves[fact] * day), column.absent)
                for fact, column in self.moving.items()
            }
            columns = {**self.columns, **shifted}
            for name in relations:
                cells_by_fact[name] = self.relate(name, columns, rows)
        return Today(Rows(rows, {**self.still, **cells_by_fact}), ~out)


class Today:
    """The rows of a block on a day."""

    def __init__(self, where: Rows, good: Bits) -> None:
        self.where = where
        self.good = good
        """Those that can be decided."""

    def permitted(self, plan: Plan, action: str) -> Bits:
        return permitted(plan, action, self.where) & self.good


def state(read: BlockRead, span: Span, day: int) -> list[Bits]:
    """Where each action is permitted on a day of a span, and, last, which rows cannot be decided."""
    if span.plan is None:
        none = nothing(read.rows)
        return [*[none for _ in read.work.told], read.all]
    today = read.on(span, day)
    return [*[today.permitted(span.plan, action) for action in read.work.told], read.all & ~today.good]
