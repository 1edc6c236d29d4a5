"""Files of cases, read in batches, and files of verdicts, written batch by batch: memory does not grow with rows.

Parquet and CSV are read by columns. A CSV file has no types: each of its values is a text, and an empty one is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen

BATCH = 1 << 20
"""Rows that are read, decided and written at a time."""
COLUMNAR = (".parquet", ".csv")
LINES = (".jsonl", ".ndjson")
"""Files with one JSON object a line."""


class Unreadable(Exception):
    """A file of cases that cannot be read; the message says why."""


@frozen(eq=False)
class Cases:
    """A file of cases: its columns, how many rows it has where that is known, whether all its values are texts, and
    what reads some of its columns."""

    columns: tuple[str, ...]
    rows: int | None
    texts: bool
    batches: Callable[[Sequence[str]], Iterator[pl.DataFrame]]


def open_cases(path: Path) -> Cases:
    """A file of Parquet or CSV, by its ending. Raises `Unreadable`."""
    with _readable():
        if path.suffix == ".parquet":
            with path.open("rb") as file:
                rows: int | None = pq.read_metadata(file).num_rows
            scanned = pl.scan_parquet(path, glob=False)
        else:
            with path.open("rb"):
                rows = None  # nobody knows before it has been read
            scanned = pl.scan_csv(path, infer_schema=False, glob=False)
        columns = tuple(scanned.collect_schema().names())

    def batches(wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
        read = scanned.select(wanted) if wanted else scanned.select(columns[:1])
        with _readable():
            yield from read.collect_batches(chunk_size=BATCH, maintain_order=True)

    return Cases(columns, rows, path.suffix != ".parquet", batches)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unreadable(first) from None


def read_flags(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """The flags of a frame whose columns are texts, where each value is `true` or `false`; others stay texts."""
    words = {"true": True, "false": False}
    changed = []
    for name in columns:
        read = frame[name].replace_strict(words, default=None, return_dtype=pl.Boolean)
        if read.null_count() == frame[name].null_count():
            changed.append(read.alias(name))
        else:
            whole = [words.get(text, text) for text in frame[name].to_list()]
            changed.append(pl.Series(name, whole, dtype=pl.Object))
    return frame.with_columns(changed)


Write = Callable[[pl.DataFrame], None]


@contextmanager
def writing(suffix: str, file: BinaryIO) -> Iterator[Write]:
    """What writes frames of the same columns to a file, in the format of its ending. A frame is written while the next
    one is made; what goes wrong is raised at the next, or at the end."""
    with ThreadPoolExecutor(1) as behind, {".parquet": _parquet, ".csv": _csv}.get(suffix, _lines)(file) as write:
        last: Future[None] | None = None

        def write_behind(frame: pl.DataFrame) -> None:
            nonlocal last
            if last is not None:
                last.result()
            last = behind.submit(write, frame)

        yield write_behind
        if last is not None:
            last.result()


@contextmanager
def _parquet(file: BinaryIO) -> Iterator[Write]:
    writer: pq.ParquetWriter | None = None

    def write(frame: pl.DataFrame) -> None:
        nonlocal writer
        table = frame.to_arrow()
        if writer is None:
            few = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            writer = pq.ParquetWriter(file, table.schema, compression="zstd", use_dictionary=few)
        writer.write_table(table.cast(writer.schema) if table.schema != writer.schema else table)

    yield write
    if writer is not None:
        writer.close()


@contextmanager
def _csv(file: BinaryIO) -> Iterator[Write]:
    first = True

    def write(frame: pl.DataFrame) -> None:
        nonlocal first
        lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
        buffer = BytesIO()
        frame.with_columns(pl.col(lists).list.join(" ")).write_csv(buffer, include_header=first)
        file.write(buffer.getbuffer())
        first = False

    yield write


@contextmanager
def _lines(file: BinaryIO) -> Iterator[Write]:
    def write(frame: pl.DataFrame) -> None:
        buffer = BytesIO()
        frame.write_ndjson(buffer)
        file.write(buffer.getbuffer())

    yield write
