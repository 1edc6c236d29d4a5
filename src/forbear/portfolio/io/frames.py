"""Frames in, frames of the same library out: Polars (eager and lazy), pandas, and Arrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from forbear.portfolio.applying import Applied
from forbear.portfolio.options import FAULT, Kinds

Answer = Callable[[pl.DataFrame, int], Applied]
"""Decides the given number of rows of a frame."""


class NoFrame(TypeError):
    """The argument is not a frame of a supported library."""


def is_date(kind: object) -> bool:
    """Returns true if a column of an answer has days."""
    return kind == pl.Date


def is_moment(kind: object) -> bool:
    """Returns true if a column of an answer has moments."""
    return kind == pl.Datetime


def column_names(frame: Any) -> list[str]:
    """The columns of a frame."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect_schema().names()
    if isinstance(frame, pl.DataFrame):
        return frame.columns
    if isinstance(frame, (pa.Table, pa.RecordBatch)):
        return list(frame.schema.names)
    if _is_pandas(frame):
        return [column for column in frame.columns if isinstance(column, str)]
    raise NoFrame(f"a frame of Polars, pandas or Arrow is needed, not {type(frame).__name__}")


def answered(frame: Any, answer: Answer, key: Sequence[str], used: Sequence[str], kinds: Kinds, *, faults: bool) -> Any:
    """Returns the key columns and the answer, with the errors of each row if `faults`, as a frame of the same library.
    `used` are the columns that `answer` reads, `kinds` those of the answer.
    """
    if isinstance(frame, pl.LazyFrame):
        schema = frame.collect_schema()
        return frame.map_batches(
            lambda batch: answered(batch, answer, key, used, kinds, faults=faults),
            schema={**{name: schema[name] for name in key}, **dict(kinds)},
            streamable=True,
        )
    if isinstance(frame, pl.DataFrame):
        columns = answer_columns(answer(frame, frame.height), faults=faults)
        return pl.DataFrame([*map(frame.get_column, key), *columns])
    if isinstance(frame, pa.RecordBatch):
        table = answered(pa.Table.from_batches([frame]), answer, key, used, kinds, faults=faults)
        return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], table.schema.names)
    if isinstance(frame, pa.Table):
        cases = of_arrow(frame.select(list(used)))
        decided = pl.DataFrame(answer_columns(answer(cases, frame.num_rows), faults=faults)).to_arrow()
        return pa.table([*[frame.column(name) for name in key], *decided.columns], [*key, *decided.schema.names])
    whole = frame[list(key)].copy()
    for column in answer_columns(answer(_from_pandas(frame, used), len(frame)), faults=faults):
        whole[column.name] = column.to_pandas().set_axis(whole.index)
    return whole


def of_any(frame: Any, used: Sequence[str]) -> pl.DataFrame:
    """Some columns of a frame of any of the libraries; a lazy one is collected."""
    if isinstance(frame, pl.LazyFrame):
        return frame.select(used).collect()
    if isinstance(frame, pl.DataFrame):
        return frame.select(used)
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    return of_arrow(frame.select(list(used))) if isinstance(frame, pa.Table) else _from_pandas(frame, used)


def of_arrow(data: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """Returns columns of Arrow; one of a type that Polars lacks becomes a column of Python objects."""
    lacking = [name for name, kind in zip(data.schema.names, data.schema.types, strict=True) if _is_lacking(kind)]
    columns = pl.from_arrow(data.drop_columns(lacking))
    assert isinstance(columns, pl.DataFrame)
    return columns.with_columns(pl.Series(name, data.column(name).to_pylist(), dtype=pl.Object) for name in lacking)


def _is_lacking(kind: pa.DataType) -> bool:
    """Returns true if Polars lacks the type."""
    return bool(pa.types.is_decimal256(kind) or pa.types.is_interval(kind) or pa.types.is_run_end_encoded(kind))


def as_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose verdicts and texts are all of Arrow's basic type of strings, which every reader supports."""
    kinds = {pa.large_string(): pa.string(), pa.string_view(): pa.string(), pa.large_list(pa.large_string()): _TEXTS}
    columns = []
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        columns.append(column.cast(kinds.get(column.type, column.type)))
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


_TEXTS = pa.list_(pa.string())


def answer_columns(applied: Applied, *, faults: bool) -> list[pl.Series]:
    """Returns the columns of an answer, and with `faults` the errors of each row too."""
    columns = list(applied.columns.values())
    if faults:
        texts: list[str | None] = [None] * applied.rows
        for row, text in applied.rejects.items():
            texts[row] = text
        columns.append(pl.Series(FAULT, texts, dtype=pl.String))
    return columns


def _is_pandas(frame: object) -> bool:
    return type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns")


def _from_pandas(frame: Any, used: Sequence[str]) -> pl.DataFrame:
    """Returns a frame of the used columns. A column that Arrow has no type for becomes one of Python objects."""
    return pl.DataFrame([_column(frame[name]).alias(name) for name in used])


def _column(values: Any) -> pl.Series:
    column: Any = None
    with suppress(pa.ArrowException, TypeError, OverflowError, UnicodeError):
        if not _is_lacking(_arrow_type(values)):
            column = pl.from_pandas(values)
    if column is None:
        return pl.Series([None if _missing(value) else _plain(value) for value in values], dtype=pl.Object)
    assert isinstance(column, pl.Series)
    return column


def _arrow_type(values: Any) -> pa.DataType:
    """The type that a column of objects, or of Arrow's own types, becomes; of other columns it does not matter."""
    if values.dtype == object:
        return pa.infer_type(values, from_pandas=True)
    return getattr(values.dtype, "pyarrow_dtype", pa.null())


def _plain(value: object) -> object:
    """A scalar or array of NumPy as a Python object."""
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) else value


def _missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.generic)) and bool(value != value)
