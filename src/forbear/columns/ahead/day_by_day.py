"""Counts a block day by day: of what the rules read, only what moves is compared anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.work import Block, Work, bad_rows, moved, number_of, on_grid, permitted
from forbear.columns.applying import relate_facts
from forbear.columns.bits import Bits, packed, unpacked
from forbear.columns.comparing import compare
from forbear.columns.deciding import Rows, compared, inside
from forbear.columns.io.values import Column, NumberColumn
from forbear.columns.plan import Plan


def day_by_day(work: Work, block: Block) -> Counts:
    """The counts of a block."""
    rows = block.rows
    found = Counts.nothing(work.told, work.days)
    if not work.plans:  # the policy is never in force
        found.undecided[:] = rows
        return Counts(found.actions, rows, found.permitted, found.due, found.ended, found.undecided)
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
    before: dict[str, Bits] = {}
    for span in work.spans:
        constant: dict[str, Bits] = {}
        depending = {action for action in work.told if span.plan is not None and work.depends(span.plan, action)}
        for day in range(span.first, span.last + 1):
            now: dict[str, Bits] = {}
            bad_today = np.zeros_like(bad)
            if span.plan is None:
                bad_today = ~bad
            else:
                its = moving.on(day)
                bad_today = its.beyond
                where = Rows(rows, {**still, **its.inside})
                for action in work.told:
                    if action in constant:
                        now[action] = constant[action]
                        continue
                    now[action] = permitted(span.plan, action, where)
                    if action not in depending:
                        constant[action] = now[action]
            good = ~(bad | bad_today)
            found.undecided[day] = rows - number_of(good)
            for number, action in enumerate(work.told):
                bits = now[action] & good if action in now else np.zeros_like(good)
                found.permitted[number, day] = number_of(bits)
                if day:
                    found.due[number, day] = number_of(bits & ~before[action])
                    found.ended[number, day] = number_of(before[action] & ~bits)
                before[action] = bits
    return Counts(found.actions, rows, found.permitted, found.due, found.ended, found.undecided)


class _Today:
    def __init__(self, inside: Mapping[str, Mapping[int, Bits]], beyond: Bits) -> None:
        self.inside = inside
        self.beyond = beyond


class _Moving:
    """The facts of a block that move."""

    def __init__(self, work: Work, columns: Mapping[str, Column | None], rows: int) -> None:
        self._work = work
        self._columns = columns
        self._rows = rows
        self._plan: Plan = work.plans[0]
        self._values = {}
        self._there = {}
        for fact in work.moves:
            column = columns[fact]
            assert isinstance(column, NumberColumn)
            self._values[fact] = on_grid(column, self._plan.facts[fact].low, rows)
            self._there[fact] = None if column.absent is None else ~unpacked(column.absent, rows)

    def on(self, day: int) -> _Today:
        """Where they are on a day, and the rows in which one is beyond its range."""
        work, plan, rows = self._work, self._plan, self._rows
        columns = dict(self._columns)
        found: dict[str, Mapping[int, Bits]] = {}
        beyond = np.zeros(rows, np.bool_)
        for fact, by in work.moves.items():
            spec, cells = plan.facts[fact], work.cells.get(fact, ())
            column = columns[fact]
            assert isinstance(column, NumberColumn)
            values = self._values[fact] + by * day
            out = (values > spec.high) | (values < spec.low)
            there = self._there[fact]
            if there is not None:
                out &= there
            beyond |= out
            columns[fact] = column = moved(column, values)
            if cells:
                axis = plan.axes[fact]
                truths = compare(column, compared(axis, column, cells), work.by_loops)
                found[fact] = inside(axis, column, rows, cells, truths)
        for name in work.moving_relations:
            found[name] = relate_facts(plan, name, work.cells[name], columns, rows, work.by_loops)
        return _Today(found, packed(beyond))
