"""Counts a block day by day: of what the rules read, only what moves is compared anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from attrs import evolve

from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.work import Block, Work, bad_rows, moved, number_of, on_grid, permitted
from forbear.columns.applying import relate_facts
from forbear.columns.bits import Bits, nothing, packed
from forbear.columns.comparing import compare
from forbear.columns.deciding import Rows, compared, inside
from forbear.columns.io.values import Column, NumberColumn
from forbear.columns.plan import Plan


class Day(NamedTuple):
    """What is decided on a day: how many rows are not, and where each action is permitted that may not be permitted as
    on the day before. The bits after the last row are none."""

    number: int
    undecided: int
    permitted: Mapping[str, Bits]


def day_by_day(work: Work, block: Block) -> Counts:
    """The counts of a block."""
    found = Counts.nothing(work.told, work.days)
    before: dict[str, Bits] = {}
    for day, undecided, now in days_of(work, block):
        found.undecided[day] = undecided
        for number, action in enumerate(work.told):
            if action not in now:
                found.permitted[number, day] = found.permitted[number, day - 1]
                continue
            bits = now[action]
            found.permitted[number, day] = number_of(bits)
            if day:
                due = number_of(bits & ~before[action])
                found.due[number, day] = due
                found.ended[number, day] = found.permitted[number, day - 1] + due - found.permitted[number, day]
            before[action] = bits
    return Counts(found.actions, block.rows, found.permitted, found.due, found.ended, found.undecided)


def days_of(work: Work, block: Block) -> Iterator[Day]:
    """What is decided of a block on each day."""
    rows = block.rows
    none = nothing(rows)
    if not work.plans:  # the policy is never in force
        yield from [Day(day, rows, dict.fromkeys(work.told, none)) for day in range(work.days + 1)]
        return
    plan = work.plans[0]
    read = {
        fact: work.read(fact, work.columns[fact].slice(*block) if fact in work.columns else None, rows)
        for fact in {**work.columns, **{name: () for name in work.cells if name not in plan.relations}}
    }
    columns = {fact: its.column for fact, its in read.items()}
    bad = bad_rows([error for its in read.values() for error in its.errors], rows)
    still = {fact: its.inside for fact, its in read.items() if fact not in work.moves}
    for name in plan.relations:
        if name not in work.moving_relations:
            still[name] = relate_facts(plan, name, work.cells[name], columns, rows, work.by_loops)
    moving = _Moving(work, columns, rows)
    undecided = -1
    for span in work.spans:
        if span.plan is None:
            yield from [Day(day, rows, dict.fromkeys(work.told, none)) for day in range(span.first, span.last + 1)]
            continue
        depending = [action for action in work.told if work.depends(span.plan, action)]
        constant: dict[str, Bits] = {}
        for day in range(span.first, span.last + 1):
            its = moving.on(day)
            where = Rows(rows, {**still, **its.inside})
            good = ~(bad | its.beyond)
            before, undecided = undecided, rows - number_of(good)
            same = day > span.first and undecided == before  # none is undecided anew
            now = {action: permitted(span.plan, action, where) for action in depending}
            if day == span.first:
                constant = {
                    action: permitted(span.plan, action, where) for action in work.told if action not in depending
                }
            if not same:
                now |= constant
            yield Day(day, undecided, {action: bits & good for action, bits in now.items()})


class _Today:
    def __init__(self, inside: Mapping[str, Mapping[int, Bits]], beyond: Bits) -> None:
        self.inside = inside
        self.beyond = beyond


class _Moving:
    """The facts of a block that move. Their values stay, and what they are compared with moves."""

    def __init__(self, work: Work, columns: Mapping[str, Column | None], rows: int) -> None:
        self._work = work
        self._columns = columns
        self._rows = rows
        self._plan: Plan = work.plans[0]
        self._moving: dict[str, NumberColumn] = {}
        for fact in work.moves:
            column = columns[fact]
            assert isinstance(column, NumberColumn)
            self._moving[fact] = moved(column, on_grid(column, self._plan.facts[fact].low, rows))

    def on(self, day: int) -> _Today:
        """Where they are on a day, and the rows in which one is beyond its range."""
        work, plan, rows = self._work, self._plan, self._rows
        found: dict[str, Mapping[int, Bits]] = {}
        beyond = np.zeros(-(-rows // 64), np.uint64)
        for fact, by in work.moves.items():
            cells, column = work.cells.get(fact, ()), evolve(self._moving[fact], offset=by * day)
            beyond |= self._beyond(fact, column)
            if cells:
                axis = plan.axes[fact]
                truths = compare(column, compared(axis, column, cells), work.by_loops)
                found[fact] = inside(axis, column, rows, cells, truths)
        if work.moving_relations:
            shifted = {
                fact: moved(its, its.values + np.int64(work.moves[fact] * day)) for fact, its in self._moving.items()
            }
            columns = {**self._columns, **shifted}
            for name in work.moving_relations:
                found[name] = relate_facts(plan, name, work.cells[name], columns, rows, work.by_loops)
        return _Today(found, beyond)

    def _beyond(self, fact: str, column: NumberColumn) -> Bits:
        """The rows in which a fact is beyond its range."""
        spec, offset = self._plan.facts[fact], column.offset
        low, high = spec.low - offset, spec.high - offset
        if not self._rows or (low <= column.ends[0] and column.ends[1] <= high):
            return np.zeros(-(-self._rows // 64), np.uint64)
        out = packed((column.values < low) | (column.values > high))
        return out if column.absent is None else out & ~column.absent
