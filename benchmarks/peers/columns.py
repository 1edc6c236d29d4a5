"""Many cases at once, as somebody would write it by hand for Polars, NumPy and DuckDB: a verdict column an action.

Verdicts are 0 for unsaid, 1 for allowed and 2 for forbidden; deciding rules are not named.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import polars as pl
from workload import ACTIONS

import forbear
from peers.rules import AtLeast, Between, Comparison, Is, Rule

Verdicts = dict[str, Any]
"""A column of verdicts an action."""
Run = Callable[[pl.DataFrame], Verdicts]
_CODES = {"unsaid": 0, "allowed": 1, "forbidden": 2}


def ours(given: list[Rule], policy: forbear.Policy) -> Run:
    def run(frame: pl.DataFrame) -> Verdicts:
        decided = policy.apply(frame)
        return {action: decided[action] for action in ACTIONS}

    return run


def codes(column: Any) -> list[int]:
    """A column of verdicts as numbers."""
    values = column.to_list() if isinstance(column, pl.Series) else column.tolist()
    return [value if isinstance(value, int) else _CODES[value] for value in values]


def by_polars(given: list[Rule], policy: forbear.Policy) -> Run:
    columns = [
        pl.when(_any_of(given, action, True)).then(2).when(_any_of(given, action, False)).then(1).otherwise(0)
        .cast(pl.UInt8).alias(action)
        for action in ACTIONS
    ]  # fmt: skip

    def run(frame: pl.DataFrame) -> Verdicts:
        decided = frame.lazy().select(columns).collect(engine="streaming")
        return {action: decided[action] for action in ACTIONS}

    return run


def _any_of(given: list[Rule], action: str, forbids: bool) -> pl.Expr:
    found = [
        reduce(and_, [_expression(one) for one in rule.comparisons])
        for rule in given
        if action in rule.actions and rule.forbids is forbids
    ]
    return pl.any_horizontal(found) if found else pl.lit(False)


def _expression(comparison: Comparison) -> pl.Expr:
    column = pl.col(comparison.fact)
    match comparison:
        case Between(_, low, high):
            return column.is_between(low, high)
        case AtLeast(_, low):
            return column >= low
        case Is(_, bool(value)):
            return column if value else ~column
        case Is(_, value):
            return column == value


def by_numpy(given: list[Rule], policy: forbear.Policy) -> Run:
    def run(frame: pl.DataFrame) -> Verdicts:
        columns = {name: frame[name].to_numpy() for name in frame.columns}
        names = {name: frame[name].unique().to_list() for name in ("dispute", "risk")}
        equal = {(name, value): (frame[name] == value).to_numpy() for name, some in names.items() for value in some}
        verdicts = {action: np.zeros(len(frame), np.uint8) for action in ACTIONS}
        for forbids, code in ((False, 1), (True, 2)):
            for rule in given:
                if rule.forbids is forbids:
                    holds = reduce(and_, [_truths(one, columns, equal) for one in rule.comparisons])
                    for action in rule.actions:
                        verdicts[action][holds] = code
        return verdicts

    return run


def _truths(comparison: Comparison, columns: dict[str, Any], equal: dict[tuple[str, str], Any]) -> Any:
    match comparison:
        case Between(fact, low, high):
            return (columns[fact] >= low) & (columns[fact] <= high)
        case AtLeast(fact, low):
            return columns[fact] >= low
        case Is(fact, bool(value)):
            return columns[fact] if value else ~columns[fact]
        case Is(fact, value):
            return equal[fact, str(value)]


def by_duckdb(given: list[Rule], policy: forbear.Policy) -> Run:
    import duckdb

    def any_of(action: str, forbids: bool) -> str:
        found = [
            " and ".join(_sql(one) for one in rule.comparisons)
            for rule in given
            if action in rule.actions and rule.forbids is forbids
        ]
        return " or ".join(f"({text})" for text in found) or "false"

    columns = [
        f"(case when {any_of(action, True)} then 2 when {any_of(action, False)} then 1 else 0 end)::utinyint {action}"
        for action in ACTIONS
    ]
    connection = duckdb.connect()

    def run(frame: pl.DataFrame) -> Verdicts:
        connection.register("cases", frame.to_arrow())
        decided = connection.sql(f"select {', '.join(columns)} from cases").fetchnumpy()
        return {action: decided[action] for action in ACTIONS}

    return run


def _sql(comparison: Comparison) -> str:
    match comparison:
        case Between(fact, low, high):
            return f"{fact} between {low} and {high}"
        case AtLeast(fact, low):
            return f"{fact} >= {low}"
        case Is(fact, bool(value)):
            return fact if value else f"not {fact}"
        case Is(fact, value):
            return f"{fact} = '{value}'"


def alike(one: Verdicts, other: Verdicts) -> bool:
    return all(codes(one[action]) == codes(other[action]) for action in ACTIONS)
