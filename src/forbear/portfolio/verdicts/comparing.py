"""Compares a column with values, without holding Python's lock.

Where Numba is installed, compiled loops compare numbers and short texts, if loading them pays off. Otherwise Polars
compares.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache
from math import gcd, lcm
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.language.model.relations import Relation
from forbear.portfolio.io.values import Column, Integers, NumberColumn, Truths, Value
from forbear.portfolio.verdicts.bits import Bits, nothing, of_series, packed, words

_INLINE = 12
"""The most bytes of a text that is stored in its view."""


def compare(column: Column, values: Sequence[Value], by_loops: bool) -> Truths:
    """Compares a column with each value. A null equals and reaches none.

    With `by_loops` the compiled loops are used if Numba is installed; loading them takes half a second.
    """
    if by_loops and (compiled := loops()) is not None:
        try:
            return _compared(column, values, compiled)
        except (OSError, EOFError):  # the cache folder of the machine code is full, or a file in it is broken
            pass
    return _compared(column, values, None)


def _compared(column: Column, values: Sequence[Value], loops: ModuleType | None) -> Truths:
    if isinstance(column, NumberColumn):
        return _reached(column, values, loops)
    series = column.values
    if series.dtype == pl.Boolean:
        return {value: _flagged(series, bool(value)) for value in values}
    if loops is None or series.dtype != pl.String or not len(series) or not all(map(_has_view, values)):
        return _by_polars(series, values, _is)
    result = np.empty((len(values), words(len(series))), np.uint64)
    loops.equal(_views(series), np.frombuffer(b"".join(map(_view, values)), np.uint64).reshape(-1, 2), result)
    if series.null_count():
        result &= of_series(series.is_not_null())
    return dict(zip(values, result, strict=True))


def _flagged(flags: pl.Series, value: bool) -> Bits:
    equal = flags if value else ~flags
    return of_series(equal.fill_null(False) if equal.null_count() else equal)


@cache
def loops() -> ModuleType | None:
    """The compiled loops, if Numba is installed."""
    try:
        from forbear.portfolio.verdicts import loops as compiled
    except ImportError:
        return None
    return compiled


def _reached(column: NumberColumn, cuts: Sequence[Value], loops: ModuleType | None) -> Truths:
    numbers = column.values
    if loops is None:
        return _by_polars(pl.Series(numbers), cuts, _reaches)
    result = np.empty((len(cuts), words(len(numbers))), np.uint64)
    loops.reach(numbers, np.array(cuts, numbers.dtype), result)
    return dict(zip(cuts, result, strict=True))


# In Arrow a text has a view of 16 bytes: its length and, if it is short, the text itself.


def _has_view(text: Value) -> bool:
    return len(_encoded(text)) <= _INLINE


def _view(text: Value) -> bytes:
    encoded = _encoded(text)
    return struct.pack(f"=i{_INLINE}s", len(encoded), encoded)


def _encoded(text: Value) -> bytes:
    return str(text).encode(errors="surrogatepass")  # a setting may hold half a character, which no column has


def _views(texts: pl.Series) -> NDArray[np.uint64]:
    """The views of texts, as two halves of 8 bytes a row."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.newest())
    return np.frombuffer(array.buffers()[1], np.uint64, 2 * len(array), 16 * array.offset)


# By Polars


def _by_polars(series: pl.Series, values: Sequence[Value], compared: Callable[[str, Value], pl.Expr]) -> Truths:
    names = [str(number) for number in range(len(values))]
    frame = pl.DataFrame([series.alias(_COLUMN)]).select(map(compared, names, values))
    return {value: of_series(frame[name]) for name, value in zip(names, values, strict=True)}


_COLUMN = "column"


def _reaches(name: str, cut: Value) -> pl.Expr:
    return (pl.col(_COLUMN) >= int(cut)).alias(name)


def _is(name: str, value: Value) -> pl.Expr:
    return pl.col(_COLUMN).eq_missing(pl.lit(value)).alias(name)


# The rows in which facts are in a relation: exact, whatever the size of the numbers.


_MOST = (1 << 63) - 1


def related(relation: Relation, columns: Sequence[Column], names: Sequence[str], by_loops: bool) -> Bits:
    """Returns the rows in which some columns are in a relation. Rows in which one is absent may be among them or not.

    `names` are those of the facts, if these are ordered names.
    """
    numbers, factors, limit, reach = _whole(relation, columns, names)
    kind = np.dtype(np.int64 if reach <= _MOST else object)  # whole numbers of Python have any number of digits
    limit = max(min(limit, reach), -reach - 1)
    if by_loops and reach <= _MOST and len(numbers) == 2 and (compiled := loops()) is not None:
        result = nothing(len(numbers[0]))
        compiled.related(*numbers, *factors, limit, result)
        return result
    total = np.zeros(len(numbers[0]), kind)
    for values, factor in zip(numbers, factors, strict=True):
        total += values.astype(kind, copy=False) * factor
    return packed((total <= limit).astype(np.bool_))


def _whole(
    relation: Relation, columns: Sequence[Column], names: Sequence[str]
) -> tuple[Sequence[Integers], Sequence[int], int, int]:
    """The numbers of the columns, what they are multiplied by, the limit of their sum, and what the sum may reach."""
    sides = [_numbers(column, names) for column in columns]
    scale = lcm(*[column.ratio.denominator for column in columns if isinstance(column, NumberColumn)])
    ratios = [column.ratio if isinstance(column, NumberColumn) else 1 for column in columns]
    factors = [int(factor * ratio * scale) for factor, ratio in zip(relation.factors, ratios, strict=True)]
    divisor = gcd(*factors)
    factors, limit = [factor // divisor for factor in factors], relation.limit * scale // divisor
    reach = sum(abs(by) * max(1, *map(abs, ends)) for by, (_, ends) in zip(factors, sides, strict=True))
    return [numbers for numbers, _ in sides], factors, limit, reach


def _numbers(column: Column, names: Sequence[str]) -> tuple[Integers, tuple[int, int]]:
    """The numbers of a column, and the lowest and the highest of them; of names their places."""
    if isinstance(column, NumberColumn):
        return column.values, column.ends
    places = column.values.cast(pl.String).cast(pl.Enum(names), strict=False).to_physical().fill_null(0)
    return places.cast(pl.Int64).to_numpy(), (0, len(names))
