"""Decides which actions are permitted on each of the days ahead, if nothing else happens, as `Policy.apply` does on
each day for the frame of that day. A column is read once; if its fact moves with time, its values are compared anew on
each day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl
from attrs import frozen

from forbear.kernel.cases import FactSpec, Verdict
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.portfolio.ahead.moving import Moves
from forbear.portfolio.applying import Options, read_fact, relate_facts, shared
from forbear.portfolio.io.files import typed
from forbear.portfolio.io.values import Column, NumberColumn
from forbear.portfolio.verdicts.bits import Bits, at_rows, everything, nothing, packed
from forbear.portfolio.verdicts.comparing import compare
from forbear.portfolio.verdicts.deciding import Rows, compared, decisions, inside, verdicts
from forbear.portfolio.verdicts.plan import Plan
from forbear.semantics.composition.duties import alone

Result = TypeVar("Result")
State: TypeAlias = Sequence[Bits]
"""The rows that are permitted each action, and last those that cannot be decided."""
_PERMITTED = (Verdict.ALLOWED, Verdict.REQUIRED)
_BLOCK = 1 << 18
"""Rows of a block: what is known of them stays in the processor's cache."""
_FEW = 1 << 17
"""Rows below which one thread counts alone, and without compiled loops."""


@frozen(eq=False)
class Ahead:
    """How a version of a policy reads columns, which of them move with time; and the plan for each day from its `first`
    one on, None for one on which it is not in force. Days are counted from the day of the columns.
    """

    policy: TypedPolicy
    facts: Mapping[str, FactSpec]
    options: Options
    moves: Moves
    first: int
    plans: Sequence[Plan | None]

    def held(self, action: str) -> list[tuple[str, str]]:
        """The facts that rules on an action read and that nothing moves, with their columns."""
        facts = {fact: column for column, fact in self.options.facts.items()}
        if not self.moves.held or action not in self.policy.actions:
            return []
        read = facts_read(alone(self.policy, action))
        return [(name, facts[name]) for name in self.moves.held if name in read]

    @property
    def last(self) -> int:
        """The last day."""
        return self.first + len(self.plans) - 1


def by_blocks(
    policies: Sequence[tuple[Sequence[Ahead], Sequence[str]]],
    frame: pl.DataFrame,
    rows: int,
    take: Callable[[list[Iterator[State]], int], Result],
    *,
    texts: bool,
) -> list[Result]:
    """Returns the result of `take` for each block of a frame, in order. `take` gets the states of its rows on each day
    by each policy, and their number. A policy is given as its versions in turn and the actions that are asked about.
    """

    def do(start: int) -> Result:
        block = frame.slice(start, _BLOCK)
        of = min(_BLOCK, rows - start)
        return take([_states(ahead, actions, block, of, texts, rows >= _FEW) for ahead, actions in policies], of)

    return shared(do, range(0, rows, _BLOCK), pl.thread_pool_size() if rows >= _FEW else 1)


def _states(
    ahead: Sequence[Ahead], actions: Sequence[str], frame: pl.DataFrame, rows: int, texts: bool, by_loops: bool
) -> Iterator[State]:
    for version in ahead:
        block = _Block(version, frame, rows, texts, by_loops)
        for day, plan in enumerate(version.plans, version.first):
            yield block.state(plan, actions, day)


class _Block:
    """Consecutive rows of a frame, as a version of a policy reads them."""

    def __init__(self, ahead: Ahead, frame: pl.DataFrame, rows: int, texts: bool, by_loops: bool) -> None:
        self.moves, self.facts, self.rows, self.by_loops = ahead.moves.by_day, ahead.facts, rows, by_loops
        self.errors: list[np.ndarray[tuple[int], np.dtype[np.intp]]] = []
        plans = list(dict.fromkeys(plan for plan in ahead.plans if plan is not None))  # all have the same axes
        if not plans:
            return
        frame, options = typed(frame, ahead.facts, ahead.options, texts=texts), ahead.options
        series = {fact: frame[column] for column, fact in options.facts.items()}
        cells: dict[str, tuple[int, ...]] = {}
        for plan in plans:
            for name, sets in plan.cells_for_verdicts.items():
                cells[name] = tuple(dict.fromkeys((*cells.get(name, ()), *sets)))
        self.columns: dict[str, Column | None] = {}
        self.still: dict[str, dict[int, Bits]] = {}
        """Where the facts and the relations lie that do not move."""
        axes, relations = plans[0].axes, plans[0].relations
        for name in [name for name in {**series, **cells} if name not in relations]:
            sets, none = () if name in self.moves else cells.get(name, ()), name in options.none
            read = read_fact(self.facts[name], axes.get(name), sets, series.get(name), rows, none, by_loops)
            self.columns[name] = read.column
            self.errors += [error.rows for error in read.errors]
            if name in self.moves:
                assert isinstance(read.column, NumberColumn)
                self.columns[name] = _on_grid(read.column)
            else:
                self.still[name] = read.inside
        for name, relation in relations.items():
            if not self.moves.keys() & set(relation.facts):
                sets = cells.get(name, ())
                self.still[name] = relate_facts(relation, axes, sets, self.columns, rows, by_loops)

    def state(self, plan: Plan | None, actions: Sequence[str], day: int) -> State:
        if plan is None:
            return [*[nothing(self.rows) for _ in actions], everything(self.rows)]
        columns, cells = dict(self.columns), plan.cells_for_verdicts
        undecided = at_rows(np.concatenate(self.errors), self.rows) if self.errors else nothing(self.rows)
        where = dict(self.still)
        for name, by in self.moves.items():
            columns[name] = column = _moved(columns[name], by * day)
            undecided = undecided | _beyond(self.facts[name], column)
            if name in cells:
                axis, sets = plan.axes[name], cells[name]
                truths = compare(column, compared(axis, column, sets), self.by_loops)
                where[name] = inside(axis, column, self.rows, sets, truths)
        for name, relation in plan.relations.items():
            if name not in where:
                sets = cells.get(name, ())
                where[name] = relate_facts(relation, plan.axes, sets, columns, self.rows, self.by_loops)
        decided = Rows(self.rows, where)
        return [*[_permitted(plan, action, decided) & ~undecided for action in actions], undecided]


def _on_grid(column: NumberColumn) -> NumberColumn:
    """A column with its values on the grid of their fact."""
    values = column.values.astype(np.int64)
    if column.ratio != 1:
        values = values * column.ratio.numerator // column.ratio.denominator
    ends = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    return NumberColumn(values, ends, Fraction(1), column.absent, ())


def _moved(column: Column | None, steps: int) -> NumberColumn:
    assert isinstance(column, NumberColumn)
    low, high = column.ends
    return NumberColumn(column.values + np.int64(steps), (low + steps, high + steps), Fraction(1), column.absent, ())


def _beyond(spec: FactSpec, column: NumberColumn) -> Bits:
    """The rows in which a fact that moves is beyond its range."""
    if spec.low <= column.ends[0] and column.ends[1] <= spec.high:
        return nothing(len(column.values))
    out = packed((column.values < spec.low) | (column.values > spec.high))
    return out if column.absent is None else out & ~column.absent


def _permitted(plan: Plan, action: str, rows: Rows) -> Bits:
    """The rows in which an action is permitted: none by a plan that lacks it."""
    if action not in plan.actions:
        return rows.none
    if action in plan.outcomes:
        by_verdict = verdicts(plan.outcomes[action], rows)
    else:
        by_verdict = decisions(plan, plan.actions[action], rows).verdicts
    left, permitted = rows.all, rows.none
    for verdict, bits in by_verdict.items():
        if verdict in _PERMITTED:
            permitted = permitted | (bits & left)
        left = left & ~bits
    return permitted
