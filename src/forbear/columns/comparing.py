"""A column compared with values, while Python lets other threads run.

Where Numba is installed, loops of our own do that for numbers and short texts, if they are worth loading. Else, and for
what else there is, Polars does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.columns.bits import Bits, nothing, of_series
from forbear.columns.io.values import Column, Line, Truths, Value

_FEW = 3
"""To make numbers small takes Polars as long as so many comparisons."""
_INLINE = 12
"""So many bytes a text may have that lies in its view."""


def compare(column: Column, values: Sequence[Value], by_loops: bool) -> Truths:
    """A column compared with each of some values. A null is no value. With `by_loops` those are loaded, if they can be,
    which takes half a second."""
    if by_loops and (loops := _loops()) is not None:
        try:
            return _compared(column, values, loops)
        except (OSError, EOFError):  # the folder that keeps the machine code is full, or has a broken file
            pass
    return _compared(column, values, None)


def _compared(column: Column, values: Sequence[Value], loops: ModuleType | None) -> Truths:
    if isinstance(column, Line):
        return _reached(column, values, loops)
    series = column.values
    if series.dtype == pl.Boolean:
        return {value: _flagged(series, bool(value)) for value in values}
    if loops is None or series.dtype != pl.String or not len(series) or not all(map(_has_view, values)):
        return _by_polars(series, values, _is)
    found = _room(values, len(series))
    loops.equal(_views(series), np.frombuffer(b"".join(map(_view, values)), np.uint64).reshape(-1, 2), found)
    if series.null_count():
        found &= of_series(series.is_not_null())
    return dict(zip(values, found, strict=True))


def _flagged(flags: pl.Series, value: bool) -> Bits:
    its = flags if value else ~flags
    return of_series(its.fill_null(False) if its.null_count() else its)


@cache
def _loops() -> ModuleType | None:
    try:
        from forbear.columns import loops
    except ImportError:  # without Numba
        return None
    return loops


def _reached(line: Line, cuts: Sequence[Value], loops: ModuleType | None) -> Truths:
    numbers, small = line.values, _smallest(line)
    if loops is not None:
        found = _room(cuts, len(numbers))
        loops.reach(numbers, np.array(cuts, small), found)
        return dict(zip(cuts, found, strict=True))
    if len(cuts) > _FEW:
        numbers = numbers.astype(small, copy=False)
    return _by_polars(pl.Series(numbers), cuts, _reaches)


def _smallest(line: Line) -> np.dtype[Any]:
    """The smallest type that has room for each number."""
    found = np.result_type(*map(np.min_scalar_type, line.ends))
    return found if found.itemsize < line.values.itemsize else line.values.dtype


def _room(values: Sequence[Value], rows: int) -> Bits:
    """Bits for each of some values."""
    return np.empty((len(values), len(nothing(rows))), np.uint64)


# In Arrow a column of texts has a view of 16 bytes for each: how long it is, and if that is little the text itself.


def _has_view(text: Value) -> bool:
    return len(_encoded(text)) <= _INLINE


def _view(text: Value) -> bytes:
    encoded = _encoded(text)
    return struct.pack(f"=i{_INLINE}s", len(encoded), encoded)


def _encoded(text: Value) -> bytes:
    return str(text).encode(errors="surrogatepass")  # a setting may hold half a character, which no column has


def _views(texts: pl.Series) -> NDArray[np.uint64]:
    """Two halves a row."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.newest())
    return np.frombuffer(array.buffers()[1], np.uint64, 2 * len(array), 16 * array.offset)


# By Polars


def _by_polars(series: pl.Series, values: Sequence[Value], compared: Callable[[str, Value], pl.Expr]) -> Truths:
    names = [str(number) for number in range(len(values))]
    frame = pl.DataFrame([series.alias(_COLUMN)]).select(map(compared, names, values))
    return {value: of_series(frame[name]) for name, value in zip(names, values, strict=True)}


_COLUMN = "column"

# Expressions take their time to make, and are made once.


@lru_cache(maxsize=100_000)
def _reaches(name: str, cut: Value) -> pl.Expr:
    return (pl.col(_COLUMN) >= int(cut)).alias(name)


@lru_cache(maxsize=100_000)
def _is(name: str, value: Value) -> pl.Expr:
    return pl.col(_COLUMN).eq_missing(pl.lit(value)).alias(name)
