"""Columns compared with values: many comparisons at once, which Polars shares among its threads.

Python holds none of these up, as it would threads that ask for one comparison after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from forbear.columns.bits import of_series
from forbear.columns.reading import Column, Line, Truths, Value

_FEW = 3
"""To make numbers small takes as long as so many comparisons."""


def compare(columns: Mapping[str, Column], values: Mapping[str, Sequence[Value]]) -> dict[str, Truths]:
    """Each column compared with each of some values, by fact."""
    series: list[pl.Series] = []
    quick: list[pl.Expr] = []
    slow: list[pl.Expr] = []
    for fact, its in values.items():
        column = columns[fact]
        if isinstance(column, Line):
            series.append(_numbers(column, len(its)).alias(fact))
            quick += [_reaches(fact, int(value)) for value in its]
        else:
            series.append(column.values.alias(fact))
            slow += [_is(fact, value) for value in its]
    # Polars halves the list among its threads: of the slow ones some come first and some last.
    frame = pl.DataFrame(series).select(slow[::2] + quick + slow[1::2])
    return {fact: {value: of_series(frame[_name(fact, value)]) for value in its} for fact, its in values.items()}


def _numbers(line: Line, comparisons: int) -> pl.Series:
    """Numbers as small as they fit, where there is more than a little to compare."""
    smallest = np.result_type(*map(np.min_scalar_type, line.ends))
    if comparisons > _FEW and smallest.itemsize < line.values.dtype.itemsize:
        return pl.Series(line.values.astype(smallest))
    return pl.Series(line.values)


def _name(fact: str, value: Value) -> str:
    return f"{fact} {value}"


# Expressions take their time to make, and are made once.


@lru_cache(maxsize=100_000)
def _reaches(fact: str, value: int) -> pl.Expr:
    return (pl.col(fact) >= value).alias(_name(fact, value))


@lru_cache(maxsize=100_000)
def _is(fact: str, value: Value) -> pl.Expr:
    """A null is no value."""
    return pl.col(fact).eq_missing(pl.lit(value)).alias(_name(fact, value))
