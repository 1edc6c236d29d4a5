"""Counts a block day by day: of what the rules read, only what moves is compared anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve

from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.work import Block, Work, bad_rows, moved, number_of, on_grid, permitted
from forbear.columns.applying import relate_facts
from forbear.columns.bits import Bits, packed
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
            still_good = day > span.first and found.undecided[day] == found.undecided[day - 1]  # none is undecided anew
            for number, action in enumerate(work.told):
                if still_good and action not in depending:
                    found.permitted[number, day] = found.permitted[number, day - 1]
                    continue
                bits = now[action] & good if action in now else np.zeros_like(good)
                found.permitted[number, day] = number_of(bits)
                if day:
                    due = number_of(bits & ~before[action])
                    found.due[number, day] = due
                    found.ended[number, day] = found.permitted[number, day - 1] + due - found.permitted[number, day]
                before[action] = bits
    return Counts(found.actions, rows, found.permitted, found.due, found.ended, found.undecided)


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
