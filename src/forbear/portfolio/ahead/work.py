"""What the counting of each block needs, and what both ways of it share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from attrs import frozen

from forbear.kernel.cases import FactSpec, Verdict
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Relation
from forbear.portfolio.ahead.cells import formulas_of, masks_in
from forbear.portfolio.ahead.moving import Moves
from forbear.portfolio.applying import FactRead, Options, read_fact
from forbear.portfolio.io.values import Column, NumberColumn, RowError
from forbear.portfolio.verdicts.bits import Bits, at_rows, everything, nothing, packed
from forbear.portfolio.verdicts.deciding import Rows, decisions, verdicts
from forbear.portfolio.verdicts.plan import Plan
from forbear.semantics.composition.duties import alone
from forbear.space.axes import Axis

_PERMITTED = (Verdict.ALLOWED, Verdict.REQUIRED)


class Block(NamedTuple):
    """Consecutive rows: the first, counted from 0, and how many."""

    start: int
    rows: int


@frozen(eq=False)
class Ahead:
    """How a version of a policy reads columns and what time moves of them; and the plan for each day from its `first`
    one on, None for one on which it is not in force. Days are counted from the day that the columns are of."""

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


class Span(NamedTuple):
    """Days on which the same rules are in force, the first and the last; without a plan, none is."""

    first: int
    last: int
    plan: Plan | None
    facts: frozenset[str]
    """Those of the version in force that have a column. In a row with an error in one of them nothing is decided."""


@frozen(eq=False, slots=False)
class Work:
    """What the counting of each block needs. The facts are those of all versions."""

    told: tuple[str, ...]
    spans: tuple[Span, ...]
    facts: Mapping[str, FactSpec]
    axes: Mapping[str, Axis]
    relations: Mapping[str, Relation]
    moves: Mapping[str, int]
    columns: Mapping[str, pl.Series]
    """By fact."""
    none: frozenset[str]
    """The facts whose nulls mean none."""
    by_loops: bool

    @property
    def days(self) -> int:
        """The last day; the first is 0."""
        return self.spans[-1].last

    @cached_property
    def plans(self) -> list[Plan]:
        return [span.plan for span in self.spans if span.plan is not None]

    @cached_property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """The sets of cells that some plan needs, by fact."""
        cells_by_fact: dict[str, dict[int, None]] = {}
        for plan in self.plans:
            for name, cells in plan.cells_for_verdicts.items():
                cells_by_fact.setdefault(name, {}).update(dict.fromkeys(cells))
        return {name: tuple(cells) for name, cells in cells_by_fact.items()}

    @cached_property
    def moving_relations(self) -> Sequence[str]:
        """The relations that are read, and whose difference moves."""
        return [name for name in self.relations if self.cells.get(name) and self.rate(name)]

    def rate(self, mover: str) -> int:
        """What a fact, or the difference in a relation, rises by a day, in steps; below 0 where it falls."""
        relation = self.relations.get(mover)
        if relation is None:
            return self.moves[mover]
        moves = zip(relation.factors, relation.facts, strict=True)
        # What is compared with the limit is at most it: the relation rises to hold where that falls
        return -sum(factor * self.moves.get(fact, 0) for factor, fact in moves)

    def moving_read(self, plan: Plan) -> Sequence[str]:
        """The facts that move, and of which some rule reads."""
        return [name for name in self.moves if plan.cells_for_verdicts.get(name)]

    def read(self, fact: str, block: Block) -> FactRead:
        """Reads a column of a block, if there is one. What moves is compared on each day."""
        series, cells = self.columns.get(fact), () if fact in self.moves else self.cells.get(fact, ())
        part = None if series is None else series.slice(*block)
        none = fact in self.none
        return read_fact(self.facts[fact], self.axes.get(fact), cells, part, block.rows, none, self.by_loops)

    def depends(self, plan: Plan, action: str) -> bool:
        """Whether the verdict on an action reads what moves."""
        if action not in plan.actions:
            return False
        moving = [*self.moving_read(plan), *self.moving_relations]
        return any(True for formula in formulas_of(plan, action) for name in moving for _ in masks_in(formula, name))


def permitted(plan: Plan, action: str, rows: Rows) -> Bits:
    """The rows in which an action is permitted: none by a plan that lacks it."""
    if action not in plan.actions:
        return rows.none
    if action in plan.outcomes:
        by_verdict = verdicts(plan.outcomes[action], rows)
    else:
        by_verdict = decisions(plan, plan.actions[action], rows).verdicts
    left, permitted_rows = rows.all, rows.none
    for verdict, bits in by_verdict.items():
        if verdict in _PERMITTED:
            permitted_rows = permitted_rows | (bits & left)
        left = left & ~bits
    return permitted_rows


def on_grid(column: Column, low: int, rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The values of a column of numbers, on the grid of their fact; `low` where there is none."""
    assert isinstance(column, NumberColumn)
    values = column.values.astype(np.int64)
    if column.ratio != 1:
        values = values * column.ratio.numerator // column.ratio.denominator
    for error in column.errors:
        values[error.rows] = low
    return values


def as_column(values: np.ndarray[tuple[int], np.dtype[np.int64]], absent: Bits | None) -> NumberColumn:
    """Values on the grid of a fact as a column."""
    ends = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    return NumberColumn(values.astype(fitting(*ends)), ends, Fraction(1), absent, ())


def fitting(*numbers: int) -> np.dtype[Any]:
    """The smallest signed type of numbers, of 16 bits at least, that has these."""
    small = np.result_type(np.int16, *map(np.min_scalar_type, numbers))
    return small if small.kind == "i" else np.dtype(np.int64)


def beyond(spec: FactSpec, column: NumberColumn) -> Bits:
    """The rows in which a fact that moves is beyond its range."""
    low, high, rows = spec.low - column.offset, spec.high - column.offset, len(column.values)
    if not rows or (low <= column.ends[0] and column.ends[1] <= high):
        return nothing(rows)
    out = packed((column.values < low) | (column.values > high))
    return out if column.absent is None else out & ~column.absent


def bad_rows(errors: list[RowError], rows: int) -> Bits:
    """The rows that have an error, and the bits of none after the last row."""
    good = everything(rows)
    if rows % 64:
        good[-1] = (1 << rows % 64) - 1
    bad = ~good
    return bad | at_rows(np.concatenate([error.rows for error in errors]), rows) if errors else bad


def number_of(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum(dtype=np.int64))
