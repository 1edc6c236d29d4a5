"""Reads a column of a frame as values of a fact on its grid, and finds the rows that have an error.

The fast path reads a whole column. Values that it cannot read take the slow path, one by one: `kernel.read_value`,
which reports every error. So a row is read as `Policy.decide` reads its case.

A binary float counts as its shortest decimal text, as in a case: 0.1 is one tenth. The fast path rounds the float to
the grid and converts it back. If that gives the same float, and the decimal has at most 15 digits, it is the shortest.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import polars as pl
from attrs import evolve, frozen
from numpy.typing import NDArray

from forbear.kernel.cases import FactSpec, Fault, GridValue, Wrong, is_scalar, read_value
from forbear.language.model.kinds import HOURS, Storage, kind_of
from forbear.portfolio.verdicts.bits import Bits, at_rows, counted, of_series, unpacked

Value: TypeAlias = int | str | bool
"""The value that a column is compared with: a number, by `>=`, or anything else, by equality."""
Truths: TypeAlias = Mapping[Value, Bits]
"""The rows in which a column reaches or equals each value that it was compared with."""
Integers: TypeAlias = NDArray[np.signedinteger]
RowNumbers: TypeAlias = NDArray[np.intp]

_EPOCH = 719_163
"""The ordinal of 1970-01-01, from which Arrow counts days."""
_MOST_EXACT = 1e15
_AT_ONCE = 1 << 15
"""Floats that are read at once, so that they stay in a core's cache."""
_FEW_NAMES = 8
"""Names up to which a text is compared with each; with more, it is looked up in a dictionary once."""
_MOST_NUMERATOR = 1000
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@frozen(eq=False)
class RowError:
    """An error of some rows."""

    fault: Fault
    rows: RowNumbers


@frozen(eq=False)
class NumberColumn:
    """Values of an ordered fact: a value on the grid is `values * ratio`. In rows that are absent or have an
    error, `values` is arbitrary."""

    values: Integers
    ends: tuple[int, int]
    """The lowest and the highest of the values."""
    ratio: Fraction
    absent: Bits | None
    errors: tuple[RowError, ...]


@frozen(eq=False)
class NamedColumn:
    """Values of a flag, an enumeration or a text. In rows that are absent or have an error, `values` is arbitrary."""

    values: pl.Series
    known: tuple[str, ...]
    """The names that values must be among, if that is still to be checked: see `read_rest`."""
    absent: Bits | None
    errors: tuple[RowError, ...]


Column: TypeAlias = NumberColumn | NamedColumn


def read_column(spec: FactSpec, series: pl.Series, null_is_none: bool) -> Column:
    """The values of a column. With `null_is_none`, a null of a fact that may be none means none."""
    if kind_of(spec.kind).storage in (Storage.FLAG, Storage.NAME, Storage.TEXT):
        return _read_names(spec, series, null_is_none)
    return _read_numbers(spec, series, null_is_none)


# The slow path, and nulls


def _of_nulls(spec: FactSpec, series: pl.Series, null_is_none: bool) -> tuple[Bits | None, list[RowError]]:
    """The rows in which a null means an absent value, or else the error of the nulls."""
    if not series.null_count():
        return None, []
    if spec.absent == "unknown" or (spec.absent == "none" and null_is_none):
        return of_series(series.is_null()), []
    try:
        read_value(spec, None)
    except Wrong as wrong:
        rows = np.flatnonzero(series.is_null().to_numpy())
        return None, [RowError(wrong.fault(spec.name, name=spec.name), rows)]
    raise AssertionError(spec)


@frozen(eq=False)
class _SlowlyRead:
    """The result of the slow path: known values by row, absent rows, and errors."""

    known: dict[int, GridValue]
    absent: list[int]
    errors: list[RowError]


def _read_slowly(spec: FactSpec, series: pl.Series, rows: RowNumbers) -> _SlowlyRead:
    """Reads the values of some rows on the slow path, equal ones once."""
    memo: dict[tuple[type, str], tuple[GridValue, Fault | None]] = {}
    known: dict[int, GridValue] = {}
    absent: list[int] = []
    wrong: dict[Fault, list[int]] = {}
    values = series.gather(pl.Series(rows)) if len(rows) < len(series) else series
    if values.dtype == pl.Float32:
        values = pl.Series([float(str(number)) for number in values.to_numpy()])
    for row, raw in zip(rows.tolist(), values.to_list(), strict=True):
        key = (type(raw), repr(raw) if is_scalar(type(raw)) else str(row))  # other types may share a `repr`
        if key not in memo:
            try:
                memo[key] = read_value(spec, raw), None
            except Wrong as error:
                memo[key] = None, error.fault(spec.name, name=spec.name)
        value, fault = memo[key]
        if fault is not None:
            wrong.setdefault(fault, []).append(row)
        elif value is None:
            absent.append(row)
        else:
            known[row] = value
    return _SlowlyRead(known, absent, [RowError(fault, np.array(of, np.intp)) for fault, of in wrong.items()])


def _absent(known: Bits | None, more: list[int], rows: int) -> Bits | None:
    if not more:
        return known
    added = at_rows(np.array(more, np.intp), rows)
    return added if known is None else known | added


# Facts that are numbers, days and times


def _read_numbers(spec: FactSpec, series: pl.Series, null_is_none: bool) -> NumberColumn:
    absent, errors = _of_nulls(spec, series, null_is_none)
    fast = _fast(spec, series)
    if fast.plain is None:
        return NumberColumn(fast.values, fast.ends, fast.ratio, absent, tuple(errors))
    values, ratio = fast.values, fast.ratio
    plain = fast.plain | series.is_null().to_numpy() if series.null_count() else fast.plain
    rows = np.flatnonzero(~plain)
    if len(rows):
        odd = _read_slowly(spec, series, rows)
        if odd.known:
            values = values.astype(np.int64) * ratio.numerator // ratio.denominator
            ratio = Fraction(1)
            values[list(odd.known)] = np.array(list(odd.known.values()), np.int64)
        absent = _absent(absent, odd.absent, len(series))
        errors += odd.errors
    return NumberColumn(values, _ends(values), ratio, absent, tuple(errors))


@frozen(eq=False)
class _Found:
    """Whole numbers of the fast path. Where `plain`, `values * ratio` is the value on the grid; None is everywhere."""

    values: Integers
    ends: tuple[int, int]
    ratio: Fraction
    plain: NDArray[np.bool_] | None


def _ends(values: Integers) -> tuple[int, int]:
    """The lowest and the highest number; 0 in place of the lowest if none is negative."""
    if not len(values):
        return 0, 0
    # Read as unsigned, a negative number is higher than all others: one pass finds both.
    highest = int(values.view(values.dtype.str.replace("i", "u")).max())
    if highest <= np.iinfo(values.dtype).max:
        return 0, highest
    return int(values.min()), int(values.max())


def _with(fast: _Found, plain: NDArray[np.bool_]) -> _Found:
    """The same, plain only where `plain` too."""
    return evolve(fast, plain=plain if fast.plain is None else plain & fast.plain)


def _fast(spec: FactSpec, series: pl.Series) -> _Found:
    """The fast path: the values that it can read."""
    dtype = series.dtype
    storage = kind_of(spec.kind).storage
    step = Fraction(*spec.step)
    if storage is Storage.NUMBER and step.numerator <= _MOST_NUMERATOR:
        if dtype.is_integer():
            return _whole(spec, series, 1 / step)
        if dtype == pl.Float64:
            return _floats(spec, series)
        if isinstance(dtype, pl.Decimal):
            return _whole(spec, series.to_physical(), 1 / (step * 10**dtype.scale))
        if dtype == pl.String:
            return _digits(spec, series)
    elif storage is Storage.DATE:
        if dtype == pl.Date:
            return _whole(spec, series.to_physical().cast(pl.Int64) + _EPOCH, Fraction(1))
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
            midnight = (series.dt.truncate("1d") == series).fill_null(False).to_numpy()
            return _with(
                _whole(spec, series.cast(pl.Date).to_physical().cast(pl.Int64) + _EPOCH, Fraction(1)), midnight
            )
    elif storage is Storage.TIME and dtype == pl.Time:
        return _whole(spec, series.to_physical(), Fraction(1, 1_000_000_000))
    return _Found(np.zeros(len(series), np.int64), (0, 0), Fraction(1), np.zeros(len(series), np.bool_))


def _whole(spec: FactSpec, numbers: pl.Series, ratio: Fraction) -> _Found:
    """Whole numbers as steps: each is `number * ratio` steps of the fact."""
    plain: NDArray[np.bool_] | None = None
    if numbers.dtype in (pl.UInt64, pl.Int128, pl.UInt128):
        numbers = numbers.cast(pl.Int64, strict=False)
    if numbers.null_count():
        plain = numbers.is_not_null().to_numpy().copy()
        numbers = numbers.fill_null(0)
    values: Integers = numbers.rechunk().to_numpy()
    lowest, highest = ends = _ends(values)
    low, high = -(-spec.low // ratio), spec.high // ratio  # the ends of the range, in these numbers
    if len(values) and (lowest < low or highest > high):
        info = np.iinfo(values.dtype)
        within = (values >= max(low, info.min)) & (values <= min(high, info.max))
        plain = within if plain is None else plain & within
    if ratio.denominator > np.iinfo(values.dtype).max:  # then only 0 is known to be a whole number of steps
        zero = values == 0
        return _Found(np.zeros_like(values), (0, 0), Fraction(1), zero if plain is None else zero & plain)
    if ratio.denominator > 1:
        divisible = values % ratio.denominator == 0
        if not divisible.all():
            plain = divisible if plain is None else plain & divisible
    return _Found(values, ends, ratio, plain)


def _floats(spec: FactSpec, series: pl.Series) -> _Found:
    """Floats, each read as its shortest decimal text."""
    floats = series.fill_null(0.0).rechunk().to_numpy()
    step = Fraction(*spec.step)
    decimals = _decimals(step)
    scale = 10**decimals
    numerator = step * scale  # a step in units of the last decimal
    assert numerator.denominator == 1
    whole, exact = np.empty(len(floats), np.int64), np.empty(len(floats), np.bool_)
    with np.errstate(all="ignore"):
        for start in range(0, len(floats), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            units = np.rint(floats[rows] * float(scale))
            if not -_MOST_EXACT < units.min() <= units.max() < _MOST_EXACT:
                units = np.where(np.abs(units) < _MOST_EXACT, units, 0.0)  # nor a text that is not a number
            whole[rows] = units
            np.equal(units / float(scale), floats[rows], out=exact[rows])
    return _with(_whole(spec, pl.Series(whole), Fraction(1, numerator.numerator)), exact)


def _decimals(step: Fraction) -> int:
    decimals = 0
    while (step * 10**decimals).denominator != 1:
        decimals += 1
    return decimals


def _digits(spec: FactSpec, series: pl.Series) -> _Found:
    """Texts of digits."""
    step = Fraction(*spec.step)
    decimals = max(_decimals(step), 1)
    plain = series.str.contains(rf"^-?[0-9]{{1,15}}(\.[0-9]{{1,{decimals}}})?$").fill_null(False)
    decimal = series.zip_with(plain, pl.Series([None], dtype=pl.String)).cast(pl.Decimal(38, decimals))
    return _with(_whole(spec, decimal.to_physical(), 1 / (step * 10**decimals)), plain.to_numpy())


# Facts that are flags, names and texts


def _read_names(spec: FactSpec, series: pl.Series, null_is_none: bool) -> NamedColumn:
    absent, errors = _of_nulls(spec, series, null_is_none)
    values, rest = series, None
    storage = kind_of(spec.kind).storage
    plain = series.dtype == pl.Boolean if storage is Storage.FLAG else series.dtype in _TEXTS
    if not plain or spec.kind == HOURS.word:
        odd = _read_slowly(spec, series, np.flatnonzero(series.is_not_null().to_numpy()))
        values = _of_places(spec, odd.known, len(series))
        return NamedColumn(values, (), _absent(absent, odd.absent, len(series)), (*errors, *odd.errors))
    known = tuple(name for name in spec.names if not (name == "none" and spec.absent == "none"))
    if len(known) > _FEW_NAMES:
        values = series.cast(pl.String).cast(pl.Enum(known), strict=False)
        rest, known = values.is_null() & series.is_not_null(), ()
    elif storage is Storage.TEXT and spec.absent == "none":
        rest = (series == "none").fill_null(False)
    named = NamedColumn(values, known, absent, tuple(errors))
    return named if rest is None else _reread(spec, named, series, np.flatnonzero(rest.to_numpy()))


def read_rest(spec: FactSpec, named: NamedColumn, equal: Truths) -> NamedColumn:
    """Returns the same column, after reading on the slow path the rows that equal none of the known names."""
    values, known = named.values, named.known
    if not known:
        return named
    rest = ~np.bitwise_or.reduce([equal[name] for name in known])
    if values.null_count():
        rest &= of_series(values.is_not_null())
    if not counted(rest, len(values)):
        return named
    return _reread(spec, named, values, np.flatnonzero(unpacked(rest, len(values))))


def _reread(spec: FactSpec, named: NamedColumn, series: pl.Series, rows: RowNumbers) -> NamedColumn:
    """The same column, after reading some rows on the slow path: more rows that are absent or have an error."""
    if not len(rows):
        return named
    odd = _read_slowly(spec, series, rows)
    return evolve(named, absent=_absent(named.absent, odd.absent, len(series)), errors=(*named.errors, *odd.errors))


def _of_places(spec: FactSpec, known: Mapping[int, GridValue], rows: int) -> pl.Series:
    """The values of the slow path as a column."""
    values = [known.get(row) for row in range(rows)]
    kind = kind_of(spec.kind)
    if kind.named and kind.ordered:
        names = tuple(spec.names)
        return pl.Series([None if place is None else names[int(place)] for place in values], dtype=pl.String)
    return pl.Series(values, dtype=pl.Boolean if kind.storage is Storage.FLAG else pl.String)
